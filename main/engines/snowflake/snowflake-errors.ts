import { plain } from '../../../preload/contract/said.ts';
import { say } from '../../../preload/messages/said.ts';
import { AppError } from '../../errors.ts';
import { timedOut } from '../answer.ts';
import type { Target } from '../engine.ts';
import { explainHttpLine } from '../wire/http-errors.ts';
import { placeText } from '../wire/tcp.ts';

/** What the service says; its code counts, and not the status (Snowflake documentation, "SQL API reference"). */
export class SnowflakeRefused extends Error {
  readonly status: number;
  readonly code: string;
  readonly sqlState: string;
  readonly said: string;
  /** Seconds by which this computer's clock is ahead of the service's; null where it did not say. */
  readonly ahead: number | null;
  constructor(
    status: number,
    told: { readonly code?: unknown; readonly sqlState?: unknown; readonly message?: unknown } | null,
    ahead: number | null,
  ) {
    const text = (value: unknown): string => (typeof value === 'string' ? value : '');
    const code = text(told?.code);
    super(`Snowflake ${status} ${code}`);
    this.status = status;
    this.code = code;
    this.sqlState = text(told?.sqlState);
    this.said = text(told?.message);
    this.ahead = ahead;
  }
}

/** A clock that is off by more makes a token that is not good yet, or no longer. */
const mostAhead = 30;
const noWarehouse = new Set(['000606', '000605']);
const bare = (said: string): string => said.replace(/\s+/g, ' ').replace(/\.$/, '');

/** Turns what a request fails with into a typed error that says what happened and where. Never carries token or key. */
export function explainSnowflakeError(error: unknown, target: Target): AppError {
  if (error instanceof AppError) return error;
  const where = placeText(target.host, target.port);
  const made = (kind: AppError['code'], text: AppError['said'], advice?: AppError['said']): AppError =>
    new AppError(kind, text, { cause: error, ...(advice === undefined ? {} : { advice }) });
  const another = (): AppError =>
    made(
      'DB_REFUSED',
      say('engines.notThisEngine', { where, engine: 'Snowflake' }),
      say('engines.snowflake.host.advice'),
    );
  if (error instanceof SnowflakeRefused) {
    const { status, code, said, ahead } = error;
    if (code === '390432' || /network policy|is not allowed to access/i.test(said))
      return made(
        'DB_LOGIN_REFUSED',
        say('engines.snowflake.network', { where }),
        say('engines.snowflake.network.advice'),
      );
    if (/^39018[69]$/.test(code))
      return made(
        'DB_NO_RIGHT',
        say('engines.snowflake.roleRefused', { role: target.settings['role'] ?? '' }),
        say('engines.snowflake.roleRefused.advice'),
      );
    if (status === 401) {
      if (ahead !== null && Math.abs(ahead) > mostAhead)
        return made(
          'DB_LOGIN_REFUSED',
          say('engines.clockOff', { where, seconds: Math.round(Math.abs(ahead)) }),
          say('engines.clockOff.advice'),
        );
      return target.settings['signIn'] === 'private_key'
        ? made(
            'DB_LOGIN_REFUSED',
            say('engines.snowflake.keyRefused', { where, user: target.user }),
            say('engines.snowflake.keyRefused.advice'),
          )
        : made(
            'DB_LOGIN_REFUSED',
            say('engines.snowflake.tokenRefused', { where }),
            say('engines.snowflake.tokenRefused.advice'),
          );
    }
    if (status === 404 && code !== '000709')
      return made(
        'DB_MISSING',
        say('engines.snowflake.noAccount', { where }),
        say('engines.snowflake.host.advice'),
      );
    if (status === 429 || code === '390505')
      return made(
        'DB_LOST',
        say('engines.snowflake.tooMuch', { where }),
        say('engines.snowflake.tooMuch.advice'),
      );
    if (code === '') return another();
    if (code === '002003')
      return made(
        'DB_MISSING',
        say('engines.snowflake.notFound', { said: bare(said) }),
        say('engines.snowflake.notFound.advice'),
      );
    if (code === '003001' || status === 403)
      return made(
        'DB_NO_RIGHT',
        say('engine.userMayNotDo', { user: target.user, message: bare(said) }),
        say('engines.snowflake.notFound.advice'),
      );
    return made('DB_ERROR', say('engine.databaseAnswered', { replace: bare(said) }));
  }
  return explainHttpLine(error, where, another);
}

/** What the service says of a statement; undefined where it is about something else. */
export function explainStatement(error: unknown, timeoutMs: number): AppError | undefined {
  if (!(error instanceof SnowflakeRefused)) return undefined;
  const { status, code, sqlState, said } = error;
  if (status === 408 || code === '000630') return timedOut(timeoutMs);
  if (status !== 422) return undefined;
  const text = plain(/[.?!]$/.test(said) ? said : `${said}.`);
  if (noWarehouse.has(code))
    return new AppError('QUERY_FAILED', text, {
      cause: error,
      query: { trouble: 'execution' },
      advice: say('engines.snowflake.noWarehouse.advice'),
    });
  const trouble =
    code === '003001'
      ? 'permission'
      : code === '090073'
        ? 'too_many'
        : sqlState.startsWith('42')
          ? 'syntax'
          : 'execution';
  return new AppError('QUERY_FAILED', text, {
    cause: error,
    query: { trouble },
    ...(trouble === 'permission' && { advice: say('query.noRight') }),
  });
}
