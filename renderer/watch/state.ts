import type { ConnectionPage, Dataset, Job } from '../../preload/contract/models.ts';
import type { IconName } from '../components/icons.tsx';
import type { Tone } from '../components/status.tsx';
import { formatMoment, formatNumber } from '../format.ts';
import { t } from '../i18n/index.ts';
import { messageOf } from '../i18n/sentence.ts';
import {
  currentError,
  type DataState,
  type Doing,
  type Need,
  type State,
  signedInAgain,
  stateOf,
  type Watched,
} from './dataset-state.ts';

/** How each state of the data is shown: always with its word. */
export const dataLook: Record<DataState, { tone: Tone; icon: IconName | 'spinner' }> = {
  upToDate: { tone: 'ok', icon: 'checkCircle' },
  late: { tone: 'warn', icon: 'clock' },
  none: { tone: 'muted', icon: 'dashed' },
  gone: { tone: 'muted', icon: 'dashed' },
};

/** What is said beside the state of the data: what is done about it, or whom it waits for. */
export type Note = Exclude<Doing, 'idle'> | Exclude<Need, 'review' | 'fix'>;

export const noteLook: Record<Note, { tone: Tone; icon: IconName | 'spinner' }> = {
  running: { tone: 'info', icon: 'spinner' },
  waiting: { tone: 'info', icon: 'clock' },
  paused: { tone: 'muted', icon: 'pause' },
  held: { tone: 'held', icon: 'held' },
  failed: { tone: 'bad', icon: 'failed' },
  database: { tone: 'bad', icon: 'database' },
  reconnect: { tone: 'bad', icon: 'hand' },
  signIn: { tone: 'bad', icon: 'hand' },
  start: { tone: 'info', icon: 'hand' },
};

/** Null where the state of the data says it all. */
export function noteOf({ doing, need }: State): Note | null {
  if (need !== null && need !== 'review' && need !== 'fix') return need;
  return doing === 'idle' ? null : doing;
}

const hour = 3_600_000;
/** So long before unused tables go it is said. */
const announcedAhead = 6 * hour;

/** The dataset with the newest state of its job; a job that is over is none any more. */
export function withLiveJob(dataset: Dataset, live: (job: Job) => Job): Dataset {
  if (!dataset.job) return dataset;
  const job = live(dataset.job);
  const over = job.finishedAt !== null;
  return { ...dataset, job: over ? null : job };
}

export function completeness(dataset: Dataset, now: number): string {
  if (dataset.status === 'expired') return t('sentence.removed');
  if (dataset.dataAsOf === null) return t('sentence.noData');
  return t('sentence.complete', { asOf: formatMoment(dataset.dataAsOf, now) });
}

/** The plain sentences of a dataset: how good the data is, then what happens next. */
export function sentences(dataset: Dataset, now: number): string[] {
  const { doing, need } = stateOf(dataset, now);
  const complete = completeness(dataset, now);
  if (dataset.job) return [complete, jobSentence(dataset.job, now)];
  if (doing === 'held') return [t('sentence.held'), complete];
  if (need === 'reconnect' || need === 'signIn')
    return [t(need === 'reconnect' ? 'sentence.signInExpired' : 'sentence.signInMissing'), complete];
  const error = currentError(dataset);
  if (doing === 'failed' && error)
    return dataset.outlook.wait === 'retry'
      ? [messageOf(error), nextSentence(dataset, now), complete]
      : [messageOf(error), complete];
  if (doing === 'failed') return [t('sentence.failed'), complete];
  if (need === 'database') return [t('sentence.database', { name: dataset.connectionName }), complete];
  if (dataset.status === 'expired') return [complete];
  if (dataset.dataAsOf === null && doing === 'idle') return [t('sentence.never')];
  if (signedInAgain(dataset)) return [t('sentence.signedInAgain'), complete];
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
  return isOverdue({ outlook }, now)
    ? t('sentence.late')
    : t('sentence.next', { next: formatMoment(at, now) });
}

/** Whether its time has passed, and nothing was begun. */
const isOverdue = ({ outlook }: Pick<Dataset, 'outlook'>, now: number): boolean =>
  outlook.at !== null && Date.parse(outlook.at) < now - hour;

/** Whether the tables go so soon that it is said. */
export const goesSoon = ({ expiresAt }: Pick<Dataset, 'expiresAt'>, now: number): boolean =>
  expiresAt !== null && Date.parse(expiresAt) <= now + announcedAhead;

/** That the tables go soon, unless somebody uses them. */
export function expirySentence({ expiresAt }: Dataset, now: number): string | null {
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

/** The sentences of a link that whoever looks has no dataset of. */
export function watchedSentences({ dataset, state, asOf }: Watched, now: number): string[] {
  if (dataset) return sentences(dataset, now);
  if (state.need === 'start') return [t('sentence.start')];
  if (state.need === 'reconnect') return [t('sentence.getTablesAgain')];
  if (state.need === 'signIn') return [t('sentence.getTables')];
  return [asOf === null ? t('sentence.noData') : t('sentence.complete', { asOf: formatMoment(asOf, now) })];
}

/** What is worth saying beside the state of a link, where how complete it is and when it is refreshed next are told anyway. */
export function remarks(watched: Watched, now: number): string[] {
  const { dataset } = watched;
  if (!dataset) return watchedSentences(watched, now).filter(() => watched.asOf === null);
  const next = nextSentence(dataset, now);
  const isTold = (said: string): boolean =>
    said === completeness(dataset, now) ||
    (said === next &&
      (dataset.outlook.wait === null || dataset.outlook.wait === 'not_yet') &&
      !isOverdue(dataset, now));
  return sentences(dataset, now).filter((said) => !isTold(said));
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
