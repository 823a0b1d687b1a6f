import { resolve } from 'node:path';
import type { DictionaryFormat, DictionaryHit } from '../../../preload/contract/models.ts';
import { writeOwn } from '../../own-file.ts';
import { count, table } from '../terminal/terminal.ts';
import { type Console, type Exit, exits, findNamed, print, type Session } from './commands.ts';

export interface DictionaryOptions {
  readonly search: string | undefined;
  readonly export: string | undefined;
  readonly out: string | undefined;
}

const formats: readonly DictionaryFormat[] = ['markdown', 'json', 'dbt'];
const shown = 50;

const hitText = ({ description, label, sourcePath }: DictionaryHit): string =>
  [description, label, sourcePath].find((text) => text !== null)?.replace(/\s+/g, ' ') ?? '';

/**
 * `dictionary <project> [--search TEXT] [--export markdown|json|dbt] [--out FILE]`: how much of a project's tables is described,
 * what fits some words, or all of it in a format, to the output or into a file that is readable by this user only.
 */
export async function dictionaryCommand(
  session: Session,
  wanted: string,
  options: DictionaryOptions,
  to: Console,
): Promise<Exit> {
  const { api } = session;
  const format = formats.find((each) => each === options.export);
  if (options.export !== undefined && format === undefined) {
    to.err.write(`There is no format “${options.export}”. Formats: ${formats.join(', ')}\n`);
    return exits.usage;
  }
  if (options.out !== undefined && format === undefined) {
    to.err.write('--out is where an export goes; say with --export in which format.\n');
    return exits.usage;
  }
  const project = findNamed('Project', await api.projects.list(), wanted, to);
  if (!project) return exits.usage;
  if (options.search !== undefined) {
    const { hits, more } = await api.dictionary.search(
      { text: options.search, projectId: project.id, limit: shown },
      { signal: to.signal },
    );
    print(to, { hits, more }, () =>
      hits.length === 0
        ? 'Nothing has all of these words.'
        : table(
            ['where', 'type', 'meaning'],
            hits.map((hit) => [
              `${hit.schemaName}.${hit.table}${hit.column === null ? '' : `.${hit.column}`}`,
              hit.type ?? '',
              hitText(hit),
            ]),
          ),
    );
    if (more) to.err.write('There is more; another word makes it less.\n');
    return exits.done;
  }
  if (format !== undefined) {
    const answer = await api.dictionary.export({ projectId: project.id, format }, { signal: to.signal });
    const text = answer.text ?? '';
    if (options.out === undefined) {
      to.out.write(text);
      return exits.done;
    }
    await writeOwn(resolve(options.out), text);
    const { tables, columns } = answer;
    print(
      to,
      { path: options.out, tables, columns },
      () => `${options.out}: ${count(tables)} tables, ${count(columns)} columns`,
    );
    return exits.done;
  }
  const datasets = (await api.datasets.list({ projectId: project.id })).filter(
    ({ dataAsOf }) => dataAsOf !== null,
  );
  const rows: { schema: string; table: string; columns: number; described: number; byPeople: number }[] = [];
  for (const { id } of datasets) {
    const { schemaName, tables } = await api.datasets.dictionary({ id }, { signal: to.signal });
    for (const { name, coverage } of tables) rows.push({ schema: schemaName, table: name, ...coverage });
  }
  print(to, rows, () =>
    table(
      ['table', 'columns', 'described', 'by people'],
      rows.map((row) => [
        `${row.schema}.${row.table}`,
        count(row.columns),
        count(row.described),
        count(row.byPeople),
      ]),
    ),
  );
  return exits.done;
}
