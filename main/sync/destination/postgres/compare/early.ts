import type { DatasetSpec } from '../../../../connectors/connector.ts';
import type { PgClient } from '../../../../engines/postgres/postgres-client.ts';
import { isRefused } from '../../../../engines/postgres/postgres-errors.ts';
import { qualified } from '../../../../engines/postgres/sql.ts';
import type { Logger } from '../../../../log.ts';
import type { Table } from '../../../shape/layout.ts';
import { lookUp, type Names } from '../../../shape/names.ts';
import type { Shape } from '../../../shape/shape.ts';
import { foreignColumns, planColumns, tableId } from '../finish/plan.ts';
import { stagingSchema } from '../lease.ts';
import { type LiveTable, lockSame } from '../publish/live.ts';
import { workOn } from '../publish/work.ts';
import { type Spare, withSpare } from '../spare.ts';
import { stagingTable } from '../staged-tables.ts';
import { inTransaction } from '../transaction.ts';
import { continued, type Found, type Mapping, type MatchesOf, mappingOf } from './mapping.ts';
import { createMatches, type MatchedTable, matchRange, matchSettings } from './matches.ts';

/** A table is compared early from so many rows on; with fewer it is no matter at the end either. */
export const earlyRows = 20_000;
/** A round begins when this share of `earlyRows`, and of the table, has come since the last; it takes along what else there is. */
const dueShare = 0.25;
const dueShareOfTable = 0.02;
/** Fewer are not worth a statement before the end. */
const fewShare = 0.025;
/** Longest wait for somebody who changes the definition of a published table; the table is compared at the end then. */
const lockTimeout = "SET LOCAL lock_timeout = '5s'";

/** A dataset that is being read. */
export interface Reading {
  readonly spec: DatasetSpec;
  readonly shape: Shape;
}

/** What is to be compared once a commit is through. */
export type Round = readonly TableRound[];

interface TableRound {
  readonly progress: TableProgress;
  readonly mapping: Mapping;
  readonly upTo: number;
  readonly rows: number;
}

interface TableProgress {
  readonly names: MatchedTable;
  readonly table: string;
  mapping: Mapping | null;
  after: number;
  /** Rows that are staged and were to be matched. */
  due: number;
  found: Found;
  /** Nothing that was compared counts any more: the table is compared as a whole in the end. */
  void: boolean;
}

export interface EarlyDeps {
  readonly schema: string;
  readonly names: Names;
  readonly keepRaw: boolean;
  /** Tables of so many rows are compared early. */
  readonly least: number;
  /** Published tables by name, as they were when reading began. */
  readonly live: ReadonlyMap<string, LiveTable>;
  readonly spare: Spare;
  readonly signal: AbortSignal;
  readonly random: () => number;
  readonly log: Logger;
}

/**
 * Compares staged rows with the published ones while the source is still being read, when the database has little else
 * to do: at the end only what came last is left, whatever the size of the dataset. It is an aid and no more: a table for
 * which anything goes wrong, or whose columns change their type meanwhile, is compared as a whole at the end.
 */
export interface EarlyComparison {
  /** To be called when a commit is put together: what there is to compare once it is through; null when nothing. */
  due(reading: Reading): Round | null;
  /** Begins to compare what a commit has brought, unless an earlier round is still at work. */
  begin(round: Round | null): void;
  /** Compares what is left of a dataset that is read to its end. */
  complete(reading: Reading): Promise<void>;
  /** The staged table was changed by something else than what was read. */
  forget(staged: string): void;
  readonly matchesOf: MatchesOf;
  /** Waits until nothing is under way. */
  settled(): Promise<void>;
}

