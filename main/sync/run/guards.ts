import type { HeldReason } from '../../../preload/contract/models.ts';
import type { Said } from '../../../preload/contract/said.ts';
import { english, say } from '../../../preload/messages/said.ts';
import { movesOf } from '../shape/drift.ts';
import { type Tables, tablesByName } from '../shape/packed.ts';

/**
 * How far the number of records may be from what the source announced at the beginning. Records are deleted, archived
 * and moved while a read goes on, and CommCare counts from an index that runs behind by minutes: one in a hundred, and
 * a few where there are only a few, is seen in quiet projects; a lost page is ten times as much.
 */
const fewerShare = 0.01;
const fewerAlways = 10;
/** What arrives during a long read comes on top and is no loss; twice as much as announced is another project space. */
const moreShare = 1;
const moreAlways = 1000;

/** A dataset of the connector as it was read. */
export interface ReadDataset {
  readonly name: string;
  /** The published name of its main table. */
  readonly table: string;
  /** What the source announced; null when it did not. */
  readonly announced: number | null;
  /** Records that came, each counted once however often it came. */
  readonly records: number;
  /** Records that came more than once: they changed while they were read. */
  readonly repeated: number;
}

export interface Refresh {
  readonly datasets: readonly ReadDataset[];
  /** The tables that would be published. */
  readonly tables: Tables;
  /** The tables that are published, as far as they are known. */
  readonly before: Tables;
  readonly rowsBefore: Readonly<Record<string, number>>;
  readonly shrinkPercent: number;
  readonly keepRaw: boolean;
}

/** In English for logs and older versions, and as a sentence that is written where it is read. */
const told = (said: Said): Pick<HeldReason, 'message' | 'said'> => ({ message: english(said), said });

/** Why a finished refresh looks wrong, compared with what is published and what was announced; empty when it does not. */
export function review(refresh: Refresh): HeldReason[] {
  return [...countReasons(refresh), ...shapeReasons(refresh)];
}

function* countReasons({ datasets, rowsBefore, shrinkPercent }: Refresh): Generator<HeldReason> {
  for (const { table, announced, records, repeated } of datasets) {
    const before = rowsBefore[table] ?? 0;
    const base = { table, column: null, before, after: records };
    if (before > 0 && records === 0) {
      const why = say('sync.held.zeroRows', { table, before });
      yield { ...base, code: 'zero_rows', ...told(why) };
    } else if (records * 100 < before * (100 - shrinkPercent)) {
      const why = say('sync.held.shrunk', { table, before, after: records });
      yield { ...base, code: 'shrunk', ...told(why) };
    }
    if (announced === null) continue;
    const fewer = announced - records > Math.max(fewerAlways, announced * fewerShare) + repeated;
    const more = records - announced > Math.max(moreAlways, announced * moreShare);
    if (fewer || more) {
      const why = say('sync.held.countMismatch', { table, announced, records });
      yield { table, column: null, before: announced, after: records, code: 'count_mismatch', ...told(why) };
    }
  }
}

function* shapeReasons({ datasets, tables, before, keepRaw }: Refresh): Generator<HeldReason> {
  const isRead = (name: string): boolean => datasets.some((dataset) => dataset.name === name);
  const present = tablesByName(tables);
  /** Columns that went to the table of a repeat: nothing of them is gone. */
  let moved: ReadonlySet<string> | null = null;
  const hasMoved = (table: string, column: string): boolean => {
    moved ??= new Set(movesOf(before, tables).map((move) => `${move.table}.${move.column}`));
    return moved.has(`${table}.${column}`);
  };
  for (const old of before) {
    // Datasets that a person took out of the link go on purpose.
    if (!isRead(old.dataset)) continue;
    const now = present(old.name);
    if (!now) {
      // One that was only announced, and never had an entry.
      if (old.rows === 0) continue;
      const why = say('sync.held.tableGone', { table: old.name, rows: old.rows });
      yield {
        code: 'table_gone',
        table: old.name,
        column: null,
        before: old.rows,
        after: null,
        ...told(why),
      };
      continue;
    }
    for (const column of old.columns) {
      if (now.columns.some(({ name }) => name === column.name)) continue;
      // Its values are in a second column now, of another type.
      if (column.sourcePath !== null && now.columns.some((one) => one.sourcePath === column.sourcePath))
        continue;
      // Columns of the engine: those that a person turned off, one that is there when it is needed.
      if ((column.name === 'raw' && !keepRaw) || column.name === 'overflow') continue;
      if (column.name === 'left_blank' && column.sourcePath === null) continue;
      if (hasMoved(old.name, column.name)) continue;
      const why = say('sync.held.columnGone', { column: column.name, table: old.name });
      yield {
        code: 'column_gone',
        table: old.name,
        column: column.name,
        before: null,
        after: null,
        ...told(why),
      };
    }
  }
}
