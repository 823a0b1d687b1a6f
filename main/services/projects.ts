import type { Person, Project } from '../../preload/contract/models.ts';
import { AppError } from '../errors.ts';
import { emitChanged, given, type Handlers, type Services } from './context.ts';
import { dropSchemas } from './datasets.ts';

/** Fails with IN_USE where tables of a project are in the database that it would leave. */
export function insistMovable(
  { store }: Pick<Services, 'store'>,
  project: Project,
  connectionId: string,
): void {
  if (project.connectionId === connectionId) return;
  if (store.datasets.allOfProject(project.id).every((dataset) => dataset.dataAsOf === null)) return;
  throw new AppError(
    'IN_USE',
    `The tables of “${project.name}” are in the database of “${project.connectionName}”.`,
    {
      advice:
        'Unlink its sources first (and say whether their tables are dropped), then change the connection.',
    },
  );
}

/** Projects. */
export function projectService(services: Services): Handlers<'projects'> {
  const { store, vault } = services;
  const changed = (): void => emitChanged(services, 'projects', 'connections');
  /** Fails with CONNECTION_OFF or CONNECTION_NOT_GRANTED. */
  const usable = (person: Person, connectionId: string): void => {
    const { name, state } = store.connections.get(connectionId);
    if (state !== 'active') throw new AppError('CONNECTION_OFF', `The connection “${name}” is ${state}.`);
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
    'projects.update'({ id, ...fields }, { person }) {
      const change = given(fields);
      if (fields.connectionId !== undefined) {
        const before = store.projects.get(id);
        if (before.connectionId !== fields.connectionId) usable(person, fields.connectionId);
        insistMovable(services, before, fields.connectionId);
      }
      const updated = store.projects.update(id, change, services.now());
      changed();
      return updated;
    },
    async 'projects.delete'({ id, dropSchemas: drop }, { signal }) {
      store.projects.get(id);
      if (drop) await dropSchemas(services, store.datasets.allOfProject(id), signal);
      const credentials = store.credentials.idsOfProject(id);
      store.projects.delete(id);
      for (const credentialId of credentials) vault.delete(credentialId);
      changed();
      emitChanged(services, 'credentials', 'links', 'datasets', 'syncs');
      return {};
    },
  };
}
