import type { Person, Project } from '../../../preload/contract/models.ts';
import { say } from '../../../preload/messages/said.ts';
import { differences, plainly } from '../../access/differences.ts';
import { landingEngine } from '../../engines/registry.ts';
import { AppError } from '../../errors.ts';
import { emitChanged, given, type Handlers, type Services } from '../context.ts';
import { letGo } from './kept.ts';
import { insistReplaceable, leftBy, replaceDatasets } from './replace.ts';
import { revocation } from './revocation.ts';
import { searchPathOf } from './search-path.ts';

/** Fails with IN_USE where a project is being read, or its tables are in the database that it would leave. */
export function insistMovable(
  services: Pick<Services, 'store'>,
  project: Project,
  connectionId: string,
): void {
  if (project.connectionId === connectionId) return;
  insistReplaceable(services, services.store.datasets.allOfProject(project.id), undefined);
}

/**
 * What failed syncs of a project read so far and would go on with is dropped: it is of no use elsewhere. A database that is
 * not to be had any more is a reason to leave it, and keeps nobody.
 */
async function leaveNothingStaged(
  { store, jobs, host }: Pick<Services, 'store' | 'jobs' | 'host'>,
  projectId: string,
): Promise<void> {
  for (const { id, lastTriedAt } of store.datasets.allOfProject(projectId)) {
    if (lastTriedAt === null) continue;
    await jobs.dropStaged(id).catch((error: unknown) => {
      if (error instanceof AppError && error.code === 'DATASET_BUSY') throw error;
      host.log.warn('kept.not_tidied', { datasetId: id, error });
    });
  }
}

/** Projects. */
export function projectService(services: Services): Handlers<'projects'> {
  const { store } = services;
  const changed = (): void => emitChanged(services, 'projects', 'connections');
  /** Fails with CONNECTION_OFF, CONNECTION_NOT_GRANTED or ENGINE_CAN_NOT. */
  const usable = (person: Person, connectionId: string): void => {
    const { name, state, engine } = store.connections.get(connectionId);
    if (state !== 'active') throw new AppError('CONNECTION_OFF', say('projects.connection', { name, state }));
    landingEngine(engine);
    services.access.grants.insistUse(person, connectionId);
  };
  return {
    'projects.list': () => store.projects.list(),
    'projects.create'(input, { person }) {
      usable(person, input.connectionId);
      const created = store.projects.create({ id: services.newId(), ...input }, person.id, services.now());
      changed();
      return created;
    },
    async 'projects.update'({ id, oldTables, ...fields }, caller) {
      const { person, tell } = caller;
      const change = given(fields);
      const before = store.projects.get(id);
      const update = (): void => void store.projects.update(id, change, services.now());
      if (fields.connectionId === undefined || fields.connectionId === before.connectionId) update();
      else {
        usable(person, fields.connectionId);
        const datasets = store.datasets.allOfProject(id);
        if (leftBy(datasets).length > 0) {
          await replaceDatasets(services, { datasets, oldTables, change: update }, caller);
        } else {
          insistMovable(services, before, fields.connectionId);
          await leaveNothingStaged(services, id);
          // A sync may have begun while that took its time.
          insistMovable(services, before, fields.connectionId);
          update();
        }
      }
      const updated = store.projects.get(id);
      tell(differences(before, updated, { name: plainly, connectionName: plainly, dbSchema: plainly }));
      changed();
      return updated;
    },
    async 'projects.delete'({ id, dropSchemas: drop }, { person, signal }) {
      store.projects.get(id);
      const keep = await letGo(services, store.datasets.allOfProject(id), drop ? person : null, signal);
      const revoke = await revocation(services, store.credentials.idsOfProject(id));
      store.transaction(() => {
        keep();
        store.projects.delete(id);
      });
      await revoke();
      changed();
      emitChanged(services, 'credentials', 'links', 'datasets', 'syncs');
      return {};
    },
    'projects.searchPath': ({ projectId }, { person }) => searchPathOf(services, projectId, person),
  };
}
