import { say } from '../../../preload/messages/said.ts';
import { AppError } from '../../errors.ts';
import { gone, rowsOfPieces, timedOut } from '../answer.ts';
import type { Answered, Result, RowType, SnowflakeSession } from './snowflake-client.ts';
import { SnowflakeRefused } from './snowflake-errors.ts';

/** Between two looks at a statement, in milliseconds: at first it may be done at once. */
const pauses = [50, 100, 200, 400, 800] as const;

export type Row = (string | null)[];

const pause = (ms: number): Promise<void> => new Promise((done) => setTimeout(done, ms));

/** Waits until a statement is done. Fails with QUERY_TIMEOUT and SnowflakeRefused. */
export async function untilDone(
  session: SnowflakeSession,
  sent: Answered,
  timeoutMs: number,
): Promise<Answered> {
  const started = performance.now();
  const handle = sent.statementHandle ?? '';
  let found = sent;
  for (let looks = 0; found.runs; looks += 1) {
    const left = timeoutMs - (performance.now() - started);
    if (left <= 0) throw timedOut(timeoutMs);
    await pause(Math.min(left, pauses[looks] ?? 1000));
    try {
      found = await session.look(handle);
    } catch (error) {
      // It is over there, however it ended.
      if (error instanceof SnowflakeRefused && error.status === 422) session.statement = null;
      throw error;
    }
  }
  session.statement = null;
  return found;
}

/** The type as it is written in SQL, as far as the service says it. */
export function typeOf({ type, precision, scale }: RowType): string {
  const name = type.toUpperCase();
  if (name === 'FIXED') return `NUMBER(${precision ?? 38},${scale ?? 0})`;
  return name === 'TEXT' ? 'VARCHAR' : name === 'REAL' ? 'FLOAT' : name;
}

/** Rows of a part. Every value is text there; a number would have been rounded by now, so it is refused. */
function rowsOf({ data = [] }: Result): Row[] {
  const isCell = (cell: unknown): boolean => cell === null || typeof cell === 'string';
  if (!Array.isArray(data) || !data.every((row) => Array.isArray(row) && row.every(isCell)))
    throw new AppError('DB_ERROR', say('engines.databricks.strangePiece'));
  return data as Row[];
}

/** The parts of an answer, one at a time, as rows that are taken as they are wanted. */
export function createRowReader(session: SnowflakeSession, done: Answered, handle: string) {
  const count = done.resultSetMetaData?.partitionInfo?.length ?? 1;
  const part = async (index: number): Promise<Row[]> => {
    try {
      return rowsOf(await session.look(handle, index));
    } catch (error) {
      // Results are kept for a day.
      if (error instanceof SnowflakeRefused && (error.code === '000709' || error.status === 404))
        throw gone();
      throw error;
    }
  };
  return rowsOfPieces({ held: rowsOf(done), next: 1, count }, part);
}

/** What a SHOW answers, by the names of its columns. It needs no warehouse, and starts none. */
export async function shown(
  session: SnowflakeSession,
  sql: string,
  timeoutMs = 60_000,
): Promise<Readonly<Record<string, string | null>>[]> {
  const sent = await session.submit(sql, { timeoutMs, isQuery: false });
  const done = await untilDone(session, sent, timeoutMs);
  const names = (done.resultSetMetaData?.rowType ?? []).map(({ name }) => name.toLowerCase());
  const count = done.resultSetMetaData?.partitionInfo?.length ?? 1;
  const fetch = createRowReader(session, done, done.statementHandle ?? '');
  const rows = await fetch(count * 1_000_000);
  return rows.map((row) => Object.fromEntries(names.map((name, at) => [name, row[at] ?? null])));
}
