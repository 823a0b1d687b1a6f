import {
  type ErrorCode,
  type ErrorKind,
  errorCodes,
  type FieldProblem,
  type QueryProblem,
  type WireError,
} from '../preload/contract/errors.ts';
import { plain, type Said } from '../preload/contract/said.ts';
import { english, say } from '../preload/messages/said.ts';

interface Options {
  readonly cause?: unknown;
  /** What to do next, where that of the code is not it. */
  readonly advice?: Said | undefined;
  readonly fields?: readonly FieldProblem[] | undefined;
  /** An instant: from when on it is worth another try. */
  readonly until?: string | undefined;
  readonly query?: QueryProblem | undefined;
}

/**
 * The one error class of the main process: a code of the contract, what happened, and the cause for the log. `message` is
 * English, for logs and stack traces; people read {@link AppError.said} in their own language.
 */
export class AppError extends Error {
  override readonly name = 'AppError';
  readonly code: ErrorCode;
  readonly kind: ErrorKind;
  readonly said: Said;
  readonly advised: Said;
  readonly fields: readonly FieldProblem[] | undefined;
  /** An instant: from when on it is worth another try. */
  readonly retryAt: string | undefined;
  /** Of a query: which check refused it or what its trouble is, and where. */
  readonly query: QueryProblem | undefined;
  /** `said` names what happened; neither it nor a parameter of it may carry a secret. */
  constructor(code: ErrorCode, said: Said, options: Options = {}) {
    super(english(said), options.cause === undefined ? undefined : { cause: options.cause });
    this.code = code;
    this.kind = errorCodes[code].kind;
    this.said = said;
    this.advised = options.advice === undefined ? say(`error.${code}.advice`) : options.advice;
    this.fields = options.fields;
    this.retryAt = options.until;
    this.query = options.query;
  }

  /** What to do next, in English. */
  get advice(): string {
    return english(this.advised);
  }

  toWire(): WireError {
    const { code, kind, message, advice, said, advised, fields, retryAt: until, query } = this;
    return {
      ...{ code, kind, message, advice, said, advised },
      ...(fields && { fields: [...fields] }),
      ...(until !== undefined && { until }),
      ...(query && { query }),
    };
  }
}

/** The error of an aborted wait. */
export function cancelled(): AppError {
  return new AppError('CANCELLED', say('common.workCancelled'));
}

/** What is wrong with one field of an input, by its path in the contract. */
export function badField(path: string, why: Said, options: Options = {}): AppError {
  const fields = [{ path, said: why }];
  return new AppError('INPUT_INVALID', say('common.field', { path, why }), { ...options, fields });
}

/** The error of the other side of a line, as one of this. */
export function errorOf({ code, message, advice, said, advised, fields, until, query }: WireError): AppError {
  return new AppError(code, said ?? plain(message), {
    advice: advised ?? plain(advice),
    fields,
    until,
    ...(query && { query }),
  });
}
