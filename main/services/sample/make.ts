import { methods } from '../../../preload/contract/methods.ts';
import type { SampleStep } from '../../../preload/contract/models.ts';
import { say } from '../../../preload/messages/said.ts';
import { AppError } from '../../errors.ts';
import type { RunningSample } from '../../host.ts';
import { connectionService } from '../connections/connections.ts';
import { deletedConnectionService } from '../connections/deleted.ts';
import type { Caller, Services } from '../context.ts';
import { credentialService } from '../projects/credentials.ts';
import { linkService } from '../projects/links.ts';
import { projectService } from '../projects/projects.ts';
import { sourceService } from '../projects/sources.ts';
import { syncService } from '../projects/syncs.ts';
import type { SampleRecord } from './record.ts';

/** Who does it, and what can end it. */
export type Doing = Pick<Caller, 'person' | 'seat' | 'signal' | 'left' | 'record' | 'tell' | 'refused'>;

/** The same services, giving out this id first: what is made is known before it is made. */
const naming = (services: Services, id: string): Services => {
  let next: string | null = id;
  return {
    ...services,
    newId() {
      const given = next ?? services.newId();
      next = null;
      return given;
    },
  };
};

/** Tries a name, and one that nothing else has where that is taken. */
async function orTagged<T>(name: string, tag: string, make: (name: string) => T | Promise<T>): Promise<T> {
  try {
    return await make(name);
  } catch (error) {
    if (!(error instanceof AppError) || error.code !== 'NAME_TAKEN') throw error;
    return await make(`${name} (${tag})`);
  }
}

/** Signs the project in at the simulated CommCare HQ, where this program gives the consent itself: no browser opens. */
export async function signInToSample(
  services: Services,
  { sourceId, projectId }: Pick<SampleRecord, 'sourceId' | 'projectId'>,
  running: RunningSample,
  caller: Doing,
): Promise<void> {
  const { emit, host } = services;
  const quiet: Services = {
    ...services,
    host: { ...host, openUrl: (url) => running.consent(url) },
    emit: (name, payload, at) => void (name !== 'signIn.opened' && emit(name, payload, at)),
  };
  await credentialService(quiet)['credentials.signIn']({ sourceId, projectId }, caller);
}

/** Makes what reads the sample: connection, project, source, sign-in and link, as a person would, and begins a sync. */
export async function makeWorkspace(
  services: Services,
  { record, name, running }: { record: SampleRecord; name: string; running: RunningSample },
  caller: Doing,
  onStep: (step: SampleStep) => void,
): Promise<void> {
  const { tag, connectionId, projectId, sourceId } = record;
  const { login, host, ports, hqUrl, space } = running;
  if (login === null) throw new AppError('INTERNAL', say('sample.notAnew'));
  onStep('workspace');
  await orTagged(`${name} – PostgreSQL`, tag, (free) =>
    connectionService(naming(services, connectionId))['connections.create'](
      methods['connections.create'].input.parse({
        ...{ name: free, host, port: ports.database, database: databaseOf(tag) },
        ...{ tlsMode: 'disable', user: login.user, password: login.password },
      }),
      caller,
    ),
  );
  caller.signal.throwIfAborted();
  await orTagged(name, tag, (free) =>
    projectService(naming(services, projectId))['projects.create'](
      methods['projects.create'].input.parse({ name: free, connectionId }),
      caller,
    ),
  );
  await orTagged(`${name} – CommCare HQ`, tag, (free) =>
    sourceService(naming(services, sourceId))['sources.create'](
      methods['sources.create'].input.parse({
        ...{ name: free, sourceType: 'commcare', baseUrl: hqUrl },
        ...{ clientId: 'headgate-desktop', settings: { domain: space } },
      }),
      caller,
    ),
  );
  onStep('signIn');
  await signInToSample(services, record, running, caller);
  caller.signal.throwIfAborted();
  onStep('sync');
  const link = await linkService(services)['links.create'](
    methods['links.create'].input.parse({
      ...{ projectId, sourceId, credentialMode: 'project', keepIdleHours: null },
      syncConfig: { datasets: ['forms', 'cases'] },
    }),
    caller,
  );
  await syncService(services)['syncs.start']({ linkId: link.id, whole: false }, caller);
}

/** The database of a sample: named after it, so that it is told from any other at a glance. */
export const databaseOf = (tag: string): string => `headgate_sample_${tag}`;

/**
 * Removes what there is of a sample from the workspace, each thing by the id that was written down for it, and only where it
 * still is what was made: whatever is not there any more, or never was, is passed over. Its database is not asked: it goes as a whole.
 */
export async function unmakeWorkspace(
  services: Services,
  { tag, connectionId, projectId, sourceId }: SampleRecord,
  caller: Doing,
): Promise<void> {
  const { store, vault } = services;
  const project = store.projects.list().find(({ id }) => id === projectId);
  const source = store.sources.list().find(({ id }) => id === sourceId);
  const connection = store.connections.find(connectionId);
  // One that somebody moved onto a connection of their own is theirs since.
  if (project?.connectionId === connectionId)
    await projectService(services)['projects.delete']({ id: projectId, dropSchemas: false }, caller);
  if (source && new URL(source.baseUrl).hostname === '127.0.0.1')
    await sourceService(services)['sources.delete']({ id: sourceId, dropSchemas: false }, caller);
  for (const kept of store.kept.list()) if (kept.connectionId === connectionId) store.kept.delete(kept.id);
  if (connection?.database === databaseOf(tag)) {
    await deletedConnectionService(services)['connections.delete']({ id: connectionId }, caller);
    // Its database goes as well: there is nothing to restore.
    store.deletedConnections.remove(store.deletedConnections.find(connectionId));
  }
  // A process may have been killed between sealing a secret and making what it belongs to.
  if (!store.connections.find(connectionId)) vault.delete(connectionId);
}

/** Fails with IN_USE where something that is not the sample's stands on it. */
export function insistUnused(
  { store }: Pick<Services, 'store'>,
  { connectionId, projectId, sourceId }: SampleRecord,
): void {
  const on = store.projects
    .list()
    .filter((each) => each.connectionId === connectionId && each.id !== projectId);
  const from = store.links
    .everywhere()
    .filter((each) => each.sourceId === sourceId && each.projectId !== projectId);
  const names = new Set([...on.map((each) => each.name), ...from.map((each) => each.projectName)]);
  if (names.size === 0) return;
  throw new AppError('IN_USE', say('sample.inUse', { projects: { quoted: [...names] } }), {
    advice: say('sample.inUse.advice'),
  });
}
