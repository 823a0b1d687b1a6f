import { randomUUID } from 'node:crypto';
import type { ConnectionInput } from '../../preload/contract/models.ts';
import type { TestDatabase } from './database.ts';

export interface TestRole {
  readonly name: string;
  readonly password: string;
  /** A connection that signs in as this role, without TLS. */
  input(more?: Partial<ConnectionInput>): ConnectionInput;
}

/** A role of its own with a password, e.g. `CREATEROLE`; it may create schemas in the test's database unless told otherwise. */
export async function createRole(
  db: TestDatabase,
  options = '',
  { mayCreate = true, prefix = 'role' }: { mayCreate?: boolean; prefix?: string } = {},
): Promise<TestRole> {
  const name = `${prefix}_${randomUUID().slice(0, 8)}`;
  const password = `canary ${randomUUID()}`;
  await db.query(`CREATE ROLE ${name} LOGIN ${options} PASSWORD '${password}'`);
  if (mayCreate) await db.query(`GRANT CREATE ON DATABASE ${db.database} TO ${name}`);
  return {
    name,
    password,
    input: (more = {}) => ({
      name: `${name} ${randomUUID().slice(0, 8)}`,
      host: db.postgres.host,
      port: db.postgres.port,
      database: db.database,
      tlsMode: 'disable',
      user: name,
      password,
      ...more,
    }),
  };
}
