import type { QueryColumn } from '../../../preload/contract/models.ts';
import { isNumeric, jsonValue } from '../../../preload/contract/query-values.ts';
import { literal, quoted } from './sql-text.ts';

export const copyFormats = ['csv', 'markdown', 'insert', 'json'] as const;
export type CopyFormat = (typeof copyFormats)[number];

type Value = string | null;
type Rows = readonly (readonly Value[])[];

const csvField = (value: Value): string =>
  value === null ? '' : value === '' || /[",\r\n]/.test(value) ? `"${value.replaceAll('"', '""')}"` : value;

const markdownCell = (value: Value): string =>
  value === null ? 'NULL' : value.replaceAll('\\', '\\\\').replaceAll('|', '\\|').replace(/\r?\n/g, '<br>');

/** Rows as text for another program. In CSV an empty text is `""` and NULL is nothing at all, as with COPY. */
export function textOf(format: CopyFormat, columns: readonly QueryColumn[], rows: Rows): string {
  const names = columns.map(({ name }) => name);
  const lines = (of: (row: readonly Value[]) => string): string[] => rows.map(of);
  switch (format) {
    case 'csv':
      return [names.map(csvField).join(','), ...lines((row) => row.map(csvField).join(','))].join('\r\n');
    case 'markdown':
      return [
        `| ${names.map(markdownCell).join(' | ')} |`,
        `| ${columns.map(({ type }) => (isNumeric(type) ? '---:' : '---')).join(' | ')} |`,
        ...lines((row) => `| ${row.map(markdownCell).join(' | ')} |`),
      ].join('\n');
    case 'insert': {
      const head = `INSERT INTO "table" (${names.map(quoted).join(', ')}) VALUES`;
      const tuples = lines(
        (row) => `  (${row.map((value, at) => literal(value, columns[at]?.type ?? 'text')).join(', ')})`,
      );
      return `${head}\n${tuples.join(',\n')};`;
    }
    case 'json': {
      const objects = lines(
        (row) =>
          `  {${row.map((value, at) => `${JSON.stringify(names[at] ?? '')}: ${jsonValue(value, columns[at]?.type ?? 'text')}`).join(', ')}}`,
      );
      return `[\n${objects.join(',\n')}\n]`;
    }
  }
}

/** What Ctrl-C takes: cells by tabs, which every spreadsheet understands. */
export function cellsText(rows: Rows): string {
  const cell = (value: Value): string =>
    value === null ? '' : /[\t\r\n"]/.test(value) ? `"${value.replaceAll('"', '""')}"` : value;
  const [only] = rows;
  if (rows.length === 1 && only?.length === 1) return only[0] ?? '';
  return rows.map((row) => row.map(cell).join('\t')).join('\n');
}

/** JSON with lines and indents, its numbers and the order of its keys as they are; the text itself where it is none. */
export function prettyJson(text: string): string {
  try {
    JSON.parse(text);
  } catch {
    return text;
  }
  let out = '';
  let depth = 0;
  const line = (): string => `\n${'  '.repeat(depth)}`;
  for (let at = 0; at < text.length; at++) {
    const each = text[at] ?? '';
    if (each === '"') {
      let end = at + 1;
      while (end < text.length && text[end] !== '"') end += text[end] === '\\' ? 2 : 1;
      out += text.slice(at, end + 1);
      at = end;
    } else if (each === '{' || each === '[') {
      const close = /^[\s]*[}\]]/.exec(text.slice(at + 1, at + 200));
      if (close) {
        out += each + close[0].trim();
        at += close[0].length;
      } else {
        depth++;
        out += each + line();
      }
    } else if (each === '}' || each === ']') {
      depth--;
      out += line() + each;
    } else if (each === ',') out += each + line();
    else if (each === ':') out += ': ';
    else if (!/\s/.test(each)) out += each;
  }
  return out;
}
