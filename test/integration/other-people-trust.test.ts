import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { createDatabase, type TestDatabase } from '../support/database.ts';
import { type Refreshed, refreshed } from '../support/refreshed.ts';
import { createRole, type TestRole } from '../support/roles.ts';

/*
 * Code of others on the tables. Mallory has every right on them but owning them, and whatever of hers runs writes down
 * with whose rights. A refresh runs nothing of hers: it is held, and names what is hers.
 */

let db: TestDatabase;
let mallory: TestRole;
let data: Refreshed;
beforeAll(async () => {
  db = await createDatabase();
  mallory = await createRole(db, '', { prefix: 'mallory' });
  await as(`CREATE SCHEMA mallory; GRANT USAGE ON SCHEMA mallory TO PUBLIC;
    CREATE TABLE mallory.log (who text); GRANT INSERT ON mallory.log TO PUBLIC;
    CREATE FUNCTION mallory.note() RETURNS text LANGUAGE plpgsql AS
      $$BEGIN INSERT INTO mallory.log VALUES (current_user); RETURN 'x'; END$$;
    CREATE FUNCTION mallory.told(text) RETURNS text IMMUTABLE LANGUAGE plpgsql AS
      $$BEGIN PERFORM mallory.note(); RETURN 'x'; END$$;
    CREATE FUNCTION mallory.true(text) RETURNS boolean IMMUTABLE LANGUAGE plpgsql AS
      $$BEGIN PERFORM mallory.note(); RETURN true; END$$;
    CREATE FUNCTION mallory.same(text, text) RETURNS boolean IMMUTABLE LANGUAGE plpgsql AS
      $$BEGIN PERFORM mallory.note(); RETURN true; END$$;
    CREATE OPERATOR mallory.=== (FUNCTION = mallory.same, LEFTARG = text, RIGHTARG = text);
    CREATE FUNCTION mallory.fired() RETURNS trigger LANGUAGE plpgsql AS
      $$BEGIN PERFORM mallory.note(); IF TG_OP = 'DELETE' THEN RETURN OLD; END IF; RETURN NEW; END$$;
    CREATE FUNCTION mallory.definer() RETURNS trigger SECURITY DEFINER LANGUAGE plpgsql AS
      $$BEGIN PERFORM mallory.note(); IF TG_OP = 'DELETE' THEN RETURN OLD; END IF; RETURN NEW; END$$;
    CREATE OPERATOR mallory.= (FUNCTION = mallory.same, LEFTARG = text, RIGHTARG = text);
    CREATE FUNCTION mallory.steers() RETURNS trigger SECURITY DEFINER LANGUAGE plpgsql AS
      $$BEGIN PERFORM set_config('search_path', 'mallory, pg_catalog', true); RETURN OLD; END$$;
    CREATE DOMAIN mallory.checked AS text CHECK (mallory.true(VALUE));
    CREATE DOMAIN mallory.nested AS mallory.checked;
    CREATE DOMAIN mallory.filled AS text DEFAULT mallory.told('x');
    CREATE DOMAIN mallory.plain AS text;
    CREATE TYPE mallory.pair AS (a text);
    CREATE FUNCTION mallory.number(mallory.pair) RETURNS integer IMMUTABLE LANGUAGE plpgsql AS
      $$BEGIN PERFORM mallory.note(); RETURN 1; END$$;
    CREATE CAST (mallory.pair AS integer) WITH FUNCTION mallory.number AS IMPLICIT`);
});
afterAll(async () => {
  await db.query(`DROP OWNED BY ${mallory.name} CASCADE; DROP ROLE ${mallory.name}`);
  await db[Symbol.asyncDispose]();
});

const as = (sql: string) => db.query(`SET ROLE ${mallory.name}; ${sql}; RESET ROLE`);
const log = () => db.query('SELECT DISTINCT who FROM mallory.log');
const ids = async () => (await db.query('SELECT id FROM data.things ORDER BY 1')).map(({ id }) => id);

const first = [
  { id: 'a', v: 'x' },
  { id: 'b', v: 'y' },
];
const second = [
  { id: 'b', v: 'z' },
  { id: 'c', v: 'x' },
];

beforeEach(async () => {
  data = await refreshed(db, 'data');
  await data.refresh(first);
  await db.query(
    `GRANT USAGE ON SCHEMA data TO ${mallory.name}; GRANT ALL ON data.things TO ${mallory.name}; TRUNCATE mallory.log`,
  );
  return async () => {
    await data[Symbol.asyncDispose]();
    await db.query('DROP SCHEMA data CASCADE; DROP SCHEMA IF EXISTS data__staging CASCADE');
  };
});

