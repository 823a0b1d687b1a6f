import type { PgClient } from '../engines/postgres-client.ts';
import type { Clock } from '../host.ts';
import type { EncodedPage } from './encode.ts';
import { type CopyData, saveState, writeCopies } from './staging.ts';

/**
 * A transaction is committed after so many rows or so long, whichever comes first, and whenever the source is slower
 * than the database: fewer commits cost less, and a killed process has little to read again.
 */
const commitRows = 20_000;
const commitMs = 1000;
/**
 * A page spreads over a dozen tables, and each COPY costs its own round trips: pages are gathered until they are worth
 * them. Small enough that memory stays flat.
 */
const copyBytes = 4 * 1024 * 1024;

type StateToSave = Parameters<typeof saveState>[2];

/** Writes pages in transactions of a sensible size; a dataset's state is saved with the rows it speaks of. */
export function createWriter(client: PgClient, schema: string, clock: Clock, onCommit: () => void) {
  let open = false;
  let rows = 0;
  let since = 0;
  let unsavedShape: unknown;
  let gathered = new Map<string, Buffer[]>();
  let gatheredBytes = 0;

  const begin = async (): Promise<void> => {
    if (open) return;
    await client.query('BEGIN');
    open = true;
    since = clock.now();
  };
  const flush = async (): Promise<void> => {
    const copies: CopyData[] = [...gathered].map(([sql, data]) => ({ sql, data }));
    gathered = new Map();
    gatheredBytes = 0;
    await writeCopies(client, copies);
  };
  const commit = async (state: StateToSave): Promise<void> => {
    await flush();
    await saveState(client, schema, { ...state, shape: state.shape ?? unsavedShape });
    await client.query('COMMIT');
    open = false;
    rows = 0;
    unsavedShape = undefined;
    onCommit();
  };
  return {
    /** `busy` tells, once the page is taken, whether the next one is there already. */
    async write(page: EncodedPage, state: StateToSave, busy: () => boolean): Promise<void> {
      await begin();
      if (page.ddl.length > 0) {
        // What was encoded for the columns as they were must be in before they change.
        await flush();
        await client.query(page.ddl.join(';\n'));
      }
      for (const copy of page.copies) {
        const data = gathered.get(copy.sql) ?? [];
        data.push(copy.data);
        gathered.set(copy.sql, data);
        gatheredBytes += copy.data.byteLength;
        rows += copy.rows;
      }
      unsavedShape = state.shape ?? unsavedShape;
      if (!busy() || rows >= commitRows || clock.now() - since >= commitMs) await commit(state);
      else if (gatheredBytes >= copyBytes) await flush();
    },
    /** Commits what is left with the last state. */
    async finish(state: StateToSave): Promise<void> {
      await begin();
      await commit(state);
    },
  };
}
