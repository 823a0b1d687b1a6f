import {
  type ErrorCode,
  type ErrorKind,
  errorCodes,
  type QueryProblem,
  type WireError,
} from '../preload/contract/errors.ts';

/** The one error class of the main process: a code of the contract, what happened, and the cause for the log. */
export class AppError extends Error {
  override readonly name = 'AppError';
  readonly code: ErrorCode;
  readonly kind: ErrorKind;
  readonly advice: string;
  /** Of a query: which check refused it or what its trouble is, and where. */
  readonly query: QueryProblem | undefined;
  /** `message` names what happened in words a person understands; it must never carry a secret. */
  constructor(
    code: ErrorCode,
    message: string,
    options: { cause?: unknown; advice?: string; query?: QueryProblem } = {},
  ) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.code = code;
    this.kind = errorCodes[code].kind;
    this.advice = options.advice ?? errorCodes[code].advice;
    this.query = options.query;
  }

  toWire(): WireError {
    const { code, kind, message, advice, query } = this;
    return { code, kind, message, advice, ...(query && { query }) };
  }
}

/** The error of an aborted wait. */
export function cancelled(): AppError {
  return new AppError('CANCELLED', 'The work was cancelled.');
}
