import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { localTarget } from '../../main/engines/engine.ts';
import { markText, requireOwnTables } from '../../main/engines/postgres/ownership.ts';
import { abandon } from '../../main/sync/destination/postgres/abandon.ts';
import { dropPublished } from '../../main/sync/destination/postgres/drop-published.ts';
import type { RunSpec } from '../../main/sync/run-spec.ts';
import { english } from '../../preload/messages/said.ts';
import { createHqSimulator, type HqSimulator } from '../simulators/commcare-hq/index.ts';
import { createDatabase, type TestDatabase } from '../support/database.ts';
import { createRole, type TestRole } from '../support/roles.ts';
import { specOf, standingRun } from '../support/sync-run.ts';

/*
 * A mark is a comment, and whoever may create schemas can write one. What belongs to somebody else is not written to,
 * whatever it says of itself: a trigger on it would run with the rights of the sync's user. The trigger here only writes
 * down with whose rights it ran.
 */

let db: TestDatabase;
let sim: HqSimulator;
beforeAll(async () => {
  sim = await createHqSimulator({ domains: [{ name: 'demo', forms: 120, cases: 5, seed: 2 }] });
});
afterAll(() => sim.close());

let ours: TestRole;
let eve: TestRole;
beforeEach(async () => {
  db = await createDatabase();
  ours = await createRole(db, '', { prefix: 'sync' });
  eve = await createRole(db, '', { prefix: 'eve' });
  await as(
    eve,
    `CREATE SCHEMA eve; GRANT USAGE ON SCHEMA eve TO PUBLIC; CREATE TABLE eve.ran (who text); GRANT INSERT ON eve.ran TO PUBLIC;
     CREATE FUNCTION eve.note() RETURNS trigger LANGUAGE plpgsql AS
       $$BEGIN INSERT INTO eve.ran VALUES (current_user); RETURN NEW; END$$;
     CREATE FUNCTION eve.told() RETURNS boolean LANGUAGE plpgsql AS
       $$BEGIN INSERT INTO eve.ran VALUES (current_user); RETURN true; END$$`,
  );
  return async () => {
    await db.query(`REASSIGN OWNED BY ${ours.name}, ${eve.name} TO ${db.admin.user}`);
    await db.query(`DROP OWNED BY ${ours.name}, ${eve.name}`);
    await db.query(`DROP ROLE ${ours.name}, ${eve.name}`);
    await db[Symbol.asyncDispose]();
  };
});

const as = (role: TestRole, sql: string): Promise<unknown> =>
  db.query(`SET ROLE ${role.name}; ${sql}; RESET ROLE`);
const spec = (schema = 'data_x', change: Partial<RunSpec> = {}): RunSpec =>
  specOf(
    { postgres: { ...db.postgres, user: ours.name, password: ours.password }, database: db.database, schema },
    sim,
    change,
  );
const run = async (of: RunSpec) => {
  const end = await standingRun(of, sim).ended;
  if (end.kind !== 'published') throw new Error(end.kind);
  const { notice } = end.result;
  return { ...end.result, notice: notice === null ? null : english(notice) };
};
const failure = (of: RunSpec): Promise<{ code: string; message: string; advice: string }> =>
  standingRun(of, sim).ended.then(
    () => Promise.reject(new Error('it was published')),
    (error) => error as { code: string; message: string; advice: string },
  );
const ran = async (): Promise<unknown[]> => (await db.query('SELECT who FROM eve.ran')).map(({ who }) => who);
const published = async (): Promise<number> =>
  Number((await db.query('SELECT count(*) AS n FROM data_x.forms'))[0]?.['n']);
const catalogueMark = markText({ dataset: '', workspace: '', role: 'catalogue', tables: [] });

/** Eve makes the catalogue as Headgate would, with a trigger on it. */
const forgeCatalogue = (): Promise<unknown> =>
  as(
    eve,
    `CREATE SCHEMA headgate; GRANT ALL ON SCHEMA headgate TO PUBLIC;
     CREATE TABLE headgate.datasets (dataset uuid PRIMARY KEY, schema_name text NOT NULL, source text NOT NULL,
       data_as_of timestamptz NOT NULL, published_at timestamptz NOT NULL, workspace uuid NOT NULL, job uuid NOT NULL);
     CREATE TABLE headgate.tables (); CREATE TABLE headgate.columns (); CREATE TABLE headgate.changes ();
     CREATE TRIGGER note BEFORE INSERT ON headgate.datasets FOR EACH ROW EXECUTE FUNCTION eve.note();
     GRANT ALL ON ALL TABLES IN SCHEMA headgate TO PUBLIC; COMMENT ON SCHEMA headgate IS '${catalogueMark}'`,
  );

