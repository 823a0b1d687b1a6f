import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { type EmbeddedPostgres, startEmbeddedPostgres } from '../../main/sample/embedded-postgres.ts';
import { type Login, plainLogin } from '../../main/sample/plain-login.ts';
import { abandon } from '../../main/sync/destination/postgres/abandon.ts';
import { createHqSimulator } from '../simulators/commcare-hq/index.ts';
import { bundle } from '../support/bundle.ts';
import { type LargeRun, largeForms, largeProject, largeSource } from '../support/large-project.ts';
import { manyTables, type Project } from '../support/many-tables.ts';
import { quickPlace } from '../support/place.ts';
import { specOf, standingRun } from '../support/sync-run.ts';

/* A project of many forms on a server that allows few sessions, and so has room for few locks. */

/** Each has a repeat: twice as many tables. Locks: 64 for each of 59 sessions, 3776. */
const count = 500;
const forms = Array.from({ length: count }, (_, at) => at);
const project: Project = { forms, questions: 3, inRepeat: 2, edition: () => 1 };

/** Whether the environment asks for the long run; see below. */
const isLongRun = process.env['HEADGATE_MANY_FORMS'] !== undefined;

interface Refusal {
  readonly message: string;
  readonly advice: string;
}
const refusalOf = (refused: Promise<unknown>): Promise<Refusal> =>
  refused.then(
    () => Promise.reject(new Error('it was published')),
    (error: Refusal) => error,
  );

