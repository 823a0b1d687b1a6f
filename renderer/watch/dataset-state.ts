import type { WireError } from '../../preload/contract/errors.ts';
import type { Dataset, Job, Link } from '../../preload/contract/models.ts';

/** How good the data is: nothing that is being done changes it. */
export const dataStates = ['upToDate', 'late', 'none', 'gone'] as const;
export type DataState = (typeof dataStates)[number];

/** What is being done about it. */
export const doings = ['idle', 'running', 'waiting', 'paused', 'held', 'failed'] as const;
export type Doing = (typeof doings)[number];

/** What somebody has to do before it goes on; most urgent first. */
export const needs = ['database', 'reconnect', 'signIn', 'fix', 'review', 'start'] as const;
export type Need = (typeof needs)[number];

/** The two axes of a dataset, and who has to act. */
export interface State {
  readonly data: DataState;
  readonly doing: Doing;
  readonly need: Need | null;
}

/** What the state is derived from. */
export type StateFacts = Pick<
  Dataset,
  'status' | 'dataAsOf' | 'freshUntil' | 'targetFails' | 'outlook' | 'error' | 'held' | 'job' | 'signIn'
>;

const hour = 3_600_000;
/** A refresh takes its time to be read: so long after its time what is there is not late. */
const grace = hour;
/** The same while one is being read. */
const graceWhileRead = 6 * hour;

/** Whether all that stopped the last refresh was a sign-in which somebody has renewed since. */
export function signedInAgain({ error, signIn }: Pick<StateFacts, 'error' | 'signIn'>): boolean {
  return signIn === 'valid' && (error?.code === 'SIGN_IN_EXPIRED' || error?.code === 'SIGN_IN_NEEDED');
}

/** What still keeps a dataset from being refreshed; null for what was put right since. */
export function currentError(dataset: Pick<StateFacts, 'error' | 'signIn'>): WireError | null {
  return signedInAgain(dataset) ? null : dataset.error;
}

/** Whether data that was to be fresh until then is late at `now`. */
function dataAt(dataAsOf: string | null, freshUntil: string | null, allowed: number, now: number): DataState {
  if (dataAsOf === null) return 'none';
  return freshUntil !== null && Date.parse(freshUntil) + allowed < now ? 'late' : 'upToDate';
}

/** Whether a job reads, or will by itself. */
const goesOn = (job: Job): boolean => !(job.status === 'paused' && job.pausedBy === 'person');

function dataOf(facts: StateFacts, now: number): DataState {
  if (facts.status === 'expired') return 'gone';
  const read = facts.job !== null && goesOn(facts.job);
  return dataAt(facts.dataAsOf, facts.freshUntil, read ? graceWhileRead : grace, now);
}

function doingOfJob(job: Job): Doing {
  if (job.status === 'running') return job.waitingUntil === null ? 'running' : 'waiting';
  return goesOn(job) ? 'waiting' : 'paused';
}

function doingOf(facts: StateFacts): Doing {
  const { job, held, status, outlook } = facts;
  if (job) return doingOfJob(job);
  if (held) return 'held';
  // Without a sign-in nothing can be tried: it waits, whatever came of the last attempt.
  if (facts.signIn !== 'valid') return 'waiting';
  if (currentError(facts) !== null || (status === 'error' && !signedInAgain(facts))) return 'failed';
  if (outlook.wait === 'link_off' || outlook.wait === 'source_off') return 'paused';
  const isHeldBack = outlook.wait === 'vault_locked' || outlook.wait === 'metered';
  return isHeldBack || outlook.wait === 'quiet_hours' ? 'waiting' : 'idle';
}

function needOf(facts: StateFacts, doing: Doing): Need | null {
  return facts.targetFails ? 'database' : needBeside(facts, doing);
}

/** What a dataset needs besides a database that works. */
export function needBeside(facts: StateFacts, doing: Doing = doingOf(facts)): Need | null {
  // What runs is not stopped by anything; what waits for a sign-in has no job.
  if (facts.job) return null;
  if (facts.signIn === 'expired') return 'reconnect';
  if (facts.signIn === 'missing') return 'signIn';
  if (doing === 'held') return 'review';
  const error = currentError(facts);
  return error && error.kind !== 'transient' && error.kind !== 'system' ? 'fix' : null;
}

/** Both axes of a dataset at `now`, in milliseconds since 1970. */
export function stateOf(facts: StateFacts, now: number): State {
  const doing = doingOf(facts);
  return { data: dataOf(facts, now), doing, need: needOf(facts, doing) };
}

/** Whether what is there is as new as it should be, can be read, and stays so without anybody. */
export function isFresh({ data, doing, need }: State): boolean {
  return (
    data === 'upToDate' && need === null && (doing === 'idle' || doing === 'running' || doing === 'waiting')
  );
}

/** Whether it is on the list of what needs attention. */
export function needsAttention({ doing, need }: State): boolean {
  return need !== null || doing === 'failed' || doing === 'held';
}

/** A link as whoever looks sees it: with its dataset where it has one, else with what is known without. */
export interface Watched {
  readonly link: Link;
  readonly dataset: Dataset | null;
  readonly state: State;
  /** The data is complete up to then. */
  readonly asOf: string | null;
}

/**
 * A link with its state. One that has no dataset for this reader is told by what the reader can do about it, or, for those
 * who read none themselves, by how fresh what the others have is.
 */
export function watch(link: Link, reads: boolean, now: number): Watched {
  const { dataset, others } = link;
  if (dataset) return { link, dataset, state: stateOf(dataset, now), asOf: dataset.dataAsOf };
  if (!reads && others) {
    const data = dataAt(others.dataAsOf, others.freshUntil, grace, now);
    return { link, dataset, asOf: others.dataAsOf, state: { data, doing: 'idle', need: null } };
  }
  const need = link.signIn === 'valid' ? 'start' : link.signIn === 'expired' ? 'reconnect' : 'signIn';
  return { link, dataset, asOf: null, state: { data: 'none', doing: 'waiting', need } };
}

/** What to look at first: lower comes earlier. */
export function urgency({ data, doing, need }: State): number {
  if (need !== null) return needs.indexOf(need);
  const rest: readonly Doing[] = ['failed', 'held', 'running', 'waiting', 'paused', 'idle'];
  const worst: readonly DataState[] = ['gone', 'late', 'none', 'upToDate'];
  return needs.length + rest.indexOf(doing) * worst.length + worst.indexOf(data);
}
