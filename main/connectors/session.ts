import { say } from '../../preload/messages/said.ts';
import { AppError, cancelled } from '../errors.ts';
import type { Clock } from '../host.ts';
import type { Logger } from '../log.ts';
import { type Exchange, type ExchangeAnswer, ExchangeFailed, type ExchangeRequest } from '../net/exchange.ts';
import { explainExchange } from '../net/failures.ts';
import { createPatience, longestNamedWaitMs, retryAfterMs } from '../retries.ts';
import type { PasswordSignIn, Session, Typed } from './sign-in.ts';

/** How long one request for a session may take, and how much of its answer is read. */
const requestMs = 30_000;
const largestAnswer = 64 * 1024;

export interface SessionDeps {
  readonly baseUrl: string;
  /** What the source is called, for messages. */
  readonly title: string;
  readonly exchange: Exchange;
  readonly clock: Clock;
  /** 0 ≤ n < 1, for the jitter. */
  readonly random: () => number;
  readonly log: Logger;
  readonly signal: AbortSignal;
}

/** Below the base URL and never anywhere else. */
function below(baseUrl: string, path: string): string {
  const url = new URL(baseUrl);
  url.pathname = url.pathname.replace(/\/+$/, '') + path;
  return url.href;
}

/** What is sent for what somebody typed: itself, or the session that the source gave for it. */
export interface Opened extends Session {
  /** Whether it can be had again with what was typed. */
  readonly isSession: boolean;
}

/** What stands in the header of requests for what was typed. Fails with PASSWORD_REFUSED, SOURCE_*, PROXY_* or CANCELLED. */
export async function openSession(way: PasswordSignIn, typed: Typed, deps: SessionDeps): Promise<Opened> {
  const { send } = way;
  if (send.as === 'basic') return { token: send.token(typed), endsAt: null, isSession: false };
  const url = below(deps.baseUrl, send.path);
  const request = { url, accept: 'application/json', json: JSON.stringify(send.body(typed)) };
  const { session } = await ask(request, deps, (answer) => {
    const { status, contentType, body } = answer;
    if (status === 200) return { session: send.read(answer) };
    // Whatever it says may be what it was sent: nothing of it is repeated.
    const text = body.toString('utf8');
    if (send.isRefused({ status, contentType, body: text, path: send.path }))
      throw new AppError('PASSWORD_REFUSED', say('source.doesNotAcceptPassword', { title: deps.title }));
    return null;
  });
  return { ...session, isSession: true };
}

/** Ends a session at its source; whether the source says that it did. Fails with what keeps it from being asked. */
export async function endSession(way: PasswordSignIn, token: string, deps: SessionDeps): Promise<boolean> {
  const { send } = way;
  if (send.as === 'basic') return false;
  const url = below(deps.baseUrl, `${send.path}/${encodeURIComponent(token)}`);
  const request = { url, accept: 'application/json', method: 'DELETE', token, scheme: way.scheme } as const;
  const { ended } = await ask(request, deps, ({ status, contentType }) => {
    if (/\bhtml\b/i.test(contentType) && status < 400) return null;
    if (status === 429 || status === 408 || status >= 500 || (status >= 300 && status < 400)) return null;
    // One that the source does not know is over as well.
    return { ended: status === 200 || status === 204 || status === 401 || status === 404 };
  });
  return ended;
}

/**
 * Sends a request until `read` makes something of its answer: again where the network or the server fails, later where the
 * server says so. What `read` throws is final where it is an AppError, else the answer counts as cut off.
 */
async function ask<T>(
  request: ExchangeRequest,
  { exchange, clock, random, log, signal }: SessionDeps,
  read: (answer: ExchangeAnswer) => T | null,
): Promise<T> {
  const { host: site, pathname } = new URL(request.url);
  // The path of a request that ends a session has the session in it.
  const path = request.method === 'DELETE' ? pathname.replace(/[^/]*$/, '…') : pathname;
  const patience = createPatience({ site, clock, random, signal });
  for (;;) {
    let error: AppError;
    try {
      const inTime = AbortSignal.any([signal, AbortSignal.timeout(requestMs)]);
      const answer = await exchange({ ...request, cutAt: largestAnswer }, inTime);
      const { status } = answer;
      const named = retryAfterMs(answer.retryAfter, clock.now());
      if (status === 429 || (status === 503 && named !== null)) {
        const until = named === null ? null : clock.now() + Math.min(named, longestNamedWaitMs);
        await patience.sitOut(until, status === 429 ? 'too many requests' : 'maintenance');
        continue;
      }
      const found = readSafely(answer, read);
      if (found !== null) return found;
      if (status >= 500 && status !== 511)
        error = new AppError(
          'SOURCE_FAILING',
          say('source.answersErrorOwn', { site, status: String(status) }),
        );
      else if (status >= 400 && status !== 408 && status !== 511)
        throw new AppError(
          'SOURCE_BAD_ANSWER',
          say('source.refusedRequest', { site, pathname: path, status: String(status) }),
        );
      else error = new AppError('SOURCE_LOGIN_PAGE', say('source.webPageCameBack', { site }));
    } catch (failed) {
      if (signal.aborted) throw cancelled();
      if (!(failed instanceof ExchangeFailed)) throw failed;
      const explained = explainExchange(site, failed);
      if (!explained.again) throw explained.error;
      ({ error } = explained);
    }
    log.warn('session.retry', { path, code: error.code, message: error.message });
    await patience.again(error);
  }
}

/** What `read` makes of an answer; null where it can't read it. */
function readSafely<T>(answer: ExchangeAnswer, read: (answer: ExchangeAnswer) => T | null): T | null {
  try {
    return read(answer);
  } catch (error) {
    if (error instanceof AppError) throw error;
    return null;
  }
}
