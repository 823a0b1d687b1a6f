import type { TlsDetails } from '../../../preload/contract/models.ts';
import type { Target } from '../engine.ts';
import { type HttpWire, openHttpWire, sendOver, textOf } from '../wire/http-line.ts';
import type { WayOptions } from '../wire/way.ts';
import { BigqueryRefused } from './bigquery-errors.ts';
import { readServiceAccount, type ServiceAccount, scopes, tokenOf } from './service-account.ts';

/** A page of rows is 10 to 20 MB at most; more is not from this service. */
const longestAnswer = 64 * 1024 * 1024;

export interface BigqueryOptions extends Omit<WayOptions, 'signal'> {
  readonly answerMs?: number;
  readonly onLogin?: () => void;
  /** Milliseconds since 1970. */
  readonly now: () => number;
}

/** A line to the service as one account; each request carries a token that the account signs for it. */
export interface BigquerySession {
  readonly tls: TlsDetails;
  /** The project that is asked and billed. */
  readonly project: string;
  readonly account: string;
  /** Where data of the connection lies; undefined: the service finds it in the US and the EU. */
  readonly location: string | undefined;
  /** The job that runs, or ran last. */
  job: { readonly jobId: string; readonly location?: string } | null;
  /** `path` below the project; fails with BigqueryRefused. */
  get<T>(path: string, query?: Readonly<Record<string, string | undefined>>): Promise<T>;
  post<T>(path: string, body: object, mayEnd?: boolean): Promise<T>;
  ended(): boolean;
  hold(holds: boolean): void;
  cut(): void;
}

interface Failure {
  readonly error?: {
    readonly message?: string;
    readonly errors?: readonly { reason?: string }[];
    readonly status?: string;
  };
}

/** Whom the secret names. Leaves no line open where it names nobody. */
function accountOf(target: Target, wire: HttpWire): ServiceAccount {
  try {
    return readServiceAccount(target.password);
  } catch (error) {
    wire.cut();
    throw error;
  }
}

/** Opens a line. Fails with DB_*, SSH_* or CANCELLED. */
export async function openBigquery(
  target: Target,
  signal: AbortSignal,
  { answerMs = target.statementTimeoutMs + target.connectTimeoutMs, onLogin, now, ...way }: BigqueryOptions,
): Promise<BigquerySession> {
  const wire = await openHttpWire(target, signal, way);
  onLogin?.();
  const account = accountOf(target, wire);
  const { host, port, database: project, applicationName } = target;
  const send = async <T>(
    method: 'GET' | 'POST',
    path: string,
    body: object | null,
    scope: string,
  ): Promise<T> => {
    const answer = await sendOver(
      wire,
      { host, port },
      {
        method,
        path: `/bigquery/v2/projects/${encodeURIComponent(project)}${path}`,
        headers: {
          Authorization: `Bearer ${tokenOf(account, scope, now())}`,
          Accept: 'application/json',
          'User-Agent': applicationName,
          ...(body === null ? {} : { 'Content-Type': 'application/json' }),
        },
        ...(body === null ? {} : { body: JSON.stringify(body) }),
      },
      answerMs,
    );
    const text = await textOf(answer, longestAnswer);
    const { statusCode = 0, headers } = answer;
    let parsed: (T & Failure) | null = null;
    try {
      parsed = JSON.parse(text) as T & Failure;
    } catch {
      // Somebody else's page.
    }
    if (statusCode >= 200 && statusCode < 300 && parsed !== null) return parsed;
    const told = Date.parse(headers.date ?? '');
    const ahead = Number.isNaN(told) ? null : (now() - told) / 1000;
    const { message = '', errors = [] } = parsed?.error ?? {};
    throw new BigqueryRefused(statusCode, errors[0]?.reason ?? '', message, ahead);
  };
  return {
    tls: wire.tls,
    project,
    account: account.email,
    location: target.settings['location'] || undefined,
    job: null,
    get: (path, query = {}) => {
      const told = Object.entries(query).filter((entry): entry is [string, string] => entry[1] !== undefined);
      const search = new URLSearchParams(told).toString();
      return send('GET', search === '' ? path : `${path}?${search}`, null, scopes.read);
    },
    post: (path, body, mayEnd = false) => send('POST', path, body, mayEnd ? scopes.all : scopes.read),
    ended: wire.ended,
    hold: wire.hold,
    cut: wire.cut,
  };
}
