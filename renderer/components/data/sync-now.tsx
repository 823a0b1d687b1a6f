import { useState } from 'react';
import type { Dataset } from '../../../preload/contract/models.ts';
import { useAccess } from '../../access.ts';
import { t } from '../../i18n/index.ts';
import { Button } from '../button.tsx';
import { Confirm } from '../dialogs.tsx';
import { useToldAction } from '../toasts.tsx';

interface SyncNowProps {
  readonly linkId: string;
  /** What is synced, for the accessible name where several buttons stand in one list. */
  readonly of: string;
  /** Null before the first sync of a link. */
  readonly dataset: Dataset | null;
  readonly primary?: boolean;
  /** After one that failed. */
  readonly again?: boolean;
  /** In a table, where each row has one. */
  readonly iconOnly?: boolean;
}

/** Starts a sync, or lets one go on that was paused by hand; asks before a held refresh is read anew. */
export function SyncNow({ linkId, of, dataset, primary, again, iconOnly }: SyncNowProps) {
  const blocked = useAccess().reason('run_syncs');
  const [asking, setAsking] = useState(false);
  const start = useToldAction((client) => client.syncs.start({ linkId }));
  const job = dataset?.job ?? null;
  const paused = job?.status === 'paused' && (job.pausedBy === 'person' || job.pausedBy === 'quit');
  const held = job === null && dataset?.held != null;
  const busy =
    job === null || paused ? undefined : t(job.status === 'paused' ? 'sync.goesOn' : 'sync.alreadyRuns');
  const label = t(paused ? 'sync.resumeOf' : again ? 'sync.againOf' : 'sync.nowOf', { name: of });
  const run = async (): Promise<void> => {
    await start.run();
    setAsking(false);
  };
  return (
    <>
      <Button
        small
        icon={paused ? 'play' : 'sync'}
        tone={primary ? 'primary' : iconOnly ? 'quiet' : 'plain'}
        busy={start.busy}
        blocked={busy ?? blocked}
        aria-label={label}
        {...(iconOnly && { title: label })}
        onClick={() => (held ? setAsking(true) : void run())}
      >
        {iconOnly ? null : t(paused ? 'sync.resume' : again ? 'sync.again' : 'sync.now')}
      </Button>
      <Confirm
        open={asking}
        title={t('held.anewTitle')}
        confirm={t('held.anewConfirm')}
        busy={start.busy}
        onClose={() => setAsking(false)}
        onConfirm={() => void run()}
      >
        <p>
          <strong>{of}</strong>
        </p>
        <p>{t('held.anewText')}</p>
      </Confirm>
    </>
  );
}
