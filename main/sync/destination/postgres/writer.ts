import type { PgClient } from '../../../engines/postgres/postgres-client.ts';
import { type CopyData, copyIn } from '../../../engines/postgres/postgres-copy.ts';
import type { Clock } from '../../../host.ts';
import type { SavedChange } from '../../shape/saved.ts';
import type { Shape } from '../../shape/shape.ts';
import { CopyBuffer } from './copy-buffer.ts';
import { encodePage, type RowSink } from './encode.ts';
import { createFreshRows } from './fresh-rows.ts';
import { stagingSchema } from './lease.ts';
import type { StagingOptions } from './staged-tables.ts';
import { type DatasetState, saveGone, saveState } from './state.ts';
import { begin as beginTransaction } from './transaction.ts';

/**
 * A transaction is committed after so many rows or so long, whichever comes first, and whenever the source is slower
 * than the database: fewer commits cost less, and a killed process has little to read again.
 */
const commitRows = 50_000;
const commitMs = 1000;
/**
 * Pages are gathered until they are worth a round trip. Twice as much may wait while that much is on its way, so that
 * the database has the next rows when it is done with these; memory stays flat.
 */
const copyBytes = 1024 * 1024;
const mostWaitingBytes = 2 * copyBytes;
/**
 * Tables with rows that are written at once, and so many as a transaction may have touched without being committed: each
 * takes about four locks until then, and a small server has room for fewer than four thousand in all.
 */
export const mostTables = 200;

/** A dataset's state, and what tells what changed of its layout; asked only when it is saved. */
interface StateToSave {
  readonly state: DatasetState;
  readonly changes: () => SavedChange | null;
}

/**
 * Writes pages in transactions of a sensible size; a dataset's state is saved with the rows it speaks of. Pages are
 * taken while earlier ones are still being written: `pageEnd` waits only when too much is waiting. `committing` is asked
 * when a commit is put together, with all that was taken so far, and returns what is to be done once it is
 * through; `idle` says whether the next page is still on its way.
 */
export function createWriter(
  client: PgClient,
  schema: string,
  options: StagingOptions,
  clock: Clock,
  committing: (idle: boolean) => () => void,
) {
  let open = false;
  let rows = 0;
  /** What was copied in the open transaction, into which table, and how many tables were made or changed in it. */
  const touched = new Map<string, string>();
  const fresh = createFreshRows(client);
  let changed = 0;
  const isWide = (): boolean => Math.max(touched.size, changed) >= mostTables;
  let since = 0;
  let gathered = new Map<string, CopyBuffer>();
  /**
   * Buffers whose rows are written, by their statement. They are used again, because memory outside the heap costs a
   * collection each few pages; each for its own table, or all of them would grow to the size of the largest.
   */
  const spare = new Map<string, CopyBuffer[]>();
  /** What is being done at the database, and everything queued behind it. */
  let tail: Promise<void> = Promise.resolve();
  /** The flushes among it, oldest first. */
  const flushes: { readonly bytes: number; readonly done: Promise<void> }[] = [];
  let waiting = 0;
  let failure: unknown;

  const queue = (work: () => Promise<unknown>): void => {
    tail = tail
      .then(async () => {
        if (failure !== undefined) return;
        await work();
      })
      .catch((error: unknown) => {
        failure ??= error;
      });
  };
  const room = async (): Promise<void> => {
    while (waiting >= mostWaitingBytes) {
      const oldest = flushes.shift();
      if (!oldest) return;
      await oldest.done;
      waiting -= oldest.bytes;
    }
  };
  const begin = (): void => {
    if (open) return;
    queue(() => beginTransaction(client));
    open = true;
    since = clock.now();
  };
  const gatheredBytes = (): number => {
    let bytes = 0;
    for (const { size } of gathered.values()) bytes += size;
    return bytes;
  };
  const flush = (): void => {
    if (gathered.size === 0) return;
    const bytes = gatheredBytes();
    const written = gathered;
    const copies: CopyData[] = [...written].map(([sql, buffer]) => ({ sql, data: [buffer.data()] }));
    queue(async () => {
      await copyIn(client, copies);
      for (const [sql, buffer] of written) {
        buffer.size = 0;
        spare.get(sql)?.push(buffer);
      }
    });
    flushes.push({ bytes, done: tail });
    waiting += bytes;
    gathered = new Map();
  };
  const commit = ({ state, changes }: StateToSave, begun: () => () => void): void => {
    flush();
    // Taken now: the layout goes on changing while this waits for its turn.
    const change = changes();
    const committed = begun();
    const tables = [...new Set(touched.values())];
    queue(async () => {
      await saveState(client, schema, state, change);
      await client.query('COMMIT');
      committed();
      // Tables without a log are gone before it would pay.
      if (!options.unlogged && tables.length > 0) await fresh.read(tables);
    });
    open = false;
    rows = 0;
    touched.clear();
    changed = 0;
  };
  const settled = async (): Promise<void> => {
    await tail;
    if (failure !== undefined) throw failure;
  };
  const sink: RowSink = {
    change(ddl) {
      begin();
      // What was encoded for the columns as they were must be in before they change.
      flush();
      spare.clear();
      queue(() => client.query(ddl.join(';\n')));
      changed += ddl.length;
    },
    into(copy, table, more) {
      begin();
      rows += more;
      touched.set(copy, table);
      let buffer = gathered.get(copy);
      if (!buffer) {
        const free = spare.get(copy);
        if (!free) spare.set(copy, []);
        buffer = free?.pop() ?? new CopyBuffer();
        gathered.set(copy, buffer);
      }
      return buffer;
    },
  };
  return {
    /** Takes the rows that the shape holds, and empties them; stops between the tables, so that the thread can look up. */
    write: (shape: Shape, dataset: string): Generator<void, void> =>
      encodePage(shape, stagingSchema(schema), dataset, options, sink),
    /** Takes keys of records that are gone, in the order of what is written. */
    gone(dataset: string, keys: readonly string[], v: number): void {
      if (keys.length === 0) return;
      begin();
      queue(() => saveGone(client, schema, dataset, keys, v));
    },
    /**
     * Ends a part of a page that has rows for many tables. Its state is that of the page before, so after a crash the page
     * is read once more; of a record that is staged twice the later one stays.
     */
    async part(state: StateToSave): Promise<void> {
      begin();
      if (isWide()) commit(state, () => () => {});
      else if (gatheredBytes() >= copyBytes) flush();
      await room();
      if (failure !== undefined) throw failure;
    },
    /** Ends a page. `busy` tells whether the next one is there already: if not, this is the time to commit. */
    async pageEnd(state: StateToSave, busy: () => boolean): Promise<void> {
      begin();
      const isLong = rows >= commitRows || isWide() || clock.now() - since >= commitMs;
      const idle = !busy();
      if (idle || isLong) commit(state, () => committing(idle));
      else if (gatheredBytes() >= copyBytes) flush();
      await room();
      if (failure !== undefined) throw failure;
    },
    /** Commits what is left with the last state, and waits until all of it is there. */
    async finish(state: StateToSave): Promise<void> {
      begin();
      commit(state, () => committing(true));
      await settled();
    },
    /** Waits until nothing is under way any more, whatever became of it, and undoes what is not committed. */
    async undo(): Promise<void> {
      await tail;
      await client.query('ROLLBACK').catch(() => {});
    },
  };
}
