import { AppError } from '../errors.ts';
import { emitChanged, given, type Handlers, type Services } from './context.ts';
import { dropSchemas } from './datasets.ts';

/** Projects. */
export function projectService(services: Services): Handlers<'projects'> {
  const { store, vault } = services;
  const changed = (): void => emitChanged(services, 'projects', 'connections');
  return {
    'projects.list': () => store.projects.list(),
    'projects.create'(input, { person }) {
      store.connections.get(input.connectionId);
      const created = store.projects.create({ id: services.newId(), ...input }, person.id, services.now());
      changed();
      return created;
    },
    'projects.update'({ id, ...fields }) {
      const change = given(fields);
      if (fields.connectionId !== undefined) {
        store.connections.get(fields.connectionId);
        const before = store.projects.get(id);
        const landed = store.datasets.allOfProject(id).some((dataset) => dataset.dataAsOf !== null);
        if (before.connectionId !== fields.connectionId && landed) {
          throw new AppError(
            'IN_USE',
            `The tables of “${before.name}” are in the database of “${before.connectionName}”.`,
            {
              advice:
                'Unlink its sources first (and say whether their tables are dropped), then change the connection.',
            },
          );
        }
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
