import type { DictionaryFormat } from '../../preload/contract/models.ts';
import { dbtSources } from './dbt.ts';
import { markdownOf } from './markdown.ts';
import type { Published, WriteSaid } from './published.ts';

/** The dictionary for programs, as it is here. */
function* jsonOf(published: readonly Published[]): Generator<string, void> {
  yield '{"headgateDictionary":1,"datasets":[';
  for (const [at, { tables, ...head }] of published.entries()) {
    yield `${at === 0 ? '' : ','}\n${JSON.stringify(head).slice(0, -1)},"tables":[`;
    for (const [place, table] of tables.entries())
      yield `${place === 0 ? '' : ','}\n${JSON.stringify(table)}`;
    yield ']}';
  }
  yield '\n]}\n';
}

const formats: Readonly<
  Record<
    DictionaryFormat,
    {
      readonly write: (published: readonly Published[], text: WriteSaid) => Generator<string, void>;
      readonly ending: string;
    }
  >
> = {
  markdown: { write: markdownOf, ending: 'dictionary.md' },
  json: { write: jsonOf, ending: 'dictionary.json' },
  dbt: { write: dbtSources, ending: 'sources.yml' },
};

/** Writes dictionaries in a format, piece by piece: together they can be many megabytes. `text` writes the headings. */
export const exportOf = (
  format: DictionaryFormat,
  published: readonly Published[],
  text: WriteSaid,
): Generator<string, void> => formats[format].write(published, text);

/** What a file in that format is called by default; `sources.yml` is the name that dbt's documents use. */
export const fileNameOf = (format: DictionaryFormat): string => formats[format].ending;
