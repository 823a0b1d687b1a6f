import type { Redactor } from './redact.ts';

export type LogLevel = 'debug' | 'info' | 'warn' | 'error';
export type LogFields = Readonly<Record<string, unknown>>;

/** Structured log: one event name, plain fields. Everything passes the redactor before it reaches a sink. */
export interface Logger {
  debug(event: string, fields?: LogFields): void;
  info(event: string, fields?: LogFields): void;
  warn(event: string, fields?: LogFields): void;
  error(event: string, fields?: LogFields): void;
  /** A logger that adds these fields to every entry. */
  with(fields: LogFields): Logger;
}

export interface LogSink {
  write(line: string): void;
  /** The whole lines among the last `maxBytes` that were written, where they are kept; never throws. */
  recent?(maxBytes: number): string;
  /** Removes files that are full and were written to last before a moment (ms since 1970): how many. */
  forget?(before: number): number;
}

const levels: Record<LogLevel, number> = { debug: 10, info: 20, warn: 30, error: 40 };

/** How deep a cause chain or an object is written out. Deeper is cut, so that a cyclic cause can not loop. */
const maxDepth = 5;

function plain(value: unknown, depth: number): unknown {
  if (value instanceof Error) {
    const { name, message, stack, cause } = value;
    const code = (value as { code?: unknown }).code;
    // Node reports a host with several addresses as one error with a part per address and an empty message.
    const errors = value instanceof AggregateError ? value.errors : undefined;
    return {
      name,
      message,
      ...(code === undefined ? {} : { code: plain(code, depth + 1) }),
      stack,
      ...(cause === undefined || depth >= maxDepth ? {} : { cause: plain(cause, depth + 1) }),
      ...(errors === undefined || depth >= maxDepth ? {} : { errors: plain(errors, depth + 1) }),
    };
  }
  if (typeof value === 'bigint') return String(value);
  if (value instanceof Uint8Array || value instanceof ArrayBuffer) return `<${value.byteLength} bytes>`;
  if (value instanceof Date) return Number.isNaN(value.getTime()) ? 'Invalid Date' : value.toISOString();
  if (value instanceof URL) return value.href;
  if (value instanceof Map) return plain(Object.fromEntries(value), depth);
  if (value instanceof Set) return plain([...value], depth);
  if (value && typeof value === 'object') {
    if (depth >= maxDepth) return '…';
    if (Array.isArray(value)) return value.slice(0, 100).map((item) => plain(item, depth + 1));
    return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, plain(item, depth + 1)]));
  }
  return value;
}

/** Makes a logger that writes JSON lines, redacted by key name and by value. */
export function createLogger(deps: {
  sink: LogSink;
  redactor: Redactor;
  now: () => number;
  level?: LogLevel;
}): Logger {
  const least = levels[deps.level ?? 'info'];
  const make = (base: LogFields): Logger => {
    const write = (level: LogLevel, event: string, fields: LogFields = {}): void => {
      if (levels[level] < least) return;
      const at = new Date(deps.now()).toISOString();
      // Texts are redacted one by one before they become JSON, so that a line stays readable JSON whatever was hidden.
      const rest = deps.redactor.value(plain({ event, ...base, ...fields }, 0)) as LogFields;
      deps.sink.write(`${JSON.stringify({ at, level, ...rest })}\n`);
    };
    return {
      debug: (event, fields) => write('debug', event, fields),
      info: (event, fields) => write('info', event, fields),
      warn: (event, fields) => write('warn', event, fields),
      error: (event, fields) => write('error', event, fields),
      with: (fields) => make({ ...base, ...fields }),
    };
  };
  return make({});
}
