import type { DictionaryTable, NoteAnswer, Person } from '../../../preload/contract/models.ts';
import { languages } from '../../../preload/contract/models.ts';
import { say } from '../../../preload/messages/said.ts';
import { inOneWord } from '../../access/entry.ts';
import { exportOf, fileNameOf } from '../../dictionary/export.ts';
import type { Published } from '../../dictionary/published.ts';
import { AppError } from '../../errors.ts';
import type { StoredDataset } from '../../store/data/datasets.ts';
import type { StoredNote } from '../../store/data/dictionary-notes.ts';
import { describeInPlace } from '../../sync/destination/postgres/catalogue/describe.ts';
import { type Names, noNames, readable } from '../../sync/shape/names.ts';
import { digestOf, elementOf, tableItself } from '../../sync/shape/notes.ts';
import { withTarget } from '../connections/targets.ts';
import { emitChanged, type Handlers, type Services } from '../context.ts';
import { usableDataset } from './datasets.ts';
import { describe, shownNote } from './described.ts';
import { createDictionaryIndex } from './dictionary-index.ts';

/** Descriptions that may still stand in a database, besides the present one. */
const mostTold = 4;
/** A database that does not answer in this time gets the comment with the next refresh. */
const longestWriteMs = 10_000;
/** Words of a search that count. */
const mostWords = 12;

/** An expression of FTS5 for texts that have all words, each perhaps only begun; null where there is none. */
export function matchOf(text: string): string | null {
  // What else FTS5 knows (operators, columns, nearness) has to stay out: whoever types looks for words.
  const words = text.normalize('NFC').match(/[\p{L}\p{N}\p{M}\p{Co}]+/gu) ?? [];
  return words.length === 0
    ? null
    : words
        .slice(0, mostWords)
        .map((word) => `"${word}"*`)
        .join(' AND ');
}

/** What people say about the data. */
export function dictionaryService(services: Services): Handlers<'dictionary'> {
  const { store, host } = services;
  const index = createDictionaryIndex({
    ...{ store, newId: services.newId, elapsed: () => performance.now() },
  });
  const visible = (person: Person, projectId: string | null): StoredDataset[] =>
    store.datasets.list(person.id, projectId).filter(({ dataAsOf }) => dataAsOf !== null);

  const tableOf = (datasetId: string, tableId: string): DictionaryTable => {
    for (let position = 0; ; position += 1) {
      const table = store.dictionaries.table(datasetId, position);
      if (table === null) throw new AppError('NOT_FOUND', say('projects.tableNotPublishedAny'));
      if (table.id === tableId) return table;
    }
  };

  /** Writes it into the database where nobody works on the dataset; those of other people follow with their next refresh. */
  const writeNow = async (
    dataset: StoredDataset,
    table: DictionaryTable,
    column: string | null,
    signal: AbortSignal,
  ): Promise<NoteAnswer['comment']> => {
    const { readOnly, state } = store.connections.get(dataset.connectionId);
    if (dataset.dataAsOf === null || readOnly || state !== 'active') return 'later';
    if (store.jobs.findOpen(dataset.id) !== null || services.vault.status().state === 'locked')
      return 'later';
    const names = (store.datasets.names(dataset.id) as Names | null) ?? noNames;
    const ends = AbortSignal.any([signal, AbortSignal.timeout(longestWriteMs)]);
    try {
      return await withTarget(services, dataset.connectionId, (target) =>
        describeInPlace(
          target,
          {
            ...{ schema: dataset.schemaName, dataset: dataset.id, table, column },
            ...{ notes: store.notes.ofTable(dataset, table.id), comments: names.comments ?? {} },
          },
          (error) => host.log.warn('dictionary.catalogue_unwritten', { datasetId: dataset.id, error }),
          ends,
        ),
      );
    } catch (error) {
      // What was said is kept whatever becomes of it there: the next refresh writes it.
      host.log.warn('dictionary.unwritten', { datasetId: dataset.id, error });
      return 'later';
    }
  };

  return {
    async 'dictionary.describe'(change, { person, signal, tell }) {
      const dataset = usableDataset(services, change.id, person);
      const table = tableOf(change.id, change.table);
      const column = change.column === null ? null : table.columns.find(({ name }) => name === change.column);
      if (column === undefined)
        throw new AppError(
          'NOT_FOUND',
          say('projects.tableNoColumn', { table: table.name, column: change.column ?? '' }),
        );
      const place = { table: table.id, element: column === null ? tableItself : elementOf(column) };
      const note = store.transaction(() => changeNote(services, dataset, place, change, person));
      const where = change.column === null ? '' : ` column=${inOneWord(change.column)}`;
      tell(`table=${inOneWord(table.name)}${where} ${toldOf(change, note)}`);
      emitChanged(services, 'datasets');
      // Nothing in a database says which tags were declined.
      if (change.description === undefined && change.sensitivity === undefined)
        return { note: shownNote(note), comment: 'written' };
      const comment = await writeNow(dataset, table, change.column, signal);
      return { note: shownNote(note), comment };
    },
    async 'dictionary.search'({ text, projectId, limit }, { person, signal }) {
      const match = matchOf(text);
      if (match === null) return { hits: [], more: false };
      await index.bring(visible(person, projectId ?? null), signal);
      // Who may see what can have changed meanwhile.
      const datasets = new Map(visible(person, projectId ?? null).map((dataset) => [dataset.id, dataset]));
      const found = store.words.search([...datasets.keys()], match, limit + 1);
      const hits = found.slice(0, limit).flatMap((hit) => {
        const dataset = datasets.get(hit.datasetId);
        if (dataset === undefined) return [];
        const { projectName, sourceName, schemaName } = dataset;
        return [
          {
            ...{ datasetId: hit.datasetId, projectName, sourceName, schemaName, table: hit.table },
            ...{ column: hit.column || null, type: hit.type, label: hit.question || null },
            ...(hit.lang === null ? {} : { lang: hit.lang }),
            ...{ sourcePath: hit.path, description: hit.note || null },
          },
        ];
      });
      return { hits, more: found.length > limit };
    },
    async 'dictionary.export'({ projectId, datasetId, format, save }, { person, seat }) {
      store.projects.get(projectId);
      const datasets = visible(person, projectId).filter(
        ({ id }) => datasetId === undefined || id === datasetId,
      );
      if (datasetId !== undefined && datasets.length === 0)
        throw new AppError('NOT_FOUND', say('projects.projectNoSuchDataset'));
      const published: Published[] = [];
      for (const dataset of datasets) {
        const known = await store.dictionaries.read(dataset.id);
        const { projectName, sourceName, schemaName, dataAsOf } = dataset;
        const described = await describe(services, dataset, known?.tables ?? []);
        published.push({ projectName, sourceName, schemaName, dataAsOf, ...described });
      }
      const counts = {
        tables: published.reduce((sum, { tables }) => sum + tables.length, 0),
        columns: published.reduce((sum, { coverage }) => sum + coverage.columns, 0),
      };
      // Whoever asked may sit at another process, in another language than this one.
      const { language } = await seat.desk.write([]);
      const spoken = languages.find((each) => each === language);
      const pieces = exportOf(
        format,
        published,
        (spoken ? services.host.words.in(spoken) : services.host.words).text,
      );
      if (!save) return { text: [...pieces].join(''), path: null, ...counts };
      return { text: null, path: await seat.desk.save(fileNameOf(format), piecewise(pieces)), ...counts };
    },
  };
}

