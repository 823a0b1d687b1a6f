import type {
  DescribedColumn,
  DescribedTable,
  Dictionary,
  DictionaryTable,
} from '../../../preload/contract/models.ts';
import { quoted } from '../../components/grid/sql-text.ts';
import { fold, wordsOf } from '../../fold.ts';

export interface Hit {
  readonly table: DescribedTable;
  readonly column: DescribedColumn;
}

export interface Found {
  /** Tables that match themselves or have a column that does, in the dictionary's order. */
  readonly tables: readonly DescribedTable[];
  readonly hits: readonly Hit[];
}

/** Looks through a dictionary; the texts are made once, not with every letter that is typed. */
export function createFinder({ tables }: Dictionary): (text: string) => Found {
  const indexed = tables.map((table) => ({
    table,
    text: fold(
      [table.name, table.dataset, table.description ?? '', table.note?.description ?? ''].join('\n'),
    ),
    columns: table.columns.map((column) => ({
      column,
      text: fold(
        [
          ...[column.name, column.label ?? '', column.sourcePath ?? '', column.description ?? ''],
          ...[column.note?.description ?? '', ...(column.note?.sensitivity ?? [])],
        ].join('\n'),
      ),
    })),
  }));
  return (text) => {
    const words = wordsOf(text);
    if (words.length === 0) return { tables, hits: [] };
    const fits = (each: { text: string }): boolean => words.every((word) => each.text.includes(word));
    const hits: Hit[] = [];
    const found: DescribedTable[] = [];
    for (const entry of indexed) {
      const before = hits.length;
      for (const each of entry.columns) {
        if (fits(each)) hits.push({ table: entry.table, column: each.column });
      }
      if (hits.length > before || fits(entry)) found.push(entry.table);
    }
    return { tables: found, hits };
  };
}

/** A statement to start from: every column by its name, the untouched record left out. */
export function selectOf(schema: string, table: DictionaryTable): string {
  const columns = table.columns.filter(({ name, type }) => !(name === 'raw' && type === 'jsonb'));
  const list = columns.map(({ name }) => `  ${quoted(name)}`).join(',\n');
  return `SELECT\n${list === '' ? '  *' : list}\nFROM ${quoted(schema)}.${quoted(table.name)}\nLIMIT 100;`;
}
