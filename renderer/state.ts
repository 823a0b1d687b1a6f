import type { WireError } from '../preload/contract/errors.ts';
import type { ConnectionPage, Dataset, Job } from '../preload/contract/models.ts';
import type { IconName } from './components/icons.tsx';
import type { Tone } from './components/status.tsx';
import { formatMoment, formatNumber } from './format.ts';
import { t } from './i18n/index.ts';
import { messageOf } from './i18n/sentence.ts';

/** What a person needs to know about a dataset, derived from its record, its job and its sign-in. */
export const freshnesses = [
  'needs_you',
  'failed',
  'held',
  'running',
  'waiting',
  'paused',
  'stale',
  'never',
  'fresh',
] as const;
export type Freshness = (typeof freshnesses)[number];

export const freshnessLook: Record<Freshness, { tone: Tone; icon: IconName | 'spinner' }> = {
  fresh: { tone: 'ok', icon: 'checkCircle' },
  stale: { tone: 'warn', icon: 'clock' },
  running: { tone: 'info', icon: 'spinner' },
  waiting: { tone: 'info', icon: 'clock' },
  paused: { tone: 'muted', icon: 'pause' },
  needs_you: { tone: 'bad', icon: 'hand' },
  held: { tone: 'warn', icon: 'warning' },
  failed: { tone: 'bad', icon: 'failed' },
  never: { tone: 'muted', icon: 'dashed' },
};

const hour = 3_600_000;
/** So long before unused tables go it is said. */
const announcedAhead = 6 * hour;

/** Whether all that stopped the last refresh was a sign-in which somebody has renewed since. */
function signedInAgain(dataset: Dataset): boolean {
  const code = dataset.error?.code;
  return dataset.signIn === 'valid' && (code === 'SIGN_IN_EXPIRED' || code === 'SIGN_IN_NEEDED');
}

/** What still keeps a dataset from being refreshed; null for what was put right since. */
export function currentError(dataset: Dataset): WireError | null {
  return signedInAgain(dataset) ? null : dataset.error;
}

/** What wants a person, for counts and for the list of what needs attention. */
export const wantsSomebody: readonly Freshness[] = ['needs_you', 'failed', 'held'];

export function freshness(dataset: Dataset, now: number): Freshness {
  if (dataset.job?.status === 'running') return dataset.job.waitingUntil === null ? 'running' : 'waiting';
  if (dataset.job?.status === 'paused' && dataset.job.pausedBy === 'person') return 'paused';
  if (dataset.job) return 'waiting';
  if (dataset.signIn !== 'valid') return 'needs_you';
  if (dataset.held) return 'held';
  const error = currentError(dataset);
  if (error) return error.kind === 'transient' || error.kind === 'system' ? 'failed' : 'needs_you';
  if (dataset.status === 'error' && !signedInAgain(dataset)) return 'failed';
  if (dataset.status === 'expired') return 'stale';
  if (dataset.dataAsOf === null) return 'never';
  if (signedInAgain(dataset)) return 'stale';
  // What takes its time to be read is not late meanwhile.
  const next = dataset.outlook.at;
  if (next !== null && Date.parse(next) < now - hour) return 'stale';
  return 'fresh';
}

/** The dataset with the newest state of its job; a job that is over is none any more. */
export function withLiveJob(dataset: Dataset, live: (job: Job) => Job): Dataset {
  if (!dataset.job) return dataset;
  const job = live(dataset.job);
  const over = job.finishedAt !== null;
  return { ...dataset, job: over ? null : job };
}

/** What to look at first: lower comes earlier. */
export function urgency(dataset: Dataset, now: number): number {
  return freshnesses.indexOf(freshness(dataset, now));
}

export function completeness(dataset: Dataset, now: number): string {
  if (dataset.status === 'expired') return t('sentence.removed');
  if (dataset.dataAsOf === null) return t('sentence.noData');
  return t('sentence.complete', { asOf: formatMoment(dataset.dataAsOf, now) });
}

