import { Page } from '../../components/page.tsx';
import { t } from '../../i18n/index.ts';
import { go, href, type Route } from '../../router.ts';
import { AddSource } from '../setup/setup-panel.tsx';
import { Arrival } from './arrival.tsx';
import { FirstRun } from './first-run.tsx';

/** `#/start`: the ways in. `#/start/<project>`: a project whose first sync runs; with `?add`, one more source for it. */
export function Start({ route }: { route: Route }) {
  const projectId = route.parts[1];
  if (projectId !== undefined) {
    return (
      <>
        <Arrival key={projectId} projectId={projectId} />
        {route.query.has('add') && (
          <AddSource
            projectId={projectId}
            onClose={() => go(href('projects', projectId), true)}
            onStarted={() => go(href('start', projectId), true)}
          />
        )}
      </>
    );
  }
  return (
    <Page title={t('firstRun.title')} lead={t('firstRun.lead')}>
      <FirstRun />
    </Page>
  );
}