const trigger = (name: string) =>
  as(
    `CREATE TRIGGER t BEFORE INSERT OR UPDATE OR DELETE ON data.things FOR EACH ROW EXECUTE FUNCTION mallory.${name}()`,
  );
const table = (rest: string) => as(`CREATE TABLE mallory.notes (thing text${rest})`);
const drop = () => db.query('DROP TABLE mallory.notes');

describe('is held, and nothing of hers runs', () => {
  it.each<[string, () => Promise<unknown>, string, () => Promise<unknown>]>([
    [
      'a trigger of hers',
      () => trigger('fired'),
      'mallory.fired()',
      () => db.query('DROP TRIGGER t ON data.things'),
    ],
    [
      'a trigger of a DBA whose condition is hers',
      () =>
        db.query(`CREATE FUNCTION public.own() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END';
          CREATE TRIGGER t BEFORE INSERT OR UPDATE ON data.things FOR EACH ROW WHEN (mallory.true(NEW.v)) EXECUTE FUNCTION public.own()`),
      'mallory."true"(text)',
      () => db.query('DROP FUNCTION public.own() CASCADE'),
    ],
    [
      'an index expression',
      () => db.query('CREATE INDEX i ON data.things (mallory.told(v))'),
      'mallory.told(text)',
      () => db.query('DROP INDEX data.i'),
    ],
    [
      'a partial index',
      () => db.query('CREATE INDEX i ON data.things (v) WHERE mallory.true(v)'),
      'index data.i',
      () => db.query('DROP INDEX data.i'),
    ],
    [
      'a CHECK',
      () => db.query('ALTER TABLE data.things ADD CONSTRAINT k CHECK (mallory.true(v))'),
      'constraint k on table data.things',
      () => db.query('ALTER TABLE data.things DROP CONSTRAINT k'),
    ],
    [
      'an operator in a CHECK',
      () => db.query(`ALTER TABLE data.things ADD CONSTRAINT k CHECK (v OPERATOR(mallory.===) 'x')`),
      'mallory.same(text,text)',
      () => db.query('ALTER TABLE data.things DROP CONSTRAINT k'),
    ],
    [
      'a domain in a CHECK',
      () => db.query(`ALTER TABLE data.things ADD CONSTRAINT k CHECK (v::mallory.nested IS NOT NULL)`),
      'mallory."true"(text)',
      () => db.query('ALTER TABLE data.things DROP CONSTRAINT k'),
    ],
    [
      'a policy',
      () => db.query('CREATE POLICY p ON data.things USING (mallory.true(v))'),
      'policy p on table data.things',
      () => db.query('DROP POLICY p ON data.things'),
    ],
    [
      'a default',
      () =>
        db.query(
          `ALTER TABLE data.things ADD COLUMN own text; ALTER TABLE data.things ALTER own SET DEFAULT mallory.told('x')`,
        ),
      'default value for column own',
      () => db.query('ALTER TABLE data.things DROP COLUMN own'),
    ],
    [
      'a computed column',
      () =>
        db.query('ALTER TABLE data.things ADD COLUMN own text GENERATED ALWAYS AS (mallory.told(v)) STORED'),
      'mallory.told(text)',
      () => db.query('ALTER TABLE data.things DROP COLUMN own'),
    ],
    [
      'statistics',
      () => db.query('CREATE STATISTICS data.s ON (mallory.told(v)) FROM data.things'),
      'statistics object data.s',
      () => db.query('DROP STATISTICS data.s'),
    ],
    [
      'a column of a domain',
      () => db.query('ALTER TABLE data.things ADD COLUMN own mallory.checked'),
      'mallory."true"(text)',
      () => db.query('ALTER TABLE data.things DROP COLUMN own'),
    ],
    [
      'a column of a domain on a domain',
      () => db.query('ALTER TABLE data.things ADD COLUMN own mallory.nested'),
      'mallory."true"(text)',
      () => db.query('ALTER TABLE data.things DROP COLUMN own'),
    ],
    [
      'a column of a domain with a default',
      () => db.query('ALTER TABLE data.things ADD COLUMN own mallory.filled'),
      'mallory.told(text)',
      () => db.query('ALTER TABLE data.things DROP COLUMN own'),
    ],
    [
      'a column of a domain of hers that runs nothing yet',
      () => db.query('ALTER TABLE data.things ADD COLUMN own mallory.plain[]'),
      'mallory.plain',
      () => db.query('ALTER TABLE data.things DROP COLUMN own'),
    ],
    [
      'a rule that does more',
      () => db.query('CREATE RULE r AS ON INSERT TO data.things DO ALSO SELECT mallory.note()'),
      'rule r on table data.things',
      () => db.query('DROP RULE r ON data.things'),
    ],
    [
      'a rule that does something else',
      () => db.query('CREATE RULE r AS ON UPDATE TO data.things DO INSTEAD NOTHING'),
      'rule r on table data.things',
      () => db.query('DROP RULE r ON data.things'),
    ],
    [
      'a trigger of a table whose rows go with ours',
      async () => {
        await table(' REFERENCES data.things ON DELETE CASCADE');
        await as(
          `INSERT INTO mallory.notes VALUES ('a'); CREATE TRIGGER t AFTER DELETE ON mallory.notes FOR EACH ROW EXECUTE FUNCTION mallory.fired()`,
        );
      },
      'trigger t on table mallory.notes',
      drop,
    ],
    [
      'a check of a table whose rows change with ours',
      async () => {
        await table(' REFERENCES data.things ON DELETE SET NULL');
        await as(
          `INSERT INTO mallory.notes VALUES ('a'); ALTER TABLE mallory.notes ADD CONSTRAINT k CHECK (mallory.true(thing)) NOT VALID`,
        );
      },
      'constraint k on table mallory.notes',
      drop,
    ],
    [
      'a cast that a foreign key needs',
      async () => {
        await db.query('ALTER TABLE data.things ADD COLUMN own integer UNIQUE');
        await as(
          'CREATE TABLE mallory.notes (thing mallory.pair, FOREIGN KEY (thing) REFERENCES data.things (own))',
        );
      },
      'mallory.number(mallory.pair)',
      drop,
    ],
    [
      'a trigger that runs as her',
      () => trigger('definer'),
      'mallory.definer()',
      () => db.query('DROP TRIGGER t ON data.things'),
    ],
    [
      'a trigger that runs as her, and leaves the session with her operators',
      () =>
        as('CREATE TRIGGER t BEFORE DELETE ON data.things FOR EACH ROW EXECUTE FUNCTION mallory.steers()'),
      'mallory.steers()',
      () => db.query('DROP TRIGGER t ON data.things'),
    ],
  ])('%s', async (_, make, named, undo) => {
    await make();
    await db.query('TRUNCATE mallory.log');
    const refusal = await data.held(second).catch((error) => error);
    expect(await log()).toEqual([]);
    expect(refusal).toMatchObject({ code: 'PUBLISH_HELD' });
    expect(refusal.message).toContain(named);
    expect(refusal.advice).toBeTruthy();
    expect(await ids()).toEqual(['a', 'b']);
    expect((await data.held(first)).code).toBe('PUBLISH_HELD');
    await undo();
    await data.refresh(second);
    expect(await ids()).toEqual(['b', 'c']);
    expect(await log()).toEqual([]);
  });
});

