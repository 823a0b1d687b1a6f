import { useState } from 'react';
import type { Connection } from '../../../preload/contract/models.ts';
import { keptDeletedDays } from '../../../preload/contract/retention.ts';
import { useAction, useApi } from '../../api.ts';
import { Button } from '../../components/button.tsx';
import { Box, Confirm, Panel } from '../../components/dialogs.tsx';
import { ErrorNotice } from '../../components/error-notice.tsx';
import { SelectField, TextField } from '../../components/fields.tsx';
import { useNotify } from '../../components/toasts.tsx';
import { useWhileThere } from '../../hooks.ts';
import { t } from '../../i18n/index.ts';
import { messageOf } from '../../i18n/sentence.ts';
import { href } from '../../router.ts';
import { type Environment, environments } from './options.ts';

interface DialogProps {
  readonly connection: Pick<Connection, 'id' | 'name' | 'environment' | 'usedBy'>;
  readonly onClose: () => void;
}

/** Asks before a connection and its secrets are destroyed; one that is used names who uses it and stays. */
export function DeleteConnection({
  connection: { id, name, usedBy },
  onClose,
  onDeleted,
}: DialogProps & { onDeleted?: () => void }) {
  const notify = useNotify();
  const { client } = useApi();
  const remove = useAction((each) => each.connections.delete({ id }));
  const done = useWhileThere(onClose);
  if (usedBy.length > 0) return <InUse name={name} usedBy={usedBy} onClose={onClose} />;
  const confirm = async () => {
    if (!(await remove.run())) return;
    notify.undoable(t('connections.deleted', { name }), {
      run: () => client.connections.restore({ id }),
      but: t('deleted.undoNotSecrets'),
    });
    done();
    onDeleted?.();
  };
  return (
    <Confirm
      open
      title={t('connections.deleteTitle', { name })}
      confirm={t('connections.deleteConfirm')}
      danger
      busy={remove.busy}
      onClose={onClose}
      onConfirm={() => void confirm()}
    >
      <p>{t('connections.deleteText')}</p>
      <p>{t('deleted.deleteText', { days: keptDeletedDays })}</p>
      {remove.error && (
        <ErrorNotice error={remove.error} urgent stillWorks={t('connections.nothingChanged')} />
      )}
    </Confirm>
  );
}

/** Says which projects use it and leads to them: there they are given another connection, and this one can go then. */
function InUse({ name, usedBy, onClose }: Pick<Connection, 'name' | 'usedBy'> & { onClose: () => void }) {
  return (
    <Box
      open
      title={t('connections.deleteInUse', { name })}
      onClose={onClose}
      footer={<Button onClick={onClose}>{t('action.close')}</Button>}
    >
      <p>{t('connections.deleteInUseText')}</p>
      <ul>
        {usedBy.map((project) => (
          <li key={project.id}>
            <a href={href('projects', project.id)}>{project.name}</a>
          </li>
        ))}
      </ul>
    </Box>
  );
}

/** A copy with its secrets under another name or for another environment. */
export function DuplicateConnection({ connection, onClose }: DialogProps) {
  const notify = useNotify();
  const [name, setName] = useState(() => t('duplicate.suggested', { name: connection.name }).slice(0, 200));
  const [environment, setEnvironment] = useState<Environment>(connection.environment);
  const duplicate = useAction((client) =>
    client.connections.duplicate({ id: connection.id, name: name.trim(), environment }),
  );
  const done = useWhileThere(onClose);
  const taken = duplicate.error?.code === 'NAME_TAKEN' ? messageOf(duplicate.error) : undefined;
  const run = async () => {
    if (name.trim() === '') return;
    const made = await duplicate.run();
    if (!made) return;
    notify.done(t('duplicate.done', { name: made.name }));
    done();
  };
  return (
    <Panel
      open
      title={t('duplicate.title', { name: connection.name })}
      lead={t('duplicate.lead')}
      onClose={onClose}
      onSubmit={() => void run()}
      footer={
        <>
          <Button tone="quiet" onClick={onClose}>
            {t('action.cancel')}
          </Button>
          <Button tone="primary" type="submit" busy={duplicate.busy}>
            {t('duplicate.confirm')}
          </Button>
        </>
      }
    >
      <div className="form">
        {duplicate.error && taken === undefined && <ErrorNotice error={duplicate.error} urgent />}
        <TextField
          label={t('duplicate.name')}
          value={name}
          maxLength={200}
          error={name.trim() === '' ? t('field.required') : taken}
          onChange={(value) => {
            setName(value);
            duplicate.reset();
          }}
        />
        <SelectField
          label={t('connections.environment')}
          value={environment}
          onChange={(value) => {
            setEnvironment(value as Environment);
            duplicate.reset();
          }}
          options={environments.map((value) => ({ value, label: t(`environment.${value}`) }))}
        />
      </div>
    </Panel>
  );
}
