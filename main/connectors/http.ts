import { isUtf8 } from 'node:buffer';
import type { CredentialKind } from '../../preload/contract/models.ts';
import type { Said } from '../../preload/contract/said.ts';
import { say } from '../../preload/messages/said.ts';
import { AppError, cancelled } from '../errors.ts';
import type { Clock } from '../host.ts';
import type { Logger } from '../log.ts';
import { type Exchange, type ExchangeAnswer, ExchangeFailed, maxBodyBytes } from '../net/exchange.ts';
import { explainExchange } from '../net/failures.ts';
import { createPatience, longestNamedWaitMs, retryAfterMs } from '../retries.ts';
import { type Refusal, type SignsIn, signInOfKind } from './sign-in.ts';

export type { Refusal };

/** A token that lives less can't be worked with. */
const shortestTokenMs = 10_000;
const refusalTextLength = 65_536;

/** What the exchange with one kind of source needs to know about it. */
export interface SourceRules extends SignsIn {
  readonly title: string;
  /** What the Accept header says; `application/json` unless given. */
  readonly accept?: string;
  /** Headers of the connector's own, sent with every request. */
  readonly headers?: Readonly<Record<string, string>>;
  /** Whether the source counts a request against the allowance that is shared; it does unless given. */
  isCounted?(path: string): boolean;
  /** True when a 401 means the token (renew it), false when it means the account (do not). */
  isTokenFault(refusal: Refusal): boolean;
  /** A typed error for an answer that trying again does not cure; null for the general rules here. */
  explain(refusal: Refusal): Error | null;
}

export interface Tokens {
  /** A token believed to be valid. */
  current(): Promise<string>;
  /** A newer one than `stale`. Fails with SIGN_IN_EXPIRED when there is none to be had. */
  renew(stale: string): Promise<string>;
  /** Told that one which is new was refused too: the sign-in is over. */
  refused?(token: string): Promise<void>;
}

/** Everything that shares one source's allowance of requests asks here first. */
export interface Gate {
  /** When a request may be sent, in ms since 1970. One that is not in the future counts as sent. */
  enter(): Promise<number>;
  /** Told that the source refused a request for its rate, and until when; null when it named no time. */
  refused(until: number | null): void;
  /** Told that the source is down until then, which says nothing of how much it lets through. */
  closed(until: number): void;
}

/**
 * Thrown by whoever parses an answer that is whole but not the one to the question, such as a page that was sent before
 * and comes from a cache: it is asked for again, and is an error when that does not help.
 */
export class AskAgain extends AppError {
  constructor(said: Said) {
    super('SOURCE_BAD_ANSWER', said);
  }
}

/** An answer that took longer asks for less next time; one that took less than a third of it may ask for more. */
const slowAnswerMs = 30_000;

/** How much to ask for at once: as much as allowed while the source copes, half of it whenever it does not. */
export interface PageSize {
  readonly current: number;
  /** Whether it can't be made smaller. */
  readonly isLeast: boolean;
  shrink(): void;
  /** Told that an answer was too long to be taken: so much is never asked for again. */
  tooLong(): void;
  /** Told how long a full answer took. */
  took(ms: number): void;
}

/** Starts at the largest size, because requests are what sources count; never goes below `least`. */
export function createPageSize(largest: number, least: number): PageSize {
  let current = largest;
  let most = largest;
  const shrink = (): void => {
    current = Math.max(least, Math.floor(current / 2));
  };
  return {
    get current() {
      return current;
    },
    get isLeast() {
      return current <= least;
    },
    shrink,
    tooLong() {
      shrink();
      most = current;
    },
    took(ms) {
      if (ms > slowAnswerMs) shrink();
      else if (ms < slowAnswerMs / 3) current = Math.min(most, current * 2);
    },
  };
}

/** A path that depends on the page size, made anew for every attempt. */
export interface PagedPath {
  readonly size: PageSize;
  readonly path: (limit: number) => string;
}

