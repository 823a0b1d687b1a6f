import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createDatabase, type TestDatabase } from '../support/database.ts';
import { noPgbouncer, type Pgbouncer, startPgbouncer } from '../support/pgbouncer.ts';
import { openQueries, type TestQueries } from '../support/query-room.ts';
import { seeded } from '../support/random.ts';
import { createRole, type TestRole } from '../support/roles.ts';
import {
  colleaguesFirst,
  colleaguesTraps,
  honestStatements,
  slyStatements,
} from '../support/sly-statements.ts';

/* Whatever somebody asks in SQL only reads, and only what is the project's: as a plain role, over a pooler, as a superuser. */

let db: TestDatabase;
let plain: TestRole;
let bouncer: Pgbouncer | null = null;
const rooms: TestQueries[] = [];
const ways: Record<'plain' | 'pooler' | 'superuser', TestQueries | null> = {
  plain: null,
  pooler: null,
  superuser: null,
};

beforeAll(async () => {
  db = await createDatabase();
  await db.query(colleaguesFirst);
  await db.query(colleaguesTraps);
  plain = await createRole(db, '', { mayCreate: false });
  await db.query(
    `GRANT USAGE ON SCHEMA public TO ${plain.name}; GRANT SELECT ON ALL TABLES IN SCHEMA public TO ${plain.name}`,
  );
  // What a DBA sets for a role must not change what a statement means.
  await db.query(
    `ALTER ROLE ${plain.name} SET standard_conforming_strings = off; ALTER ROLE ${plain.name} SET search_path = elsewhere`,
  );
  const login = { ...db.postgres, user: plain.name, password: plain.password };
  ways.plain = await openQueries(login, db.database, ['public']);
  ways.superuser = await openQueries(db.admin, db.database, ['public']);
  if (noPgbouncer === null) {
    bouncer = await startPgbouncer(db.postgres, { users: { [plain.name]: plain.password }, poolSize: 2 });
    ways.pooler = await openQueries(
      { host: bouncer.host, port: bouncer.port, user: plain.name, password: plain.password },
      db.database,
      ['public'],
    );
  }
  rooms.push(...Object.values(ways).filter((room) => room !== null));
});
afterAll(async () => {
  for (const room of rooms) await room[Symbol.asyncDispose]();
  bouncer?.stop();
  await db.query(`DROP OWNED BY ${plain.name}`);
  await db[Symbol.asyncDispose]();
});

/** Everything that a statement could have changed; of the server, which other tests use too, what these statements name. */
const state = async (): Promise<unknown> =>
  db.query(`SELECT (SELECT string_agg(n::text, ',' ORDER BY id) FROM public.notes n) AS notes,
    (SELECT count(*) FROM pg_class) AS relations, (SELECT count(*) FROM pg_proc) AS functions,
    (SELECT string_agg(rolname || ' ' || rolsuper, ',' ORDER BY rolname) FROM pg_authid WHERE rolname IN ('r', '${plain.name}')) AS roles, (SELECT last_value FROM public.numbers) AS numbers,
    (SELECT count(*) FROM pg_largeobject_metadata) AS objects, (SELECT count(*) FROM pg_locks WHERE locktype = 'advisory'
      AND database = (SELECT oid FROM pg_database WHERE datname = current_database())) AS locks,
    (SELECT count(*) FROM pg_listening_channels()) AS channels, (SELECT count(*) FROM pg_prepared_statements) AS prepared`);

describe.each(['plain', 'pooler', 'superuser'] as const)('%s', (way) => {
  const room = (): TestQueries => {
    const found = ways[way];
    if (found === null) throw new Error('there is no such way');
    return found;
  };
  const isThere = way !== 'pooler' || noPgbouncer === null;

  it.skipIf(!isThere)(`refuses ${slyStatements.length} statements, each for its reason`, async () => {
    const before = await state();
    const wrong: unknown[] = [];
    for (const [reason, sql] of slyStatements) {
      const outcome = await room().outcome(sql);
      if (!('refused' in outcome) || outcome.refused !== reason) wrong.push({ reason, sql, outcome });
    }
    expect(wrong).toEqual([]);
    expect(await state()).toEqual(before);
  });

  it.skipIf(!isThere)(`runs ${honestStatements.length} that only look so`, async () => {
    const wrong: unknown[] = [];
    for (const [rows, sql] of honestStatements) {
      const outcome = await room().outcome(sql);
      if (!('rows' in outcome) || outcome.rows !== rows) wrong.push({ rows, sql, outcome });
    }
    expect(wrong).toEqual([]);
  });

  it.skipIf(!isThere)('says loudly whom a read-only transaction does not hold', async () => {
    const query = await room().open('SELECT 1');
    await query.close();
    expect(query.warnings).toEqual(way === 'superuser' ? ['superuser'] : []);
  });

  it.skipIf(!isThere)('reads a backslash as the check read it', async () => {
    const query = await room().open("SELECT 'a\\' AS text");
    const { rows } = await query.next(1, new AbortController().signal);
    expect(rows).toEqual([['a\\']]);
    await query.close();
  });
});

