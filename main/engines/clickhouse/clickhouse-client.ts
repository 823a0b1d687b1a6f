import { randomUUID } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import type { TlsDetails } from '../../../preload/contract/models.ts';
import { say } from '../../../preload/messages/said.ts';
import { AppError, cancelled } from '../../errors.ts';
import type { Target } from '../engine.ts';
import { bounded } from '../wire/bounded.ts';
import { openHttpWire, sendOver, textOf } from '../wire/http-line.ts';
import { placeText } from '../wire/tcp.ts';
import type { WayOptions } from '../wire/way.ts';
import { explainClickhouseError, NotClickhouse, refusedBy } from './clickhouse-errors.ts';
import { isWritten, linesOf, valuesOf } from './tab-separated.ts';

export type Settings = Readonly<Record<string, string | number>>;

export interface ClickhouseRows {
  readonly columns: readonly { readonly name: string; readonly type: string }[];
  /** The rows as they come, no faster than they are taken. Fails where the server failed in their midst. */
  readonly rows: AsyncGenerator<(string | null)[], void>;
}

export interface ClickhouseTable {
  readonly columns: ClickhouseRows['columns'];
  readonly rows: (string | null)[][];
}

/** One line to the server over HTTP; what it is asked has a name by which it can be ended. */
export interface ClickhouseSession {
  readonly tls: TlsDetails;
  /** The statement that runs, or ran last, by its name at the server. */
  readonly queryId: string;
  open(sql: string, settings?: Settings): Promise<ClickhouseRows>;
  /** Every row at once. */
  table(sql: string, settings?: Settings): Promise<ClickhouseTable>;
  ended(): boolean;
  hold(holds: boolean): void;
  cut(): void;
  end(): Promise<void>;
}

export interface ClickhouseOptions extends Omit<WayOptions, 'signal'> {
  /** A statement that has no answer after so many milliseconds fails with DB_TIMEOUT here, whatever the server does. */
  readonly answerMs?: number;
  readonly onLogin?: () => void;
}

/** A failed answer is a sentence; more of it would be somebody else's page. */
const longestError = 64 * 1024;
/** What comes before an error in the midst of an answer, from 25.11 on, with the tag that its head has told. */
const marker = '__exception__';

/** Opens a line to the server; who signs in goes with each request. Fails with DB_*, SSH_* or CANCELLED. */
export async function openClickhouse(
  target: Target,
  signal: AbortSignal,
  { answerMs = target.statementTimeoutMs + target.connectTimeoutMs, onLogin, ...way }: ClickhouseOptions = {},
): Promise<ClickhouseSession> {
  const wire = await openHttpWire(target, signal, way);
  onLogin?.();
  // The target's own bytes are wiped once the session is open; these are with its end.
  const key = Uint8Array.from(target.password);
  const { user, database, host, port, applicationName } = target;
  let queryId = '';
  const cut = (): void => {
    key.fill(0);
    wire.cut();
  };
  const send = (sql: string, settings: Settings): Promise<IncomingMessage> => {
    queryId = randomUUID();
    const query = new URLSearchParams({
      ...{ database, query_id: queryId, default_format: 'TabSeparatedWithNamesAndTypes' },
      ...Object.fromEntries(Object.entries(settings).map(([name, value]) => [name, String(value)])),
    });
    const headers = {
      // Bytes of UTF-8 as they are.
      'X-ClickHouse-User': Buffer.from(user, 'utf8').toString('latin1'),
      'X-ClickHouse-Key': Buffer.from(key).toString('latin1'),
      'User-Agent': applicationName,
    };
    return sendOver(
      wire,
      { host, port },
      { method: 'POST', path: `/?${query}`, headers, body: sql },
      answerMs,
    );
  };

  const open = async (sql: string, settings: Settings = {}): Promise<ClickhouseRows> => {
    const answer = await send(sql, settings);
    const { statusCode = 0, headers } = answer;
    const isOurs =
      headers['x-clickhouse-query-id'] !== undefined || headers['x-clickhouse-summary'] !== undefined;
    if (statusCode !== 200) {
      const text = await textOf(answer, longestError);
      throw refusedBy(text) ?? new NotClickhouse(statusCode);
    }
    if (!isOurs) {
      answer.destroy();
      throw new NotClickhouse(statusCode);
    }
    const tag = headers['x-clickhouse-exception-tag'];
    const lines = linesOf(answer);
    const next = async (): Promise<string | undefined> => {
      const { value, done } = await lines.next();
      return done === true ? undefined : value;
    };
    const names = await next();
    // A statement without an answer, such as USE.
    if (names === undefined) return { columns: [], rows: none() };
    const types = await next();
    const columns = valuesOf(names).map((name, at) => ({
      name: name ?? '',
      type: valuesOf(types ?? '')[at] ?? '',
    }));
    const written = columns.map(({ type }) => isWritten(type));
    return { columns, rows: rowsOf(lines, written, typeof tag === 'string', answer) };
  };
  return {
    tls: wire.tls,
    get queryId() {
      return queryId;
    },
    open,
    async table(sql, settings) {
      const { columns, rows } = await open(sql, settings);
      const all: (string | null)[][] = [];
      for await (const row of rows) all.push(row);
      return { columns, rows: all };
    },
    ended: wire.ended,
    hold: wire.hold,
    cut,
    async end() {
      cut();
    },
  };
}

async function* none(): AsyncGenerator<(string | null)[], void> {}

/** An answer that breaks off in the midst is no answer: what the server says of it stands where a row would. */
async function* rowsOf(
  lines: AsyncGenerator<string, void>,
  written: readonly boolean[],
  hasTag: boolean,
  answer: IncomingMessage,
): AsyncGenerator<(string | null)[], void> {
  try {
    for await (const line of lines) {
      if (hasTag ? line.trimEnd() === marker : /^Code: \d+[.,] /.test(line)) {
        const values = line.split('\t');
        if (hasTag || values.length !== written.length) {
          let text = line;
          for await (const more of lines) if (text.length < longestError) text += `\n${more}`;
          const refused = refusedBy(text);
          if (refused) throw refused;
        }
      }
      const values = valuesOf(line, written);
      if (values.length !== written.length) throw Object.assign(new Error('aborted'), { code: 'ECONNRESET' });
      yield values;
    }
    if (!answer.complete) throw Object.assign(new Error('aborted'), { code: 'ECONNRESET' });
  } finally {
    if (!answer.complete) answer.destroy();
  }
}

/** Runs `work` with a session of its own. */
export async function withClickhouse<T>(
  target: Target,
  signal: AbortSignal,
  work: (session: ClickhouseSession) => Promise<T>,
): Promise<T> {
  const session = await openClickhouse(target, signal);
  try {
    return await bounded<T>(
      {
        signal,
        ms: target.statementTimeoutMs + target.connectTimeoutMs,
        late: () =>
          new AppError(
            'DB_TIMEOUT',
            say('engine.stoppedAnswering', { place: placeText(target.host, target.port) }),
          ),
      },
      (resolve, reject) => {
        work(session).then(resolve, reject);
        return () => session.cut();
      },
    );
  } catch (error) {
    throw signal.aborted ? cancelled() : explainClickhouseError(error, target);
  } finally {
    await session.end();
  }
}
