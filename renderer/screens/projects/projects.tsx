import { useState } from 'react';
import type { Project } from '../../../preload/contract/models.ts';
import { useAccess } from '../../access.ts';
import { useCall } from '../../api.ts';
import { Button } from '../../components/button.tsx';
import { StateBadges } from '../../components/data/freshness.tsx';
import { Empty, Loaded, Page } from '../../components/page.tsx';
import { Tag } from '../../components/status.tsx';
import { Time } from '../../components/time.tsx';
import { t } from '../../i18n/index.ts';
import { go, href, type Route } from '../../router.ts';
import type { Watched } from '../../watch/dataset-state.ts';
import { useWatched } from '../../watch/use-watched.tsx';
import { environmentTone } from '../connections/health.tsx';
import { ProjectPage } from '../project/project-page.tsx';
import { KeptTables } from './kept-tables.tsx';
import { ProjectForm } from './project-form.tsx';

export function Projects({ route }: { route: Route }) {
  const id = route.parts[1];
  return id === undefined ? <ProjectList route={route} /> : <ProjectPage key={id} id={id} route={route} />;
}

function ProjectList({ route }: { route: Route }) {
  const list = useCall('projects.list', {});
  const kept = useCall('kept.list', {});
  const blocked = useAccess().reason('manage_projects');
  const [adding, setAdding] = useState(false);
  const wanted = route.query.has('add') && blocked === undefined;
  const close = () => {
    setAdding(false);
    if (wanted) go(href('projects'), true);
  };
  const add = (
    <Button tone="primary" icon="plus" blocked={blocked} onClick={() => setAdding(true)}>
      {t('projects.add')}
    </Button>
  );
  return (
    <Page
      title={t('projects.title')}
      lead={t('projects.lead')}
      action={list.data?.length === 0 ? undefined : add}
    >
      <Loaded call={list}>
        {(projects) =>
          projects.length === 0 ? (
            <Empty icon="project" title={t('projects.emptyTitle')} action={add}>
              {t('projects.emptyText')}
            </Empty>
          ) : (
            <ProjectTable projects={projects} />
          )
        }
      </Loaded>
      {/* Those of a project that is still there are on its page. */}
      <KeptTables kept={kept.data?.filter(({ projectId }) => projectId === null) ?? []} />
      {(adding || wanted) && (
        <ProjectForm
          project={null}
          onClose={close}
          onSaved={(project) => {
            setAdding(false);
            go(href('projects', project.id), wanted);
          }}
        />
      )}
    </Page>
  );
}

/** The worst of what a project reads, and how many of its sources are up to date. */
function ProjectState({ links }: { links: readonly Watched[] | undefined }) {
  // They come most urgent first.
  const worst = links?.[0];
  if (!links || !worst) return <span className="muted">{t('state.none')}</span>;
  const upToDate = links.filter(({ state }) => state.data === 'upToDate').length;
  return (
    <>
      <StateBadges state={worst.state} />
      {links.length > 1 && (
        <span className="cell-note">{t('projects.upToDateOf', { count: upToDate, all: links.length })}</span>
      )}
    </>
  );
}

function ProjectTable({ projects }: { projects: readonly Project[] }) {
  const links = useWatched().data;
  return (
    <div className="table-wrap">
      <table className="table table-stack">
        <thead>
          <tr>
            <th scope="col">{t('projects.name')}</th>
            <th scope="col">{t('projects.state')}</th>
            <th scope="col">{t('projects.connection')}</th>
            <th scope="col">{t('projects.schema')}</th>
            <th scope="col">{t('projects.links')}</th>
            <th scope="col">{t('projects.created')}</th>
          </tr>
        </thead>
        <tbody>
          {projects.map((project) => (
            <tr key={project.id}>
              <th scope="row" className="cell-name">
                <a href={href('projects', project.id)}>{project.name}</a>
              </th>
              <td data-label={t('projects.state')} className="cell-state">
                <ProjectState links={links?.filter(({ link }) => link.projectId === project.id)} />
              </td>
              <td data-label={t('projects.connection')}>
                <span className="with-tag">
                  {project.connectionName}
                  <Tag tone={environmentTone[project.environment]}>
                    {t(`environment.${project.environment}`)}
                  </Tag>
                </span>
              </td>
              <td data-label={t('projects.schema')} className="cell-code" translate="no">
                {project.dbSchema}
              </td>
              <td data-label={t('projects.links')}>{t('projects.linkCount', { count: project.links })}</td>
              <td data-label={t('projects.created')}>
                <Time at={project.createdAt} />
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
