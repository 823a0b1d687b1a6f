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
}

const levels: Record<LogLevel, number> = { debug: 10, info: 20, warn: 30, error: 40 };

/** How deep a cause chain or an object is written out. Deeper is cut, so that a cyclic cause can not loop. */
const maxDepth = 5;

function plain(value: unknown, depth: number): unknown {
  if (value instanceof Error) {
    const { name, message, stack, cause } = value;
    const code = (value as { code?: unknown }).code;
    return {
      name,
      message,
      ...(code === undefined ? {} : { code }),
      stack,
      ...(cause === undefined || depth >= maxDepth ? {} : { cause: plain(cause, depth + 1) }),
    };
  }
  if (typeof value === 'bigint') return String(value);
  if (value instanceof Uint8Array) return `<${value.byteLength} bytes>`;
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
      const entry = { at: new Date(deps.now()).toISOString(), level, event, ...base, ...fields };
      deps.sink.write(`${deps.redactor.text(JSON.stringify(deps.redactor.keys(plain(entry, 0))))}\n`);
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
