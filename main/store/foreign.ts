import Database from 'better-sqlite3';

/** More of them are in no list that people keep. */
const mostRows = 10_000;
const header = Buffer.from('SQLite format 3\0', 'latin1');
/** Where a file says whether it has a log of its own beside it (SQLite documentation, "Database File Format", 1.3). */
const journal = { write: 18, read: 19, withLog: 2, without: 1 } as const;

/** What a table has in a row, by the names of its columns. */
export type ForeignRow = Readonly<Record<string, string | number | null>>;

export interface ForeignTables {
  /** By name; a table that is not there has no rows. */
  readonly rows: ReadonlyMap<string, readonly ForeignRow[]>;
  /** What was written last may be in a log beside the file, which is not read. */
  readonly hasLog: boolean;
}

/**
 * Tables of a database that another program made, from a copy in memory: nothing is written, nothing that the file brings with
 * it is run (views, triggers, computed columns). Null for what is no database, or a broken one.
 */
export function readForeignTables(bytes: Buffer, names: readonly string[]): ForeignTables | null {
  if (bytes.length < 512 || !bytes.subarray(0, header.length).equals(header)) return null;
  const copy = Buffer.from(bytes);
  const hasLog = copy[journal.read] === journal.withLog;
  // A database in memory has no log: with this mark it could not be opened.
  if (hasLog) copy[journal.write] = copy[journal.read] = journal.without;
  try {
    using db = closing(new Database(copy, { readonly: true }));
    db.base.pragma('trusted_schema = OFF');
    db.base.pragma('cell_size_check = ON');
    const rows = new Map<string, readonly ForeignRow[]>();
    for (const name of names) rows.set(name, rowsOf(db.base, name));
    return { rows, hasLog };
  } catch {
    // What SQLite says of a broken file may be a piece of it.
    return null;
  }
}

const closing = (base: Database.Database) => ({ base, [Symbol.dispose]: () => void base.close() });
const quoted = (name: string): string => `"${name.replaceAll('"', '""')}"`;

function rowsOf(db: Database.Database, table: string): ForeignRow[] {
  const listed = db.pragma(`table_list(${quoted(table)})`) as { schema: string; type: string }[];
  if (!listed.some(({ schema, type }) => schema === 'main' && type === 'table')) return [];
  const columns = (db.pragma(`table_xinfo(${quoted(table)})`) as { name: string; hidden: number }[])
    .filter(({ hidden }) => hidden === 0)
    .map(({ name }) => name);
  if (columns.length === 0) return [];
  const all = db.prepare(
    `SELECT ${columns.map(quoted).join(', ')} FROM main.${quoted(table)} LIMIT ${mostRows}`,
  );
  return (all.all() as Record<string, unknown>[]).map((row) =>
    Object.fromEntries(
      columns.map((column) => {
        const value = row[column];
        return [column, typeof value === 'string' || typeof value === 'number' ? value : null];
      }),
    ),
  );
}