/** Authorised GETs of one source: timeouts, bounded retries with jitter, Retry-After, token renewal, typed errors. */
export interface SourceHttp {
  /**
   * Gets `path` (below the base URL, with query) and parses the body, which is UTF-8. One that `parse` can not read
   * (it throws something that is no AppError) counts as a cut-off answer and is asked for again, as is one for which it
   * throws `AskAgain`.
   */
  get<T>(path: string | PagedPath, parse: (body: Buffer) => T, signal: AbortSignal): Promise<T>;
}

export interface HttpDeps {
  readonly baseUrl: string;
  readonly connector: SourceRules;
  readonly tokens: Tokens;
  /** What the tokens are; those of OAuth unless given. A key is handed over like a token. */
  readonly signIn?: CredentialKind;
  readonly exchange: Exchange;
  readonly clock: Clock;
  /** 0 ≤ n < 1, for the jitter. */
  readonly random: () => number;
  readonly log: Logger;
  readonly gate?: Gate;
  /** Told when the source makes us wait (until, in ms since 1970), and with null when it goes on. */
  readonly onWait?: (until: number | null) => void;
  /** Told before a request is made again, and why. */
  readonly onRetry?: (why: Said) => void;
}

/** `path` with its query below a base URL. Set part by part: resolved as a reference, `//host/…` would leave the base. */
function below(base: URL, path: string): URL {
  const [pathname = '', query = ''] = path.split('?', 2);
  const url = new URL(base);
  url.pathname = base.pathname.replace(/\/+$/, '') + pathname;
  url.search = query;
  return url;
}

