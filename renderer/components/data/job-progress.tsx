import { useState } from 'react';
import type { Job } from '../../../preload/contract/models.ts';
import { useAccess } from '../../access.ts';
import { useAction } from '../../api.ts';
import { formatCountdown } from '../../format.ts';
import { useNow } from '../../hooks.ts';
import { t } from '../../i18n/index.ts';
import { sentence } from '../../i18n/sentence.ts';
import { fetchedRecords, waits } from '../../watch/state.ts';
import { Button } from '../button.tsx';
import { Confirm } from '../dialogs.tsx';
import { ErrorNotice } from '../error-notice.tsx';
import { Icon } from '../icons.tsx';
import { Progress } from '../progress.tsx';
import { useNotify } from '../toasts.tsx';
import { RunSentence } from './run-sentence.tsx';
import { runnerText, TakeOver, useElsewhere } from './take-over.tsx';

/** A job under way: its phase in words, one gauge per dataset, why it waits, and ways to pause, resume and stop it. */
export function JobProgress({ job }: { job: Job }) {
  const now = useNow(1000);
  const name = nameOf(job);
  const elsewhere = useElsewhere(job);
  return (
    <section className="job" aria-label={t('sync.jobOf', { name })}>
      <div className="job-head">
        <p className="job-phase">
          <RunSentence job={job} />
          {waits(job, now) && job.pausedBy !== 'person' && job.pausedBy !== 'network' && (
            <span className="countdown number" role="timer" aria-label={t('signIn.timeLeft')}>
              <Icon name="clock" size={14} />
              {formatCountdown(Date.parse(job.waitingUntil ?? job.queuedAt) - now)}
            </span>
          )}
        </p>
        {elsewhere ? <TakeOver job={job} name={name} /> : <JobActions job={job} />}
      </div>
      {elsewhere && <p className="cell-note">{runnerText(job)}</p>}
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
              still={job.status !== 'running'}
            />
          ))}
        </div>
      )}
      {job.notice !== null && <p className="cell-note">{sentence(job.noticed, job.notice)}</p>}
    </section>
  );
}

function nameOf(job: Job): string {
  return t('dataset.name', { project: job.projectName, source: job.sourceName });
}

function JobActions({ job }: { job: Job }) {
  const notify = useNotify();
  const blocked = useAccess().reason('run_syncs');
  const [asking, setAsking] = useState(false);
  const pause = useAction((client) => client.syncs.pause({ id: job.id }));
  const resume = useAction((client) => client.syncs.resume({ id: job.id }));
  const cancel = useAction((client) => client.syncs.cancel({ id: job.id }));
  const name = nameOf(job);
  // What waits for its source or the network goes on by itself; only a person's pause and an interruption are ended by hand.
  const resumable = job.status === 'paused' && (job.pausedBy === 'person' || job.pausedBy === 'quit');
  const pausable = job.pausedBy !== 'person' && !(job.status === 'paused' && job.pausedBy === 'quit');
  const stop = async (): Promise<void> => {
    if (!(await cancel.run())) return;
    setAsking(false);
    notify.done(t('sync.cancelledToast', { name }));
  };
  const error = pause.error ?? resume.error;
  return (
    <>
      <div className="actions">
        {/* One place for both, so that the focus stays on the button whose meaning turns round. */}
        {(resumable || pausable) && (
          <Button
            small
            icon={resumable ? 'play' : 'pause'}
            tone={resumable ? 'primary' : 'plain'}
            busy={pause.busy || resume.busy}
            blocked={blocked}
            aria-label={t(resumable ? 'sync.resumeOf' : 'sync.pauseOf', { name })}
            onClick={() => void (resumable ? resume : pause).run()}
          >
            {t(resumable ? 'sync.resume' : 'sync.pause')}
          </Button>
        )}
        <Button
          small
          icon="stop"
          busy={cancel.busy}
          blocked={blocked}
          aria-label={t('sync.cancelOf', { name })}
          onClick={() => setAsking(true)}
        >
          {t('sync.cancel')}
        </Button>
      </div>
      {error && <ErrorNotice error={error} urgent />}
      <Confirm
        open={asking}
        title={t('sync.cancelTitle')}
        confirm={t('sync.cancelConfirm')}
        safe={t('sync.cancelKeep')}
        danger
        busy={cancel.busy}
        onClose={() => setAsking(false)}
        onConfirm={() => void stop()}
      >
        <p>
          <strong>{name}</strong>
        </p>
        <p>{t('sync.cancelText', { count: fetchedRecords(job) })}</p>
        <p className="muted">{t('sync.cancelOrPause')}</p>
        {cancel.error && <ErrorNotice error={cancel.error} urgent />}
      </Confirm>
    </>
  );
}
