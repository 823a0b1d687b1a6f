import { plain } from '../../../preload/contract/said.ts';
import { say } from '../../../preload/messages/said.ts';
import { AppError } from '../../errors.ts';
import { timedOut } from '../answer.ts';
import type { Target } from '../engine.ts';
import { explainHttpLine } from '../wire/http-errors.ts';
import { placeText } from '../wire/tcp.ts';

/** What the interface, or where it has one the token endpoint, says of a request that it does not take. */
export interface Refusal {
  readonly error_code?: string;
  readonly message?: string;
  readonly error?: unknown;
}

export class DatabricksRefused extends Error {
  readonly status: number;
  /** The word of the service; '' where what answered is another. */
  readonly reason: string;
  readonly said: string;
  constructor(status: number, told: Refusal | null) {
    const { error_code: code, message, error } = told ?? {};
    const reason = typeof code === 'string' ? code : typeof error === 'string' ? error : '';
    super(`Databricks ${status} ${reason}`);
    this.status = status;
    this.reason = reason;
    this.said = typeof message === 'string' ? message : '';
  }
}

/** What a statement ended with; it is told in an answer that was a success. */
export class StatementEnded extends Error {
  readonly state: string;
  readonly reason: string;
  readonly sqlState: string;
  readonly said: string;
  constructor(state: string, reason: string, sqlState: string, said: string) {
    super(`Databricks ${state} ${reason}`);
    this.state = state;
    this.reason = reason;
    this.sqlState = sqlState;
    this.said = said;
  }
}

const bare = (said: string): string => said.replace(/\.$/, '');

/** Turns what a request fails with into a typed error that says what happened and where. Never carries token or secret. */
export function explainDatabricksError(error: unknown, target: Target): AppError {
  if (error instanceof AppError) return error;
  const where = placeText(target.host, target.port);
  const made = (kind: AppError['code'], text: AppError['said'], advice?: AppError['said']): AppError =>
    new AppError(kind, text, { cause: error, ...(advice === undefined ? {} : { advice }) });
  const another = (): AppError =>
    made(
      'DB_REFUSED',
      say('engines.notThisEngine', { where, engine: 'Databricks' }),
      say('engines.databricks.host.advice'),
    );
  if (error instanceof DatabricksRefused) {
    const { status, reason, said } = error;
    if (reason === 'invalid_client' || reason === 'unauthorized_client')
      return made(
        'DB_LOGIN_REFUSED',
        say('engines.databricks.clientRefused', { where }),
        say('engines.databricks.clientRefused.advice'),
      );
    if (status === 401)
      return made(
        'DB_LOGIN_REFUSED',
        say('engines.databricks.tokenRefused', { where }),
        say('engines.databricks.tokenRefused.advice'),
      );
    if (/\bIP ACL\b|IP access list/i.test(said))
      return made(
        'DB_LOGIN_REFUSED',
        say('engines.databricks.ipBlocked', { where }),
        say('engines.databricks.ipBlocked.advice'),
      );
    if (status === 429)
      return made(
        'DB_LOST',
        say('engines.databricks.tooMuch', { where }),
        say('engines.databricks.tooMuch.advice'),
      );
    if (reason === '') return another();
    if (status === 403)
      return made(
        'DB_NO_RIGHT',
        say('engine.userMayNotDo', { user: target.user, message: bare(said) }),
        say('engines.databricks.noRight.advice'),
      );
    if (status === 404) return made('DB_MISSING', say('engine.databaseAnswered', { replace: bare(said) }));
    return made('DB_ERROR', say('engine.databaseAnswered', { replace: bare(said) }));
  }
  if (error instanceof StatementEnded)
    return made('DB_ERROR', say('engine.databaseAnswered', { replace: bare(error.said) }));
  return explainHttpLine(error, where, another);
}

/** What the service says of a statement; undefined where it is about something else. */
export function explainStatement(error: unknown, timeoutMs: number): AppError | undefined {
  if (!(error instanceof StatementEnded)) return undefined;
  const { state, reason, sqlState, said } = error;
  if (state === 'CANCELED' && /time(?:d)?[ _-]?out/i.test(said)) return timedOut(timeoutMs);
  const name = /^\[([A-Z_]+)/.exec(said)?.[1] ?? '';
  const trouble =
    reason === 'PERMISSION_DENIED' || sqlState === '42501' || /PERMISSION|PRIVILEGE/.test(name)
      ? 'permission'
      : /RESOURCE_EXHAUSTED|LIMIT_EXCEEDED|TEMPORARILY_UNAVAILABLE/.test(reason)
        ? 'too_many'
        : sqlState.startsWith('42') || name === 'PARSE_SYNTAX_ERROR'
          ? 'syntax'
          : 'execution';
  const text =
    said === '' ? say('engines.databricks.stopped') : plain(/[.?!]$/.test(said) ? said : `${said}.`);
  return new AppError('QUERY_FAILED', text, {
    cause: error,
    query: { trouble },
    ...(trouble === 'permission' && { advice: say('query.noRight') }),
  });
}
