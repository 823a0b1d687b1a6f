import { useCallback, useEffect, useState } from 'react';
import type { ConnectionDetail } from '../../../preload/contract/models.ts';
import { useAction } from '../../api.ts';
import { Button } from '../../components/button.tsx';
import { Panel } from '../../components/dialogs.tsx';
import { Loaded } from '../../components/page.tsx';
import { t } from '../../i18n/index.ts';
import { ConnectionForm } from './connection-form.tsx';
import type { FixField } from './fixes.ts';

/** So long nothing is shown while a connection is read, in milliseconds. */
const patienceMs = 400;

interface EditProps {
  readonly id: string;
  readonly name: string;
  /** The field that is looked for. */
  readonly at?: FixField | undefined;
  readonly onClose: () => void;
}

/** The form of a connection that is there; waits for what a list does not know. */
export function EditConnection({ id, name, at, onClose }: EditProps) {
  // Read now, and once: the form saves every field, so none may be from before, and none is replaced meanwhile.
  const [first, setFirst] = useState<ConnectionDetail>();
  const { run, error } = useAction((client) => client.connections.get({ id }));
  const read = useCallback(() => void run().then((found) => found && setFirst(found)), [run]);
  useEffect(read, [read]);
  const [slow, setSlow] = useState(false);
  useEffect(() => {
    const timer = setTimeout(() => setSlow(true), patienceMs);
    return () => clearTimeout(timer);
  }, []);
  if (first) return <ConnectionForm connection={first} at={at} onClose={onClose} />;
  // It is there in a moment: a panel that is drawn twice would only flicker.
  if (!slow && !error) return null;
  return (
    <Panel
      open
      saved
      title={t('connections.editTitle', { name })}
      onClose={onClose}
      footer={<Button onClick={onClose}>{t('action.cancel')}</Button>}
    >
      <Loaded call={{ data: undefined, error, reload: read }} rows={6}>
        {() => null}
      </Loaded>
    </Panel>
  );
}
