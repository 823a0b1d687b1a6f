import type { ExportFormat } from '../../../preload/contract/models.ts';
import { gone, timedOut } from '../../engines/answer.ts';
import { asLongAs } from '../../engines/as-long-as.ts';
import { isRefused } from '../../engines/postgres/postgres-errors.ts';
import { cancelled } from '../../errors.ts';
import { insistHarmless, type ReadTable } from '../check/harmless.ts';
import type { Prepared } from '../check/prepared.ts';
import { beginReading, pathOf } from './begin.ts';
import type { QueryDeps, QueryPlace } from './query.ts';
import { columnsMeant, explainTrouble } from './trouble.ts';

/** An export may take so long at the server as a whole; here it ends when nothing comes for the time-out of the query. */
const longestMs = 6 * 3_600_000;

export interface CopyRequest extends QueryPlace {
  /** Without values: `COPY` takes none. */
  readonly statement: Prepared;
  readonly delimiter: string;
  /** Told before the first bytes. */
  readonly onOpen: (tables: readonly ReadTable[]) => void;
  /** Told of the rows so far now and then, and of all when these are there. */
  readonly onRows: (rows: number) => void;
}

/** What `COPY` can write by itself: comma-separated values as they are, of a statement without parameters. */
export const isCopied = (
  { format, escapeFormulas }: { readonly format: ExportFormat; readonly escapeFormulas: boolean },
  { reading, values }: Prepared,
): boolean => reading.kind === 'select' && format === 'csv' && !escapeFormulas && values.length === 0;

/**
 * The bytes of a statement's answer as CSV, in UTF-8, written by the server itself, which is several times as fast as row by row. The
 * statement passes the same checks, in the same transaction. Nothing is asked before the first piece is taken. Fails like
 * `openQuery`.
 */
export async function* copyQuery(
  { reader, grammar }: QueryDeps,
  request: CopyRequest,
  signal: AbortSignal,
): AsyncGenerator<Uint8Array> {
  const { reading } = request.statement;
  const ending = new AbortController();
  const stop = (): void => ending.abort();
  let late = false;
  const onLate = (): void => {
    late = true;
    stop();
  };
  signal.addEventListener('abort', stop, { once: true });
  if (signal.aborted) stop();
  // One piece is handed over at a time: what reads it is waited for.
  let give: (piece: Uint8Array | null) => void = () => {};
  let taken: () => void = () => {};
  const next = (): Promise<Uint8Array | null> =>
    new Promise((resolve) => {
      give = resolve;
    });
  let waiting = next();
  const untilEnded = asLongAs(
    new Promise<void>((resolve) => {
      ending.signal.addEventListener('abort', () => resolve(), { once: true });
    }),
    cancelled,
  );
  const over = reader.session(ending.signal, async (client) => {
    await beginReading(client, request);
    const tables = await insistHarmless(client, grammar, reading, request);
    request.onOpen(tables);
    await client.query(`${pathOf(request.schemas)}; SET LOCAL statement_timeout = ${longestMs}`);
    // A comment at the end must not take the rest along.
    const before = 'COPY (';
    const sql = `${before}${reading.text}\n) TO STDOUT (FORMAT csv, HEADER, DELIMITER ${delimiterText(request.delimiter)})`;
    try {
      for await (const piece of watched(client.copyOut(sql, request.onRows), request.timeoutMs, onLate)) {
        const took = new Promise<void>((resolve) => {
          taken = resolve;
        });
        give(piece);
        await untilEnded.wait(took);
      }
    } catch (error) {
      if (!isRefused(error)) throw error;
      const names = await columnsMeant(error, client, tables);
      throw explainTrouble(error, { before: before.length, timeoutMs: request.timeoutMs, names });
    }
    await client.query('ROLLBACK');
    give(null);
  });
  const beside = asLongAs(over, gone);
  let isOver = false;
  try {
    for (;;) {
      const piece = await beside.wait(waiting);
      if (piece === null) break;
      waiting = next();
      yield piece;
      taken();
    }
    isOver = true;
  } catch (error) {
    if (late) throw timedOut(request.timeoutMs);
    throw signal.aborted ? cancelled() : error;
  } finally {
    signal.removeEventListener('abort', stop);
    if (!isOver) stop();
    await over.catch(() => {});
  }
}

const delimiterText = (delimiter: string): string =>
  delimiter === '\t' ? "E'\\t'" : `'${delimiter === ';' ? ';' : ','}'`;

/** Tells when nothing has come for so long. */
async function* watched(
  pieces: AsyncIterable<Uint8Array>,
  ms: number,
  onLate: () => void,
): AsyncGenerator<Uint8Array> {
  let timer = setTimeout(onLate, ms);
  try {
    for await (const piece of pieces) {
      clearTimeout(timer);
      yield piece;
      timer = setTimeout(onLate, ms);
    }
  } finally {
    clearTimeout(timer);
  }
}
