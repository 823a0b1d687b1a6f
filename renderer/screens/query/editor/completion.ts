import type {
  Completion,
  CompletionContext,
  CompletionResult,
  CompletionSource,
} from '@codemirror/autocomplete';
import { PostgreSQL } from '@codemirror/lang-sql';
import type { DescribedColumn, DescribedTable, DictionaryHit } from '../../../../preload/contract/models.ts';
import { quoted } from '../../../components/grid/sql-text.ts';
import { fold } from '../../../fold.ts';

/** What names are quoted with. */
export type Quote = '"' | '`';

/** A table that can be asked, where it stands. */
export interface KnownTable {
  readonly schema: string;
  readonly table: Pick<DescribedTable, 'name' | 'rows' | 'description'> & {
    readonly columns: readonly Pick<DescribedColumn, 'name' | 'type' | 'label' | 'lang' | 'note'>[];
  };
}

/** Completions of one kind at most; who wants another types on. */
const most = 60;
const mostKeywords = 8;
/** Letters after which a question's text is looked for in the dictionary. */
const fewestLetters = 3;

const keywords = new Set((PostgreSQL.spec.keywords ?? '').split(' '));

/** A name as one types it: in quotes only where it means something else without them. */
export function nameOf(name: string, quote: Quote = '"'): string {
  if (/^[a-z_][a-z0-9_]*$/.test(name) && !keywords.has(name)) return name;
  return quote === '"' ? quoted(name) : `\`${name.replaceAll('`', '``')}\``;
}

const part = '(?:"(?:[^"]|"")+"|[A-Za-z_\\u0080-\\uffff][\\w$\\u0080-\\uffff]*)';
const unquoted = (text: string): string =>
  text.startsWith('"') ? text.slice(1, text.endsWith('"') ? -1 : undefined).replaceAll('""', '"') : text;

interface Mentioned {
  readonly known: KnownTable;
  /** What its columns are asked by in this statement. */
  readonly alias: string;
}

/** The tables that a statement names after FROM, JOIN and commas, with their aliases. */
export function mentionedIn(text: string, tables: readonly KnownTable[]): Mentioned[] {
  const pattern = new RegExp(`(?:(${part})\\s*\\.\\s*)?(${part})(?:\\s+(?:AS\\s+)?(${part}))?`, 'giu');
  const found: Mentioned[] = [];
  for (const clause of text.matchAll(/\b(?:from|join)\b\s+|,\s*/gi)) {
    pattern.lastIndex = clause.index + clause[0].length;
    const match = pattern.exec(text);
    if (match?.index !== clause.index + clause[0].length) continue;
    const [, schema, table = '', alias] = match;
    const known = tables.find(
      (each) =>
        each.table.name === unquoted(table) && (schema === undefined || each.schema === unquoted(schema)),
    );
    if (!known) continue;
    const isAlias = alias !== undefined && !keywords.has(alias.toLowerCase());
    found.push({ known, alias: unquoted(isAlias ? alias : table) });
  }
  return found;
}

export interface CompletionDeps {
  readonly quote: () => Quote;
  /** The tables of the project; asked at every completion, because they may come later. */
  readonly tables: () => readonly KnownTable[];
  /** Looks for words in names, questions and descriptions; empty where that fails. */
  readonly search: (text: string, signal: AbortSignal) => Promise<readonly DictionaryHit[]>;
}

type Line = string | null | undefined | { readonly text: string | null; readonly lang: string | undefined };

function explained(lines: readonly Line[]): () => Node {
  return () => {
    const node = document.createElement('div');
    for (const line of lines) {
      const { text, lang } =
        typeof line === 'object' && line !== null ? line : { text: line, lang: undefined };
      if (!text) continue;
      const paragraph = document.createElement('p');
      paragraph.textContent = text;
      if (lang !== undefined) paragraph.lang = lang;
      node.append(paragraph);
    }
    return node;
  };
}

type Column = KnownTable['table']['columns'][number];
const columnOption = (column: Column, { schema, table }: KnownTable, quote: Quote): Completion => ({
  label: column.name,
  apply: nameOf(column.name, quote),
  type: 'property',
  detail: column.label ?? column.type,
  info: explained([
    { text: column.label, lang: column.lang },
    column.note?.description,
    `${schema}.${table.name} · ${column.type}`,
  ]),
});
const tableOption = ({ schema, table }: KnownTable, isQualified: boolean, quote: Quote): Completion => ({
  label: table.name,
  apply: isQualified ? nameOf(table.name, quote) : `${nameOf(schema, quote)}.${nameOf(table.name, quote)}`,
  type: 'class',
  detail: isQualified ? '' : schema,
  info: explained([table.description, `${schema}.${table.name}`]),
});

