import { meaningOf, type Published } from './published.ts';

/** A text that Markdown shows as it is: nothing in it is taken for markup, HTML included. */
const plain = (text: string): string =>
  text
    .replace(/[\\`*_{}[\]<>()#+\-.!|~$&:@]/g, (char) =>
      char === '&' ? '&amp;' : char === '<' ? '&lt;' : `\\${char}`,
    )
    .replace(/[\r\n\u2028\u2029]+/g, ' ')
    .trim();

/** In a cell a line break is written as HTML's, which all readers of tables know. */
const cell = (text: string): string =>
  text
    .split(/\r?\n/)
    .map((line) => plain(line))
    .filter((line) => line !== '')
    .join('<br>');

/** A name as code; a run of grave accents longer than any inside it goes around it. */
function code(text: string): string {
  const longest = Math.max(0, ...[...text.matchAll(/`+/g)].map(([run]) => run.length));
  const fence = '`'.repeat(longest + 1);
  const inside = text.replaceAll('|', '\\|').replace(/[\r\n]+/g, ' ');
  return longest === 0 ? `${fence}${inside}${fence}` : `${fence} ${inside} ${fence}`;
}

const percent = (part: number, all: number): string =>
  all === 0 ? '–' : `${Math.floor((100 * part) / all)} %`;

/** The dictionary for people: a section per schema and table, a row per column. */
export function* markdownOf(published: readonly Published[]): Generator<string, void> {
  yield `# ${plain(published[0]?.projectName ?? 'Dictionary')}\n`;
  for (const { sourceName, schemaName, dataAsOf, coverage, tables } of published) {
    yield `\n## ${plain(sourceName)}\n\nSchema ${code(schemaName)}`;
    if (dataAsOf !== null) yield `, complete up to ${dataAsOf}`;
    yield `. Described: ${coverage.described} of ${coverage.columns} columns (${percent(coverage.described, coverage.columns)}).\n`;
    for (const table of tables) {
      yield `\n### ${code(table.name)}\n\n`;
      const meaning = cell(meaningOf(table));
      if (meaning !== '') yield `${meaning}\n\n`;
      const tags = table.note?.sensitivity ?? [];
      if (tags.length > 0) yield `Sensitive: ${tags.join(', ')}\n\n`;
      yield `${plain(table.source)}, ${table.rows} rows\n\n`;
      yield '| Column | Type | Meaning | Sensitive | Path in the source |\n|---|---|---|---|---|\n';
      for (const column of table.columns) {
        const path = column.sourcePath === null ? '' : code(column.sourcePath);
        yield `| ${code(column.name)} | ${plain(column.type)} | ${cell(meaningOf(column))} | ${(column.note?.sensitivity ?? []).join(', ')} | ${path} |\n`;
      }
    }
  }
}
