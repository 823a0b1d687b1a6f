import { type ReactNode, useState } from 'react';
import type { Client } from '../../../preload/contract/client.ts';
import { useAction } from '../../api.ts';
import { t } from '../../i18n/index.ts';
import { Confirm } from '../dialogs.tsx';
import { ErrorNotice } from '../error-notice.tsx';
import { CheckField } from '../fields.tsx';
import { useNotify } from '../toasts.tsx';

interface DropConfirmProps {
  readonly open: boolean;
  readonly title: string;
  readonly confirm: string;
  /** What happens and what stays. */
  readonly children: ReactNode;
  readonly toast: string;
  readonly remove: (client: Client, dropSchemas: boolean) => Promise<unknown>;
  readonly onClose: () => void;
  readonly onRemoved: () => void;
}

/** Asks before something with tables behind it is removed, and whether the tables go too; they stay by default. */
export function DropConfirm({
  open,
  title,
  confirm,
  children,
  toast,
  remove,
  onClose,
  onRemoved,
}: DropConfirmProps) {
  const notify = useNotify();
  const [dropSchemas, setDropSchemas] = useState(false);
  const removal = useAction((client) => remove(client, dropSchemas));
  const run = async (): Promise<void> => {
    if (await removal.run()) {
      onRemoved();
      notify.done(toast);
    }
  };
  return (
    <Confirm
      open={open}
      title={title}
      confirm={confirm}
      danger
      busy={removal.busy}
      onClose={onClose}
      onConfirm={() => void run()}
    >
      <p>{children}</p>
      <CheckField
        label={t('schemas.drop')}
        help={t('schemas.dropHelp')}
        checked={dropSchemas}
        onChange={setDropSchemas}
      />
      {removal.error && <ErrorNotice error={removal.error} urgent />}
    </Confirm>
  );
}
