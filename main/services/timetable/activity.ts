import { hostname } from 'node:os';
import type { Turn } from '../../schedule/timetable.ts';
import type { StoredDataset } from '../../store/data/datasets.ts';
import {
  exchangeSchedule,
  type Learnt,
  type Told,
} from '../../sync/destination/postgres/catalogue/schedule.ts';
import { aFewAtATime } from '../connections/connection-tests.ts';
import { withTarget } from '../connections/targets.ts';
import { emitChanged, type Services } from '../context.ts';
import { outlookOf } from './outlook.ts';

/** Databases that are looked at at once; one that does not answer must not hold the others up for long. */
const atOnce = 4;
const longestLookMs = 20_000;
/** The server counts a session's reads some seconds late: what a job read itself must not look like somebody's use. */
const settledMs = 60_000;

type Needs = Pick<Services, 'store' | 'vault' | 'host' | 'access' | 'emit' | 'jobs' | 'now'>;

function toldOf(services: Needs, dataset: StoredDataset): Told {
  const link = services.store.links.get(dataset.linkId);
  const { at } = outlookOf(services, dataset);
  return {
    dataset: dataset.id,
    schema: dataset.schemaName,
    project: dataset.projectName,
    projectSchema: services.store.projects.get(dataset.projectId).dbSchema,
    isPersonal: dataset.personId !== null,
    source: dataset.sourceName,
    state: dataset.status,
    dataAsOf: dataset.dataAsOf,
    nextRefreshAt: at,
    lastResult: dataset.held !== null ? 'held' : (dataset.error?.code ?? (dataset.dataAsOf && 'completed')),
    holder: hostname(),
    expiresAt: dataset.expiresAt,
    readerRoles: link.syncConfig.readerRoles,
  };
}

/** What the store knows of a dataset's jobs and of what was read of it. */
const jobsOf = ({ store }: Needs, { id }: StoredDataset) => ({
  isUnderWay: store.jobs.findOpen(id) !== null,
  last: store.jobs.list(null, { datasetId: id, limit: 1 })[0],
  seen: store.datasets.readsSeen(id),
});

/** What it means for a dataset: used since it was looked at last, or wanted back. */
function take(
  services: Needs,
  dataset: StoredDataset,
  learnt: Learnt,
  { isUnderWay, last, seen }: ReturnType<typeof jobsOf>,
): boolean {
  const { store, now } = services;
  const isNewer = learnt.usedAt !== null && learnt.usedAt > dataset.lastActivityAt;
  if (isNewer) store.datasets.touch(dataset.id, learnt.usedAt ?? now());
  if (dataset.dataAsOf === null) {
    if (!isNewer || dataset.status !== 'expired') return false;
    services.jobs.start(dataset.id, 'schedule');
    return true;
  }
  if (learnt.reads === null || isUnderWay) return isNewer;
  const ended = Date.parse(last?.finishedAt ?? '');
  if (ended > services.host.clock.now() - settledMs) return isNewer;
  const jobId = last?.id ?? null;
  const isRead = seen !== null && seen.jobId === jobId && learnt.reads > seen.reads;
  if (isRead) store.datasets.touch(dataset.id, now());
  if (seen?.jobId !== jobId || seen.reads !== learnt.reads)
    store.datasets.putReadsSeen(dataset.id, { reads: learnt.reads, jobId });
  return isNewer || isRead;
}

/**
 * Looks at the databases that data was published to: tells them what is planned, and learns which schemas are used there, by
 * whoever reads them. `only` are the connections that are looked at; all unless given. Returns how many datasets were found in
 * use, and the connections of which that is known now.
 */
export async function lookAtTargets(
  services: Needs,
  stop: AbortSignal,
  only?: ReadonlySet<string>,
): Promise<Turn & { readonly looked: ReadonlySet<string> }> {
  const { store, vault, host } = services;
  const looked = new Set<string>();
  if (vault.status().state === 'locked') return { count: 0, looked };
  const all = store.datasets.everywhere();
  const workspace = { id: store.workspaceId, datasets: all.map(({ id }) => id) };
  const byConnection = Map.groupBy(all, ({ connectionId }) => connectionId);
  let [used, waiting] = [0, 0];
  // Where something was kept that is refreshed no more, that is told too.
  const left = store.kept.list().flatMap(({ connectionId }) => connectionId ?? []);
  const asked = [...new Set([...byConnection.keys(), ...left])].filter((id) => only?.has(id) ?? true);
  await aFewAtATime(asked, atOnce, stop, async (connectionId) => {
    const { state, readOnly } = store.connections.get(connectionId);
    if (state !== 'active' || readOnly) return;
    const datasets = byConnection.get(connectionId) ?? [];
    const signal = AbortSignal.any([stop, AbortSignal.timeout(longestLookMs)]);
    try {
      services.access.background.used('background.activity', `connectionId=${connectionId}`);
      const told = store.reading(() => datasets.map((dataset) => toldOf(services, dataset)));
      const learnt = await withTarget(services, connectionId, (target) =>
        exchangeSchedule(
          target,
          workspace,
          told,
          (error) => host.log.warn('activity.untold', { connectionId, error }),
          signal,
        ),
      );
      const known = store.reading(() =>
        datasets.map((dataset) => ({ dataset, jobs: jobsOf(services, dataset) })),
      );
      for (const { dataset, jobs } of known) {
        const found = learnt.get(dataset.id);
        if (found && take(services, dataset, found, jobs)) used += 1;
      }
      looked.add(connectionId);
    } catch (error) {
      if (stop.aborted) throw error;
      // Whether its data is used is not known meanwhile; nothing of it goes.
      waiting += 1;
      host.log.info('activity.unknown', { connectionId, error });
    }
  });
  if (used > 0) emitChanged(services, 'datasets');
  return { count: used, waiting, looked };
}
