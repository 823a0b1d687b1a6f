import type { RunDetail } from '../../../preload/contract/models.ts';
import { formatAbsolute, formatDuration, formatNumber, formatSigned } from '../../format.ts';
import { useNow } from '../../hooks.ts';
import { t } from '../../i18n/index.ts';
import { messageOf } from '../../i18n/sentence.ts';
import { beganAt, heldEnd, stateWord, tookMs } from '../../watch/run-look.ts';

/** What a run did, as plain text in the reader's language, to be sent to somebody. */
export function receiptOf({ job, facts, tables }: RunDetail, now: number): string {
  const took = tookMs(job, now);
  const phases = (facts?.phases ?? []).map(
    ({ phase, ms }) => `  ${t(`runs.phase.${phase}`)}: ${formatDuration(ms)}`,
  );
  const rows = tables
    .filter(({ before, after }) => before !== after)
    .map(({ name, before, after }) => {
      const change = before === null ? '' : ` (${formatSigned((after ?? 0) - before)})`;
      return `  ${name}: ${before === null ? '' : `${formatNumber(before)} → `}${formatNumber(after ?? 0)}${change}`;
    });
  const end = heldEnd(job, now);
  const lines = [
    t('dataset.name', { project: job.projectName, source: job.sourceName }),
    `${t('sync.state')}: ${stateWord(job, job.decided === null)}`,
    `${t('runs.began')}: ${formatAbsolute(beganAt(job))}`,
    ...(took === null ? [] : [`${t('sync.duration')}: ${formatDuration(took)}`]),
    ...(job.records === null ? [] : [`${t('runs.records')}: ${formatNumber(job.records)}`]),
    ...(job.error && job.status === 'failed' ? [`${messageOf(job.error)} (${job.error.code})`] : []),
    ...(end === null ? [] : [end]),
    ...(facts
      ? [
          `${t('runs.requests')}: ${formatNumber(facts.requests)} · ${t('runs.retries')}: ${formatNumber(facts.retries)} · ${t('runs.waits')}: ${formatNumber(facts.waits)}`,
        ]
      : []),
    ...(phases.length > 0 ? [`${t('runs.phases')}:`, ...phases] : []),
    ...(rows.length > 0 ? [`${t('runs.tables')}:`, ...rows] : []),
    `${t('runs.one')}: ${job.id}`,
  ];
  return `${lines.join('\n')}\n`;
}

export const useReceipt = (detail: RunDetail): string => receiptOf(detail, useNow());
