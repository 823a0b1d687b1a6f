import { useState } from 'react';
import type { Project } from '../../../preload/contract/models.ts';
import { useAccess } from '../../access.ts';
import { useCall } from '../../api.ts';
import { Button } from '../../components/button.tsx';
import { DropConfirm } from '../../components/data/drop-confirm.tsx';
import { Card } from '../../components/page.tsx';
import { formatList, formatSchedule } from '../../format.ts';
import { t } from '../../i18n/index.ts';
import { go, href } from '../../router.ts';
import { ProjectForm } from '../projects/project-form.tsx';
import { QueryScopeFact, ScopeForm } from '../projects/query-scope.tsx';
import { guardsText } from './link-words.ts';
import type { TabProps } from './tab-props.ts';

/** What can be changed of a project, section by section. */
export function ProjectSettings({ project, links, onEdit }: TabProps) {
  const scope = useCall('query.scope', { projectId: project.id });
  const access = useAccess();
  const blocked = access.reason('manage_projects');
  const [asking, setAsking] = useState<'edit' | 'scope' | 'delete' | null>(null);
  const close = () => setAsking(null);
  return (
    <>
      <Card
        title={t('project.itself')}
        action={
          <Button small icon="edit" blocked={blocked} onClick={() => setAsking('edit')}>
            {t('projects.edit')}
          </Button>
        }
      >
        <dl className="facts">
          <div>
            <dt>{t('projects.name')}</dt>
            <dd>{project.name}</dd>
          </div>
          <div>
            <dt>{t('projects.connection')}</dt>
            <dd>
              <a href={href('connections', project.connectionId)}>{project.connectionName}</a>
            </dd>
          </div>
          <div>
            <dt>{t('projects.schema')}</dt>
            <dd className="code" translate="no">
              {project.dbSchema}
            </dd>
          </div>
        </dl>
      </Card>
      <Card title={t('projects.links')} flush>
        {links.length === 0 ? (
          <p className="muted card-text">{t('links.emptyTitle')}</p>
        ) : (
          <ul className="lines">
            {links.map(({ link }) => (
              <li className="line line-plain" key={link.id}>
                <div className="line-text">
                  <strong className="line-name">{link.sourceName}</strong>
                  <span>
                    {[
                      t(`links.mode.${link.credentialMode}`),
                      formatSchedule(link.schedule),
                      guardsText(link),
                      ...(link.syncConfig.readerRoles.length > 0
                        ? [t('project.readers', { roles: formatList(link.syncConfig.readerRoles) })]
                        : []),
                    ].join(' · ')}
                  </span>
                </div>
                <div className="actions">
                  <Button small icon="edit" blocked={blocked} onClick={() => onEdit(link)}>
                    {t('links.edit')}
                    <span className="visually-hidden"> {link.sourceName}</span>
                  </Button>
                </div>
              </li>
            ))}
          </ul>
        )}
      </Card>
      <Card
        title={t('project.queries')}
        action={
          <Button
            small
            icon="query"
            blocked={access.reason('manage_database_connections')}
            onClick={() => setAsking('scope')}
          >
            {t('scope.change')}
          </Button>
        }
      >
        <p className="muted">{t('project.queriesText')}</p>
        <dl className="facts">
          <QueryScopeFact scope={scope.data} />
        </dl>
      </Card>
      <p className="actions">
        <Button tone="danger" icon="trash" blocked={blocked} onClick={() => setAsking('delete')}>
          {t('projects.delete')}
        </Button>
      </p>
      {asking === 'edit' && <ProjectForm project={project} onClose={close} onSaved={close} />}
      {asking === 'scope' && scope.data && <ScopeForm project={project} scope={scope.data} onClose={close} />}
      <DeleteProject project={project} open={asking === 'delete'} onClose={close} />
    </>
  );
}

interface DeleteProps {
  readonly project: Project;
  readonly open: boolean;
  readonly onClose: () => void;
}

function DeleteProject({ project: { id, name }, open, onClose }: DeleteProps) {
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
