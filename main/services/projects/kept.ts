import { setImmediate as nextTurn } from 'node:timers/promises';
import type { KeptSchema, LeftTables, Person } from '../../../preload/contract/models.ts';
import { say } from '../../../preload/messages/said.ts';
import { AppError } from '../../errors.ts';
import type { StoredDataset } from '../../store/data/datasets.ts';
import type { StoredLink } from '../../store/data/links.ts';
import { abandon } from '../../sync/destination/postgres/abandon.ts';
import { dropPublished } from '../../sync/destination/postgres/drop-published.ts';
import { schemaName } from '../../sync/shape/naming.ts';
import { targetOf } from '../connections/targets.ts';
import { emitChanged, type Handlers, type Services } from '../context.ts';

/** Drops what is published; see `dropPublished`. */
async function drop(
  services: Services,
  { connectionId, schemaName: schema, id }: Pick<StoredDataset, 'connectionId' | 'schemaName' | 'id'>,
  signal: AbortSignal,
): Promise<void> {
  const target = await targetOf(services, connectionId);
  await dropPublished(
    { target, schema, dataset: id },
    (error) => services.host.log.warn('catalogue.unwritten', { datasetId: id, error }),
    signal,
  );
}

/**
 * Drops what is published of a dataset that nothing goes on for, and what a job may have left beside it. Fails as
 * `dropPublished` does.
 */
export async function dropSchema(
  services: Services,
  dataset: Pick<StoredDataset, 'connectionId' | 'schemaName' | 'id'>,
  signal: AbortSignal,
): Promise<void> {
  const { id, connectionId, schemaName: schema } = dataset;
  await abandon(
    {
      target: await targetOf(services, connectionId),
      ...{ schema, dataset: id, job: id, claim: 0, id: services.newId(), siblings: [] },
    },
    signal,
  );
  await drop(services, dataset, signal);
}

/**
 * Ends what goes on for datasets that are about to be deleted: their jobs, and what was read and not published. Their
 * schemas are dropped where a person wishes it (`dropFor`); what stays in a database is listed by the function this
 * returns, which is to be called in the transaction that deletes them. Fails with DATASET_BUSY where another process works
 * on one, and where schemas are to be dropped with CONNECTION_NOT_GRANTED or whatever keeps one from it; nothing is deleted
 * then.
 */
export async function letGo(
  services: Services,
  datasets: readonly StoredDataset[],
  dropFor: Person | null,
  signal: AbortSignal,
): Promise<() => void> {
  const { store, jobs, host } = services;
  const dropSchemas = dropFor !== null;
  // Before anything is stopped or dropped.
  if (dropFor)
    for (const { connectionId } of datasets) services.access.grants.insistUse(dropFor, connectionId);
  const kept: StoredDataset[] = [];
  for (const { id } of datasets) {
    const open = store.jobs.findOpen(id);
    if (open) await jobs.cancel(open.id);
    // The job may have come to its end meanwhile.
    const dataset = store.datasets.get(id);
    if (dataset.lastTriedAt === null && dataset.dataAsOf === null) continue;
    let staged = false;
    try {
      await jobs.dropStaged(id);
    } catch (error) {
      if (dropSchemas || signal.aborted) throw error;
      if (error instanceof AppError && error.code === 'DATASET_BUSY') throw error;
      // A database that is not to be had keeps nobody from unlinking; what is left there is in the list.
      host.log.warn('kept.not_tidied', { datasetId: id, error });
      staged = true;
    }
    if (dropSchemas) await drop(services, dataset, signal);
    else if (staged || dataset.dataAsOf !== null) kept.push(dataset);
  }
  // Years of history are more than one transaction should take.
  for (const { id } of datasets) {
    const handedOver = kept.some((dataset) => dataset.id === id);
    while (store.jobs.shed(id) || store.words.shed(id) || store.dictionaries.shed(id, !handedOver))
      await nextTurn();
  }
  return () => {
    for (const dataset of kept) store.kept.keep(dataset, services.now());
  };
}

