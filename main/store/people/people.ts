import type { Person, Profile } from '../../../preload/contract/models.ts';
import type { Role } from '../../../preload/contract/permissions.ts';
import type { Said } from '../../../preload/contract/said.ts';
import { say } from '../../../preload/messages/said.ts';
import { AppError } from '../../errors.ts';
import { type Db, insistUnique } from '../db.ts';

type Row = Record<string, string | number | null>;

/** Wrong passphrases in a row, and until when no further one is looked at. */
export interface Tries {
  readonly failures: number;
  /** ISO instant; null while nobody has to wait. */
  readonly waitUntil: string | null;
}

/** People, the roles they hold, and what they prove themselves with. */
export function peopleRepository(db: Db) {
  const columns = `p.id, p.name, p.created_at, (SELECT json_group_array(role) FROM
    (SELECT role FROM person_roles WHERE person_id = p.id ORDER BY role)) AS roles,
    EXISTS (SELECT 1 FROM person_passphrases WHERE person_id = p.id) AS has_passphrase FROM people p`;
  const list = db.prepare(`SELECT ${columns} ORDER BY p.created_at, p.rowid`);
  const get = db.prepare(`SELECT ${columns} WHERE p.id = ?`);
  const named = db.prepare('SELECT 1 FROM people WHERE name = ?');
  const insert = db.prepare('INSERT INTO people (id, name, created_at) VALUES (?, ?, ?)');
  const rename = db.prepare('UPDATE people SET name = ? WHERE id = ?');
  const remove = db.prepare('DELETE FROM people WHERE id = ?');
  const grant = db.prepare('INSERT INTO person_roles (person_id, role) VALUES (?, ?)');
  const revokeAll = db.prepare('DELETE FROM person_roles WHERE person_id = ?');
  const countHolders = db.prepare('SELECT count(DISTINCT person_id) AS n FROM person_roles WHERE role = ?');
  const passphrase = db.prepare('SELECT hash FROM person_passphrases WHERE person_id = ?').pluck();
  const putPassphrase =
    db.prepare(`INSERT INTO person_passphrases (person_id, hash, changed_at) VALUES (?, ?, ?)
    ON CONFLICT (person_id) DO UPDATE SET hash = excluded.hash, changed_at = excluded.changed_at`);
  const tries = db.prepare('SELECT failures, wait_until FROM person_tries WHERE person_id = ?');
  const putTries = db.prepare(`INSERT INTO person_tries (person_id, failures, wait_until) VALUES (?, ?, ?)
    ON CONFLICT (person_id) DO UPDATE SET failures = excluded.failures, wait_until = excluded.wait_until`);
  const clearTries = db.prepare('DELETE FROM person_tries WHERE person_id = ?');

  const person = (row: Row): Person => ({
    id: row['id'] as string,
    name: row['name'] as string,
    roles: JSON.parse(row['roles'] as string),
  });
  const profile = (row: Row): Profile => ({
    ...person(row),
    hasPassphrase: row['has_passphrase'] === 1,
    createdAt: row['created_at'] as string,
  });
  const find = (id: string): Row | undefined => get.get(id) as Row | undefined;
  const insist = (id: string): Row => {
    const row = find(id);
    if (row) return row;
    throw new AppError('NOT_FOUND', say('store.personNotKnownHere'));
  };
  const taken = (name: string): Said => say('store.alreadyProfileNamed', { name });
  const unique = (name: string, write: () => void): void => insistUnique(taken(name), write);

  return {
    /** Fails with NAME_TAKEN. */
    insistFree(name: string): void {
      if (named.get(name) !== undefined) throw new AppError('NAME_TAKEN', taken(name));
    },
    list: (): Person[] => (list.all() as Row[]).map(person),
    profiles: (): Profile[] => (list.all() as Row[]).map(profile),
    find(id: string): Profile | null {
      const row = find(id);
      return row ? profile(row) : null;
    },
    /** Fails with NOT_FOUND. */
    get: (id: string): Person => person(insist(id)),
    /** Fails with NOT_FOUND. */
    profile: (id: string): Profile => profile(insist(id)),
    /** Fails with NAME_TAKEN. */
    create: db.transaction((id: string, name: string, roles: readonly Role[], now: string): void => {
      unique(name, () => insert.run(id, name, now));
      for (const role of roles) grant.run(id, role);
    }),
    /** Fails with NAME_TAKEN. */
    rename(id: string, name: string): void {
      unique(name, () => rename.run(name, id));
    },
    setRoles: db.transaction((id: string, roles: readonly Role[]): void => {
      revokeAll.run(id);
      for (const role of new Set(roles)) grant.run(id, role);
    }),
    /** How many people hold a role. */
    holders: (role: Role): number => (countHolders.get(role) as { n: number }).n,
    /** With roles, grants, passphrase and the metadata of own sign-ins; their secrets are the vault's. */
    delete(id: string): void {
      remove.run(id);
    },

    /** The PHC string; null without one. */
    passphrase: (id: string): string | null => (passphrase.get(id) as string | undefined) ?? null,
    /** Also ends the wait after wrong ones: whoever set it knows it. */
    setPassphrase: db.transaction((id: string, hash: string, now: string): void => {
      putPassphrase.run(id, hash, now);
      clearTries.run(id);
    }),
    tries(id: string): Tries {
      const row = tries.get(id) as Row | undefined;
      return {
        failures: (row?.['failures'] as number | undefined) ?? 0,
        waitUntil: (row?.['wait_until'] as string | null | undefined) ?? null,
      };
    },
    setTries(id: string, { failures, waitUntil }: Tries): void {
      putTries.run(id, failures, waitUntil);
    },
    clearTries(id: string): void {
      clearTries.run(id);
    },
  };
}
