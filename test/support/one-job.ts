import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { osProcesses } from '../../main/os-process.ts';
import type { Owner } from '../../main/store/data/jobs.ts';
import { openStore, type Store } from '../../main/store/index.ts';
import type { Job } from '../../preload/contract/models.ts';
import { instant, storedConnection, temporaryFolder } from './parts.ts';

/** This process, under a name of its own. */
export const ownerHere = (change: Partial<Owner> = {}): Owner => ({
  id: randomUUID(),
  ...osProcesses.own(),
  ...change,
});

export interface OneJob extends Disposable {
  readonly folder: string;
  readonly store: Store;
  readonly job: Job;
  readonly owner: Owner;
}

/** A workspace's store with one dataset, `d`, and one queued job of it; whose it is can be said. */
export function oneJob(owner: Owner = ownerHere(), now: () => string = () => instant): OneJob {
  const folder = temporaryFolder();
  const store = openStore(join(folder.path, 'headgate.db'), { now, newId: randomUUID });
  store.people.create('p', 'Ada', ['dba'], instant);
  store.connections.create(storedConnection({ id: 'c' }), 'p', instant);
  const source = {
    id: 's',
    name: 'HQ',
    sourceType: 'commcare',
    baseUrl: 'https://hq',
    clientId: 'x',
    settings: {},
    tlsCa: null,
  };
  store.sources.create(source, 'p', instant);
  store.projects.create({ id: 'j', name: 'Project', connectionId: 'c', dbSchema: 'public' }, 'p', instant);
  const syncConfig = {
    datasets: ['forms'],
    keepRaw: true,
    readerRoles: [],
    options: {},
    guards: true,
    shrinkPercent: 30,
    refreshViews: false,
    secondColumn: false,
    refresh: { how: 'automatic' as const, wholeEveryDays: 7 },
  };
  const link = { id: 'l', projectId: 'j', sourceId: 's', credentialMode: 'user', syncConfig } as const;
  const schedule = { kind: 'every', hours: 24 } as const;
  const choices = { schedule, quietHours: null, keepIdleHours: null, isActive: true };
  store.links.create({ ...link, syncConfig, ...choices }, instant);
  store.datasets.create({ id: 'd', linkId: 'l', personId: 'p', schemaName: 'data_x' }, instant);
  const job = store.jobs.create(
    { id: 'b', datasetId: 'd', trigger: 'person', mode: 'continue', owner },
    instant,
  );
  if (job === null) throw new Error('the new store has a job already');
  return {
    folder: folder.path,
    store,
    job,
    owner,
    [Symbol.dispose]() {
      store.close();
      folder[Symbol.dispose]();
    },
  };
}
