import { randomUUID } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import type { Readable } from 'node:stream';
import { createGunzip } from 'node:zlib';
import { secretOf } from '../../../preload/contract/engines.ts';
import type { TlsDetails } from '../../../preload/contract/models.ts';
import { say } from '../../../preload/messages/said.ts';
import { AppError } from '../../errors.ts';
import type { Target } from '../engine.ts';
import { openHttpWire, sendOver } from '../wire/http-line.ts';
import type { WayOptions } from '../wire/way.ts';
import { readKeyPair, tokenOf } from './key-pair.ts';
import { SnowflakeRefused } from './snowflake-errors.ts';
import { meant } from './sql.ts';

/** Characters of one piece of an answer, unpacked; it is held whole. */
const longestAnswer = 256 * 1024 * 1024;
/** What is not taken for now is sent again so often, after so long, doubled each time. */
const mostTries = 4;
const firstPauseMs = 500;

export interface Result {
  readonly code?: string;
  readonly message?: string;
  readonly statementHandle?: string;
  readonly resultSetMetaData?: {
    readonly rowType?: readonly RowType[];
    readonly partitionInfo?: readonly { readonly rowCount?: number }[];
  };
  readonly data?: readonly (readonly (string | null)[])[];
}
export interface RowType {
  readonly name: string;
  readonly type: string;
  readonly precision?: number | null;
  readonly scale?: number | null;
  readonly length?: number | null;
}
/** An answer, and whether the statement still runs. */
export interface Answered extends Result {
  readonly runs: boolean;
}

export interface SnowflakeOptions extends Omit<WayOptions, 'signal'> {
  readonly answerMs?: number;
  readonly onLogin?: () => void;
  /** Milliseconds since 1970. */
  readonly now: () => number;
}

/** A line to one account as one user; nothing of one request is left for the next, so each says all of its context. */
export interface SnowflakeSession {
  readonly tls: TlsDetails;
  readonly user: string;
  /** The database, the warehouse and the role as they are there; '' for the user's own. */
  readonly database: string;
  readonly warehouse: string;
  readonly role: string;
  /** The statement that may still run. */
  statement: string | null;
  /** One is on its way, and nobody knows yet what it is called. */
  isSubmitting: boolean;
  /** Aborted when the session is cut. */
  readonly over: AbortSignal;
  /** Sends a statement; `timeoutMs` is the service's own bound. `isQuery`: only such a one may start a warehouse, and is answered before it is done. */
  submit(sql: string, options: { timeoutMs: number; isQuery: boolean; rows?: number }): Promise<Answered>;
  /** A statement that was sent, or one part of its rows. */
  look(handle: string, partition?: number): Promise<Answered>;
  end(handle: string): Promise<void>;
  ended(): boolean;
  hold(holds: boolean): void;
  cut(): void;
}

const pause = (ms: number): Promise<void> => new Promise((done) => setTimeout(done, ms));

/** What values are written like: by default dates are numbers of days, and instants are decimals. */
const asText = {
  timezone: 'UTC',
  date_output_format: 'YYYY-MM-DD',
  time_output_format: 'HH24:MI:SS.FF9',
  timestamp_ntz_output_format: 'YYYY-MM-DD HH24:MI:SS.FF9',
  timestamp_ltz_output_format: 'YYYY-MM-DD HH24:MI:SS.FF9TZH:TZM',
  timestamp_tz_output_format: 'YYYY-MM-DD HH24:MI:SS.FF9TZH:TZM',
  binary_output_format: 'HEX',
} as const;

/** The text of an answer, unpacked, at most so many characters. Fails with QUERY_TOO_LARGE. */
async function unpacked(answer: IncomingMessage, most: number): Promise<string> {
  const isPacked = /gzip/.test(answer.headers['content-encoding'] ?? '');
  const stream: Readable = isPacked ? answer.pipe(createGunzip()) : answer;
  if (isPacked) answer.once('error', (error) => stream.destroy(error));
  if (isPacked) answer.once('aborted', () => stream.destroy(new Error('aborted')));
  const pieces: string[] = [];
  let length = 0;
  for await (const piece of stream.setEncoding('utf8')) {
    pieces.push(piece as string);
    length += (piece as string).length;
    if (length > most) {
      answer.destroy();
      throw new AppError('QUERY_TOO_LARGE', say('engines.databricks.pieceTooLarge'), {
        advice: say('engines.databricks.pieceTooLarge.advice'),
        query: { trouble: 'too_many' },
      });
    }
  }
  return pieces.join('');
}

