import { type ParseError, parse } from 'jsonc-parser';
import { AppError } from '../errors.ts';

/** Reads JSON as editors write it, with comments and trailing commas. Fails with IMPORT_UNREADABLE. */
export function readJson(text: string): unknown {
  const errors: ParseError[] = [];
  const value: unknown = parse(text.replace(/^\ufeff/, ''), errors, { allowTrailingComma: true });
  const [first] = errors;
  if (!first) return value;
  const line = text.slice(0, first.offset).split('\n').length;
  throw new AppError('IMPORT_UNREADABLE', `This is not JSON: something is wrong in line ${line}.`);
}
