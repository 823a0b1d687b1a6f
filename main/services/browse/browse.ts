import { setImmediate as nextTurn } from 'node:timers/promises';
import type { DatasetTitles, Person, TableTitle } from '../../../preload/contract/models.ts';
import { say } from '../../../preload/messages/said.ts';
import { parentOf, titleOf } from '../../dictionary/titles.ts';
import type { LandedReader } from '../../engines/engine.ts';
import { AppError } from '../../errors.ts';
import type { StoredDataset } from '../../store/data/datasets.ts';
import type { Handler, Services } from '../context.ts';

/** A dataset, if it is this person's to see. */
export type OwnDataset = (id: string, personId: string) => StoredDataset;

type Calls =
  | 'datasets.rows'
  | 'datasets.count'
  | 'datasets.distribution'
  | 'datasets.row'
  | 'datasets.titles';

/** Looking at rows of what is published. */
export function browseHandlers(services: Services, own: OwnDataset): { [N in Calls]: Handler<N> } {
  const { store } = services;
  /** Who reads a published table for this person, which counts as use; fails like `usableDataset` and with NOT_FOUND. */
  const tableOf = (
    { id, table }: { readonly id: string; readonly table: string },
    person: Person,
  ): { readonly dataset: StoredDataset; readonly reader: LandedReader } => {
    const dataset = own(id, person.id);
    if (!Object.hasOwn(dataset.rowCounts, table))
      throw new AppError('NOT_FOUND', say('projects.datasetNoTable', { table }));
    services.access.grants.insistUse(person, dataset.connectionId);
    const reader = services.leases.landedFor(person, dataset.connectionId);
    store.datasets.touch(id, services.now());
    return { dataset, reader };
  };
  const titles = createTitles(services);
  return {
    async 'datasets.rows'({ id, ...asked }, { person, signal }) {
      const { dataset, reader } = tableOf({ id, table: asked.table }, person);
      const { job, ...page } = await reader.page({ ...asked, schema: dataset.schemaName }, signal);
      // Another Headgate may have published meanwhile: what is known here is not what was read then.
      const known = own(id, person.id);
      const isKnown = store.dictionaries.state(id)?.endsWith(` ${job}`) ?? false;
      return { ...page, total: isKnown ? (known.rowCounts[asked.table] ?? null) : null };
    },
    'datasets.count'({ id, ...asked }, { person, signal }) {
      const { dataset, reader } = tableOf({ id, table: asked.table }, person);
      return reader.count({ ...asked, schema: dataset.schemaName }, signal);
    },
    'datasets.distribution'({ id, ...asked }, { person, signal }) {
      const { dataset, reader } = tableOf({ id, table: asked.table }, person);
      return reader.distribution({ ...asked, schema: dataset.schemaName }, signal);
    },
    'datasets.row'({ id, ...asked }, { person, signal }) {
      const { dataset, reader } = tableOf({ id, table: asked.table }, person);
      return reader.row({ ...asked, schema: dataset.schemaName }, signal);
    },
    'datasets.titles': ({ projectId }, { person }) =>
      titles(store.datasets.list(person.id, projectId ?? null).filter(({ dataAsOf }) => dataAsOf !== null)),
  };
}

/** What tables are called, made from their dictionaries once for each publish; others get their turn after every table. */
function createTitles({ store }: Services): (datasets: readonly StoredDataset[]) => Promise<DatasetTitles[]> {
  const known = new Map<string, { readonly state: string; readonly tables: TableTitle[] }>();
  const read = async (id: string, state: string): Promise<TableTitle[]> => {
    const found: (Omit<TableTitle, 'parent'> & { readonly id: string })[] = [];
    for (let position = 0; ; position += 1) {
      const table = store.dictionaries.table(id, position);
      if (table === null) break;
      const { name, dataset, rows, columns, lang } = table;
      const shares = columns.flatMap(({ nullShare }) => nullShare ?? []);
      const empty = shares.reduce((sum, share) => sum + share, 0);
      found.push({
        ...{ id: table.id, name, title: titleOf(table), dataset, rows, columns: columns.length },
        ...(lang === undefined ? {} : { lang }),
        filled: shares.length === 0 || rows === 0 ? null : 1 - empty / shares.length,
      });
      await nextTurn();
    }
    const tables = found.map(({ id: tableId, ...table }) => ({ ...table, parent: parentOf(tableId, found) }));
    // Published anew meanwhile: it is read again with the next question.
    if (store.dictionaries.state(id) === state) known.set(id, { state, tables });
    return tables;
  };
  return async (datasets) => {
    const out: DatasetTitles[] = [];
    for (const { id } of datasets) {
      const state = store.dictionaries.state(id);
      if (state === null) continue;
      const kept = known.get(id);
      out.push({ datasetId: id, tables: kept?.state === state ? kept.tables : await read(id, state) });
    }
    for (const id of known.keys()) if (store.dictionaries.state(id) === null) known.delete(id);
    return out;
  };
}
