import type { Job } from '../../preload/contract/models.ts';
import { useAccess } from '../access.ts';
import { useAction } from '../api.ts';
import { formatCountdown } from '../format.ts';
import { useNow } from '../hooks.ts';
import { t } from '../i18n/index.ts';
import { jobSentence } from '../state.ts';
import { Button } from './button.tsx';
import { ErrorNotice } from './error-notice.tsx';
import { Icon } from './icons.tsx';
import { Progress } from './progress.tsx';

/** A running job: its phase in words, one gauge per dataset, why it waits, and a way to stop it. */
export function JobProgress({ job }: { job: Job }) {
  const now = useNow(1000);
  const blocked = useAccess().reason('run_syncs');
  const cancel = useAction((client) => client.syncs.cancel({ id: job.id }));
  const name = t('dataset.name', { project: job.projectName, source: job.sourceName });
  return (
    <section className="job" aria-label={t('sync.jobOf', { name })}>
      <div className="job-head">
        <p className="job-phase">
          {jobSentence(job, now)}
          {job.waitingUntil !== null && (
            <span className="countdown number" role="timer" aria-label={t('signIn.timeLeft')}>
              <Icon name="clock" size={14} />
              {formatCountdown(Date.parse(job.waitingUntil) - now)}
            </span>
          )}
        </p>
        <Button
          small
          icon="stop"
          busy={cancel.busy}
          blocked={blocked}
          aria-label={t('sync.cancelOf', { name })}
          onClick={() => void cancel.run()}
        >
          {t('sync.cancel')}
        </Button>
      </div>
      {job.tables.length > 0 && (
        <div className="gauges">
          {job.tables.map((table) => (
            <Progress
              key={table.dataset}
              label={table.dataset}
              done={table.fetched}
              total={table.total}
              finished={table.status === 'done'}
              waiting={table.status === 'waiting'}
            />
          ))}
        </div>
      )}
      {job.notice !== null && <p className="cell-note">{job.notice}</p>}
      {cancel.error && <ErrorNotice error={cancel.error} urgent />}
    </section>
  );
}
