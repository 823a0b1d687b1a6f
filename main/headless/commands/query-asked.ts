import { readFile } from 'node:fs/promises';
import { text as readAll } from 'node:stream/consumers';
import type { CallError } from '../../../preload/contract/client.ts';
import { longestSeconds } from '../../../preload/contract/query-words.ts';
import { say } from '../../../preload/messages/said.ts';
import { AppError } from '../../errors.ts';

/** What `headgate query` was started with, beside its arguments. */
export interface QueryOptions {
  /** Read instead of the argument; `-` is the input of the command. */
  readonly file: string | undefined;
  readonly format: string | undefined;
  /** `NAME=VALUE`, or a value alone for the next `$n`. */
  readonly param: readonly string[];
  readonly limit: string | undefined;
  /** Seconds after which it is ended, as typed; the connection's own bound otherwise, and at most. */
  readonly timeout: string | undefined;
  readonly plan: boolean;
  /** Every row goes to this file. */
  readonly out: string | undefined;
  readonly input: NodeJS.ReadableStream;
}

/** What `--timeout` says. Fails with INPUT_INVALID. */
export function timeoutOf(typed: string | undefined): { readonly timeoutSeconds?: number } {
  if (typed === undefined) return {};
  const timeoutSeconds = Number(typed);
  if (Number.isInteger(timeoutSeconds) && timeoutSeconds >= 1 && timeoutSeconds <= longestSeconds)
    return { timeoutSeconds };
  throw new AppError('INPUT_INVALID', say('command.timeoutMustWholeNumber', { longestSeconds }));
}

export function parametersOf(given: readonly string[]): string[] | Record<string, string> | undefined {
  if (given.length === 0) return undefined;
  const named = given.map((text) => /^([A-Za-z_]\w*)=([\s\S]*)$/.exec(text));
  if (named.every((match) => match !== null))
    return Object.fromEntries(named.map((match) => [match[1] as string, match[2] as string]));
  return [...given];
}

export async function statementOf(
  argument: string | undefined,
  { file, input }: QueryOptions,
): Promise<string> {
  if (file !== undefined && file !== '-') {
    try {
      return await readFile(file, 'utf8');
    } catch (cause) {
      throw new AppError('INPUT_INVALID', say('command.fileCanNotRead', { file }), { cause });
    }
  }
  return argument === undefined || argument === '-' || file === '-' ? readAll(input) : argument;
}

/** The line of the statement where something is the matter, with a mark under the place. */
export function pointed(sql: string, { query }: CallError): string {
  if (query?.position === undefined) return '';
  const before = [...sql].slice(0, query.position - 1).join('');
  const start = before.lastIndexOf('\n') + 1;
  const [line = ''] = sql.slice(start).split('\n');
  if (line.length > 500) return '';
  const mark = before.slice(start).replace(/[^\t]/gu, ' ');
  return `  ${line}\n  ${mark}^\n`;
}