export function createHttp(deps: HttpDeps): SourceHttp {
  const { connector, clock, log, exchange } = deps;
  const origin = new URL(deps.baseUrl);
  const site = origin.host;
  const way = signInOfKind(connector, deps.signIn ?? 'oauth');
  const keys = way?.kind === 'api_key' ? way : null;
  /** What every request has. */
  const common = {
    accept: connector.accept ?? 'application/json',
    ...(way?.kind === 'api_key' || way?.kind === 'password' ? { scheme: way.scheme } : {}),
    ...(connector.headers === undefined ? {} : { headers: connector.headers }),
  };

  /** Nobody is named where there is no sign-in. */
  const whom = (token: string) => (token === '' ? {} : { token });
  const refusalOf = (answer: ExchangeAnswer, path: string, token: string): Refusal => ({
    status: answer.status,
    contentType: answer.contentType,
    // Some servers repeat what they were sent; their words may end in a message.
    body: [token, keyIn(token)]
      .filter((secret) => secret !== '')
      .reduce(
        (text, secret) => text.replaceAll(secret, '••••'),
        answer.body.subarray(0, refusalTextLength).toString('utf8'),
      ),
    path,
  });
  /** The secret part of what is sent; of a token all of it, of a key what stands behind its user. */
  const keyIn = (token: string): string => (keys === null ? token : token.slice(token.indexOf(':') + 1));

  return {
    async get(asked, parse, signal) {
      const size = typeof asked === 'string' ? null : asked.size;
      let path = '';
      let url = origin;
      let token = await deps.tokens.current();
      let renewedAt: number | null = null;
      const { random, onWait } = deps;
      const patience = createPatience({ site, clock, random, signal, ...(onWait ? { onWait } : {}) });
      const tryAgain = async (error: AppError): Promise<void> => {
        const { code, message } = error;
        log.warn('source.retry', { path: url.pathname, code, message, failures: patience.failures + 1 });
        // A page that can't be delivered whole may be too much for the server or the line.
        size?.shrink();
        deps.onRetry?.(error.said);
        await patience.again(error);
      };

      for (;;) {
        if (signal.aborted) throw cancelled();
        path = typeof asked === 'string' ? asked : asked.path(asked.size.current);
        const gate = (connector.isCounted?.(path) ?? true) ? deps.gate : undefined;
        const free = (await gate?.enter()) ?? 0;
        if (free > clock.now()) {
          await patience.sitOut(free, 'too many requests');
          continue;
        }
        url = below(origin, path);
        const started = clock.now();
        let answer: ExchangeAnswer;
        try {
          answer = await exchange({ url: url.href, ...whom(token), ...common }, signal);
        } catch (cause) {
          if (signal.aborted) throw cancelled();
          if (!(cause instanceof ExchangeFailed)) throw cause;
          if (cause.code === 'too_long') {
            if (size && !size.isLeast) {
              log.warn('source.page_too_long', { path: url.pathname, limit: size.current });
              size.tooLong();
              continue;
            }
            const megabytes = maxBodyBytes / 1024 / 1024;
            throw new AppError(
              'SOURCE_BAD_ANSWER',
              size
                ? say('source.answerTooLong.records', { site, megabytes, records: size.current })
                : say('source.answerTooLong', { site, megabytes }),
              {
                advice: say('source.narrowDownWhatRead'),
              },
            );
          }
          const { error, again } = explainExchange(site, cause);
          if (!again) throw error;
          await tryAgain(error);
          continue;
        }

        const { status } = answer;
        if (status === 200 && !/\bhtml\b/i.test(answer.contentType)) {
          try {
            if (!isUtf8(answer.body)) throw new SyntaxError('not UTF-8');
            const parsed = parse(answer.body);
            size?.took(clock.now() - started);
            return parsed;
          } catch (cause) {
            if (cause instanceof AppError && !(cause instanceof AskAgain)) throw cause;
            const unreadable = say('source.sentAnswerNotJson', { site });
            await tryAgain(
              cause instanceof AskAgain ? cause : new AppError('SOURCE_BAD_ANSWER', unreadable, { cause }),
            );
            continue;
          }
        }

        const refusal = refusalOf(answer, path, token);
        const named = retryAfterMs(answer.retryAfter, clock.now());
        // RFC 6585 §6: a network that wants a sign-in of its own says so with 511.
        if (status === 200 || (status >= 300 && status < 400) || status === 511) {
          await tryAgain(new AppError('SOURCE_LOGIN_PAGE', say('source.webPageCameBack', { site })));
        } else if (status === 401 && connector.isTokenFault(refusal)) {
          if (keys !== null && path !== keys.anyKeyPath) {
            const probe = { url: below(origin, keys.anyKeyPath).href, token, ...common };
            const known = await exchange(probe, signal).catch(() => null);
            if (signal.aborted) throw cancelled();
            if (known?.status === 200) throw keys.limited(refusal);
            if (known?.status !== 401) {
              await tryAgain(new AppError('SOURCE_FAILING', say('source.doesNotSayWhether', { site })));
              continue;
            }
          }
          // One that is refused at once is refused for good; one that was new a while ago may have run out.
          if (renewedAt !== null && clock.now() - renewedAt < shortestTokenMs) {
            await deps.tokens.refused?.(token);
            throw new AppError(
              'SIGN_IN_EXPIRED',
              say('source.doesNotAcceptSign', { connector: connector.title }),
            );
          }
          token = await deps.tokens.renew(token);
          renewedAt = clock.now();
        } else if (status === 429 || (status === 503 && named !== null)) {
          const until = named === null ? null : clock.now() + Math.min(named, longestNamedWaitMs);
          log.info('source.rate_limited', { path: url.pathname, waitMs: named, status });
          if (status === 503 && until !== null) gate?.closed(until);
          else gate?.refused(until);
          // RFC 9110 §15.6.4: a server that is down for maintenance says with 503 when it will be back.
          await patience.sitOut(until, status === 429 ? 'too many requests' : 'maintenance');
        } else if (status === 408 || status >= 500) {
          await tryAgain(
            new AppError('SOURCE_FAILING', say('source.answersErrorOwn', { site, status: String(status) })),
          );
        } else {
          throw (
            connector.explain(refusal) ??
            new AppError(
              'SOURCE_BAD_ANSWER',
              say('source.refusedRequest', { site, pathname: url.pathname, status: String(status) }),
            )
          );
        }
      }
    },
  };
}
