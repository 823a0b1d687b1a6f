import type { QueryColumn, TextFormat } from '../../../preload/contract/models.ts';
import { isNumeric, jsonValue } from '../../../preload/contract/query-values.ts';

export interface FormatOptions {
  readonly format: TextFormat;
  readonly delimiter: string;
  /** A mark at the beginning, by which spreadsheets know UTF-8. */
  readonly bom: boolean;
  /** Texts that a spreadsheet would take for a formula get an apostrophe before them. */
  readonly escapeFormulas: boolean;
}

/** Turns rows into the text of a file. Values are PostgreSQL's own text: no number is rounded, no instant cut. */
export interface Formatter {
  readonly head: string;
  /** `first` is whether these are the first rows. */
  rows(rows: readonly (readonly (string | null)[])[], first: boolean): string;
  readonly foot: string;
}

export function formatterOf(columns: readonly QueryColumn[], options: FormatOptions): Formatter {
  switch (options.format) {
    case 'csv':
      return csv(columns, options);
    case 'json':
      return json(columns);
    case 'ndjson':
      return ndjson(columns);
  }
}

/** RFC 4180; NULL is nothing and an empty text is `""`, as psql writes it. */
function csv(columns: readonly QueryColumn[], { delimiter, bom, escapeFormulas }: FormatOptions): Formatter {
  const special = new RegExp(`["\\r\\n${delimiter === '\t' ? '\\t' : delimiter}]|^$|^\\s|\\s$`);
  const quoted = (text: string): string => (special.test(text) ? `"${text.replaceAll('"', '""')}"` : text);
  const harmless = (text: string): string => (/^[=+\-@\t\r]/.test(text) ? `'${text}` : text);
  const texts = columns.map(({ type }) => escapeFormulas && (!isNumeric(type) || type === 'money'));
  const cell = (value: string | null, at: number): string =>
    value === null ? '' : quoted(texts[at] ? harmless(value) : value);
  const names = columns.map(({ name }) => quoted(escapeFormulas ? harmless(name) : name)).join(delimiter);
  return {
    head: `${bom ? '\uFEFF' : ''}${names}\n`,
    rows(rows) {
      let text = '';
      // A row of one NULL would be an empty line, which many readers pass over.
      for (const row of rows)
        text += `${row.length === 1 && row[0] === null ? '""' : row.map(cell).join(delimiter)}\n`;
      return text;
    },
    foot: '',
  };
}

/** How a row becomes an object. Columns of one name are told apart by a number. */
function objectOf(columns: readonly QueryColumn[]): (row: readonly (string | null)[]) => string {
  const taken = new Set<string>();
  const keys = columns.map(({ name }) => {
    let own = name;
    for (let number = 2; taken.has(own); number += 1) own = `${name}_${number}`;
    taken.add(own);
    return JSON.stringify(own);
  });
  return (row) =>
    `{${row.map((value, at) => `${keys[at]}:${jsonValue(value, columns[at]?.type ?? 'text')}`).join(',')}}`;
}

function json(columns: readonly QueryColumn[]): Formatter {
  const object = objectOf(columns);
  return {
    head: '[',
    rows: (rows, first) =>
      rows.map((row, at) => `${first && at === 0 ? '\n' : ',\n'}${object(row)}`).join(''),
    foot: '\n]\n',
  };
}

/** A row of a document may hold line breaks, which a line of NDJSON may not. */
function ndjson(columns: readonly QueryColumn[]): Formatter {
  const object = objectOf(columns);
  return {
    head: '',
    rows: (rows) =>
      rows.map((row) => `${object(row).replaceAll('\n', ' ').replaceAll('\r', ' ')}\n`).join(''),
    foot: '',
  };
}
