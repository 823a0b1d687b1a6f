import { useState } from 'react';
import type { Link, Project } from '../../../preload/contract/models.ts';
import { useAccess } from '../../access.ts';
import { useCall } from '../../api.ts';
import { Button } from '../../components/button.tsx';
import { DropConfirm } from '../../components/data/drop-confirm.tsx';
import { RowMenu } from '../../components/menu.tsx';
import { Empty, Loaded, Page } from '../../components/page.tsx';
import { Tag } from '../../components/status.tsx';
import { t } from '../../i18n/index.ts';
import { go, href, type Route } from '../../router.ts';
import { useWatched } from '../../use-watched.ts';
import { environmentTone } from '../connections/health.tsx';
import { KeptTables } from './kept-tables.tsx';
import { LinkCard } from './link-card.tsx';
import { LinkForm } from './link-form.tsx';
import { ProjectForm } from './project-form.tsx';
import { QueryScopeFact, ScopeForm } from './query-scope.tsx';

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
  return <Found project={project} route={route} back={back} />;
}

interface FoundProps {
  readonly project: Project;
  readonly route: Route;
  readonly back: { readonly href: string; readonly label: string };
}

function Found({ project, route, back }: FoundProps) {
  const links = useWatched(project.id);
  const kept = useCall('kept.list', {});
  const scope = useCall('query.scope', { projectId: project.id });
  const blocked = useAccess().reason('manage_projects');
  const [linking, setLinking] = useState<Link | 'new' | null>(null);
  const [asking, setAsking] = useState<'edit' | 'scope' | 'delete' | null>(null);
  const noDba = useAccess().reason('manage_database_connections');
  const wanted = route.query.has('link') && blocked === undefined;
  const subject = linking ?? (wanted ? 'new' : null);
  const closeLink = () => {
    setLinking(null);
    if (wanted) go(href('projects', project.id), true);
  };
  const linkButton = (
    <Button tone="primary" icon="link" blocked={blocked} onClick={() => setLinking('new')}>
      {t('projects.linkSource')}
    </Button>
  );
  return (
    <Page
      title={project.name}
      back={back}
      action={
        <>
          {links.data?.length === 0 ? null : linkButton}
          <RowMenu
            label={t('table.moreFor', { name: project.name })}
            entries={[
              { label: t('projects.edit'), icon: 'edit', blocked, onSelect: () => setAsking('edit') },
              {
                label: t('scope.change'),
                icon: 'query',
                blocked: noDba,
                onSelect: () => setAsking('scope'),
              },
              {
                label: t('projects.delete'),
                icon: 'trash',
                danger: true,
                blocked,
                onSelect: () => setAsking('delete'),
              },
            ]}
          />
        </>
      }
    >
      <dl className="facts facts-line">
        <div>
          <dt>{t('projects.connection')}</dt>
          <dd className="with-tag">
            <a href={href('connections', project.connectionId)}>{project.connectionName}</a>
            <Tag tone={environmentTone[project.environment]}>{t(`environment.${project.environment}`)}</Tag>
          </dd>
        </div>
        <div>
          <dt>{t('projects.schema')}</dt>
          <dd className="code" translate="no">
            {project.dbSchema}
          </dd>
        </div>
        <QueryScopeFact scope={scope.data} />
      </dl>
      <Loaded call={links}>
        {(list) =>
          list.length === 0 ? (
            <Empty icon="link" title={t('links.emptyTitle')} action={linkButton}>
              {t('links.emptyText')}
            </Empty>
          ) : (
            <ul className="stack">
              {/* By name: a card that somebody works on does not move when its state changes. */}
              {list
                .toSorted((a, b) => a.link.sourceName.localeCompare(b.link.sourceName))
                .map((each) => (
                  <LinkCard
                    key={each.link.id}
                    watched={each}
                    shown={each.link.id === route.query.get('show')}
                    onEdit={() => setLinking(each.link)}
                  />
                ))}
            </ul>
          )
        }
      </Loaded>
      <KeptTables kept={kept.data?.filter(({ projectId }) => projectId === project.id) ?? []} />
      {subject !== null && (
        <LinkForm
          link={subject === 'new' ? null : subject}
          projectId={project.id}
          kept={kept.data?.filter(({ connectionId }) => connectionId === project.connectionId) ?? []}
          linked={(links.data ?? []).map(({ link }) => link.sourceId)}
          onClose={closeLink}
        />
      )}
      {asking === 'edit' && (
        <ProjectForm project={project} onClose={() => setAsking(null)} onSaved={() => setAsking(null)} />
      )}
      {asking === 'scope' && scope.data && (
        <ScopeForm project={project} scope={scope.data} onClose={() => setAsking(null)} />
      )}
      <DeleteProject project={project} open={asking === 'delete'} onClose={() => setAsking(null)} />
    </Page>
  );
}

function DeleteProject({ project, open, onClose }: { project: Project; open: boolean; onClose: () => void }) {
  const { id, name } = project;
  return (
    <DropConfirm
      open={open}
      title={t('projects.deleteTitle', { name })}
      confirm={t('projects.deleteConfirm')}
      toast={t('projects.deletedToast', { name })}
      remove={(client, dropSchemas) => client.projects.delete({ id, dropSchemas })}
      onClose={onClose}
      onRemoved={() => go(href('projects'), true)}
    >
      {t('projects.deleteText')}
    </DropConfirm>
  );
}
