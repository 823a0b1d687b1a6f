import { useRef, useState } from 'react';
import type { Project } from '../../../preload/contract/models.ts';
import { useAction, useCall } from '../../api.ts';
import { Button } from '../../components/button.tsx';
import { Panel } from '../../components/dialogs.tsx';
import { ErrorNotice, Note } from '../../components/error-notice.tsx';
import { SelectField, TextField } from '../../components/fields.tsx';
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
  const connections = useCall('connections.list', {});
  const [name, setName] = useState(project?.name ?? '');
  const [chosen, setChosen] = useState(project?.connectionId ?? '');
  const [dbSchema, setDbSchema] = useState(project?.dbSchema ?? 'public');
  const [problems, setProblems] = useState<{ name?: string; connection?: string; schema?: string }>({});
  const body = useRef<HTMLDivElement>(null);
  const first = useRef<HTMLInputElement>(null);
  const only = connections.data?.length === 1 ? connections.data[0]?.id : undefined;
  const connectionId = chosen || (only ?? '');
  const save = useAction((client) =>
    project
      ? client.projects.update({ id: project.id, name, connectionId, dbSchema })
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
  const none = connections.data?.length === 0;
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
            <p>{t('projects.noConnection')}</p>
            <p>
              <a href={`${href('connections')}?add`}>{t('connections.add')}</a>
            </p>
          </Note>
        )}
        <TextField
          ref={first}
          label={t('projects.name')}
          value={name}
          onChange={setName}
          error={problems.name}
        />
        <SelectField
          label={t('projects.connection')}
          help={t('projects.connectionHelp')}
          value={connectionId}
          onChange={setChosen}
          error={problems.connection}
          options={[
            { value: '', label: t('projects.connectionChoose') },
            ...(connections.data ?? []).map((each) => ({
              value: each.id,
              label: t('projects.connectionOption', {
                name: each.name,
                environment: t(`environment.${each.environment}`),
              }),
            })),
          ]}
        />
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
