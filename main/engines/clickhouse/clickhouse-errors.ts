import { say } from '../../../preload/messages/said.ts';
import { AppError } from '../../errors.ts';
import type { Target } from '../engine.ts';
import { explainHttpLine } from '../wire/http-errors.ts';
import { placeText } from '../wire/tcp.ts';
import { LineTooLong } from './tab-separated.ts';

/** What the server says: its number and its sentence (ClickHouse source, `ErrorCodes.cpp`). */
export class ClickhouseRefused extends Error {
  readonly number: number;
  readonly said: string;
  constructor(number: number, said: string) {
    super(`ClickHouse ${number}`);
    this.number = number;
    this.said = said;
  }
}

/** An answer over HTTP that is not ClickHouse's. */
export class NotClickhouse extends Error {
  readonly status: number;
  constructor(status: number) {
    super(`not ClickHouse: ${status}`);
    this.status = status;
  }
}

const exception = /Code:\s*(\d+)[.,]\s*(?:e\.displayText\(\) = )?(?:DB::)?Exception:\s*([\s\S]*)/;

/** What stands in the text of an answer that failed; undefined where none does. */
export function refusedBy(text: string): ClickhouseRefused | undefined {
  const [, number, rest = ''] = exception.exec(text) ?? [];
  if (number === undefined) return undefined;
  // The stack and the version of the server say nothing to people.
  const said = rest.split(/\s*(?:\(version |Stack trace:|, Stack trace)/)[0] ?? '';
  return new ClickhouseRefused(Number(number), said.trim().slice(0, 2000));
}

const login = new Set([192, 193, 194, 516, 195]);
export const tooLong: ReadonlySet<number> = new Set([159, 160, 209]);
export const tooMuch: ReadonlySet<number> = new Set([158, 307, 396, 202, 201, 241]);
export const noRight: ReadonlySet<number> = new Set([497, 291]);
export const missing: ReadonlySet<number> = new Set([47, 60, 81, 46, 62]);
/** A setting may not be changed, or something would be written, in a mode that only reads. */
export const readonlyMode = 164;

/** Whether it is about who asks, and not about what. */
export const isLogin = ({ number }: ClickhouseRefused): boolean => login.has(number);

/** Turns what a request fails with into a typed error that says what happened and where. Never carries the password. */
export function explainClickhouseError(error: unknown, target: Target): AppError {
  if (error instanceof AppError) return error;
  const where = placeText(target.host, target.port);
  const made = (kind: AppError['code'], text: AppError['said'], advice?: AppError['said']): AppError =>
    new AppError(kind, text, { cause: error, ...(advice === undefined ? {} : { advice }) });
  if (error instanceof NotClickhouse)
    return made(
      'DB_REFUSED',
      say('engines.notThisEngine', { where, engine: 'ClickHouse' }),
      say('engines.clickhouse.wrongPort.advice'),
    );
  if (error instanceof ClickhouseRefused) {
    const { number, said } = error;
    if (login.has(number) && number !== 195)
      return made('DB_LOGIN_REFUSED', say('engine.reachedButRefusedPassword', { where, user: target.user }));
    if (number === 195)
      return made(
        'DB_LOGIN_REFUSED',
        say('engines.mysql.hostNotAllowed', { where, message: said.replace(/\.$/, '') }),
        say('engines.mysql.hostNotAllowed.advice', { user: target.user }),
      );
    if (number === 81)
      return made('DB_MISSING', say('engine.noDatabase', { where, database: target.database }));
    if (noRight.has(number))
      return made(
        'DB_NO_RIGHT',
        say('engine.userMayNotDo', { user: target.user, message: said.replace(/\.$/, '') }),
      );
    if (tooLong.has(number)) return made('DB_TIMEOUT', say('engine.tookLongerThanStatement', { where }));
    if (number === 202 || number === 201)
      return made('DB_LOST', say('engine.noFreeConnectionUser', { where, user: target.user }));
    return made('DB_ERROR', say('engine.databaseAnswered', { replace: said.replace(/\.$/, '') }));
  }
  if (error instanceof LineTooLong) return made('QUERY_TOO_LARGE', say('engines.query.rowTooLong'));
  return explainHttpLine(error, where, () =>
    made(
      'DB_REFUSED',
      say('engines.notThisEngine', { where, engine: 'ClickHouse' }),
      say('engines.clickhouse.wrongPort.advice'),
    ),
  );
}
