import type { Target } from '../../../engines/engine.ts';
import { requireOwn } from '../../../engines/ownership.ts';
import { connectLasting, cut, endSession, type PgClient } from '../../../engines/postgres-client.ts';
import type { Tunnels } from '../../../engines/tunnels.ts';
import type { Clock } from '../../../host.ts';
import type { Logger } from '../../../log.ts';
import type { JobMode } from '../../../store/jobs.ts';
import { maskOf } from '../../shape/kinds.ts';
import { lookUp, type Names } from '../../shape/names.ts';
import { type Tables, tablesByName } from '../../shape/packed.ts';
import type { CatalogueEntry } from './catalogue.ts';
import { describeTables } from './dictionary.ts';
import { dropStaging } from './drop-staging.ts';
import { type FinishInput, finishReading } from './finish/finish.ts';
import type { Finished } from './finish/finished.ts';
import { makeNewTables } from './finish/new-tables.ts';
import { startHeartbeat } from './heartbeat.ts';
import { type Lease, leaseLost, releaseLease, sessionName } from './lease.ts';
import { type LiveTable, readLive, stagedType } from './publish/live.ts';
import { type PublishInput, publish, requirePublishable } from './publish/publish.ts';
import { besideOldColumns } from './publish/second-column.ts';
import { openStaging, resetStaging, type Staging } from './staging.ts';
import { readLayout, readTotals } from './state.ts';
import { inTransaction } from './transaction.ts';
import { createWriter } from './writer.ts';

/** Where a sync lands, as data: everything that is PostgreSQL's is behind this. */
export interface DestinationSpec {
  readonly target: Target;
  readonly schema: string;
  readonly dataset: string;
  readonly workspace: string;
  readonly job: string;
  /** What is read and how; another one makes a staging schema useless. */
  readonly fingerprint: string;
  readonly siblings: readonly string[];
  readonly keepRaw: boolean;
  readonly names: Names;
  readonly readerRoles: readonly string[];
  readonly refreshViews: boolean;
  readonly secondColumn: boolean;
  /** What is published now, as the store knows it. */
  readonly published: Tables;
}

export interface DestinationDeps {
  readonly clock: Clock;
  readonly random: () => number;
  readonly log: Logger;
  readonly tunnels: Tunnels;
  readonly signal: AbortSignal;
}

export type OpenedDestination =
  | { readonly kind: 'staging'; readonly staging: Staging }
  | { readonly kind: 'published' };

export type Writer = ReturnType<typeof createWriter>;

/**
 * One attempt's way to the target: a session that holds the dataset's lease, with a heartbeat beside it. PostgreSQL, and
 * what speaks its protocol with its transactional DDL, is the only kind of target there is.
 */
export interface Destination {
  /** Aborted when the lease is somebody else's, or the run is stopped; the session is cut then. */
  readonly signal: AbortSignal;
  /** The evidence that a published column stands for, by table id and path: it keeps its type where that holds the values. */
  readonly publishedMask: (table: string, path: string) => number;
  /** Takes the lease and what there is of an earlier attempt. */
  open(mode: JobMode): Promise<OpenedDestination>;
  /** The layout of a dataset that an earlier attempt began to read. */
  layout(dataset: string): Promise<string[]>;
  /** Takes the rows of pages, with the state that they belong to. */
  writer(onCommit: () => void): Writer;
  /** Settles what was read and plans what becomes of it. */
  finish(input: Pick<FinishInput, 'datasets' | 'descriptions' | 'sourceLabel'>): Promise<Finished>;
  /** What was read of each dataset, and what its source had announced. */
  totals(): ReturnType<typeof readTotals>;
  /** What will be published, for the dictionary and the guards. */
  describe(finished: Finished, source: string): Promise<Tables>;
  /** Fails with PUBLISH_HELD, naming what is in the way of publishing. Changes nothing. */
  requirePublishable(finished: Finished): Promise<void>;
  /** Publishes; returns what a person should know, null when nothing. */
  publish(finished: Finished, catalogue: CatalogueEntry): Promise<string | null>;
  /** Gives the lease back and ends the sessions. What the error of the run really means. */
  close(error?: unknown): Promise<unknown>;
}

