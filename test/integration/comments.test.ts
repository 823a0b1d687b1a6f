import { afterAll, beforeAll, expect, it } from 'vitest';
import type { JsonObject } from '../../main/connectors/json.ts';
import { createHqSimulator, type HqSimulator } from '../simulators/commcare-hq/index.ts';
import { createDatabase, type TestDatabase } from '../support/database.ts';
import { history } from '../support/history.ts';

/* The comments of columns tell what was seen in them last, also where they could not be written at once; people's stay. */

let db: TestDatabase;
let sim: HqSimulator;
beforeAll(async () => {
  db = await createDatabase();
  sim = await createHqSimulator({ domains: [] });
});
afterAll(async () => {
  await sim.close();
  await db[Symbol.asyncDispose]();
});

const answers = (...given: string[]): JsonObject[] => given.map((n) => ({ n }));
const commentOf = async (schema: string, column = 'n'): Promise<string | null | undefined> =>
  (
    await db.query(
      'SELECT col_description(attrelid, attnum) AS text FROM pg_attribute WHERE attrelid = $1::regclass AND attname = $2',
      [`${schema}.form_visit`, column],
    )
  )[0]?.['text'];

/** Runs `work` while somebody does to the table what keeps comments from being written, and rows not. */
async function whileLocked(schema: string, work: () => Promise<unknown>): Promise<void> {
  const other = await db.connect();
  try {
    await other.query(`BEGIN; LOCK TABLE ${schema}.form_visit IN SHARE UPDATE EXCLUSIVE MODE`);
    await work();
  } finally {
    await other.end();
  }
}

it('one that could not be written is written by the next refresh that can, whatever it says by then', async () => {
  const refresh = history(db, sim, 'locked');
  await refresh(answers('1', 'a'));
  const first = await commentOf('locked');
  expect(first).toMatch(/Values seen: .*text 1/);
  await whileLocked('locked', async () => {
    await refresh(answers('1', 'a', 'b'));
    await refresh(answers('1', 'a', 'b', 'c'));
  });
  expect(await commentOf('locked')).toBe(first);
  expect(await db.query('SELECT count(*) AS n FROM locked.form_visit')).toEqual([{ n: '4' }]);
  // With the same answers as before, so that nothing but the comment is left to do.
  await refresh(answers('1', 'a', 'b', 'c'));
  expect(await commentOf('locked')).toMatch(/text 3/);
  await refresh(answers('1', 'a', 'b', 'c', 'd'));
  expect(await commentOf('locked')).toMatch(/text 4/);
});

it("a person's that was written meanwhile stays, and one that a person took away stays away", async () => {
  const refresh = history(db, sim, 'meanwhile');
  await refresh(answers('1', 'a'));
  await whileLocked('meanwhile', () => refresh(answers('1', 'a', 'b')));
  await db.query("COMMENT ON COLUMN meanwhile.form_visit.n IS 'ask Ada'");
  await refresh(answers('1', 'a', 'b', 'c'));
  expect(await commentOf('meanwhile')).toBe('ask Ada');
  await db.query('COMMENT ON COLUMN meanwhile.form_visit.n IS NULL');
  await refresh(answers('1', 'a', 'b', 'c', 'd'));
  expect(await commentOf('meanwhile')).toBeNull();
});

it('of a column that went, stayed because it is used, and comes back', async () => {
  const refresh = history(db, sim, 'returned', { guards: { on: false, shrinkPercent: 0 } });
  await refresh(answers('1', 'a'));
  await db.query('CREATE VIEW public.used AS SELECT n FROM returned.form_visit');
  await refresh([{ other: '1' }, { other: '2' }]);
  await refresh(answers('1', 'a', 'b'));
  expect(await commentOf('returned')).toMatch(/text 2/);
});

it('of a column that a refresh added which was then refused', async () => {
  const refresh = history(db, sim, 'refused', { guards: { on: false, shrinkPercent: 0 } });
  await refresh([{ other: '1' }]);
  await db.query(
    `CREATE FUNCTION public.no() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'read only'; END $$;
     CREATE TRIGGER no BEFORE UPDATE ON refused.form_visit FOR EACH ROW EXECUTE FUNCTION public.no()`,
  );
  await expect(refresh(answers('a'))).rejects.toMatchObject({ code: 'PUBLISH_HELD' });
  expect(await commentOf('refused')).toBe('n');
  await db.query('DROP TRIGGER no ON refused.form_visit; DROP SCHEMA refused__staging CASCADE');
  await refresh(answers('1', 'a'));
  expect(await db.query('SELECT n FROM refused.form_visit ORDER BY 1')).toEqual([{ n: '1' }, { n: 'a' }]);
  expect(await commentOf('refused')).toMatch(/text 1/);
});
