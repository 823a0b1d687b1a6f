import pg from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type EmbeddedPostgres, startEmbeddedPostgres } from '../../main/headless/embedded-postgres.ts';
import { type Login, plainLogin } from '../../main/headless/plain-login.ts';
import { abandon } from '../../main/sync/destination/postgres/abandon.ts';
import { manyTables, type Project } from '../support/many-tables.ts';

/* A project of many forms on a server that allows few sessions, and so has room for few locks. */

/** Each has a repeat: twice as many tables. Locks: 64 for each of 59 sessions, 3776. */
const count = 500;
const forms = Array.from({ length: count }, (_, at) => at);
const project: Project = { forms, questions: 3, inRepeat: 2, edition: () => 1 };

let server: EmbeddedPostgres;
let login: Login;
let many: ReturnType<typeof manyTables>;
let other: pg.Client;
beforeAll(async () => {
  server = await startEmbeddedPostgres({ durable: false, settings: { max_connections: '25' } });
  login = await plainLogin(server, 'postgres');
  many = manyTables({ ...login, host: '127.0.0.1' }, 'postgres', 'many');
  const { host, port, user, password } = server;
  other = new pg.Client({ host, port, user, password, database: 'postgres' });
  await other.connect();
}, 60_000);
afterAll(async () => {
  await other.end();
  await server.stop();
});

const numberOf = async (sql: string): Promise<number> => {
  const { rows } = await other.query<{ n: number }>(`SELECT (${sql})::int AS n`);
  return rows[0]?.n ?? -1;
};
const tables = (schema = 'many'): Promise<number> =>
  numberOf(`SELECT count(*) FROM pg_tables WHERE schemaname = '${schema}'`);
const staged = (): Promise<number> =>
  numberOf("SELECT count(*) FROM pg_namespace WHERE nspname = 'many__staging'");
const answer = async (form: number): Promise<unknown> => {
  const { rows } = await other.query(`SELECT question_0_of_${form}::int AS a FROM many.form_${form}`);
  return (rows[0] as { a: number } | undefined)?.a;
};

describe('many tables on a small server', { timeout: 120_000 }, () => {
  it('publishes all of them at first, by one name', async () => {
    await many.sync(project);
    // And one for the main part, which stands for no form.
    expect(await tables()).toBeGreaterThanOrEqual(2 * count);
    expect(await staged()).toBe(0);
  });

  it('refreshes some hundreds of them, some new and some gone, in one step', async () => {
    const moved = [...forms.slice(10), ...Array.from({ length: 10 }, (_, at) => 1000 + at)];
    await many.sync({ ...project, forms: moved, edition: (form) => (form < 260 ? 2 : 1) });
    expect(await staged()).toBe(0);
    expect([await answer(259), await answer(260), await answer(1009)]).toEqual([2, 1, 1]);
    expect(
      await numberOf("SELECT count(*) FROM pg_tables WHERE schemaname = 'many' AND tablename = 'form_3'"),
    ).toBe(0);
  });

  it('holds a refresh that the lock table has no room for, and nobody else notices', async () => {
    let disturbed = 0;
    let working = true;
    const person = (async () => {
      while (working) {
        await other
          .query(
            'BEGIN; CREATE TEMP TABLE mine (a text) ON COMMIT DROP; SELECT count(*) FROM pg_class; COMMIT',
          )
          .catch(() => {
            disturbed += 1;
          });
        await new Promise((resolve) => setTimeout(resolve, 50));
      }
    })();
    const refused = many.sync({ ...project, edition: () => 3 });
    await expect(refused).rejects.toMatchObject({
      code: 'PUBLISH_HELD',
      message: expect.stringMatching(/changes 10\d\d tables at once .* room for 3776 in all/),
      advice: expect.stringMatching(/max_locks_per_transaction = 128/),
    });
    working = false;
    await person;
    expect(disturbed).toBe(0);
    expect(await answer(100)).toBe(2);
    expect(await staged()).toBe(1);
  });

  it('leaves nothing of a staged run with that many tables', async () => {
    const what = { target: many.target(), schema: 'many', dataset: many.dataset, siblings: [] };
    await abandon({ ...what, job: crypto.randomUUID(), id: 'x' }, new AbortController().signal);
    expect(await staged()).toBe(0);
    expect(await answer(100)).toBe(2);
  });
});