it('goes on where what is hers runs nothing: a disabled trigger, a foreign key, views', async () => {
  await trigger('fired');
  await db.query('ALTER TABLE data.things DISABLE TRIGGER t');
  await table(' REFERENCES data.things');
  await as(
    `CREATE VIEW mallory.seen AS SELECT mallory.told(v) AS v FROM data.things;
     CREATE MATERIALIZED VIEW mallory.kept AS SELECT mallory.told(v) AS v FROM data.things`,
  );
  await db.query('TRUNCATE mallory.log');
  const { notice } = await data.refresh(second, { refreshViews: true });
  expect(notice).toContain(`“mallory.kept” of the role “${mallory.name}” (GRANT`);
  expect(await ids()).toEqual(['b', 'c']);
  expect(await log()).toEqual([]);
  if (Number((await db.query('SHOW server_version_num'))[0]?.['server_version_num']) >= 170000) {
    await as(
      `GRANT MAINTAIN ON mallory.kept TO ${db.postgres.user}; GRANT USAGE ON SCHEMA mallory TO PUBLIC`,
    );
    // Her own rights, in a context that leaves nothing behind: that is PostgreSQL's own doing.
    expect((await data.refresh(first, { refreshViews: true })).notice).toBeNull();
    expect(await log()).toEqual([{ who: mallory.name }]);
  }
  await as('DROP VIEW mallory.seen; DROP MATERIALIZED VIEW mallory.kept; DROP TABLE mallory.notes');
});
