import type { ConnectionPage } from '../../../preload/contract/models.ts';
import { later } from '../../later.tsx';
import type { Watched } from '../../watch/dataset-state.ts';

interface GuideProps {
  readonly watched: readonly Watched[];
  readonly connections?: ConnectionPage | undefined;
}

/** Most who open the window have been here before: the way in is a file of its own. */
const { Screen: FirstRun } = later(() => import('../first-run/first-run.tsx').then((file) => file.FirstRun));

/** The ways in, for whoever has no table yet. */
export function Guide({ watched }: GuideProps) {
  return <FirstRun watched={watched} />;
}
