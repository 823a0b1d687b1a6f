import { Page } from '../../components/page.tsx';
import { t } from '../../i18n/index.ts';
import type { Route } from '../../router.ts';
import { Arrival } from './arrival.tsx';
import { FirstRun } from './first-run.tsx';

/** `#/start`: the ways in. `#/start/<project>`: a project whose first sync runs. */
export function Start({ route }: { route: Route }) {
  const projectId = route.parts[1];
  if (projectId !== undefined) return <Arrival key={projectId} projectId={projectId} />;
  return (
    <Page title={t('firstRun.title')} lead={t('firstRun.lead')}>
      <FirstRun />
    </Page>
  );
}
