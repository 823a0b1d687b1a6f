import type { Target } from '../../../engines/engine.ts';
import { requireOwn } from '../../../engines/postgres/ownership.ts';
import { connectLasting, cut, endSession, type PgClient } from '../../../engines/postgres/postgres-client.ts';
import type { Tunnels } from '../../../engines/ssh/tunnels.ts';
import type { Clock } from '../../../host.ts';
import type { Logger } from '../../../log.ts';
import type { JobMode } from '../../../store/data/jobs.ts';
import { maskOf } from '../../shape/kinds.ts';
import type { PublishedShape } from '../../shape/layout.ts';
import { lookUp, type Names, repeatsIn } from '../../shape/names.ts';
import type { PersonsNote } from '../../shape/notes.ts';
import type { Tables } from '../../shape/packed.ts';
import type { CatalogueEntry } from './catalogue/catalogue.ts';
import { describeTables } from './catalogue/dictionary.ts';
import { createEarlyComparison, type EarlyComparison, earlyRows, type Reading } from './compare/early.ts';
import { type DeltaDestination, deltaDestination } from './delta/delta.ts';
import type { PartialReading } from './delta/settle.ts';
import { dropStaging } from './drop-staging.ts';
import { notesOfPlans } from './finish/comment-of.ts';
import { type FinishInput, finishReading } from './finish/finish.ts';
import type { Finished } from './finish/finished.ts';
import { makeNewTables } from './finish/new-tables.ts';
import { startHeartbeat } from './heartbeat.ts';
import { type Lease, leaseLost, releaseLease, sessionName } from './lease.ts';
import { writtenBefore } from './publish/comments.ts';
import { type LiveTable, readLive, stagedType } from './publish/live.ts';
import {
  type PublishDeps,
  type Published,
  publish,
  requirePublishable,
  type TidyInput,
  tidyPublished,
} from './publish/publish.ts';
import { besideOldColumns } from './publish/second-column.ts';
import { keepUsedTypes } from './publish/used-type.ts';
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
  /** The job whose tables changes are read on top of; null where everything is to be read. */
  readonly base?: string | null;
  readonly keepRaw: boolean;
  readonly names: Names;
  readonly readerRoles: readonly string[];
  readonly refreshViews: boolean;
  readonly secondColumn: boolean;
  /** Tables of so many rows are compared while they are read; only tests need another number than the usual one. */
  readonly earlyRows?: number;
  /** What is published now, as the store knows it. */
  readonly published: Tables;
  /** What people say of its tables. */
  readonly notes?: readonly PersonsNote[];
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
  /** By an earlier attempt, which got no answer or did not come to tidying up. */
  | ({ readonly kind: 'published' } & Ended);

/** What came of a publish. */
export type Ended = Pick<Published, 'notice' | 'uncommented'>;

export type Writer = ReturnType<typeof createWriter>;

/**
 * One attempt's way to the target: a session that holds the dataset's lease, with a heartbeat beside it. PostgreSQL, and
 * what speaks its protocol with its transactional DDL, is the only kind of target there is.
 */
export interface Destination {
  /** Aborted when the lease is somebody else's, or the run is stopped; the session is cut then. */
  readonly signal: AbortSignal;
  /** What is published, for what is read now to keep to; what the source says is not part of it. */
  readonly published: PublishedShape;
  /** Takes the lease and what there is of an earlier attempt. */
  open(mode: JobMode): Promise<OpenedDestination>;
  /** Throws away what is staged, and begins to read everything. */
  beginWhole(): Promise<Staging>;
  /** What is needed where only the changes of a dataset are read. */
  readonly delta: DeltaDestination;
  /** The layout of a dataset that an earlier attempt began to read. */
  layout(dataset: string): Promise<string[]>;
  /** Takes the rows of pages, with the state that they belong to. */
  writer(reading: Reading & { readonly partial?: PartialReading }, onCommit: () => void): Writer;
  /** Settles what was read and plans what becomes of it. */
  finish(input: Pick<FinishInput, 'datasets' | 'descriptions' | 'notes' | 'sourceLabel'>): Promise<Finished>;
  /** What was read of each dataset, and what its source had announced. */
  totals(): ReturnType<typeof readTotals>;
  /** What will be published, for the dictionary and the guards. */
  describe(finished: Finished, source: string): Promise<Tables>;
  /** Fails with PUBLISH_HELD, naming what is in the way of publishing. Changes nothing. */
  requirePublishable(finished: Finished): Promise<void>;
  publish(finished: Finished, catalogue: CatalogueEntry): Promise<Ended>;
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
    connectLasting(spec.target, signal, {
      tunnels: deps.tunnels,
      applicationName: sessionName(lease.holder),
    });
  const client = await open(deps.signal);
  const lost = new AbortController();
  /** Aborted when this attempt ends, so that nothing beside it goes on. */
  const closing = new AbortController();
  const signal = AbortSignal.any([deps.signal, lost.signal]);
  const stop = (): void => cut(client);
  signal.addEventListener('abort', stop, { once: true });
  let heart: ReturnType<typeof startHeartbeat> | null = null;
  let live: ReadonlyMap<string, LiveTable> = new Map();
  let unlogged = false;
  let early: EarlyComparison | null = null;
  /** Nothing is staged any more, and so no lease is left to give back. */
  let over = false;
  const patience = { clock: deps.clock, random: deps.random, signal };
  const spare = (): Promise<PgClient | null> => open(signal).catch(() => null);