describe('a catalogue that somebody forged', () => {
  it('is not written; the data is published and says why', async () => {
    await forgeCatalogue();
    const { notice } = await run(spec());
    expect(notice).toContain(
      `The schema “headgate” is owned by “${eve.name}”, not by the user of this connection. The tables themselves are published.`,
    );
    expect(await published()).toBe(120);
    expect(await ran()).toEqual([]);
    expect(await db.query(`SELECT rolsuper FROM pg_roles WHERE rolname = '${eve.name}'`)).toEqual([
      { rolsuper: 'f' },
    ]);
  });

  it('is not written where one table of ours was exchanged, or got a trigger, a rule or a check that calls a function', async () => {
    await run(spec('data_first'));
    expect(await db.query('SELECT schema_name FROM headgate.datasets')).toEqual([
      { schema_name: 'data_first' },
    ]);
    const odd = [
      [
        'CREATE TRIGGER note BEFORE INSERT ON headgate.datasets FOR EACH ROW EXECUTE FUNCTION eve.note()',
        'DROP TRIGGER note ON headgate.datasets',
        'has a trigger',
      ],
      [
        'CREATE RULE note AS ON INSERT TO headgate.changes DO ALSO SELECT eve.told()',
        'DROP RULE note ON headgate.changes',
        'has a rule',
      ],
      [
        'ALTER TABLE headgate.columns ADD CONSTRAINT note CHECK (eve.told()) NOT VALID',
        'ALTER TABLE headgate.columns DROP CONSTRAINT note',
        'calls a function of somebody',
      ],
      [
        `ALTER TABLE headgate.changes OWNER TO ${eve.name}`,
        `ALTER TABLE headgate.changes OWNER TO ${ours.name}`,
        `is owned by “${eve.name}”`,
      ],
    ] as const;
    for (const [add, remove, told] of odd) {
      await db.query(add);
      expect((await run(spec(`data_${odd.findIndex(([each]) => each === add)}`))).notice, add).toContain(
        told,
      );
      await db.query(remove);
    }
    expect(await ran()).toEqual([]);
    expect((await run(spec())).notice).toBeNull();
  });
});

describe('a staging schema that somebody forged', () => {
  const dataset = crypto.randomUUID();
  const mark = markText({ dataset, workspace: dataset, role: 'staging', tables: [] });
  const state = (schema: string): string =>
    `CREATE TABLE ${schema}._headgate_state (dataset text PRIMARY KEY, cursor jsonb, shape jsonb NOT NULL, seq integer NOT NULL DEFAULT 0,
       fetched bigint NOT NULL DEFAULT 0, total bigint, done boolean NOT NULL DEFAULT false, started_at timestamptz NOT NULL DEFAULT now(),
       holder jsonb, taken timestamptz, heartbeat timestamptz, expires timestamptz);
     INSERT INTO ${schema}._headgate_state (dataset, shape) VALUES ('', '{}');
     CREATE TRIGGER note BEFORE UPDATE ON ${schema}._headgate_state FOR EACH ROW EXECUTE FUNCTION eve.note();
     GRANT ALL ON ${schema}._headgate_state TO PUBLIC`;

  it('is neither used nor dropped: the sync fails and names its owner', async () => {
    await as(
      eve,
      `CREATE SCHEMA data_x__staging; GRANT ALL ON SCHEMA data_x__staging TO PUBLIC; ${state('data_x__staging')};
       COMMENT ON SCHEMA data_x__staging IS '${mark}'`,
    );
    expect(await failure(spec('data_x', { datasetId: dataset }))).toMatchObject({
      code: 'SCHEMA_NOT_OURS',
      message: `The schema “data_x__staging” is owned by “${eve.name}”, not by the user of this connection.`,
      advice: expect.stringContaining('REASSIGN OWNED BY'),
    });
    const target = localTarget({ ...db.postgres, user: ours.name, password: ours.password }, db.database);
    await expect(
      abandon(
        { target, schema: 'data_x', dataset, job: 'j', claim: 1, id: 'i', siblings: [] },
        new AbortController().signal,
      ),
    ).rejects.toMatchObject({ code: 'SCHEMA_NOT_OURS' });
    expect(await ran()).toEqual([]);
  });

  it('or only the table in it with the state of the reading', async () => {
    await as(ours, `CREATE SCHEMA data_x__staging; COMMENT ON SCHEMA data_x__staging IS '${mark}'`);
    await db.query(`GRANT ALL ON SCHEMA data_x__staging TO ${eve.name}`);
    await as(eve, state('data_x__staging'));
    expect(await failure(spec('data_x', { datasetId: dataset }))).toMatchObject({
      code: 'SCHEMA_NOT_OURS',
      message: `The table “data_x__staging._headgate_state” is owned by “${eve.name}”, not by the user of this connection.`,
    });
    expect(await ran()).toEqual([]);
  });
});

describe('a schema', () => {
  it('of a role that our user is a member of is ours, as after the change of a login', async () => {
    const first = await run(spec());
    const id = (await db.query('SELECT dataset FROM headgate.datasets'))[0]?.['dataset'] as string;
    const before = ours;
    ours = await createRole(db, '', { prefix: 'next' });
    try {
      expect(await failure(spec('data_x', { datasetId: id }))).toMatchObject({ code: 'SCHEMA_NOT_OURS' });
      await db.query(`GRANT ${before.name} TO ${ours.name}`);
      const again = await run(spec('data_x', { datasetId: id }));
      expect(again).toMatchObject({ rowCounts: first.rowCounts, notice: null });
    } finally {
      await db.query(
        `REASSIGN OWNED BY ${ours.name} TO ${before.name}; DROP OWNED BY ${ours.name}; DROP ROLE ${ours.name}`,
      );
      ours = before;
    }
  });

  it('of another role is no more ours for a superuser, who has the rights of all of them', async () => {
    await forgeCatalogue();
    const client = await db.connect();
    try {
      await expect(requireOwnTables(client, 'headgate', ['datasets'])).rejects.toMatchObject({
        code: 'SCHEMA_NOT_OURS',
      });
    } finally {
      await client.end();
    }
  });

  it('whose mark is right is not dropped when it is somebody else’s', async () => {
    const dataset = crypto.randomUUID();
    const text = markText({ dataset, workspace: dataset, role: 'live', tables: [] });
    await as(eve, `CREATE SCHEMA data_y; COMMENT ON SCHEMA data_y IS '${text}'`);
    const target = localTarget({ ...db.postgres, user: ours.name, password: ours.password }, db.database);
    await expect(
      dropPublished({ target, schema: 'data_y', dataset }, () => {}, new AbortController().signal),
    ).rejects.toMatchObject({ code: 'SCHEMA_NOT_OURS' });
  });
});