async function* piecewise(pieces: Iterable<string>): AsyncGenerator<string, void> {
  yield* pieces;
}

type Change = Parameters<Handlers<'dictionary'>['dictionary.describe']>[0];

/** Keeps what is said now, in an open transaction. */
function changeNote(
  { store, now }: Services,
  dataset: StoredDataset,
  place: { readonly table: string; readonly element: string },
  change: Change,
  person: Person,
): StoredNote | null {
  const before = store.notes.find(dataset, place);
  const description =
    change.description === undefined ? (before?.description ?? null) : tidied(change.description) || null;
  const sensitivity = change.sensitivity ?? before?.sensitivity ?? [];
  const declined = (change.declined ?? before?.declined ?? []).filter((tag) => !sensitivity.includes(tag));
  const told = [
    ...new Set([...(description === null ? [] : [digestOf(description)]), ...(before?.told ?? [])]),
  ];
  store.notes.put(
    dataset,
    { ...place, description, sensitivity, declined, told: told.slice(0, mostTold) },
    person.id,
    now(),
  );
  for (const each of store.datasets.allOfLink(dataset.linkId))
    store.words.forget(each.id, place.table, change.column ?? '');
  return store.notes.find(dataset, place);
}

/** A text that a database takes as a comment, and that looks the same everywhere. */
const tidied = (text: string | null): string =>
  readable(text ?? '')
    .replace(/\r\n?/g, '\n')
    .normalize('NFC')
    .trim();

/** What changed, for the activity log, which keeps no texts. */
function toldOf({ description, sensitivity, declined }: Change, note: StoredNote | null): string {
  const parts: string[] = [];
  if (description !== undefined)
    parts.push(note?.description == null ? 'description=cleared' : 'description=set');
  if (sensitivity !== undefined) parts.push(`tags=${sensitivity.join(',') || 'none'}`);
  if (declined !== undefined) parts.push(`declined=${declined.join(',') || 'none'}`);
  return parts.join(' ');
}
