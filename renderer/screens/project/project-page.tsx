import { type ReactNode, useState } from 'react';
import type { Link, Project } from '../../../preload/contract/models.ts';
import { useAccess } from '../../access.ts';
import { useCall } from '../../api.ts';
import { Button } from '../../components/button.tsx';
import { Loaded, Page } from '../../components/page.tsx';
import { Tag } from '../../components/status.tsx';
import { Time } from '../../components/time.tsx';
import { useToldAction } from '../../components/toasts.tsx';
import { t } from '../../i18n/index.ts';
import { go, href, type Route } from '../../router.ts';
import type { Watched } from '../../watch/dataset-state.ts';
import { useWatched } from '../../watch/use-watched.tsx';
import { environmentTone } from '../connections/health.tsx';
import { KeptTables } from '../projects/kept-tables.tsx';
import { LinkForm } from '../projects/link-form.tsx';
import { AddSource } from '../setup/setup-panel.tsx';
import { Access } from './access.tsx';
import { Changes } from './changes.tsx';
import { Overview } from './overview.tsx';
import { ProjectRuns } from './runs.tsx';
import { ProjectSettings } from './settings.tsx';
import type { TabProps } from './tab-props.ts';
import { Tables } from './tables.tsx';

const tabs = ['overview', 'tables', 'runs', 'changes', 'access', 'settings'] as const;
type Tab = (typeof tabs)[number];

const panels: Readonly<Record<Tab, (props: TabProps & { readonly shown: string | null }) => ReactNode>> = {
  overview: (props) => <Overview {...props} />,
  tables: (props) => <Tables {...props} />,
  runs: (props) => <ProjectRuns {...props} />,
  changes: (props) => <Changes {...props} />,
  access: (props) => <Access {...props} />,
  settings: (props) => <ProjectSettings {...props} />,
};

/** `#/projects/<id>/<tab>`: where the data of a project comes from, when, where it goes, and what came of it. */
export function ProjectPage({ id, route }: { id: string; route: Route }) {
  const projects = useCall('projects.list', {});
  const project = projects.data?.find((each) => each.id === id);
  const back = { href: href('projects'), label: t('projects.title') };
  if (!project) {
    return (
      <Page title={projects.data ? t('projects.gone') : t('projects.title')} back={back}>
        <Loaded call={projects}>{() => <p>{t('projects.goneText')}</p>}</Loaded>
      </Page>
    );
  }
  return <Found key="found" project={project} route={route} back={back} />;
}

interface FoundProps {
  readonly project: Project;
  readonly route: Route;
  readonly back: { readonly href: string; readonly label: string };
}

function Found({ project, route, back }: FoundProps) {
  const links = useWatched(project.id);
  const kept = useCall('kept.list', {}).data ?? [];
  const access = useAccess();
  const blocked = access.reason('manage_projects');
  const [linking, setLinking] = useState<Link | 'new' | null>(null);
  const [adding, setAdding] = useState(false);
  const sources = useCall('sources.list', {}).data ?? [];
  const wanted = route.query.has('link') && blocked === undefined;
  const subject = linking ?? (wanted ? 'new' : null);
  const closeLink = () => {
    setLinking(null);
    if (wanted) go(href('projects', project.id), true);
  };
  const linked = (links.data ?? []).map(({ link }) => link.sourceId);
  const add = (
    <>
      {/* With all its options, and to go on with tables that were kept: for a source that is known already. */}
      {sources.some(({ id }) => !linked.includes(id)) && (
        <Button icon="link" blocked={blocked} onClick={() => setLinking('new')}>
          {t('projects.linkSource')}
        </Button>
      )}
      <Button icon="plus" blocked={blocked} onClick={() => setAdding(true)}>
        {t('project.addSource')}
      </Button>
    </>
  );
  const tab = tabs.find((each) => each === route.parts[2]) ?? 'overview';
  const list = links.data?.toSorted((a, b) => a.link.sourceName.localeCompare(b.link.sourceName));
  return (
    <Page
      title={project.name}
      back={back}
      wide
      action={
        links.data !== undefined &&
        links.data.length > 0 && (
          <>
            {add}
            <SyncEverything watched={links.data} project={project.name} />
          </>
        )
      }
    >
      <Facts project={project} watched={links.data ?? []} />
      <nav className="tabs" aria-label={t('project.parts')}>
        {tabs.map((each) => (
          <a
            key={each}
            className="tab"
            href={each === 'overview' ? href('projects', project.id) : href('projects', project.id, each)}
            aria-current={each === tab ? 'page' : undefined}
          >
            {t(`project.tab.${each}`)}
          </a>
        ))}
      </nav>
      <Loaded call={{ ...links, data: list }}>
        {(shown) =>
          panels[tab]({ project, links: shown, onEdit: setLinking, shown: route.query.get('show') })
        }
      </Loaded>
      {links.data?.length === 0 && tab === 'overview' && <p className="actions">{add}</p>}
      {tab === 'overview' && <KeptTables kept={kept.filter(({ projectId }) => projectId === project.id)} />}
      {adding && (
        <AddSource
          projectId={project.id}
          onClose={() => setAdding(false)}
          onStarted={() => setAdding(false)}
        />
      )}
      {subject !== null && (
        <LinkForm
          link={subject === 'new' ? null : subject}
          projectId={project.id}
          kept={kept.filter(({ connectionId }) => connectionId === project.connectionId)}
          linked={linked}
          onClose={closeLink}
        />
      )}
    </Page>
  );
}

/** Where it is, and up to when all of it is complete. */
function Facts({ project, watched }: { readonly project: Project; readonly watched: readonly Watched[] }) {
  const times = watched.map(({ asOf }) => asOf);
  const oldest = times.includes(null) ? null : (times.toSorted()[0] ?? null);
  const isFresh = watched.every(({ state }) => state.data === 'upToDate');
  return (
    <p className="project-facts">
      <Tag tone={environmentTone[project.environment]}>{t(`environment.${project.environment}`)}</Tag>
      <a href={href('connections', project.connectionId)}>{project.connectionName}</a>
      <span className="muted">·</span>
      <span className="code" translate="no" title={t('projects.schema')}>
        {project.dbSchema}
      </span>
      {oldest !== null && (
        <span className={`tag tone-${isFresh ? 'ok' : 'warn'}`}>
          <Time at={oldest} form="moment" say={(time) => t('project.asOf', { time })} />
        </span>
      )}
    </p>
  );
}

/** Starts what can be started; what waits for a review or a sign-in is left to whoever decides. */
function SyncEverything({
  watched,
  project,
}: {
  readonly watched: readonly Watched[];
  readonly project: string;
}) {
  const blocked = useAccess().reason('run_syncs');
  const able = watched.filter(
    ({ dataset, state }) =>
      (dataset?.job ?? null) === null &&
      (state.need === null || state.need === 'start' || state.need === 'fix'),
  );
  const start = useToldAction(async (client) => {
    for (const { link } of able) await client.syncs.start({ linkId: link.id });
  });
  return (
    <Button
      tone="primary"
      icon="sync"
      busy={start.busy}
      blocked={blocked ?? (able.length === 0 ? t('project.nothingToSync') : undefined)}
      aria-label={t('project.syncAllOf', { name: project })}
      onClick={() => void start.run()}
    >
      {t('project.syncAll')}
    </Button>
  );
}
