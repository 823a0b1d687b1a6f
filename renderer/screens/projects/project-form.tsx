import { useRef, useState } from 'react';
import type { Project } from '../../../preload/contract/models.ts';
import { useAction } from '../../api.ts';
import { Button } from '../../components/button.tsx';
import {
  type ChosenConnection,
  ConnectionChoice,
  connectionLabel,
  useUsableConnections,
} from '../../components/connection-choice.tsx';
import { OldTablesField, useOldTables } from '../../components/data/old-tables.tsx';
import { Panel } from '../../components/dialogs.tsx';
import { ErrorNotice, Note } from '../../components/error-notice.tsx';
import { TextField } from '../../components/fields.tsx';
import { useNotify } from '../../components/toasts.tsx';
import { focusFirstInvalid } from '../../focus.ts';
import { t } from '../../i18n/index.ts';
import { useRefusal } from '../../refusal.ts';
import { href } from '../../router.ts';

interface ProjectFormProps {
  readonly project: Project | null;
  readonly onClose: () => void;
  readonly onSaved: (project: Project) => void;
}

export function ProjectForm({ project, onClose, onSaved }: ProjectFormProps) {
  const notify = useNotify();
  const connections = useUsableConnections();
  const [name, setName] = useState(project?.name ?? '');
  const [chosen, setChosen] = useState<ChosenConnection | null>(() => present(project));
  const [dbSchema, setDbSchema] = useState(project?.dbSchema ?? 'public');
  const [problems, setProblems] = useState<{ name?: string; connection?: string; schema?: string }>({});
  const body = useRef<HTMLDivElement>(null);
  const first = useRef<HTMLInputElement>(null);
  const only = connections?.total === 1 ? connections.usable[0] : undefined;
  const connection = chosen ?? only ?? null;
  const connectionId = connection?.id ?? '';
  const moves = project !== null && connectionId !== '' && connectionId !== project.connectionId;
  const old = useOldTables(moves ? { projectId: project.id } : null);
  const save = useAction((client) =>
    project
      ? client.projects.update({ id: project.id, name, connectionId, dbSchema, ...old.given })
      : client.projects.create({ name, connectionId, dbSchema }),
  );
  const submit = async () => {
    const found = {
      ...(name.trim() === '' ? { name: t('field.required') } : {}),
      ...(connectionId === '' ? { connection: t('projects.connectionFirst') } : {}),
      ...(dbSchema.trim() === '' ? { schema: t('field.required') } : {}),
    };
    setProblems(found);
    if (Object.keys(found).length > 0) return focusFirstInvalid(body.current);
    const saved = await save.run();
    if (!saved) return;
    notify.done(t('projects.savedToast', { name: saved.name }));
    onSaved(saved);
  };
  const refused = useRefusal(
    save.error,
    { name: 'name', connectionId: 'connection', dbSchema: 'schema' },
    setProblems,
    body,
  );
  const none = connections?.usable.length === 0 && !project;
  return (
    <Panel
      open
      title={project ? t('projects.editTitle', { name: project.name }) : t('projects.addTitle')}
      lead={t('projects.formLead')}
      onClose={onClose}
      onSubmit={() => void submit()}
      initialFocus={first}
      footer={
        <>
          <Button tone="quiet" onClick={onClose}>
            {t('action.cancel')}
          </Button>
          <Button tone="primary" type="submit" busy={save.busy}>
            {project ? t('action.save') : t('projects.create')}
          </Button>
        </>
      }
    >
      <div className="form" ref={body}>
        {refused && <ErrorNotice error={refused} urgent />}
        {none && (
          <Note tone="info">
            {connections.total === 0 ? (
              <>
                <p>{t('projects.noConnection')}</p>
                <p>
                  <a href={`${href('connections')}?add`}>{t('connections.add')}</a>
                </p>
              </>
            ) : (
              <p>{t('projects.noneGranted')}</p>
            )}
          </Note>
        )}
        <TextField
          ref={first}
          label={t('projects.name')}
          value={name}
          onChange={setName}
          error={problems.name}
        />
        <ConnectionChoice
          label={t('projects.connection')}
          help={t(connection?.readOnly ? 'projects.connectionReadOnly' : 'projects.connectionHelp')}
          error={problems.connection}
          chosen={connection}
          onChange={setChosen}
        />
        <OldTablesField {...old} />
        <TextField
          label={t('projects.schema')}
          help={t('projects.schemaHelp')}
          translate="no"
          value={dbSchema}
          onChange={setDbSchema}
          error={problems.schema}
        />
      </div>
    </Panel>
  );
}

function present(project: Project | null): ChosenConnection | null {
  if (!project) return null;
  const { connectionId, connectionName, environment } = project;
  return {
    ...{ id: connectionId, name: connectionName, readOnly: false },
    label: connectionLabel({ name: connectionName, environment }),
  };
}
