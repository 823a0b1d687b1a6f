import type { Job } from '../../../preload/contract/models.ts';
import { ErrorCode } from '../../components/error-notice.tsx';
import type { IconName } from '../../components/icons.tsx';
import { Status, type Tone } from '../../components/status.tsx';
import { Time } from '../../components/time.tsx';
import { formatDuration, formatNumber } from '../../format.ts';
import { t } from '../../i18n/index.ts';
import { totalRows } from '../../state.ts';

const look: Record<Job['status'], { tone: Tone; icon: IconName | 'spinner' }> = {
  queued: { tone: 'info', icon: 'clock' },
  running: { tone: 'info', icon: 'spinner' },
  paused: { tone: 'info', icon: 'clock' },
  completed: { tone: 'ok', icon: 'checkCircle' },
  failed: { tone: 'bad', icon: 'failed' },
  cancelled: { tone: 'muted', icon: 'stop' },
};

export function History({ jobs }: { jobs: readonly Job[] }) {
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
          {jobs.map((job) => (
            <HistoryRow key={job.id} job={job} />
          ))}
        </tbody>
      </table>
    </div>
  );
}

function HistoryRow({ job }: { job: Job }) {
  const duration =
    job.startedAt !== null && job.finishedAt !== null
      ? Date.parse(job.finishedAt) - Date.parse(job.startedAt)
      : null;
  const rows = totalRows(job.rowCounts);
  return (
    <tr>
      <td data-label={t('sync.result')}>
        <Status {...look[job.status]}>{t(`job.status.${job.status}`)}</Status>
        {job.error && (
          <details className="cell-error">
            <summary>{job.error.message}</summary>
            <p>{job.error.advice}</p>
            <ErrorCode error={job.error} />
          </details>
        )}
        {job.notice !== null && <span className="cell-note">{job.notice}</span>}
      </td>
      <td data-label={t('sync.dataset')} className="cell-wrap">
        {t('dataset.name', { project: job.projectName, source: job.sourceName })}
      </td>
      <td data-label={t('sync.when')}>
        <Time at={job.startedAt ?? job.queuedAt} form="moment" />
      </td>
      <td data-label={t('sync.duration')} className="cell-number">
        {duration === null ? t('state.none') : formatDuration(duration)}
      </td>
      <td data-label={t('sync.rows')} className="cell-number">
        {rows > 0 ? formatNumber(rows) : t('state.none')}
      </td>
      <td data-label={t('sync.trigger')}>{t(`job.trigger.${job.trigger}`)}</td>
    </tr>
  );
}
