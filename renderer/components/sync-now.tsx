import { useAccess } from '../access.ts';
import { toWireError, useAction } from '../api.ts';
import { t } from '../i18n/index.ts';
import { Button } from './button.tsx';
import { useNotify } from './toasts.tsx';

interface SyncNowProps {
  readonly linkId: string;
  /** What is synced, for the accessible name where several buttons stand in one list. */
  readonly of: string;
  readonly running: boolean;
  readonly primary?: boolean;
  /** After one that failed. */
  readonly again?: boolean;
}

export function SyncNow({ linkId, of, running, primary, again }: SyncNowProps) {
  const notify = useNotify();
  const blocked = useAccess().reason('run_syncs');
  const start = useAction(async (client) => {
    try {
      return await client.syncs.start({ linkId });
    } catch (error) {
      notify.failed(toWireError(error));
      throw error;
    }
  });
  return (
    <Button
      small
      icon="sync"
      tone={primary ? 'primary' : 'plain'}
      busy={start.busy}
      blocked={running ? t('sync.alreadyRuns') : blocked}
      aria-label={t(again ? 'sync.againOf' : 'sync.nowOf', { name: of })}
      onClick={() => void start.run()}
    >
      {again ? t('sync.again') : t('sync.now')}
    </Button>
  );
}