/** A name for the schema of a dataset, which nothing else of this workspace has or had. */
export function freeSchemaName(
  { store }: Pick<Services, 'store'>,
  owner: string,
  sourceType: string,
): string {
  return schemaName(
    owner,
    sourceType,
    (name) => store.datasets.isSchemaTaken(name) || store.kept.isSchemaTaken(name),
  );
}

/** Where a link's dataset can go on with what was kept: same connection, same source, same owner. */
function fits(services: Services, kept: KeptSchema, link: StoredLink, personId: string): boolean {
  const { connectionId } = services.store.projects.get(link.projectId);
  const owner =
    link.credentialMode === 'user'
      ? kept.personId === personId
      : kept.personId === null && kept.personName === null;
  return kept.connectionId === connectionId && kept.sourceId === link.sourceId && owner;
}

/**
 * The dataset of a link goes on with a kept schema: under its old id, because the schema's mark names it, with its tables,
 * names and dictionary. Fails with NOT_FOUND, and with INPUT_INVALID where it is of something else. To be called in a
 * transaction.
 */
export function adopt(services: Services, keptId: string, link: StoredLink, personId: string): StoredDataset {
  const { store, now } = services;
  const kept = store.kept.get(keptId);
  if (!fits(services, kept, link, personId)) {
    throw new AppError(
      'INPUT_INVALID',
      say('projects.tablesAnotherSourceOwner', { schemaName: kept.schemaName }),
      {
        advice: say('projects.tablesAnotherSourceOwner.advice'),
      },
    );
  }
  const owner = link.credentialMode === 'user' ? personId : null;
  store.datasets.create(
    { id: kept.id, linkId: link.id, personId: owner, schemaName: kept.schemaName },
    now(),
  );
  if (kept.dataAsOf !== null) {
    store.datasets.adopt(kept.id, { dataAsOf: kept.dataAsOf, rowCounts: kept.rowCounts }, now());
    store.kept.handOver(keptId);
  }
  store.kept.delete(keptId);
  return store.datasets.get(kept.id);
}

/** Schemas that stay in databases after their dataset went. */
export function keptService(services: Services): Handlers<'kept'> {
  const { store } = services;
  const changed = (): void => emitChanged(services, 'datasets');
  /** A person's own tables are that person's matter; a DBA's where the person is gone. */
  const insistOwn = (kept: KeptSchema, person: Person): void => {
    if (kept.personId === null || kept.personId === person.id) return;
    throw new AppError('PERMISSION_DENIED', say('projects.theseTablesBelongSomebody'));
  };
  return {
    'kept.wouldBe': (of) => {
      const datasets =
        'projectId' in of
          ? store.datasets.allOfProject(of.projectId)
          : 'linkId' in of
            ? store.datasets.allOfLink(of.linkId)
            : store.datasets.allOfSource(of.sourceId);
      return datasets.flatMap(({ id, dataAsOf, personId, rowCounts, ...dataset }): LeftTables[] => {
        if (dataAsOf === null) return [];
        const { schemaName, connectionName, sourceName, projectName } = dataset;
        const rows = Object.values(rowCounts).reduce((sum, count) => sum + count, 0);
        const personName = personId === null ? null : (store.people.find(personId)?.name ?? '');
        return [
          { datasetId: id, schemaName, connectionName, sourceName, projectName, personName, rows, dataAsOf },
        ];
      });
    },
    'kept.list': (_, { person }) =>
      store.kept.list().filter(({ personId }) => personId === null || personId === person.id),
    async 'kept.drop'({ id }, { person, signal }) {
      const kept = store.kept.get(id);
      insistOwn(kept, person);
      const { connectionId } = kept;
      if (connectionId === null) {
        throw new AppError(
          'NOT_FOUND',
          say('projects.connectionNotHeadgateAny', { connectionName: kept.connectionName }),
          {
            advice: say('projects.connectionNotHeadgateAny.advice', { schemaName: kept.schemaName }),
          },
        );
      }
      services.access.grants.insistUse(person, connectionId);
      await dropSchema(services, { id, connectionId, schemaName: kept.schemaName }, signal);
      store.kept.delete(id);
      changed();
      return {};
    },
    'kept.forget'({ id }, { person }) {
      const kept = store.kept.get(id);
      insistOwn(kept, person);
      store.kept.delete(id);
      changed();
      return {};
    },
  };
}
