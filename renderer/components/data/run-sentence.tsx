import type { Job } from '../../../preload/contract/models.ts';
import { formatDuration, formatNumber } from '../../format.ts';
import { useNow } from '../../hooks.ts';
import { t } from '../../i18n/index.ts';
import { jobSentence, waits } from '../../watch/state.ts';
import { usePace } from '../../watch/use-pace.ts';

/** "Reading forms 2,998 of 6,000 · 612/s · 12 s left", or why it does not read. */
export function RunSentence({ job }: { job: Job }) {
  const now = useNow(1000);
  const { perSecond, leftMs } = usePace(job);
  const table = job.tables.find(({ status }) => status === 'reading');
  if (job.status !== 'running' || job.phase !== 'reading' || !table || waits(job, now))
    return jobSentence(job, now);
  const { dataset, fetched, total } = table;
  return [
    total === null
      ? t('runs.reading', { dataset, count: fetched })
      : t('runs.readingOf', { dataset, done: formatNumber(fetched), total: formatNumber(total) }),
    ...(perSecond === null ? [] : [t('runs.perSecond', { n: formatNumber(Math.round(perSecond)) })]),
    ...(leftMs === null ? [] : [t('runs.left', { time: formatDuration(Math.max(1000, leftMs)) })]),
  ].join(' · ');
}
