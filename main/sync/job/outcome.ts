import { setImmediate as nextTurn } from 'node:timers/promises';
import type { WireError } from '../../../preload/contract/errors.ts';
import type { DictionaryTable, HeldReason, Job, RunLevel } from '../../../preload/contract/models.ts';
import { recordCount } from '../../../preload/contract/records.ts';
import { plain, type Said } from '../../../preload/contract/said.ts';
import { say, several } from '../../../preload/messages/said.ts';
import { retryAfter } from '../../calendar/retry.ts';
import { nextTime } from '../../calendar/times.ts';
import type { Logger } from '../../log.ts';
import type { Store } from '../../store/index.ts';
import { wholeAtOf } from '../delta-state.ts';
import type { RunResult } from '../run-spec.ts';
import { driftOf } from '../shape/drift.ts';
import type { Names } from '../shape/names.ts';
import { entryOf, type Hide } from './run-entry.ts';

/** The first wait where the source names no time, and the longest; each one in a row is twice as long. */
const firstWaitMs = 30_000;
const longestWaitMs = 30 * 60_000;
/** After so many waits in a row without anything having been read the job fails: at the longest, two days. */
const maxWaits = 100;
/** Of what looks wrong with a refresh, the log of its run has as many. */
const toldReasons = 20;

export interface OutcomeDeps {
  readonly store: Store;
  readonly log: Logger;
  readonly now: () => number;
  /** 0 ≤ n < 1, for the jitter. */
  readonly random: () => number;
  /** This process: what came of a job that another one has taken meanwhile is not for it to say. */
  readonly owner: string;
  /** Takes secrets out of what a run says. */
  readonly hide: Hide;
}

/**
 * What is remembered of what is about to be published: the tables are in the store as a version of the dictionary that
 * does not count yet, the names with the dataset. Jobs of an earlier version of Headgate remember both themselves.
 */
type Intent =
  | (Omit<RunResult, 'tables' | 'names'> & { readonly version: number })
  | (RunResult & { readonly version?: undefined });

type JobEnd = Parameters<Store['jobs']['finish']> extends [string, ...infer Rest] ? Rest : never;

/**
 * What each way in which a run can end makes of the job and its dataset in the store; each in one transaction, and nothing
 * where another process has the job by now.
 */