/** The plain sentences of a dataset: how good the data is, then what happens next. */
export function sentences(dataset: Dataset, now: number): string[] {
  const state = freshness(dataset, now);
  const complete = completeness(dataset, now);
  if (state === 'held') return [t('sentence.held'), complete];
  if (state === 'never') return [t('sentence.never')];
  if (state === 'needs_you' && dataset.signIn !== 'valid') {
    const reason = dataset.signIn === 'expired' ? t('sentence.signInExpired') : t('sentence.signInMissing');
    return [reason, complete];
  }
  const error = currentError(dataset);
  if (error && (state === 'needs_you' || state === 'failed'))
    return dataset.outlook.wait === 'retry'
      ? [messageOf(error), nextSentence(dataset, now), complete]
      : [messageOf(error), complete];
  if (state === 'failed') return [t('sentence.failed'), complete];
  if (dataset.job) return [complete, jobSentence(dataset.job, now)];
  if (signedInAgain(dataset)) return [t('sentence.signedInAgain'), complete];
  if (dataset.status === 'expired') return [complete];
  const next = nextSentence(dataset, now);
  const goes = expirySentence(dataset, now);
  return goes === null ? [complete, next] : [complete, next, goes];
}

/** When it is refreshed next, or what keeps it from that. */
function nextSentence({ outlook }: Dataset, now: number): string {
  const { at, wait, until } = outlook;
  if (wait === 'link_off' || wait === 'source_off' || wait === 'metered' || wait === 'vault_locked')
    return t(`outlook.${wait}`);
  if (wait === 'quiet_hours' && until !== null)
    return t('outlook.quiet_hours', { time: formatMoment(until, now) });
  if (at === null) return t('sentence.noNext');
  if (wait === 'retry') return t('outlook.retry', { time: formatMoment(at, now) });
  return Date.parse(at) < now - hour
    ? t('sentence.late')
    : t('sentence.next', { next: formatMoment(at, now) });
}

/** Whether the tables go so soon that it is said. */
export const goesSoon = ({ expiresAt }: Pick<Dataset, 'expiresAt'>, now: number): boolean =>
  expiresAt !== null && Date.parse(expiresAt) <= now + announcedAhead;

/** That the tables go soon, unless somebody uses them. */
function expirySentence({ expiresAt }: Dataset, now: number): string | null {
  if (expiresAt === null || !goesSoon({ expiresAt }, now)) return null;
  return t('sentence.expires', { time: formatMoment(expiresAt, now) });
}

/** "Syncing: 450 of 1,200 records." — or why it waits. */
export function jobSentence(job: Job, now: number): string {
  if (job.status === 'queued') return t('job.queued');
  if (job.status === 'paused') return pausedSentence(job, now);
  if (waits(job, now)) return waitingSentence(job, now);
  const done = fetchedRecords(job);
  const known = job.tables.every((table) => table.total !== null);
  if (job.phase !== 'reading' || job.tables.length === 0) return t(`job.phase.${job.phase}`);
  if (!known) return t('job.counting', { count: done });
  const total = job.tables.reduce((sum, table) => sum + (table.total ?? 0), 0);
  return t('job.progress', { done: formatNumber(done), total: formatNumber(total) });
}

/** Whether the source asked for a pause that is not over yet. */
export function waits(job: Job, now: number): boolean {
  return job.waitingUntil !== null && Date.parse(job.waitingUntil) > now;
}

function waitingSentence(job: Job, now: number): string {
  return t('job.waitingUntil', {
    source: job.sourceName,
    time: formatMoment(job.waitingUntil ?? job.queuedAt, now),
  });
}

function pausedSentence(job: Job, now: number): string {
  if (job.pausedBy === 'person') return t('job.pausedByPerson');
  if (job.pausedBy === 'quit') return t('job.pausedByQuit');
  if (job.pausedBy === 'network') return t('job.pausedByNetwork');
  return waits(job, now) ? waitingSentence(job, now) : t('job.goesOnSoon');
}

/** How many records of all its tables a job has read. */
export function fetchedRecords(job: Job): number {
  return job.tables.reduce((sum, table) => sum + table.fetched, 0);
}

export function totalRows(counts: Readonly<Record<string, number>>): number {
  return Object.values(counts).reduce((sum, count) => sum + count, 0);
}

/** Asks how the connections in use are, and hardly for any of them: the counts come with every page. */
export const connectionOverview = { state: 'active', limit: 1 } as const;

/** How the connections are, of an answer to {@link connectionOverview}. */
export function connectionCounts({ total, health }: ConnectionPage): {
  all: number;
  ok: number;
  failing: number;
  untested: number;
} {
  return {
    all: total,
    ok: health.works + health.warns,
    failing: health.fails + health.unreachable,
    untested: health.unknown,
  };
}