/** 0 the name begins so · 1 a word of it · 2 a word of the question · null: not at all. */
function rankOf(typed: string, name: string, label: string | null): number | null {
  const lower = fold(name);
  if (lower.startsWith(typed)) return 0;
  if (lower.includes(`_${typed}`)) return 1;
  return label !== null && new RegExp(`(^|[^\\p{L}\\p{N}])${escaped(typed)}`, 'u').test(fold(label))
    ? 2
    : null;
}
const escaped = (text: string): string => text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');

function ranked<T>(
  all: readonly T[],
  typed: string,
  of: (each: T) => [name: string, label: string | null],
): T[] {
  return all
    .flatMap((each) => {
      const rank = rankOf(typed, ...of(each));
      return rank === null ? [] : [{ each, rank }];
    })
    .sort((a, b) => a.rank - b.rank)
    .slice(0, most)
    .map(({ each }) => each);
}

/** What is being typed: after `alias.`, or a word of its own. */
function typedAt(
  context: CompletionContext,
): { qualifier: string | null; from: number; word: string } | null {
  const pattern = new RegExp(`(?:(${part})\\.)?("?[\\w$\\u0080-\\uffff]*)$`, 'u');
  const line = context.state.doc.lineAt(context.pos);
  const before = line.text.slice(0, context.pos - line.from);
  const match = pattern.exec(before);
  const [, qualifier, word = ''] = match ?? [];
  if (!match || /['\d]$/.test(before.slice(0, before.length - word.length))) return null;
  return {
    qualifier: qualifier === undefined ? null : unquoted(qualifier),
    from: context.pos - word.length,
    word,
  };
}

/** Tables and columns from the dictionary: by their names, and by the words of the questions they answer. */
export function dictionarySource({ tables, quote }: CompletionDeps): CompletionSource {
  return (context): CompletionResult | null => {
    const typed = typedAt(context);
    if (!typed || (typed.qualifier === null && typed.word === '' && !context.explicit)) return null;
    const word = fold(unquoted(typed.word));
    const all = tables();
    const mentioned = mentionedIn(context.state.doc.toString(), all);
    const answer = (options: Completion[]): CompletionResult | null =>
      options.length === 0 ? null : { from: typed.from, options, filter: false };
    const pairs = (of: readonly KnownTable[]) =>
      of.flatMap((known) => known.table.columns.map((column) => ({ known, column })));
    const columns = (of: readonly KnownTable[]): Completion[] =>
      ranked(pairs(of), word, ({ column }) => [column.name, column.label]).map(({ known, column }) =>
        columnOption(column, known, quote()),
      );
    if (typed.qualifier !== null) {
      const inSchema = all.filter(({ schema }) => schema === typed.qualifier);
      if (inSchema.length > 0) {
        const found = ranked(inSchema, word, ({ table }) => [table.name, table.description]);
        return answer(found.map((known) => tableOption(known, true, quote())));
      }
      return answer(
        columns(mentioned.filter(({ alias }) => alias === typed.qualifier).map(({ known }) => known)),
      );
    }
    const named = new Set(mentioned.map(({ known }) => known));
    const others = word === '' ? [] : columns(all.filter((known) => !named.has(known)));
    return answer([
      ...columns([...named]),
      ...ranked(all, word, ({ table }) => [table.name, table.description]).map((known) =>
        tableOption(known, false, quote()),
      ),
      ...others,
    ]);
  };
}

/** What the search of the dictionary finds beyond that, e.g. in what people wrote about a column. */
export function searchSource(deps: CompletionDeps): CompletionSource {
  return async (context): Promise<CompletionResult | null> => {
    const typed = typedAt(context);
    if (!typed || typed.qualifier !== null || typed.word.length < fewestLetters) return null;
    const aborted = new AbortController();
    context.addEventListener('abort', () => aborted.abort(), { onDocChange: true });
    const word = fold(typed.word);
    const hits = await deps.search(typed.word, aborted.signal);
    const options = hits.flatMap(({ column, label, description, type, schemaName, table }): Completion[] => {
      // The other source has it already.
      if (column === null || rankOf(word, column, label) !== null) return [];
      return [
        {
          label: column,
          apply: nameOf(column, deps.quote()),
          type: 'property',
          detail: label ?? description ?? type ?? '',
          info: explained([label, description, `${schemaName}.${table} · ${type ?? ''}`]),
        },
      ];
    });
    return options.length === 0 ? null : { from: typed.from, options: options.slice(0, most), filter: false };
  };
}

/** Keywords by how they begin; in capitals, as they are written here. */
export const keywordSource: CompletionSource = (context): CompletionResult | null => {
  const typed = typedAt(context);
  if (!typed || typed.qualifier !== null || !/^[a-z_]+$/i.test(typed.word)) return null;
  const word = typed.word.toLowerCase();
  const options = [...keywords]
    .filter((each) => each.startsWith(word) && each !== '')
    .sort((a, b) => a.length - b.length)
    .slice(0, mostKeywords)
    .map((each): Completion => ({ label: each.toUpperCase(), type: 'keyword' }));
  return options.length === 0 ? null : { from: typed.from, options, filter: false };
};
