import { differences, plainly } from '../../access/differences.ts';
import { inOneWord } from '../../access/entry.ts';
import { emitChanged, type Handlers, type Services } from '../context.ts';

/** Who may use or manage single connections. */
export function grantService(services: Services): Handlers<'grants'> {
  const { store } = services;
  return {
    'grants.list'({ connectionId }) {
      store.connections.get(connectionId);
      return store.grants.list(connectionId);
    },
    'grants.set'({ connectionId, personId, level }, { person, tell }) {
      store.connections.get(connectionId);
      const { name } = store.people.get(personId);
      const before = { grant: store.grants.level(personId, connectionId) };
      tell(`${differences(before, { grant: level }, { grant: plainly })} to=${inOneWord(name)}`.trim());
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