it('reads as the reader role, for whoever manages the connection too', async () => {
  const reader = `reads_${db.database}`;
  await db.query(`CREATE ROLE ${reader} NOLOGIN`);
  await db.query(`GRANT SELECT ON public.notes TO ${reader}`);
  await using room = await openQueries(db.admin, db.database, ['public'], reader);
  const query = await room.open('SELECT current_user, count(*) FROM notes');
  expect((await query.next(1, new AbortController().signal)).rows).toEqual([[reader, '2']]);
  expect([query.role, query.warnings]).toEqual([reader, []]);
  await query.close();
  expect(await room.outcome('SELECT * FROM stored')).toMatchObject({ failed: '42501' });
  await using other = await openQueries(
    { ...db.postgres, user: plain.name, password: plain.password },
    db.database,
    ['public'],
    reader,
  );
  const own = await other.open('SELECT current_user');
  expect([own.role, own.warnings]).toEqual([plain.name, ['no_reader_role']]);
  await own.close();
  await db.query(`DROP OWNED BY ${reader}; DROP ROLE ${reader}`);
});

it('writes nothing, whatever 2,000 statements out of pieces say', async () => {
  const random = seeded(12);
  const pick = <T>(from: readonly T[]): T => from[Math.floor(random() * from.length)] as T;
  const expressions = (depth: number): string => {
    if (depth <= 0)
      return pick(['1', "'x'", 'NULL', 'n.id', 'n.text', 'n.*', 'n', '$$a;b$$', 'CURRENT_USER', 'true']);
    const inner = (): string => expressions(depth - 1);
    return pick([
      () => `(${inner()})`,
      () =>
        `${inner()} ${pick(['+', '||', '=', 'IS DISTINCT FROM', '###', 'AND', 'LIKE', '->>'])} ${inner()}`,
      () =>
        `${pick(['lower', 'calm', 'pg_notify', 'nextval', 'bump', 'count', 'set_config', 'coalesce', 'row_to_json', 'public.mine'])}(${inner()}${pick(['', `, ${inner()}`])})`,
      () => `CASE WHEN ${inner()} THEN ${inner()} ELSE ${inner()} END`,
      () => `(${query(depth - 1)})`,
      () => `${inner()}::${pick(['text', 'int', 'checked', 'mood', 'regclass', 'jsonb'])}`,
      () => `ARRAY[${inner()}]`,
      () => `EXISTS (${query(depth - 1)})`,
    ])();
  };
  const query = (depth: number): string =>
    pick([
      () =>
        `SELECT ${expressions(depth)} FROM ${pick(['notes n', 'public.notes n', 'trap_view n', 'pg_class n', 'elsewhere.secrets n', 'plain_view n', 'a n'])}`,
      () => `WITH a AS (${pick([statement, query])(depth - 1)}) SELECT * FROM a`,
      () => `SELECT ${expressions(depth)} UNION ${query(depth - 1)}`,
      () => `VALUES (${expressions(depth)})`,
      () =>
        `SELECT ${pick(['n.id', 'n.id + 1', 'count(*)', 'max(n.id)', 'row_to_json(n)'])} FROM ${pick(['notes n', 'plain_view n', 'stored n'])} ${pick(['', 'LIMIT 1', 'WHERE n.id > 1'])}`,
      () =>
        `SELECT ${expressions(depth)} FROM notes n ${pick(['', 'FOR UPDATE', 'ORDER BY 1', `GROUP BY ${expressions(0)}`, 'LIMIT 1'])}`,
      () => `SELECT ${expressions(depth)} INTO made FROM notes n`,
    ])();
  const statement = (depth: number): string =>
    depth <= 0
      ? 'SELECT 1'
      : pick([
          () => query(depth),
          () => `INSERT INTO notes SELECT 99, ${expressions(depth)} RETURNING *`,
          () => `UPDATE notes n SET text = 'z' WHERE ${expressions(depth)} RETURNING *`,
          () => `DELETE FROM notes n WHERE ${expressions(depth)} RETURNING *`,
          () => `CREATE TABLE made AS ${query(depth)}`,
          () => `EXPLAIN ${pick(['', 'ANALYZE '])}${statement(depth - 1)}`,
          () => `${query(depth)}; ${pick(['COMMIT', 'DELETE FROM notes', 'SELECT 1'])}`,
          () => `SET ${pick(['ROLE postgres', 'transaction_read_only = off', 'search_path = elsewhere'])}`,
        ])();
  const before = await state();
  const counts = { refused: 0, failed: 0, ran: 0 };
  // As a superuser, whom nothing but the checks and the transaction keeps from writing.
  const room = ways.superuser as TestQueries;
  for (let n = 0; n < 2000; n += 1) {
    const outcome = await room.outcome(statement(3));
    if ('refused' in outcome) counts.refused += 1;
    else if ('failed' in outcome) counts.failed += 1;
    else counts.ran += 1;
  }
  expect(await state()).toEqual(before);
  console.info(`of 2,000 statements: ${JSON.stringify(counts)}`);
  for (const count of Object.values(counts)) expect(count).toBeGreaterThan(50);
});
