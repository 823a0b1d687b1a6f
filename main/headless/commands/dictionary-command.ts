import { resolve } from 'node:path';
import type { DictionaryFormat, DictionaryHit } from '../../../preload/contract/models.ts';
import { say } from '../../../preload/messages/said.ts';
import { writeOwn } from '../../own-file.ts';
import { table } from '../terminal/terminal.ts';
import { type Console, type Exit, exits, findNamed, headsOf, print, type Session, tell } from './commands.ts';

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
    tell(to, say('console.noFormat', { format: options.export, formats: [...formats] }));
    return exits.usage;
  }
  if (options.out !== undefined && format === undefined) {
    tell(to, say('console.outOfExport'));
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
        ? say('console.noHits')
        : table(
            headsOf(to, ['where', 'type', 'meaning']),
            hits.map((hit) => [
              `${hit.schemaName}.${hit.table}${hit.column === null ? '' : `.${hit.column}`}`,
              hit.type ?? '',
              hitText(hit),
            ]),
          ),
    );
    if (more) tell(to, say('console.moreHits'));
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
    const file = options.out;
    print(to, { path: file, tables, columns }, () => say('console.dictionaryOut', { file, tables, columns }));
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
      headsOf(to, ['table', 'columns', 'described', 'byPeople']),
      rows.map((row) => [
        `${row.schema}.${row.table}`,
        ...[row.columns, row.described, row.byPeople].map(to.words.number),
      ]),
    ),
  );
  return exits.done;
}