export function createEarlyComparison(deps: EarlyDeps): EarlyComparison {
  const { schema, names, live, least } = deps;
  const staging = stagingSchema(schema);
  const suffix = Math.floor(deps.random() * 36 ** 6).toString(36);
  const tables = new Map<string, TableProgress>();
  let running: Promise<void> | null = null;

  const progressOf = (staged: string, main: boolean): TableProgress => {
    const known = tables.get(staged);
    if (known) return known;
    const table = `_matches_${staged}_${suffix}`;
    const progress: TableProgress = {
      names: { staged: qualified(staging, staged), matches: qualified(staging, table), main },
      ...{ table, mapping: null, after: 0, due: 0, void: false },
      found: { rows: 0, fresh: 0, repeated: false },
    };
    tables.set(staged, progress);
    return progress;
  };

  const mappingNow = ({ spec, shape }: Reading, table: Table, published: LiveTable): Mapping | null => {
    const id = tableId(shape, table);
    const staged = stagingTable(spec.name, table);
    const { keys, values } = planColumns({
      ...{ spec, shape, table, before: names, keepRaw: deps.keepRaw, descriptions: new Map() },
      foreign: foreignColumns(published, spec, names, id),
    });
    const plan = { id, dataset: spec.name, name: published.name, staged, keys, values };
    try {
      return mappingOf(
        workOn(schema, { ...plan, indexes: [], labels: [], comment: '', rows: 0 }, published, names),
      );
    } catch {
      // The table is not as Headgate made it; publishing says what is wrong.
      return null;
    }
  };

  const roundOf = (reading: Reading, table: Table, all: boolean): TableRound | null => {
    const { spec, shape } = reading;
    const name = lookUp(names.tables, tableId(shape, table));
    const published = name === undefined ? undefined : live.get(name);
    if (!published) return null;
    const staged = stagingTable(spec.name, table);
    const known = tables.get(staged);
    if (known?.void || (all && !known)) return null;
    if (!known && table.seen < least) return null;
    if (!all && table.seen - (known?.due ?? 0) < least * fewShare) return null;
    const progress = progressOf(staged, table.index === 0);
    const now = mappingNow(reading, table, published);
    const mapping = now && (progress.mapping === null ? now : continued(progress.mapping, now));
    if (mapping === null) {
      progress.void = true;
      return null;
    }
    return { progress, mapping, upTo: shape.seq, rows: table.seen };
  };

  const compare = async (client: PgClient, { progress, mapping, upTo, rows }: TableRound): Promise<void> => {
    const found = await inTransaction(
      client,
      async () => {
        await lockSame(client, schema, [mapping.live]);
        if (progress.mapping === null) await client.query(createMatches(progress.names));
        return matchRange(client, schema, mapping, progress.names, { after: progress.after, upTo });
      },
      ...matchSettings,
      lockTimeout,
    );
    progress.mapping = mapping;
    progress.after = upTo;
    progress.due = rows;
    const before = progress.found;
    progress.found = {
      rows: before.rows + found.rows,
      fresh: before.fresh + found.fresh,
      repeated: before.repeated || found.repeated,
    };
  };

  /** On a session of its own. What fails takes its table out; when the session is lost, the rest is left for later. */
  const start = (round: Round): Promise<void> =>
    withSpare(deps.spare, deps.signal, async (client) => {
      if (client === null) return;
      for (const one of round) {
        const { progress } = one;
        try {
          await compare(client, one);
        } catch (error) {
          progress.void = true;
          if (!deps.signal.aborted)
            deps.log.info('sync.not_compared_early', { table: progress.table, error });
          if (!isRefused(error)) return;
        }
      }
    });

  const settled = async (): Promise<void> => {
    while (running !== null) await running;
  };

  const roundsOf = (reading: Reading, all: boolean): TableRound[] =>
    reading.shape.tables.flatMap((table) => roundOf(reading, table, all) ?? []);

  const isDue = (table: Table, dataset: string): boolean => {
    const { seen } = table;
    const done = tables.get(stagingTable(dataset, table))?.due ?? 0;
    return seen >= least && seen - done >= Math.max(least * dueShare, seen * dueShareOfTable);
  };

  return {
    due(reading) {
      if (running !== null || live.size === 0) return null;
      if (!reading.shape.tables.some((table) => isDue(table, reading.spec.name))) return null;
      const round = roundsOf(reading, false);
      return round.length === 0 ? null : round;
    },
    begin(round) {
      if (round === null || running !== null) return;
      running = start(round).finally(() => {
        running = null;
      });
    },
    async complete(reading) {
      await settled();
      const left = roundsOf(reading, true).filter(({ progress, rows }) => rows > progress.due);
      if (left.length > 0) await start(left);
      for (const table of reading.shape.tables) {
        const progress = tables.get(stagingTable(reading.spec.name, table));
        if (progress && progress.found.rows !== table.seen) progress.void = true;
      }
    },
    forget(staged) {
      const progress = tables.get(staged);
      if (progress) progress.void = true;
    },
    matchesOf(staged) {
      const progress = tables.get(staged);
      if (!progress || progress.void || progress.mapping === null) return null;
      return { table: progress.table, mapping: progress.mapping, found: progress.found };
    },
    settled,
  };
}
