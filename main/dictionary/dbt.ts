import type { DescribedColumn, DescribedTable } from '../../preload/contract/models.ts';
import { say } from '../../preload/messages/said.ts';
import { meaningOf, type Published, type WriteSaid } from './published.ts';
import { type Yaml, yamlLines } from './yaml.ts';

/**
 * dbt renders texts of its files with Jinja: what would begin an expression, a statement or a comment of Jinja there is written
 * as an expression that gives just these two characters.
 */
export const withoutJinja = (text: string): string => text.replace(/\{[{%#]/g, (start) => `{{ '${start}' }}`);

/** dbt looks through all strings of the file, these too. */
function meta(facts: Readonly<Record<string, string | null>>): { readonly meta: Yaml } | object {
  const known = Object.entries(facts).flatMap(([key, text]) =>
    text === null ? [] : [[key, withoutJinja(text)] as const],
  );
  return known.length === 0 ? {} : { meta: Object.fromEntries(known) };
}

/** What dbt keeps beside a description; a sensitivity is a tag too, so that models can be chosen by it. */
function config(facts: Readonly<Record<string, string | null>>, tags: readonly string[]): object {
  const kept = { ...meta(facts), ...(tags.length === 0 ? {} : { tags: [...tags] }) };
  return Object.keys(kept).length === 0 ? {} : { config: kept as Yaml };
}

const columnOf = (column: DescribedColumn): Yaml => ({
  name: withoutJinja(column.name),
  description: withoutJinja(meaningOf(column)),
  data_type: withoutJinja(column.type),
  // Names of the source can be words that a server takes for its own.
  quote: true,
  ...config({ source_label: column.label, source_path: column.sourcePath }, column.note?.sensitivity ?? []),
});

const tableOf = (table: DescribedTable): Yaml => ({
  name: withoutJinja(table.name),
  description: withoutJinja(meaningOf(table)),
  ...config({ source: table.source }, table.note?.sensitivity ?? []),
  columns: table.columns.map(columnOf),
});

/** A `sources.yml` of dbt: a source per schema. */
export function* dbtSources(published: readonly Published[], text: WriteSaid): Generator<string, void> {
  yield 'version: 2\n';
  if (published.length === 0) {
    yield 'sources: []\n';
    return;
  }
  yield 'sources:\n';
  for (const { schemaName, projectName, sourceName, tables } of published) {
    const head: Yaml = {
      name: withoutJinja(schemaName),
      schema: withoutJinja(schemaName),
      description: withoutJinja(
        text(say('dictionary.sourceFor', { source: sourceName, project: projectName })),
      ),
      quoting: { schema: true, identifier: true },
    };
    for (const line of itemOf(head, '  ')) yield `${line}\n`;
    yield tables.length === 0 ? '    tables: []\n' : '    tables:\n';
    // Table by table: a dictionary is megabytes.
    for (const table of tables) for (const line of itemOf(tableOf(table), '      ')) yield `${line}\n`;
  }
}

const itemOf = (value: Yaml, indent: string): Generator<string, void> => yamlLines([value], indent);
