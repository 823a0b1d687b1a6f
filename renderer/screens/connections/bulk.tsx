import { useId, useState } from 'react';
import type { Input } from '../../../preload/contract/methods.ts';
import { useAction, useApi, useCall } from '../../api.ts';
import { Button } from '../../components/button.tsx';
import { Box } from '../../components/dialogs.tsx';
import { ErrorNotice } from '../../components/error-notice.tsx';
import { RadioField, TextField } from '../../components/fields.tsx';
import { useNotify } from '../../components/toasts.tsx';
import { useWhileThere } from '../../hooks.ts';
import { t } from '../../i18n/index.ts';
import { type ConnectionState, connectionStates, splitList } from './options.ts';

export type BulkKind = 'tags' | 'folder' | 'state';
type Change = Input<'connections.bulk'>['change'];

interface BulkProps {
  readonly kind: BulkKind;
  readonly ids: readonly string[];
  readonly onClose: () => void;
}

/** Gives many connections the same tags, folder or state: all or none of them. */
export function BulkDialog({ kind, ids, onClose }: BulkProps) {
  const notify = useNotify();
  const { client } = useApi();
  const known = useCall('connections.list', { limit: 1 }).data;
  const [add, setAdd] = useState('');
  const [remove, setRemove] = useState('');
  const [folder, setFolder] = useState('');
  const [state, setState] = useState<ConnectionState>('active');
  const lists = useId();
  const count = ids.length;
  const apply = useAction((client, signal, change: Change) =>
    client.connections.bulk({ ids: [...ids], change }, { signal }),
  );
  const close = useWhileThere(onClose);
  const tags = { addTags: splitList(add), removeTags: splitList(remove) };
  const missing = kind === 'tags' && tags.addTags.length + tags.removeTags.length === 0;
  const run = async () => {
    const change = kind === 'tags' ? tags : kind === 'folder' ? { folder: folder.trim() } : { state };
    const done = await apply.run(change);
    if (!done) return;
    const title = t('bulk.done', { count: done.changed });
    if (done.undo.length === 0) notify.done(title);
    else
      notify.undoable(title, {
        run: async () => {
          for (const step of done.undo) await client.connections.bulk(step);
        },
        // The logins that were lent through what was turned off are gone for good.
        but: kind === 'state' && state !== 'active' ? t('undo.notLeases') : undefined,
      });
    close();
  };
  const titles = {
    tags: t('bulk.tagTitle', { count }),
    folder: t('bulk.folderTitle', { count }),
    state: t('bulk.stateTitle', { count }),
  };
  const suggestions = (id: string, values: readonly string[]) => (
    <datalist id={id}>
      {values.map((value) => (
        <option key={value} value={value} />
      ))}
    </datalist>
  );
  return (
    <Box
      open
      title={titles[kind]}
      onClose={onClose}
      footer={
        <>
          <Button onClick={onClose}>{t('action.cancel')}</Button>
          <Button
            tone="primary"
            busy={apply.busy}
            blocked={missing ? t('bulk.tagsFirst') : undefined}
            onClick={() => void run()}
          >
            {t('bulk.apply', { count })}
          </Button>
        </>
      }
    >
      {kind === 'tags' && (
        <>
          <TextField
            label={t('bulk.addTags')}
            help={t('bulk.tagsHelp')}
            list={`${lists}-tags`}
            value={add}
            onChange={setAdd}
          />
          <TextField
            label={t('bulk.removeTags')}
            help={t('bulk.tagsHelp')}
            list={`${lists}-tags`}
            value={remove}
            onChange={setRemove}
          />
          {suggestions(`${lists}-tags`, known?.tags ?? [])}
        </>
      )}
      {kind === 'folder' && (
        <>
          <TextField
            label={t('bulk.folder')}
            help={t('bulk.folderHelp')}
            list={`${lists}-folders`}
            maxLength={200}
            value={folder}
            onChange={setFolder}
          />
          {suggestions(`${lists}-folders`, known?.folders ?? [])}
        </>
      )}
      {kind === 'state' && (
        <RadioField
          legend={t('bulk.state')}
          value={state}
          onChange={setState}
          options={connectionStates.map((value) => ({
            value,
            label: t(`connectionState.${value}`),
            help: t(`connectionState.help.${value}`),
          }))}
        />
      )}
      {apply.error && <ErrorNotice error={apply.error} stillWorks={t('connections.nothingChanged')} urgent />}
    </Box>
  );
}