export function createOutcomes(deps: OutcomeDeps) {
  const { store, log } = deps;
  const iso = (at = deps.now()): string => new Date(at).toISOString();

  const write = (job: Job, work: () => Job): Job =>
    store.transaction(() => (store.jobs.mayWrite(job.id, deps.owner) ? work() : store.jobs.get(job.id)));

  /** False, with nothing done, where another process has the job by now. */
  const ifOwn = (job: Job, work: () => void): boolean =>
    store.transaction(() => {
      if (!store.jobs.mayWrite(job.id, deps.owner)) return false;
      work();
      return true;
    });

  /**
   * Writes a dictionary that does not count yet, one table at a time so that nobody waits long: its version, or null
   * where another process has the job by now, which may be writing one itself.
   */
  const stage = async (job: Job, tables: readonly DictionaryTable[]): Promise<number | null> => {
    const { datasetId } = job;
    for (let more = true; more; ) {
      const step = (): void => {
        more = store.dictionaries.prune(datasetId);
      };
      if (!ifOwn(job, step)) return null;
      await nextTurn();
    }
    const version = store.dictionaries.nextVersion(datasetId);
    for (const [position, table] of tables.entries()) {
      const described = JSON.stringify(table);
      if (!ifOwn(job, () => store.dictionaries.add(datasetId, { version, position, described }))) return null;
      await nextTurn();
    }
    return version;
  };

  const tell = (job: Pick<Job, 'id'>, level: RunLevel, said: Said): void =>
    store.runs.say(job.id, [entryOf(iso(), level, said, deps.hide)]);

  /** Keeps what is there now beside what comes, or would. */
  const count = (job: Job, after: Readonly<Record<string, number>>) => {
    const { dataAsOf, rowCounts } = store.datasets.get(job.datasetId);
    const before = dataAsOf === null ? null : rowCounts;
    const records = recordCount(after);
    const recordsBefore = before && recordCount(before);
    store.runs.putCounts(job.id, { before, after, records, recordsBefore });
    return { records, recordsBefore };
  };

  const finish = (job: Job, ...end: JobEnd): Job => {
    return store.jobs.finish(job.id, ...end);
  };

  /** The time after the one that this job was for; one that is still to come stays. */
  const nextPlanned = (datasetId: string): string => {
    const now = deps.now();
    const { schedule, plannedAt } = store.datasets.get(datasetId).plan;
    return iso(plannedAt !== null && plannedAt > now ? plannedAt : nextTime(schedule, plannedAt, now));
  };

  const fail = (job: Job, error: WireError): Job =>
    write(job, () => {
      const wait = retryAfter(store.datasets.get(job.datasetId).plan.failures + 1, error, deps.random);
      const nextSyncAt = nextPlanned(job.datasetId);
      const retry = wait === null ? null : iso(deps.now() + wait);
      // A planned time that comes before is the next attempt anyway.
      const retryAt = retry !== null && retry < nextSyncAt ? retry : null;
      store.datasets.failed(job.datasetId, error, { nextSyncAt, retryAt }, iso());
      tell(job, 'error', say('runs.failed', { why: error.said ?? plain(error.message) }));
      return finish(job, { status: 'failed', error }, iso());
    });

  const replan = (datasetId: string): void => {
    if (store.datasets.get(datasetId).plan.plannedAt !== null)
      store.datasets.plan(datasetId, nextPlanned(datasetId), iso());
  };

  return {
    fail,
    cancelled: (job: Job, error: WireError, notice: Said | null): Job =>
      write(job, () => {
        store.datasets.settle(job.datasetId, iso());
        // Whoever stopped it does not want it again a minute later.
        replan(job.datasetId);
        tell(job, 'info', say('runs.cancelled'));
        return finish(job, { status: 'cancelled', error, notice }, iso());
      }),
    /** By a person, because Headgate closes, or without a network; a wait that the source asked for goes on beside it. */
    paused: (job: Job, by: 'person' | 'quit' | 'network'): Job =>
      write(job, () => {
        store.datasets.settle(job.datasetId, iso());
        const { waits } = store.jobs.inner(job.id);
        tell(job, 'info', say(`runs.paused.${by}`));
        return store.jobs.pause(job.id, by, store.jobs.get(job.id).waitingUntil, waits);
      }),
    /** The source wants a pause: until then, or with growing patience where it named no time. */
    waits(job: Job, until: number | null, progressed: boolean): { job: Job; until: number } {
      const before = progressed ? 0 : store.jobs.inner(job.id).waits;
      const patience = Math.min(longestWaitMs, firstWaitMs * 2 ** before) * (0.5 + deps.random() / 2);
      const at = Math.ceil(until ?? deps.now() + patience);
      log.info('sync.waits', { until: iso(at), named: until !== null, inARow: before + 1 });
      const paused = write(job, () => {
        store.datasets.settle(job.datasetId, iso());
        tell(job, 'warn', say('runs.waits', { until: { instant: iso(at) } }));
        return store.jobs.pause(job.id, 'source', iso(at), before + 1);
      });
      return { job: paused, until: at };
    },
    /** Whether the source has asked to wait too often in a row. */
    tooOften: (job: Job, progressed: boolean): boolean =>
      !progressed && store.jobs.inner(job.id).waits + 1 >= maxWaits,
    held(job: Job, reasons: readonly HeldReason[], rowCounts: Readonly<Record<string, number>>): Job {
      log.info('sync.held', { codes: reasons.map((reason) => reason.code) });
      return write(job, () => {
        store.datasets.hold(job.datasetId, { at: iso(), jobId: job.id, reasons: [...reasons] }, iso());
        replan(job.datasetId);
        count(job, rowCounts);
        for (const reason of reasons.slice(0, toldReasons))
          tell(job, 'warn', reason.said ?? plain(reason.message));
        tell(job, 'warn', say('runs.held', { count: reasons.length }));
        const notice = several(reasons.map((reason) => reason.said ?? plain(reason.message)));
        return finish(job, { status: 'held', notice }, iso());
      });
    },
    /**
     * Writes down what is about to be published, the megabytes of it piece by piece. Fails with LEASE_LOST where another
     * process has the job by now.
     */
    async intend(job: Job, { tables, names, ...rest }: RunResult): Promise<void> {
      // Whoever lost the job meanwhile has no version, and fails below.
      const version = (await stage(job, [...tables])) ?? 0;
      const [intent, known] = [JSON.stringify({ ...rest, version } satisfies Intent), JSON.stringify(names)];
      store.transaction(() => {
        store.jobs.intend(job.id, deps.owner, intent);
        // Columns are made before anything is published: they are known for ours from now on, whatever comes of it.
        store.datasets.remember(job.datasetId, known);
      });
    },
    /** What `intend` wrote down; null before that. */
    async intended({ id, datasetId }: Pick<Job, 'id' | 'datasetId'>): Promise<RunResult | null> {
      const intent = store.jobs.intent(id) as Intent | null;
      if (intent === null || intent.version === undefined) return intent;
      const { version, ...kept } = intent;
      // Before sentences were kept by their ids this one was text.
      const notice = typeof kept.notice === 'string' ? plain(kept.notice) : kept.notice;
      const rest = { ...kept, notice };
      const names = store.datasets.names(datasetId) as Names;
      return { ...rest, names, tables: await store.dictionaries.version(datasetId, version) };
    },
    /** The megabytes are written piece by piece beside what is published; then one short transaction says that they count. */
    async completed(job: Job, result: RunResult): Promise<Job> {
      const { datasetId } = job;
      const { dataAsOf, rowCounts, notice } = result;
      const tables = [...result.tables];
      const before = (await store.dictionaries.read(datasetId))?.tables ?? [];
      const drift = driftOf(before, tables, iso(), job.id);
      // What is published is what was intended; all that can be new is which comments stand.
      const intent = store.jobs.intent(job.id) as Intent | null;
      const version = intent?.version ?? (await stage(job, tables));
      const names = JSON.stringify(result.names);
      if (version === null || !ifOwn(job, () => store.datasets.remember(datasetId, names)))
        return store.jobs.get(job.id);
      const done = write(job, () => {
        const nextSyncAt = nextPlanned(datasetId);
        const { records, recordsBefore } = count(job, rowCounts);
        store.datasets.ready(datasetId, { dataAsOf, nextSyncAt, rowCounts }, iso());
        store.dictionaries.publish(datasetId, { jobId: job.id, version }, drift);
        // What an earlier publish left is of tables that are not there any more.
        const state = result.delta ?? null;
        if (state === null || Object.keys(state.datasets).length === 0) store.deltas.remove(datasetId);
        else store.deltas.put(datasetId, { jobId: job.id, wholeAt: wholeAtOf(state), state });
        log.info('sync.completed', { tables: tables.length });
        const told = { tables: tables.length, records };
        tell(
          job,
          'info',
          recordsBefore === null
            ? say('runs.published', told)
            : say('runs.publishedOver', { ...told, before: recordsBefore }),
        );
        return finish(job, { status: 'completed', rowCounts, notice }, iso());
      });
      try {
        while (store.dictionaries.prune(datasetId)) await nextTurn();
      } catch (error) {
        // The next publish begins with it.
        log.warn('sync.dictionary_unpruned', { error });
      }
      return done;
    },
  };
}
