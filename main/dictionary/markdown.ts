import type { Sensitivity } from '../../preload/contract/models.ts';
import { say } from '../../preload/messages/said.ts';
import { meaningOf, type Published, type WriteSaid } from './published.ts';

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

const heads = ['column', 'type', 'meaning', 'sensitive', 'path'] as const;

/**
 * The dictionary for people: a section per schema and table, a row per column. Its headings are in the language of `text`; what
 * the source and people say stays as they say it.
 */
export function* markdownOf(published: readonly Published[], text: WriteSaid): Generator<string, void> {
  const tagged = (tags: readonly Sensitivity[]): string =>
    tags.map((tag) => text(say(`dictionary.tag.${tag}`))).join(', ');
  yield `# ${plain(published[0]?.projectName ?? text(say('dictionary.title')))}\n`;
  for (const { sourceName, schemaName, dataAsOf, coverage, tables } of published) {
    const schema = code(schemaName);
    const { described, columns } = coverage;
    const place =
      dataAsOf === null
        ? say('dictionary.schema', { schema })
        : say('dictionary.schemaUpTo', { schema, at: dataAsOf });
    const share = percent(described, columns);
    yield `\n## ${plain(sourceName)}\n\n${text(place)} ${text(say('dictionary.described', { described, columns, share }))}\n`;
    for (const table of tables) {
      yield `\n### ${code(table.name)}\n\n`;
      const meaning = cell(meaningOf(table));
      if (meaning !== '') yield `${meaning}\n\n`;
      const tags = table.note?.sensitivity ?? [];
      if (tags.length > 0) yield `${text(say('dictionary.sensitive', { tags: tagged(tags) }))}\n\n`;
      yield `${text(say('dictionary.rows', { source: plain(table.source), rows: table.rows }))}\n\n`;
      yield `| ${heads.map((head) => text(say(`dictionary.head.${head}`))).join(' | ')} |\n|---|---|---|---|---|\n`;
      for (const column of table.columns) {
        const path = column.sourcePath === null ? '' : code(column.sourcePath);
        yield `| ${code(column.name)} | ${plain(column.type)} | ${cell(meaningOf(column))} | ${tagged(column.note?.sensitivity ?? [])} | ${path} |\n`;
      }
    }
  }
}