  const readPublished = (): Promise<ReadonlyMap<string, LiveTable>> =>
    inTransaction(client, async () => {
      const { mark } = await requireOwn(client, schema, spec.dataset, 'live');
      return readLive(client, schema, mark?.tables ?? []);
    });
  const noteOf = notesOfPlans(spec.notes ?? []);
  const published = (finished: Finished): TidyInput => ({
    ...{ schema, dataset: spec.dataset, finished, refreshViews: spec.refreshViews },
    written: writtenBefore(spec.published, spec.names.comments ?? {}),
    noteOf,
  });
  const publishing: PublishDeps = {
    ...{ log: deps.log, patience, spare },
    onFirst: () => heart?.mayGo(),
  };
  /** What was staged is not needed any more. */
  const ended = async ({ first, ...end }: Published): Promise<Ended> => {
    await heart?.stop();
    // What was staged became the published schema the first time.
    if (!first) await dropStaging(client, schema);
    over = true;
    return end;
  };
  const repeats = repeatsIn(spec.names.tables);
  const insist = (finished: Finished): Promise<void> =>
    requirePublishable(client, { schema, dataset: spec.dataset, finished });

  const identityOf = (mode: JobMode) => ({
    ...{ schema, dataset: spec.dataset, workspace: spec.workspace, mode, lease, base: spec.base ?? null },
    ...{ fingerprint: spec.fingerprint, siblings: spec.siblings, demands: spec },
  });

  return {
    signal,
    published: {
      mask(table, path) {
        const name = lookUp(spec.names.tables, table);
        const column = lookUp(lookUp(spec.names.columns, table) ?? {}, path);
        if (name === undefined || column === undefined) return 0;
        const type = live.get(name)?.columns.get(column)?.type;
        const staged = type === undefined ? null : stagedType(type);
        return staged === null ? 0 : maskOf(staged);
      },
      repeats: (part) => repeats.get(part) ?? [],
      declared: () => [],
    },
    delta: deltaDestination(
      () => client,
      () => live,
      spec,
    ),
    async beginWhole() {
      await early?.settled();
      const staging = await resetStaging(client, { ...identityOf('anew'), base: null });
      ({ unlogged } = staging);
      return staging;
    },
    async open(mode) {
      const identity = identityOf(mode);
      const opened = await openStaging(client, identity);
      if (opened.kind === 'published' && !opened.staged) {
        over = true;
        return { kind: 'published', notice: null, uncommented: null };
      }
      heart = startHeartbeat(spec.target, lease, deps, () => lost.abort());
      if (opened.kind === 'published') {
        const { finished } = opened;
        const tidied =
          finished === null
            ? { first: false, notice: null, uncommented: null }
            : await tidyPublished(client, published(finished), publishing);
        return { kind: 'published', ...(await ended(tidied)) };
      }
      if (opened.kind === 'earlier') await insist(opened.finished);
      const staging = opened.kind === 'earlier' ? await resetStaging(client, identity) : opened.staging;
      ({ unlogged } = staging);
      live = await readPublished();
      early = createEarlyComparison({
        ...{
          schema,
          names: spec.names,
          keepRaw: spec.keepRaw,
          live,
          spare,
          least: spec.earlyRows ?? earlyRows,
        },
        ...{ signal: AbortSignal.any([signal, closing.signal]), random: deps.random, log: deps.log },
      });
      return { kind: 'staging', staging };
    },
    layout: (dataset) => inTransaction(client, () => readLayout(client, schema, dataset)),
    writer: (reading, onCommit) =>
      createWriter(
        client,
        schema,
        { keepRaw: spec.keepRaw, unlogged, names: spec.names },
        deps.clock,
        (idle) => {
          // Where the source is faster than the database, comparing would keep the rows from coming in.
          const round = idle && !reading.partial ? (early?.due(reading) ?? null) : null;
          return () => {
            onCommit();
            early?.begin(round);
          };
        },
      ),
    async finish(input) {
      for (const reading of input.datasets) if (!reading.partial) await early?.complete(reading);
      live = await readPublished();
      const finished = await finishReading(client, {
        ...{ schema, job: spec.job, keepRaw: spec.keepRaw, before: spec.names, live },
        ...input,
        ...(early ? { compared: early } : {}),
        async settle(planned) {
          const kept = await keepUsedTypes(client, schema, planned, live);
          return spec.secondColumn ? besideOldColumns(client, schema, kept, live) : kept;
        },
      });
      const fresh = finished.plans.filter(({ name }) => !live.has(name));
      await makeNewTables(client, schema, fresh, {
        ...{ spare, signal, readerRoles: spec.readerRoles, noteOf },
        onFailure: (table, error) => deps.log.warn('sync.analyze_failed', { table, error }),
      });
      return finished;
    },
    totals: () => inTransaction(client, () => readTotals(client, schema)),
    describe: (finished, source) => describeTables(client, schema, finished, live, source),
    requirePublishable: insist,
    async publish(finished, catalogue) {
      const input = {
        ...published(finished),
        ...{ workspace: spec.workspace, job: spec.job, readerRoles: spec.readerRoles, catalogue },
      };
      const matches = early ? { matchesOf: early.matchesOf } : {};
      return ended(await publish(client, input, { ...publishing, ...matches }));
    },
    async close(error) {
      const isLost = lost.signal.aborted && !deps.signal.aborted;
      signal.removeEventListener('abort', stop);
      closing.abort();
      await Promise.all([heart?.stop(), early?.settled()]);
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