export async function openDestination(
  spec: DestinationSpec,
  lease: Lease,
  deps: DestinationDeps,
): Promise<Destination> {
  const { schema } = spec;
  const open = (signal: AbortSignal): Promise<PgClient> =>
    connectLasting(spec.target, signal, { tunnels: deps.tunnels, applicationName: sessionName(spec.job) });
  const client = await open(deps.signal);
  const lost = new AbortController();
  const signal = AbortSignal.any([deps.signal, lost.signal]);
  const stop = (): void => cut(client);
  signal.addEventListener('abort', stop, { once: true });
  let heart: ReturnType<typeof startHeartbeat> | null = null;
  let live: ReadonlyMap<string, LiveTable> = new Map();
  let unlogged = false;
  /** Nothing is staged any more, and so no lease is left to give back. */
  let over = false;
  const patience = { clock: deps.clock, random: deps.random, signal };
  const spare = (): Promise<PgClient | null> => open(signal).catch(() => null);

  const readPublished = (): Promise<ReadonlyMap<string, LiveTable>> =>
    inTransaction(client, async () => {
      const { mark } = await requireOwn(client, schema, spec.dataset, 'live');
      return readLive(client, schema, mark?.tables ?? []);
    });
  const publishInput = (finished: Finished, catalogue: CatalogueEntry): PublishInput => ({
    ...{ schema, dataset: spec.dataset, workspace: spec.workspace, job: spec.job },
    ...{ finished, catalogue, readerRoles: spec.readerRoles, refreshViews: spec.refreshViews },
    written: writtenIn(spec.published),
  });
  const insist = (finished: Finished): Promise<void> =>
    requirePublishable(client, { schema, dataset: spec.dataset, finished });

  return {
    signal,
    publishedMask(table, path) {
      const name = lookUp(spec.names.tables, table);
      const column = lookUp(lookUp(spec.names.columns, table) ?? {}, path);
      if (name === undefined || column === undefined) return 0;
      const type = live.get(name)?.columns.get(column)?.type;
      const staged = type === undefined ? null : stagedType(type);
      return staged === null ? 0 : maskOf(staged);
    },
    async open(mode) {
      const identity = {
        ...{ schema, dataset: spec.dataset, workspace: spec.workspace, mode, lease },
        ...{ fingerprint: spec.fingerprint, siblings: spec.siblings, demands: spec },
      };
      const opened = await openStaging(client, identity);
      if (opened.kind === 'published') {
        over = true;
        return opened;
      }
      heart = startHeartbeat(spec.target, spec.job, lease, deps, () => lost.abort());
      if (opened.kind === 'earlier') await insist(opened.finished);
      const staging = opened.kind === 'earlier' ? await resetStaging(client, identity) : opened.staging;
      ({ unlogged } = staging);
      live = await readPublished();
      return { kind: 'staging', staging };
    },
    layout: (dataset) => inTransaction(client, () => readLayout(client, schema, dataset)),
    writer: (onCommit) =>
      createWriter(client, schema, { keepRaw: spec.keepRaw, unlogged }, deps.clock, onCommit),
    async finish(input) {
      live = await readPublished();
      const finished = await finishReading(client, {
        ...{ schema, job: spec.job, keepRaw: spec.keepRaw, before: spec.names, live },
        ...input,
        ...(spec.secondColumn
          ? { settle: (planned) => besideOldColumns(client, schema, planned, live) }
          : {}),
      });
      const fresh = finished.plans.filter(({ name }) => !live.has(name));
      await makeNewTables(client, schema, fresh, {
        ...{ spare, signal, readerRoles: spec.readerRoles },
        onFailure: (table, error) => deps.log.warn('sync.analyze_failed', { table, error }),
      });
      return finished;
    },
    totals: () => inTransaction(client, () => readTotals(client, schema)),
    describe: (finished, source) => describeTables(client, schema, finished, live, source),
    requirePublishable: insist,
    async publish(finished, catalogue) {
      const ended = await publish(client, publishInput(finished, catalogue), {
        ...{ log: deps.log, patience, spare },
        onFirst: async () => heart?.stop(),
      });
      await heart?.stop();
      // What was staged became the published schema the first time.
      if (!ended.first) await dropStaging(client, schema);
      over = true;
      return ended.notice;
    },
    async close(error) {
      const isLost = lost.signal.aborted && !deps.signal.aborted;
      signal.removeEventListener('abort', stop);
      await heart?.stop();
      if (!over && !isLost) await giveBack(client, lease).catch(() => {});
      await endSession(client);
      return isLost ? leaseLost(lease) : error;
    },
  };
}

/** Whatever was open is undone first: only the lease is written. */
async function giveBack(client: PgClient, lease: Lease): Promise<void> {
  await client.query('ROLLBACK');
  await inTransaction(client, () => releaseLease(client, lease));
}

/** What Headgate wrote as comments at the last publish, out of the dictionary of then. */
function writtenIn(tables: Tables): PublishInput['written'] {
  const byName = tablesByName(tables);
  return (name) => {
    const table = byName(name);
    const comments = new Map<string | null, string>();
    if (table?.description != null) comments.set(null, table.description);
    for (const column of table?.columns ?? []) {
      const text = column.description ?? column.sourcePath;
      if (text !== null) comments.set(column.name, text);
    }
    return comments;
  };
}
