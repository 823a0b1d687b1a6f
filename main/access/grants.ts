import type { Connection, Person } from '../../preload/contract/models.ts';
import { type Permission, rolePermissions } from '../../preload/contract/permissions.ts';
import { say } from '../../preload/messages/said.ts';
import { AppError } from '../errors.ts';
import type { Store } from '../store/index.ts';
import type { GrantLevel } from '../store/people/grants.ts';

export type May = Connection['may'];

/** Whether one of a person's roles holds a permission; a role that is not known holds none. */
export function holds(person: Person, permission: Permission): boolean {
  return person.roles.some(
    (role) => Object.hasOwn(rolePermissions, role) && rolePermissions[role].includes(permission),
  );
}

/** What somebody may do with a connection: by role, unless it is for those with a grant only; a grant to manage makes up for a role. */
export function mayWith(person: Person, restricted: boolean, grant: GrantLevel | null): May {
  if (grant === 'manage' || holds(person, 'manage_database_connections')) return 'manage';
  return holds(person, 'use_connections') && (!restricted || grant !== null) ? 'use' : 'see';
}

/** Who may use and manage which connection. */
export function createGrants(store: Pick<Store, 'grants'>) {
  const mayOf = (person: Person, connectionId: string): May =>
    mayWith(person, store.grants.isRestricted(connectionId), store.grants.level(person.id, connectionId));
  return {
    mayOf,
    /** The same for many connections, with one look at the person's grants. */
    mayOfEach(person: Person): (connection: Pick<Connection, 'id' | 'access'>) => May {
      const levels = store.grants.ofPerson(person.id);
      return ({ id, access }) => mayWith(person, access === 'granted', levels.get(id) ?? null);
    },
    /** For work with a connection that a call is not about by itself. Fails with CONNECTION_NOT_GRANTED. */
    insistUse(person: Person, connectionId: string): void {
      if (!store.grants.isRestricted(connectionId)) return;
      if (holds(person, 'manage_database_connections')) return;
      if (store.grants.level(person.id, connectionId) !== null) return;
      throw notGranted();
    },
    grantOf: (personId: string, connectionId: string): GrantLevel | null =>
      store.grants.level(personId, connectionId),
    isRestricted: (connectionId: string): boolean => store.grants.isRestricted(connectionId),
  };
}
export type Grants = ReturnType<typeof createGrants>;

export function notGranted(): AppError {
  return new AppError('CONNECTION_NOT_GRANTED', say('people.connectionOnlyPeopleGranted'));
}
