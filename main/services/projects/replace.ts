import type { OldTables } from '../../../preload/contract/models.ts';
import { say } from '../../../preload/messages/said.ts';
import { AppError } from '../../errors.ts';
import type { Turn } from '../../schedule/timetable.ts';
import type { StoredDataset } from '../../store/data/datasets.ts';
import { type Caller, emitChanged, type Services } from '../context.ts';
import { beginReading } from './begin-reading.ts';
import { ensureDataset } from './ensure-dataset.ts';
import { dropSchema, letGo } from './kept.ts';

/*
 * Where data is read to, for whom, or of which project space can change under tables that are there. They are never turned
 * into something else: a new dataset is read beside them, under a name of its own. The old tables stay, in the list of what
 * is kept, or go once the new ones are there, so that whoever reads them is never left with nothing.
 */

/** The datasets that a change would leave tables of behind. */
export const leftBy = (datasets: readonly StoredDataset[]): StoredDataset[] =>
  datasets.filter(({ dataAsOf }) => dataAsOf !== null);

/**
 * Fails with IN_USE where a dataset is being read, or holds something for a person to decide; and where there are tables and
 * nobody said what is to become of them.
 */
export function insistReplaceable(
  { store }: Pick<Services, 'store'>,
  datasets: readonly StoredDataset[],
  oldTables: OldTables | undefined,
): void {
  const busy = datasets.find((dataset) => dataset.held !== null || store.jobs.findOpen(dataset.id) !== null);
  if (busy) {
    throw new AppError(
      'IN_USE',
      say('projects.beingReadIntoDatabase', {
        sourceName: busy.sourceName,
        connectionName: busy.connectionName,
      }),
      { advice: say('projects.beingReadIntoDatabase.advice') },
    );
  }
  const [one] = leftBy(datasets);
  if (!one || oldTables !== undefined) return;
  throw new AppError(
    'IN_USE',
    say('projects.tablesDatabase', {
      sourceName: one.sourceName,
      connectionName: one.connectionName,
      schemaName: one.schemaName,
    }),
    {
      advice: say('projects.tablesDatabase.advice'),
    },
  );
}

export interface Replacement {
  readonly datasets: readonly StoredDataset[];
  /** What becomes of tables that are there; keeps them unless given. */
  readonly oldTables: OldTables | undefined;
  /** Makes the change itself; in the transaction in which the old datasets have gone and the new ones are not there yet. */
  readonly change: () => void;
}

/**
 * Changes what datasets are read by, and puts new ones in their place, which are due at once where there were tables. Fails
 * as `insistReplaceable` does, with DATASET_BUSY where another process works on one, and with CONNECTION_NOT_GRANTED where
 * tables are to go of a database that is for others; nothing is changed then. The log is told what became of the tables.
 */
export async function replaceDatasets(
  services: Services,
  { datasets, oldTables, change }: Replacement,
  { person, signal, tell }: Caller,
): Promise<void> {
  const { store } = services;
  const again = (): StoredDataset[] => datasets.map(({ id }) => store.datasets.get(id));
  insistReplaceable(services, datasets, oldTables);
  if (oldTables === 'drop')
    for (const { connectionId } of leftBy(datasets)) services.access.grants.insistUse(person, connectionId);
  const keep = await letGo(services, datasets, null, signal);
  // A sync may have begun while that took its time.
  insistReplaceable(services, again(), oldTables);
  const due = new Set<string>();
  store.transaction(() => {
    const left = leftBy(again());
    keep();
    for (const { id } of datasets) store.datasets.delete(id);
    change();
    for (const old of datasets) {
      const link = store.links.get(old.linkId);
      const made = ensureDataset(services, link, old.personId ?? person.id);
      if (!left.some(({ id }) => id === old.id)) continue;
      // Where it can't begin now, the timetable goes on with it.
      store.datasets.plan(made.id, services.now(), services.now());
      due.add(made.id);
      if (oldTables === 'drop') store.kept.replacedBy(old.id, made.id);
    }
  });
  if (due.size > 0) tell(`oldTables=${oldTables}`);
  for (const id of due) beginReading(services, store.datasets.get(id));
  emitChanged(services, 'datasets', 'links', 'syncs');
}

/**
 * Drops tables that are there anew: only what carries our mark, and nothing that other people built on. What can't go for
 * such a reason stays in the list of what is kept; a database that is not to be had is asked again.
 */
export async function dropReplaced(services: Services, stop: AbortSignal): Promise<Turn> {
  const { store, access, host } = services;
  let [gone, waiting] = [0, 0];
  for (const { id, schemaName, connectionId } of store.kept.replaced()) {
    stop.throwIfAborted();
    const [subject, detail] = [`datasetId=${id}`, `schema=${schemaName}`];
    if (connectionId === null) {
      store.kept.replacedBy(id, null);
      continue;
    }
    try {
      await dropSchema(services, { id, connectionId, schemaName }, stop);
      store.kept.delete(id);
      gone += 1;
      access.background.did('background.replaced', subject, detail);
    } catch (error) {
      if (stop.aborted) throw error;
      host.log.warn('replaced.kept', { datasetId: id, error });
      const { code } = error as { code?: unknown };
      if (code !== 'IN_USE' && code !== 'SCHEMA_NOT_OURS') {
        waiting += 1;
        continue;
      }
      store.kept.replacedBy(id, null);
      access.background.did('background.replaced', subject, detail, 'failed');
    }
  }
  if (gone > 0) emitChanged(services, 'datasets');
  return { count: gone, waiting };
}