/** Opens a line; nothing was said on it yet. Fails with DB_*, SSH_* or CANCELLED. */
export async function openSnowflake(
  target: Target,
  signal: AbortSignal,
  { answerMs = target.statementTimeoutMs + target.connectTimeoutMs, onLogin, now, ...way }: SnowflakeOptions,
): Promise<SnowflakeSession> {
  const wire = await openHttpWire(target, signal, way);
  const { host, port, user, settings, applicationName } = target;
  const over = new AbortController();
  let signIn: () => { readonly token: string; readonly type: string };
  try {
    onLogin?.();
    if (secretOf('snowflake', settings) === 'private_key') {
      const pair = readKeyPair(target.password, target.keyPassphrase, host, user);
      signIn = () => ({ token: tokenOf(pair, now()), type: 'KEYPAIR_JWT' });
    } else {
      const token = new TextDecoder().decode(target.password);
      signIn = () => ({ token, type: 'PROGRAMMATIC_ACCESS_TOKEN' });
    }
  } catch (error) {
    wire.cut();
    throw error;
  }
  const [database, schema, warehouse, role] = [
    target.database,
    settings['schema'] ?? '',
    settings['warehouse'] ?? '',
    settings['role'] ?? '',
  ].map(meant) as [string, string, string, string];

  const send = async (
    method: 'GET' | 'POST',
    path: string,
    query: Readonly<Record<string, string>>,
    body: object | null,
  ): Promise<Answered> => {
    const id = randomUUID();
    for (let tries = 1; ; tries += 1) {
      const { token, type } = signIn();
      // By the same id the service knows that it is the same statement: it does not run twice.
      const again = tries > 1 && body !== null ? { retry: 'true' } : {};
      const search = new URLSearchParams({ ...query, ...(body === null ? {} : { requestId: id }), ...again });
      const answer = await sendOver(
        wire,
        { host, port },
        {
          method,
          path: `/api/v2/statements${path}${search.size === 0 ? '' : `?${search}`}`,
          headers: {
            Host: port === 443 ? host : `${host}:${port}`,
            Authorization: `Bearer ${token}`,
            'X-Snowflake-Authorization-Token-Type': type,
            Accept: 'application/json',
            'Accept-Encoding': 'gzip',
            'Content-Type': 'application/json',
            'User-Agent': applicationName,
          },
          ...(body === null ? {} : { body: JSON.stringify(body) }),
        },
        answerMs,
      );
      const text = await unpacked(answer, longestAnswer);
      const { statusCode = 0, headers } = answer;
      let parsed: Result | null = null;
      try {
        const value = JSON.parse(text) as Result | Result['data'] | null;
        parsed = Array.isArray(value)
          ? { data: value }
          : typeof value === 'object'
            ? (value as Result)
            : null;
      } catch {
        // Somebody else's page.
      }
      if (parsed !== null && (statusCode === 200 || statusCode === 202))
        return { ...parsed, runs: statusCode === 202 };
      // While it is looked at, too many looks mean that it still runs.
      if (statusCode === 429 && method === 'GET') return { runs: true };
      const isBusy = statusCode === 429 || statusCode === 503;
      if (isBusy && tries < mostTries && !over.signal.aborted) {
        await pause(firstPauseMs * 2 ** (tries - 1));
        continue;
      }
      const told = Date.parse(headers.date ?? '');
      const ahead = Number.isNaN(told) ? null : (now() - told) / 1000;
      throw new SnowflakeRefused(statusCode, parsed, ahead);
    }
  };
  const handlePath = (handle: string): string => `/${encodeURIComponent(handle)}`;
  return {
    tls: wire.tls,
    ...{ user, database, warehouse, role },
    statement: null,
    isSubmitting: false,
    over: over.signal,
    submit: (statement, { timeoutMs, isQuery, rows }) =>
      send('POST', '', isQuery ? { async: 'true' } : {}, {
        statement,
        // Whole seconds; 0 would be a week.
        timeout: Math.max(1, Math.ceil(timeoutMs / 1000)),
        // A SHOW names where it looks, and is to need no warehouse.
        ...(isQuery ? { database } : {}),
        ...(isQuery && schema !== '' ? { schema } : {}),
        ...(isQuery && warehouse !== '' ? { warehouse } : {}),
        ...(role === '' ? {} : { role }),
        parameters: {
          multi_statement_count: '1',
          query_tag: applicationName,
          ...asText,
          ...(rows === undefined ? {} : { rows_per_resultset: String(rows) }),
        },
      }),
    look: (handle, partition) =>
      send('GET', handlePath(handle), partition === undefined ? {} : { partition: String(partition) }, null),
    async end(handle) {
      await send('POST', `${handlePath(handle)}/cancel`, {}, {});
    },
    ended: wire.ended,
    hold: wire.hold,
    cut() {
      over.abort();
      wire.cut();
    },
  };
}
