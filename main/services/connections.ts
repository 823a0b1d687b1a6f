import type { Connection } from '../../preload/contract/models.ts';
import { engineFor } from '../engines/registry.ts';
import type { StoredConnection } from '../store/connections.ts';
import { emitChanged, given, type Handlers, type Services, targetOf } from './context.ts';

/** Changes of these point a connection somewhere else: what the last test said no longer holds. */
const addressFields = ['host', 'port', 'database', 'tlsMode', 'tlsCa', 'user', 'password'] as const;

/** Database connections: metadata in the store, user and password in the vault under the same id. */
export function connectionService(services: Services): Handlers<'connections'> {
  const { store, vault } = services;
  const view = (connection: StoredConnection): Connection => ({
    ...connection,
    hasSecret: vault.has(connection.id),
  });
  const changed = (): void => emitChanged(services, 'connections');

  return {
    'connections.list': () => store.connections.list().map(view),
    async 'connections.create'({ user, password, ...fields }, { person }) {
      const id = services.newId();
      // The secret first: a connection without one would look usable.
      await vault.put(id, { user, password });
      try {
        return view(store.connections.create({ id, ...fields }, person.id, services.now()));
      } catch (error) {
        vault.delete(id);
        throw error;
      } finally {
        changed();
      }
    },
    async 'connections.update'({ id, user, password, ...fields }) {
      const change = given(fields);
      const forget = addressFields.some((field) =>
        field === 'user'
          ? user !== undefined
          : field === 'password'
            ? password !== undefined
            : change[field] !== undefined,
      );
      // The metadata first: a name that is taken must not have replaced the password already.
      const updated = store.connections.update(id, change, forget, services.now());
      changed();
      if (user !== undefined || password !== undefined) {
        // What is given whole replaces also a secret that can't be opened any more.
        const before = user !== undefined && password !== undefined ? null : await vault.get(id);
        await vault.put(id, {
          user: user ?? before?.['user'] ?? '',
          password: password ?? before?.['password'] ?? '',
        });
        changed();
      }
      return view(updated);
    },
    'connections.delete'({ id }) {
      store.connections.delete(id);
      vault.delete(id);
      changed();
      return {};
    },
    async 'connections.test'({ id }, { signal }) {
      const target = await targetOf(services, id);
      const result = await engineFor('postgres').test(target, services.now(), signal);
      store.connections.recordTest(id, result);
      changed();
      return result;
    },
  };
}
