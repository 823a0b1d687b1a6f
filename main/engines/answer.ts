import type { QueryColumn, QueryPage, QueryWarning } from '../../preload/contract/models.ts';
import { say } from '../../preload/messages/said.ts';
import { AppError, cancelled } from '../errors.ts';
import { asLongAs } from './as-long-as.ts';
import type { Asked, OpenAnswer } from './engine.ts';

type Row = (string | null)[];

/** Rows that come as they are asked for. */
export interface RowSource {
  readonly columns: readonly QueryColumn[];
  readonly role: string;
  readonly warnings: readonly QueryWarning[];
  /** What came with opening. */
  readonly first: Row[];
  /** Whether `fetch` may have more. */
  readonly more: boolean;
  /** The next rows; fewer than asked for mean that these were the last. */
  fetch(rows: number): Promise<Row[]>;
}

export interface Answering<S extends RowSource> {
  /**
   * Opens the answer in a session and lends it to `work`; the session is good for nothing else until that ends. The server is
   * told when the signal ends it.
   */
  lend(signal: AbortSignal, work: (source: S) => Promise<void>): Promise<void>;
  /** What a page fails with. */
  explain(error: unknown): unknown;
}

/** A page of so many characters is enough for one answer. */
const pageCharacters = 8 * 1024 * 1024;
/** Behind small rows large ones may come: no more than so many are asked for at once. */
const mostAtOnce = 500;
/** Rows of which nobody knows yet how large they are. */
export const firstRows = 50;

/**
 * The rows of an answer that lies at the service in pieces, one piece at a time, as they are wanted. `held` are the rows of
 * the pieces before `next`; fewer rows than wanted mean that these were the last.
 */
export function rowsOfPieces(
  pieces: { readonly held: readonly Row[]; readonly next: number; readonly count: number },
  piece: (index: number) => Promise<readonly Row[]>,
): (wanted: number) => Promise<Row[]> {
  let { held, next } = pieces;
  let from = 0;
  return async (wanted) => {
    const rows: Row[] = [];
    while (rows.length < wanted) {
      if (from < held.length) {
        const taken = held.slice(from, from + wanted - rows.length);
        from += taken.length;
        for (const row of taken) rows.push(row);
      } else if (next < pieces.count) {
        // A piece may be large: the one before is let go first.
        [held, from] = [[], 0];
        held = await piece(next);
        next += 1;
      } else break;
    }
    return rows;
  };
}

/** The query is closed: its connection was changed, its time was over, or somebody went on to another. */
export const gone = (): AppError => new AppError('QUERY_GONE', say('query.queryNotOpenAny'));

/** The server took longer than a statement, or a page, may. */
export const timedOut = (timeoutMs: number): AppError =>
  new AppError('QUERY_TIMEOUT', say('query.queryNotDoneWithin', { seconds: timeoutMs / 1000 }), {
    query: { trouble: 'timeout' },
  });

/**
 * Opens an answer and hands it out page by page, each bounded in rows, characters and time; whoever leaves ends it at the
 * server. Fails with what `lend` fails with, QUERY_TIMEOUT and CANCELLED.
 */
export async function openAnswer<S extends RowSource>(
  asked: Pick<Asked, 'limit' | 'timeoutMs'>,
  { lend, explain }: Answering<S>,
  signal: AbortSignal,
): Promise<{ readonly answer: OpenAnswer; readonly source: S }> {
  const ending = new AbortController();
  let late = false;
  let finish = (): void => {};
  const finished = new Promise<void>((resolve) => {
    finish = resolve;
  });
  let opened: (source: S) => void = () => {};
  const opening = new Promise<S>((resolve) => {
    opened = resolve;
  });
  const over = lend(ending.signal, async (source) => {
    opened(source);
    await finished;
  });
  const ended = over.then(
    () => {},
    () => {},
  );
  /** Waits for what the server does, no longer than it may take; whoever leaves ends it. */
  const during = async <T>(by: AbortSignal, work: Promise<T>): Promise<T> => {
    const stop = (): void => ending.abort();
    if (by.aborted) stop();
    by.addEventListener('abort', stop, { once: true });
    // The server's own bound can be lifted by what it runs; this one can't.
    const timer = setTimeout(() => {
      late = true;
      stop();
    }, asked.timeoutMs + 1000);
    try {
      return await work;
    } catch (error) {
      if (late) throw timedOut(asked.timeoutMs);
      if (by.aborted || ending.signal.aborted) throw cancelled();
      throw error;
    } finally {
      clearTimeout(timer);
      by.removeEventListener('abort', stop);
    }
  };

  // What fails while it is opened fails the session; what ends it before it is open is told by `over`.
  const source = await during(signal, Promise.race([opening, over.then(() => opening)]));
  let waiting = source.first;
  let soFar = 0;
  let done = !source.more;
  /** Characters of a row on average, as far as is known. */
  let perRow = 0;

  const fetch = async (rows: number): Promise<Row[]> => {
    const wanted = perRow === 0 ? firstRows : Math.floor(pageCharacters / perRow / 4);
    const count = Math.max(1, Math.min(rows, wanted, mostAtOnce));
    const found = await source.fetch(count);
    if (found.length < count) done = true;
    return found;
  };
  const page = async (wanted: number): Promise<QueryPage> => {
    const rows: Row[] = [];
    const most = Math.min(wanted, asked.limit - soFar);
    let characters = 0;
    const isFull = (): boolean => rows.length >= most || characters >= pageCharacters;
    while (!isFull() && (waiting.length > 0 || !done)) {
      if (waiting.length === 0) waiting = await fetch(most - rows.length + 1);
      let taken = 0;
      while (!isFull() && taken < waiting.length) {
        const row = waiting[taken] as Row;
        rows.push(row);
        for (const value of row) characters += 8 + (value?.length ?? 0);
        taken += 1;
      }
      waiting = waiting.slice(taken);
      perRow = Math.max(1, characters / Math.max(1, rows.length));
    }
    soFar += rows.length;
    // Whether there is more is known by one row more.
    if (waiting.length === 0 && !done) waiting = await fetch(1);
    const more = waiting.length > 0;
    const end = !more ? 'done' : soFar >= asked.limit ? 'limit' : 'open';
    return { rows, soFar, end };
  };

  const beside = asLongAs(over, gone);
  let busy = false;
  const answer: OpenAnswer = {
    columns: source.columns,
    role: source.role,
    warnings: source.warnings,
    over: ended,
    async next(rows, by) {
      if (busy) throw new AppError('INPUT_INVALID', say('query.pageQueryBeingRead'));
      busy = true;
      try {
        const found = await during(by, beside.wait(page(rows)));
        if (found.end !== 'open') finish();
        return found;
      } catch (error) {
        finish();
        ending.abort();
        throw explain(error);
      } finally {
        busy = false;
      }
    },
    async close() {
      // A statement that runs is ended at the server; without one the session is good for another.
      if (busy) ending.abort();
      finish();
      await ended;
    },
  };
  return { answer, source };
}
