import { secretOf } from '../../../preload/contract/engines.ts';
import type { TlsDetails } from '../../../preload/contract/models.ts';
import type { Target } from '../engine.ts';
import { type HttpWire, openHttpWire, sendOver, textOf } from '../wire/http-line.ts';
import type { WayOptions } from '../wire/way.ts';
import { DatabricksRefused, type Refusal } from './databricks-errors.ts';

/** An answer of the interface itself; rows come another way. */
const longestAnswer = 32 * 1024 * 1024;
/** A request that is refused for coming too soon is sent again so often, after what the service says, at most so long. */
const mostTries = 4;
const longestPauseMs = 10_000;
/** A token is given up so long before it ends. */
const tokenMarginMs = 60_000;

export interface DatabricksOptions extends Omit<WayOptions, 'signal'> {
  readonly answerMs?: number;
  readonly onLogin?: () => void;
  /** Milliseconds since 1970. */
  readonly now: () => number;
}

/** A line to one workspace as one user or service principal. */
export interface DatabricksSession {
  readonly tls: TlsDetails;
  /** Milliseconds that the head of an answer may take. */
  readonly answerMs: number;
  readonly catalog: string;
  /** The id of the SQL warehouse. */
  readonly warehouse: string;
  /** Whom the secret names; the target's user until the workspace was asked. */
  who: string;
  /** Whether the workspace was asked. */
  isKnown: boolean;
  /** The statement that may still run. */
  statement: string | null;
  /** One is on its way, and nobody knows yet what it is called. */
  isSubmitting: boolean;
  /** The place that pieces of an answer come from. */
  pieces: { readonly origin: string; readonly wire: HttpWire } | null;
  /** Aborted when the session is cut. */
  readonly over: AbortSignal;
  /** `path` of the workspace. Fails with DatabricksRefused, and with what the line fails with. */
  get<T>(path: string, query?: Readonly<Record<string, string | undefined>>): Promise<T>;
  post<T>(path: string, body: object): Promise<T>;
  ended(): boolean;
  hold(holds: boolean): void;
  cut(): void;
}

interface Told extends Refusal {
  readonly access_token?: string;
  readonly expires_in?: number;
}

const pause = (ms: number): Promise<void> => new Promise((done) => setTimeout(done, ms));

/** The id in what was entered: it is also the last part of the warehouse's HTTP path. */
const warehouseOf = ({ settings }: Target): string =>
  (settings['warehouse'] ?? '').trim().split('/').pop() ?? '';

/** Opens a line, and has a service principal given a token of an hour. Fails with DB_*, SSH_*, CANCELLED and DatabricksRefused. */
export async function openDatabricks(
  target: Target,
  signal: AbortSignal,
  { answerMs = target.statementTimeoutMs + target.connectTimeoutMs, onLogin, now, ...way }: DatabricksOptions,
): Promise<DatabricksSession> {
  const wire = await openHttpWire(target, signal, way);
  const stop = (): void => wire.cut();
  signal.addEventListener('abort', stop, { once: true });
  const over = new AbortController();
  const { host, port, database: catalog, applicationName } = target;
  const send = async <T>(
    method: 'GET' | 'POST',
    path: string,
    authorization: string,
    content: { readonly type: string; readonly body: string } | null,
  ): Promise<T> => {
    for (let tries = 1; ; tries += 1) {
      const answer = await sendOver(
        wire,
        { host, port },
        {
          method,
          path,
          headers: {
            Host: port === 443 ? host : `${host}:${port}`,
            Authorization: authorization,
            Accept: 'application/json',
            'User-Agent': applicationName,
            ...(content === null ? {} : { 'Content-Type': content.type }),
          },
          ...(content === null ? {} : { body: content.body }),
        },
        answerMs,
      );
      const text = await textOf(answer, longestAnswer);
      const { statusCode = 0, headers } = answer;
      let parsed: (T & Told) | null = null;
      try {
        // Some answers of a success are empty.
        parsed = JSON.parse(text === '' && statusCode === 200 ? '{}' : text) as T & Told;
      } catch {
        // Somebody else's page.
      }
      if (statusCode >= 200 && statusCode < 300 && parsed !== null && typeof parsed === 'object')
        return parsed;
      // What was not taken did not happen; what broke off may have.
      const again = statusCode === 429 || (statusCode === 503 && method === 'GET');
      if (!again || tries >= mostTries || over.signal.aborted)
        throw new DatabricksRefused(statusCode, parsed);
      const told = Number(headers['retry-after'] ?? '1');
      await pause(Math.min(longestPauseMs, Math.max(0, Number.isFinite(told) ? told * 1000 : 1000)));
    }
  };
  const secret = new TextDecoder().decode(target.password);
  let [authorization, until] = [`Bearer ${secret}`, Number.POSITIVE_INFINITY];
  try {
    onLogin?.();
    if (secretOf('databricks', target.settings) === 'client_secret') {
      const { access_token: token = '', expires_in: seconds = 0 } = await send<Told>(
        'POST',
        '/oidc/v1/token',
        `Basic ${Buffer.from(`${target.user}:${secret}`).toString('base64')}`,
        {
          type: 'application/x-www-form-urlencoded',
          body: 'grant_type=client_credentials&scope=all-apis',
        },
      );
      [authorization, until] = [`Bearer ${token}`, now() + seconds * 1000 - tokenMarginMs];
    }
  } catch (error) {
    wire.cut();
    throw error;
  } finally {
    signal.removeEventListener('abort', stop);
  }
  const session: DatabricksSession = {
    tls: wire.tls,
    answerMs,
    catalog,
    warehouse: warehouseOf(target),
    who: target.user,
    isKnown: false,
    statement: null,
    isSubmitting: false,
    pieces: null,
    over: over.signal,
    get: (path, query = {}) => {
      const told = Object.entries(query).filter((entry): entry is [string, string] => entry[1] !== undefined);
      const search = new URLSearchParams(told).toString();
      return send('GET', search === '' ? path : `${path}?${search}`, authorization, null);
    },
    post: (path, body) =>
      send('POST', path, authorization, { type: 'application/json', body: JSON.stringify(body) }),
    ended: () => wire.ended() || now() >= until,
    hold: wire.hold,
    cut() {
      over.abort();
      session.pieces?.wire.cut();
      wire.cut();
    },
  };
  return session;
}
