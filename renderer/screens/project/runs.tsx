import { t } from '../../i18n/index.ts';
import { LanesCard } from '../runs/lanes-card.tsx';
import { RunList } from '../runs/run-list.tsx';
import type { TabProps } from './tab-props.ts';

/** What ran for the project: a lane for each source, and the runs of each. */
export function ProjectRuns({ links }: TabProps) {
  const datasets = links.flatMap(({ dataset }) => dataset ?? []);
  if (datasets.length === 0) return <p className="muted">{t('project.noRuns')}</p>;
  return (
    <>
      <LanesCard links={links} shown={undefined} />
      {datasets.map(({ id }) => (
        <RunList key={id} datasets={datasets} of={id} shown={undefined} />
      ))}
    </>
  );
}
