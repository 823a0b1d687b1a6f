import type { Dataset, Job } from '../../../preload/contract/models.ts';
import { ReviewHeld } from '../../components/data/held-review.tsx';
import { SyncNow } from '../../components/data/sync-now.tsx';
import { ErrorCode } from '../../components/error-notice.tsx';
import type { IconName } from '../../components/icons.tsx';
import { SignInHere } from '../../components/session/sign-in-here.tsx';
import { Status, type Tone } from '../../components/status.tsx';
import { Time } from '../../components/time.tsx';
import { formatDuration, formatNumber } from '../../format.ts';
import { useNow, useShown } from '../../hooks.ts';
import { t } from '../../i18n/index.ts';
import { adviceOf, messageOf } from '../../i18n/sentence.ts';
import { jobSentence, totalRows } from '../../state.ts';

const look: Record<Job['status'], { tone: Tone; icon: IconName | 'spinner' }> = {
  queued: { tone: 'info', icon: 'clock' },
  running: { tone: 'info', icon: 'spinner' },
  paused: { tone: 'muted', icon: 'pause' },
  completed: { tone: 'ok', icon: 'checkCircle' },
  held: { tone: 'warn', icon: 'warning' },
  failed: { tone: 'bad', icon: 'failed' },
  cancelled: { tone: 'muted', icon: 'stop' },
};

interface HistoryProps {
  /** Newest first. */
  readonly jobs: readonly Job[];
  readonly datasets: readonly Dataset[];
  /** Id of the job that another screen points at. */
  readonly shown?: string | null;
}

export function History({ jobs, datasets, shown }: HistoryProps) {
  if (jobs.length === 0) return <p className="muted">{t('sync.noHistory')}</p>;
  return (
    <div className="table-wrap">
      <table className="table table-stack">
        <thead>
          <tr>
            <th scope="col">{t('sync.result')}</th>
            <th scope="col">{t('sync.dataset')}</th>
            <th scope="col">{t('sync.when')}</th>
            <th scope="col" className="cell-number">
              {t('sync.duration')}
            </th>
            <th scope="col" className="cell-number">
              {t('sync.rows')}
            </th>
            <th scope="col">{t('sync.trigger')}</th>
          </tr>
        </thead>
        <tbody>
          {jobs.map((job, index) => (
            <HistoryRow
              key={job.id}
              job={job}
              shown={job.id === shown}
              dataset={datasets.find((each) => each.id === job.datasetId)}
              latest={!jobs.slice(0, index).some((each) => each.datasetId === job.datasetId)}
            />
          ))}
        </tbody>
      </table>
    </div>
  );
}

/** Longer than this a notice is behind a disclosure: one that was held for review has a sentence for every column. */
const shortNotice = 240;

function JobNotice({ text }: { text: string }) {
  if (text.length <= shortNotice) return <span className="cell-note">{text}</span>;
  return (
    <details className="cell-note">
      <summary>{t('sync.details')}</summary>
      <p>{text}</p>
    </details>
  );
}

/** What a run that failed asks for itself, whatever the dataset's state is about: nothing while something is under way. */
function Again({ job, dataset }: { job: Job; dataset: Dataset }) {
  if (dataset.job) return null;
  const code = job.error?.code;
  const link = {
    ...{ id: dataset.linkId, projectId: dataset.projectId, sourceId: dataset.sourceId },
    sourceName: dataset.sourceName,
    credentialMode: dataset.personId === null ? ('project' as const) : ('user' as const),
  };
  if ((code === 'SIGN_IN_EXPIRED' || code === 'SIGN_IN_NEEDED') && dataset.signIn !== 'valid')
    return <SignInHere links={[link]} expired={dataset.signIn === 'expired'} />;
  if (dataset.signIn !== 'valid') return null;
  const of = t('dataset.name', { project: job.projectName, source: job.sourceName });
  return <SyncNow linkId={dataset.linkId} of={of} dataset={dataset} again />;
}

interface HistoryRowProps {
  readonly job: Job;
  readonly dataset: Dataset | undefined;
  /** Nothing was tried after it: what it asks for is still to be done. */
  readonly latest: boolean;
  readonly shown: boolean;
}

function HistoryRow({ job, dataset, latest, shown }: HistoryRowProps) {
  const row = useShown<HTMLTableRowElement>(shown);
  const now = useNow();
  const duration =
    job.startedAt !== null && job.finishedAt !== null
      ? Date.parse(job.finishedAt) - Date.parse(job.startedAt)
      : null;
  const rows = totalRows(job.rowCounts);
  const waits = dataset?.held?.jobId === job.id;
  // What became of it is told by what ran after it.
  const wasHeld = job.status === 'held' && dataset !== undefined && !waits;
  return (
    <tr ref={row} tabIndex={shown ? -1 : undefined} className={shown ? 'shown' : undefined}>
      <td data-label={t('sync.result')}>
        <Status
          {...(waits ? look.held : { ...look[job.status], tone: wasHeld ? 'muted' : look[job.status].tone })}
        >
          {wasHeld ? t('job.wasHeld') : t(`job.status.${job.status}`)}
        </Status>
        {/* Somebody who cancelled knows that it was cancelled. */}
        {job.error && job.status === 'failed' && (
          <div className="cell-error">
            <p className="cell-cause">{messageOf(job.error)}</p>
            {latest && <p>{adviceOf(job.error)}</p>}
            <div className="actions">
              <ErrorCode error={job.error} />
              {latest && dataset && <Again job={job} dataset={dataset} />}
            </div>
          </div>
        )}
        {job.status === 'paused' && <span className="cell-note">{jobSentence(job, now)}</span>}
        {job.notice !== null && <JobNotice text={job.notice} />}
        {waits && dataset && (
          <div className="cell-more">
            <ReviewHeld dataset={dataset} />
          </div>
        )}
      </td>
      <td data-label={t('sync.dataset')} className="cell-wrap">
        {t('dataset.name', { project: job.projectName, source: job.sourceName })}
      </td>
      <td data-label={t('sync.when')} className="cell-time">
        <Time at={job.startedAt ?? job.queuedAt} form="moment" />
      </td>
      <td data-label={t('sync.duration')} className="cell-number cell-time">
        {duration === null ? t('state.none') : formatDuration(duration)}
      </td>
      <td data-label={t('sync.rows')} className="cell-number">
        {rows > 0 ? formatNumber(rows) : t('state.none')}
      </td>
      <td data-label={t('sync.trigger')} className="cell-time">
        {t(`job.trigger.${job.trigger}`)}
      </td>
    </tr>
  );
}
