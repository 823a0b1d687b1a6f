import { type ParseError, parse } from 'jsonc-parser';
import { say } from '../../preload/messages/said.ts';
import { AppError } from '../errors.ts';

/** Reads JSON as editors write it, with comments and trailing commas. Fails with IMPORT_UNREADABLE. */
export function readJson(text: string): unknown {
  const errors: ParseError[] = [];
  let value: unknown;
  try {
    value = parse(text.replace(/^\ufeff/, ''), errors, { allowTrailingComma: true });
  } catch (cause) {
    // The parser calls itself for every level.
    if (!(cause instanceof RangeError)) throw cause;
    throw new AppError('IMPORT_UNREADABLE', say('imports.jsonNestedTooDeeply'), { cause });
  }
  const [first] = errors;
  if (!first) return value;
  const line = text.slice(0, first.offset).split('\n').length;
  throw new AppError('IMPORT_UNREADABLE', say('imports.notJsonSomethingWrong', { line }));
}