let server: EmbeddedPostgres;
let login: Login;
let many: ReturnType<typeof manyTables>;
/** What the refresh that found no room was told. */
let held: Promise<Refusal>;
let other: pg.Client;
const connectOther = async (): Promise<void> => {
  const { host, port, user, password } = server;
  other = new pg.Client({ host, port, user, password, database: 'postgres' });
  await other.connect();
};
beforeAll(async () => {
  server = await startEmbeddedPostgres({
    durable: false,
    place: quickPlace(),
    settings: { max_connections: '25' },
  });
  login = await plainLogin(server, 'postgres');
  many = manyTables({ ...login, host: '127.0.0.1' }, 'postgres', 'many');
  await connectOther();
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

describe('many tables on a small server', { timeout: 300_000 }, () => {
  it('publishes all of them at first, by one name', async () => {
    await many.sync(project);
    // And one for the main part, which stands for no form.
    expect(await tables()).toBeGreaterThanOrEqual(2 * count);
    expect(await staged()).toBe(0);
  });

  it('lets roles read all of them without a lock on each at once', async () => {
    await other.query('CREATE ROLE reader');
    let most = 0;
    let working = true;
    const watching = (async () => {
      while (working) {
        most = Math.max(
          most,
          await numberOf(
            "SELECT coalesce(max(n), 0) FROM (SELECT count(*) AS n FROM pg_locks WHERE mode = 'AccessShareLock' GROUP BY pid) l",
          ),
        );
        await new Promise((resolve) => setTimeout(resolve, 20));
      }
    })();
    const read = manyTables({ ...login, host: '127.0.0.1' }, 'postgres', 'read', ['reader']);
    const some = { ...project, forms: forms.slice(0, 300) };
    const readable = (): Promise<number> =>
      numberOf(`SELECT count(*) FROM pg_tables WHERE schemaname = 'read' AND has_schema_privilege('reader', 'read', 'USAGE')
        AND has_table_privilege('reader', format('%I.%I', schemaname, tablename), 'SELECT')`);
    await read.sync(some);
    expect(await readable()).toBe(await tables('read'));
    // Whoever may not read them any more may again after the next refresh.
    await other.query('REVOKE ALL ON ALL TABLES IN SCHEMA read FROM reader');
    await read.sync(some);
    expect(await readable()).toBe(await tables('read'));
    working = false;
    await watching;
    expect(most).toBeLessThan(450);
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
    held = refusalOf(refused);
    await expect(refused).rejects.toMatchObject({
      code: 'PUBLISH_HELD',
      message: expect.stringMatching(/changes 1,0\d\d tables at once .* room for 3,776 in all/),
      advice: expect.stringMatching(/max_locks_per_transaction = 128/),
    });
    working = false;
    await person;
    expect(disturbed).toBe(0);
    expect(await answer(100)).toBe(2);
    expect(await staged()).toBe(1);
  });

  it('leaves nothing of a staged run with that many tables', async () => {
    const what = { target: many.target(), schema: 'many', dataset: many.dataset, siblings: [], claim: 1 };
    await abandon({ ...what, job: crypto.randomUUID(), id: 'x' }, new AbortController().signal);
    expect(await staged()).toBe(0);
    expect(await answer(100)).toBe(2);
  });

  /** Does what a held refresh says helps; the setting that it names. */
  const help = async ({ message, advice }: Refusal): Promise<{ setting: number; needed: number }> => {
    const setting = Number(/max_locks_per_transaction = (\d+)/.exec(advice)?.[1]);
    const needed = Number(/needs about (\d+) locks/.exec(message)?.[1]);
    await other.query(`ALTER SYSTEM SET max_locks_per_transaction = ${setting}`);
    await other.end();
    await server.stop({ keepData: true });
    await server.restart();
    await connectOther();
    return { setting, needed };
  };

  it('publishes it once the lock table is as large as it said', async () => {
    expect(await help(await held)).toMatchObject({ setting: 128 });
    await many.sync({ ...project, edition: () => 3 });
    expect(await answer(100)).toBe(3);
  });

  // Four refreshes of a thousand tables, each with long values: minutes on a slow machine, so only in the long run.
  it.runIf(isLongRun)('knows what long values take, and takes no more than it said', async () => {
    const long = { ...project, long: 4000 };
    // The first time they are long in the difference only, then in what is published too.
    await many.sync({ ...long, edition: () => 5 });
    const { setting, needed } = await help(await refusalOf(many.sync({ ...long, edition: () => 6 })));
    expect(setting).toBeGreaterThan(128);
    let most = 0;
    let working = true;
    const watching = (async () => {
      while (working) {
        most = Math.max(most, await numberOf('SELECT count(*) FROM pg_locks WHERE NOT fastpath'));
        await new Promise((resolve) => setTimeout(resolve, 50));
      }
    })();
    await many.sync({ ...long, edition: () => 6 }).finally(() => {
      working = false;
    });
    await watching;
    expect(await answer(100)).toBe(6);
    expect(most).toBeLessThanOrEqual(needed);
    expect(most).toBeGreaterThan(needed / 2);
  });

  it('asks the server no more often where tables have more columns', async () => {
    const query = vi.spyOn(pg.Client.prototype, 'query');
    try {
      const asked = async (columns: number): Promise<number[]> => {
        const { postgres } = { postgres: { ...login, host: '127.0.0.1' as const } };
        const wide = manyTables(postgres, 'postgres', `columns_${columns}`);
        const few = { forms: forms.slice(0, 12), questions: columns, inRepeat: columns, edition: () => 1 };
        const counts: number[] = [];
        // First all of it, then as many new columns and others of another type, then some of them gone.
        for (const change of [
          few,
          { ...few, questions: 2 * columns, words: true },
          { ...few, words: true },
        ]) {
          query.mockClear();
          await wide.sync(change);
          counts.push(query.mock.calls.length);
        }
        return counts;
      };
      const [narrow, wide] = [await asked(6), await asked(60)];
      for (const [at, count] of wide.entries()) expect(count).toBeLessThanOrEqual((narrow[at] ?? 0) + 10);
    } finally {
      query.mockRestore();
    }
  });
});

describe('a page of many forms', { timeout: 300_000 }, () => {
  it('that is cut off when some of it is committed is read again, each record once', async () => {
    const source = await largeSource(() => largeForms(300, 1, 3, 2));
    const sim = await createHqSimulator({ domains: [] });
    const { query: through } = pg.Client.prototype;
    const query = vi.spyOn(pg.Client.prototype, 'query');
    try {
      const place = {
        postgres: { ...login, host: '127.0.0.1' as const },
        database: 'postgres',
        schema: 'cut',
      };
      const spec = { ...specOf(place, sim), source: { ...specOf(place, sim).source, baseUrl: source.url } };
      let layouts = 0;
      query.mockImplementation(function (this: pg.Client, ...args: unknown[]) {
        if (String(args[0]).includes('"_headgate_layout" (dataset')) layouts += 1;
        if (layouts === 3) throw new Error('cut off');
        return Reflect.apply(through, this, args) as unknown;
      } as typeof through);
      await expect(standingRun(spec, sim).ended).rejects.toThrow('Something went wrong inside Headgate');
      query.mockRestore();
      const parts = await numberOf('SELECT count(*) FROM cut__staging._headgate_layout');
      expect(parts).toBe(2);
      const begun = await numberOf('SELECT count(*) FROM cut__staging.forms_t0');
      expect([begun > 0, begun < 300]).toEqual([true, true]);
      const end = await standingRun({ ...spec, target: specOf(place, sim).target }, sim).ended;
      expect(end.kind).toBe('published');
      expect(await numberOf('SELECT count(*) FROM cut.forms')).toBe(300);
      expect(await numberOf('SELECT count(*) FROM cut.form_form_7')).toBe(1);
      expect(await numberOf('SELECT count(*) FROM cut.form_form_7_visits')).toBe(2);
      expect(await tables('cut')).toBe(601);
    } finally {
      query.mockRestore();
      await sim.close();
      await source.close();
    }
  });
});

/*
 * A project of thousands of tables in a worker as users have it, with its bound of memory. Here a tenth of what is
 * promised; HEADGATE_MANY_FORMS=1500 makes it 3,000 tables with 200,000 columns, which takes some ten minutes.
 */
describe('a large project in the thread of a sync', { timeout: 1_800_000 }, () => {
  const large = Number(process.env['HEADGATE_MANY_FORMS'] ?? 150);
  /** What a worker holds before it knows of any column, and what each column may take of its heap at most. */
  const restMb = 20;
  const columnKb = 0.9;

  it('lands and is refreshed within its memory, and nobody else notices', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'headgate-large-'));
    let stage = 1;
    const source = await largeSource(() => largeForms(large, stage));
    let working = true;
    const disturbed: string[] = [];
    const person = (async () => {
      while (working) {
        await other
          .query('BEGIN; CREATE TEMP TABLE mine (a text) ON COMMIT DROP; COMMIT')
          .catch((error: Error) => disturbed.push(error.message));
        await new Promise((resolve) => setTimeout(resolve, 100));
      }
    })();
    try {
      await bundle({ worker: 'test/support/measured-worker.ts' }, folder);
      const place = {
        postgres: { ...login, host: '127.0.0.1' as const },
        database: 'postgres',
        schema: 'large',
      };
      const synced = largeProject(place, source, join(folder, 'worker.js'));
      const insist = ({ outcome, phases, columns }: LargeRun, kind: string): void => {
        expect(outcome).toMatchObject({ kind });
        const most = Math.max(...phases.map(({ liveMb }) => liveMb));
        expect(most).toBeGreaterThan(0);
        expect(most).toBeLessThan(restMb + (columns * columnKb) / 1000);
      };
      const first = await synced.sync();
      insist(first, 'published');
      expect(first.columns).toBeGreaterThan(large * 134);
      expect(await tables('large')).toBe(2 * large + 1);
      stage = 2;
      insist(await synced.sync(), 'published');
      expect(await tables('large')).toBe(2 * large + 1);
      stage = 3;
      insist(await synced.sync({ guarded: true }), 'held');
      insist(await synced.sync({ guarded: true, mode: 'accept' }), 'published');
      expect(await staged()).toBe(0);
      expect(disturbed).toEqual([]);
    } finally {
      working = false;
      await person;
      await source.close();
      rmSync(folder, { recursive: true, force: true });
    }
  });
});
