import { randomUUID } from 'node:crypto';
import pg from 'pg';
import { inject } from 'vitest';
import type { PostgresAccess } from './global-setup.ts';

export interface TestDatabase extends AsyncDisposable {
  /** The login of connections under test: a plain role that may create schemas in this database, as a DBA would make it. */
  readonly postgres: PostgresAccess;
  /** The superuser's, for what needs one; a test that has it for its target says why. */
  readonly admin: PostgresAccess;
  readonly database: string;
  /** Runs SQL as the superuser; rows with values as PostgreSQL prints them. */
  query(sql: string, values?: unknown[]): Promise<Record<string, string | null>[]>;
  /** A session of its own, to be ended by the caller. */
  connect(): Promise<pg.Client>;
}

/** A fresh database in the run's PostgreSQL, dropped afterwards. */
export async function createDatabase(): Promise<TestDatabase> {
  const login = inject('postgres');
  const database = `test_${randomUUID().replaceAll('-', '').slice(0, 16)}`;
  const open = async (name: string): Promise<pg.Client> => {
    const client = new pg.Client({
      ...login,
      database: name,
      types: { getTypeParser: () => (value: unknown) => value },
    });
    // The test's own server may be stopped under it.
    client.on('error', () => {});
    await client.connect();
    return client;
  };
  const admin = await open('postgres');
  await admin.query(`CREATE DATABASE ${database}`);
  // The suite's password, so that it is looked for in whatever a workspace writes.
  await admin.query(`CREATE ROLE user_${database} LOGIN PASSWORD '${login.password}'`);
  await admin.query(`GRANT CREATE ON DATABASE ${database} TO user_${database}`);
  await admin.end();
  const client = await open(database);
  return {
    postgres: { ...login, user: `user_${database}` },
    admin: login,
    database,
    query: async (sql, values = []) => (await client.query<Record<string, string | null>>(sql, values)).rows,
    connect: () => open(database),
    async [Symbol.asyncDispose]() {
      await client.end();
      const last = await open('postgres');
      await last.query(`DROP DATABASE ${database} WITH (FORCE)`);
      await last.query(`DROP ROLE user_${database}`);
      await last.end();
    },
  };
}

/** The tables of a schema with their columns, by name. */
export async function columnsOf(
  db: Pick<TestDatabase, 'query'>,
  schema: string,
): Promise<Map<string, Map<string, string>>> {
  const rows = await db.query(
    `SELECT table_name, column_name, data_type FROM information_schema.columns WHERE table_schema = $1 ORDER BY 1, 2`,
    [schema],
  );
  const tables = new Map<string, Map<string, string>>();
  for (const { table_name: table, column_name: column, data_type: type } of rows) {
    const columns = tables.get(table as string) ?? new Map<string, string>();
    tables.set(table as string, columns.set(column as string, type as string));
  }
  return tables;
}

/** Differences between two schemas: tables, columns, types, and every row, compared as multisets. Empty when equal. */
export async function differences(
  db: Pick<TestDatabase, 'query'>,
  left: string,
  right: string,
): Promise<string[]> {
  const [a, b] = [await columnsOf(db, left), await columnsOf(db, right)];
  const found: string[] = [];
  for (const table of new Set([...a.keys(), ...b.keys()])) {
    const [ours, theirs] = [a.get(table), b.get(table)];
    if (!ours || !theirs) {
      found.push(`${table} is only in ${ours ? left : right}`);
      continue;
    }
    const shape = (columns: Map<string, string>): string => JSON.stringify([...columns]);
    if (shape(ours) !== shape(theirs)) {
      const only = [...ours].filter(([name, type]) => theirs.get(name) !== type);
      const other = [...theirs].filter(([name, type]) => ours.get(name) !== type);
      found.push(`${table} has other columns: ${JSON.stringify(only)} / ${JSON.stringify(other)}`);
      continue;
    }
    const list = [...ours.keys()].map((name) => `"${name.replaceAll('"', '""')}"::text`).join(', ');
    const from = (schema: string): string => `SELECT ${list} FROM "${schema}"."${table}"`;
    const [row] = await db.query(
      `SELECT (SELECT count(*) FROM (${from(left)} EXCEPT ALL ${from(right)}) x) AS only_left,
              (SELECT count(*) FROM (${from(right)} EXCEPT ALL ${from(left)}) x) AS only_right`,
    );
    if (row?.['only_left'] !== '0' || row['only_right'] !== '0') {
      found.push(`${table}: ${row?.['only_left']} rows only left, ${row?.['only_right']} only right`);
    }
  }
  return found;
}

/** Everything of Headgate's own making that is in a database for a time only. */
export const leftBehind = `SELECT nspname AS left FROM pg_namespace WHERE nspname LIKE '%\\_\\_staging'
  UNION ALL SELECT relname FROM pg_class WHERE relname LIKE '\\_difference\\_%' OR relname LIKE '\\_headgate\\_%'
  UNION ALL SELECT attname FROM pg_attribute WHERE attname LIKE '\\_headgate\\_%' AND NOT attisdropped
  UNION ALL SELECT application_name FROM pg_stat_activity
    WHERE datname = current_database() AND application_name LIKE 'headgate sync%'`;
