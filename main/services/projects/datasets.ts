import type { Dataset, Job, Person } from '../../../preload/contract/models.ts';
import { say } from '../../../preload/messages/said.ts';
import { nextTime } from '../../calendar/times.ts';
import { AppError } from '../../errors.ts';
import type { StoredDataset } from '../../store/data/datasets.ts';
import { browseHandlers, type OwnDataset } from '../browse/browse.ts';
import { emitChangedOne, type Handlers, type Services } from '../context.ts';
import { outlookOf } from '../timetable/outlook.ts';
import { credentialOf, signInOf } from './credential-of.ts';
import { historyOf } from './day-history.ts';
import { describe } from './described.ts';
import { recountHeld } from './recount.ts';

/** By when a dataset is to be refreshed by its schedule, reckoned from what is published. */
export function freshUntilOf({ dataAsOf, plan }: StoredDataset): string | null {
  if (dataAsOf === null) return null;
  const asOf = Date.parse(dataAsOf);
  return new Date(nextTime(plan.schedule, asOf, asOf)).toISOString();
}

/** A dataset as the window sees it, with the job under way and whether its sign-in works. */
export function datasetView(services: Services, dataset: StoredDataset, personId: string): Dataset {
  if (dataset.personId !== null && dataset.personId !== personId) {
    throw new AppError('PERMISSION_DENIED', say('projects.datasetBelongsSomebodyElse'));
  }
  const { plan: _, lastActivityAt: __, ...shown } = dataset;
  return {
    ...shown,
    freshUntil: freshUntilOf(dataset),
    outlook: outlookOf(services, dataset),
    job: services.store.jobs.findOpen(dataset.id),
    signIn: signInOf(credentialOf(services, dataset)),
  };
}

/**
 * A dataset that this person may work with at its target. Fails with PERMISSION_DENIED for somebody else's, and with
 * CONNECTION_NOT_GRANTED where its database is for others.
 */
export function usableDataset(services: Services, id: string, person: Person): StoredDataset {
  const dataset = services.store.datasets.get(id);
  datasetView(services, dataset, person.id);
  services.access.grants.insistUse(person, dataset.connectionId);
  return dataset;
}

/** Keeps with a held run what a person decided about it. */
export function decided(
  { store, now, emit }: Services,
  jobId: string,
  how: NonNullable<Job['decided']>['how'],
  { name }: Person,
): void {
  store.transaction(() => {
    store.runs.decide(jobId, { how, by: name, at: now() });
    store.runs.say(jobId, [{ at: now(), level: 'info', said: say(`runs.decided.${how}`, { name }) }]);
  });
  emitChangedOne({ emit }, 'syncs', jobId);
}

/** Materialised datasets and what is in them. */
export function datasetService(services: Services): Handlers<'datasets'> {
  const { store } = services;
  const own: OwnDataset = (id, personId) => {
    const dataset = store.datasets.get(id);
    datasetView(services, dataset, personId);
    return dataset;
  };
  return {
    'datasets.list': ({ projectId }, { person }) =>
      store.reading(() =>
        store.datasets
          .list(person.id, projectId ?? null)
          .map((dataset) => datasetView(services, dataset, person.id)),
      ),
    'datasets.history': ({ ids, days, zone }, { person }) => {
      // What is somebody else's, and what went since the window read its list, is not told of.
      const seen = new Set(store.datasets.list(person.id, null).map(({ id }) => id));
      const own = [...new Set(ids)].filter((id) => seen.has(id));
      return historyOf(store, own, { days, zone, now: Date.parse(services.now()) });
    },
    async 'datasets.dictionary'({ id }, { person }) {
      own(id, person.id);
      const known = await store.dictionaries.read(id);
      const dataset = own(id, person.id);
      const { schemaName, dataAsOf } = dataset;
      const described = await describe(services, dataset, known?.tables ?? []);
      return { schemaName, dataAsOf, jobId: known?.jobId ?? null, ...described };
    },
    'datasets.changes'({ id, limit }, { person }) {
      own(id, person.id);
      return store.dictionaries.changes(id, limit);
    },
    'datasets.keep'({ id }, { person }) {
      usableDataset(services, id, person);
      store.datasets.touch(id, services.now());
      emitChangedOne(services, 'datasets', id);
      return datasetView(services, store.datasets.get(id), person.id);
    },
    'datasets.accept'({ id }, { person }) {
      const { held } = usableDataset(services, id, person);
      const job = services.jobs.accept(id);
      if (held !== null) decided(services, held.jobId, 'accepted', person);
      return job;
    },
    async 'datasets.discard'({ id }, { person }) {
      const { held } = usableDataset(services, id, person);
      await services.jobs.discard(id);
      if (held !== null) decided(services, held.jobId, 'discarded', person);
      emitChangedOne(services, 'datasets', id);
      return datasetView(services, store.datasets.get(id), person.id);
    },
    'datasets.recount': ({ id }, { person, signal }) =>
      recountHeld(services, usableDataset(services, id, person), signal),
    async 'datasets.tables'({ id }, { person, signal }) {
      const dataset = own(id, person.id);
      if (dataset.dataAsOf === null) return [];
      services.access.grants.insistUse(person, dataset.connectionId);
      const reader = services.leases.landedFor(person, dataset.connectionId);
      store.datasets.touch(id, services.now());
      const tables = await reader.tables(dataset.schemaName, signal);
      return tables
        .filter((table) => Object.hasOwn(dataset.rowCounts, table.name))
        .map((table) => ({ ...table, rows: dataset.rowCounts[table.name] as number }));
    },
    ...browseHandlers(services, own),
  };
}
