import { emitChanged, type Handlers, type Services } from './context.ts';

/** Who may use or manage single connections. */
export function grantService(services: Services): Handlers<'grants'> {
  const { store } = services;
  return {
    'grants.list'({ connectionId }) {
      store.connections.get(connectionId);
      return store.grants.list(connectionId);
    },
    'grants.set'({ connectionId, personId, level }, { person }) {
      store.connections.get(connectionId);
      store.people.get(personId);
      if (level === null) store.grants.remove(connectionId, personId);
      else {
        const at = services.now();
        store.grants.put({ connectionId, personId, level, grantedBy: person.name, at });
      }
      emitChanged(services, 'connections');
      return store.grants.list(connectionId);
    },
  };
}
