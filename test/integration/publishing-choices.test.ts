import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createHqSimulator, type HqSimulator } from '../simulators/commcare-hq/index.ts';
import { createDatabase, type TestDatabase } from '../support/database.ts';
import { history } from '../support/history.ts';

/* What a link may choose about publishing: second columns, and people's materialised views. */

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

describe('a column that has to change its type while a view uses it', () => {
  it('is held by name, and gets a second one beside it where the link says so', async () => {
    await db.query('CREATE SCHEMA reports');
    const held = history(db, sim, 'second', { datasets: ['forms'] });
    await held([{ count: '1' }, { count: '2' }]);
    await db.query('CREATE VIEW reports.counts AS SELECT form_id, count FROM second.form_visit');
    await expect(held([{ count: '1' }, { count: 'many' }])).rejects.toMatchObject({
      code: 'PUBLISH_HELD',
      message: expect.stringMatching(/“count”.*bigint.*reports\.counts/),
      advice: expect.stringContaining('DROP VIEW reports.counts'),
    });
    expect(await db.query('SELECT count FROM reports.counts ORDER BY 1')).toEqual([
      { count: '1' },
      { count: '2' },
    ]);

    const second = history(db, sim, 'second_column', { datasets: ['forms'], secondColumn: true });
    await second([{ count: '1' }, { count: '2' }]);
    await db.query('CREATE VIEW reports.beside AS SELECT form_id, count FROM second_column.form_visit');
    const told = await second([{ count: '1' }, { count: 'many' }]);
    expect(told).toContain('“count”');
    const rows = () => db.query('SELECT * FROM second_column.form_visit ORDER BY form_id');
    expect(await rows()).toMatchObject([
      { count: null, count_text: '1' },
      { count: null, count_text: 'many' },
    ]);
    // It stays so, and the old one goes when nothing uses it any more.
    await second([{ count: '3' }, { count: 'many' }]);
    expect(await rows()).toMatchObject([{ count: null, count_text: '3' }, { count_text: 'many' }]);
    await db.query('DROP VIEW reports.beside');
    expect(await second([{ count: '4' }, { count: 'many' }])).toBeNull();
    expect(Object.keys((await rows())[0] ?? {})).not.toContain('count');
    expect(await rows()).toMatchObject([{ count_text: '4' }, { count_text: 'many' }]);
  });
});

describe('materialised views of people', () => {
  it('are refreshed after the publish as their owner, or the one who may is named', async () => {
    const analyst = `analyst_${db.database}`;
    await db.query(`CREATE ROLE ${analyst}`);
    await db.query(`CREATE SCHEMA marts AUTHORIZATION ${analyst}`);
    const refresh = history(db, sim, 'viewed', {
      datasets: ['forms'],
      refreshViews: true,
      readerRoles: [analyst],
    });
    await refresh([{ count: '1' }]);
    await db.query(
      `SET ROLE ${analyst}; CREATE FUNCTION marts.who() RETURNS text LANGUAGE sql AS 'SELECT current_user::text';
       CREATE MATERIALIZED VIEW marts.total AS SELECT marts.who() AS who, sum(count) AS n FROM viewed.form_visit; RESET ROLE`,
    );
    expect(await refresh([{ count: '2' }])).toMatch(/marts\.total.*GRANT "analyst_.*MAINTAIN/);
    expect(await db.query('SELECT * FROM marts.total')).toEqual([{ who: analyst, n: '1' }]);
    await db.query(`GRANT ${analyst} TO ${db.postgres.user}`);
    expect(await refresh([{ count: '5' }])).toBeNull();
    expect(await db.query('SELECT * FROM marts.total')).toEqual([{ who: analyst, n: '5' }]);
    await db.query('CREATE UNIQUE INDEX ON marts.total (who)');
    expect(await refresh([{ count: '7' }])).toBeNull();
    expect(await db.query('SELECT * FROM marts.total')).toEqual([{ who: analyst, n: '7' }]);
    await db.query(`DROP OWNED BY ${analyst} CASCADE`);
    await db.query(`DROP ROLE ${analyst}`);
  });

  it('keep nobody waiting who reads the tables, however long they take', async () => {
    const analyst = `slow_${db.database}`;
    await db.query(`CREATE ROLE ${analyst}; GRANT ${analyst} TO ${db.postgres.user}`);
    await db.query(`CREATE SCHEMA slow AUTHORIZATION ${analyst}`);
    const refresh = history(db, sim, 'slowly', {
      ...{ datasets: ['forms'], refreshViews: true, readerRoles: [analyst] },
    });
    await refresh([{ count: '1' }]);
    // Takes as long as somebody keeps the lock.
    await db.query(
      `SET ROLE ${analyst}; CREATE MATERIALIZED VIEW slow.total AS
         SELECT sum(count) AS n, (SELECT count(*) FROM (SELECT pg_advisory_lock_shared(77), pg_advisory_unlock_shared(77)) x) AS x
         FROM slowly.form_visit; RESET ROLE`,
    );
    await db.query('SELECT pg_advisory_lock(77)');
    const publishing = refresh([{ count: '2' }]);
    const reader = await db.connect();
    try {
      await reader.query("SET lock_timeout = '5s'");
      // The server is everybody's: of its locks, the one that is held here.
      const waiting = `SELECT 1 FROM pg_locks WHERE locktype = 'advisory' AND objid = 77 AND NOT granted
        AND database = (SELECT oid FROM pg_database WHERE datname = current_database())`;
      await expect.poll(async () => (await reader.query(waiting)).rowCount).toBe(1);
      for (const table of ['forms', 'form_visit'])
        expect((await reader.query(`SELECT count(*) AS n FROM slowly.${table}`)).rows).toEqual([{ n: '1' }]);
      expect((await reader.query('SELECT count FROM slowly.form_visit')).rows).toEqual([{ count: '2' }]);
      await reader.query('BEGIN; ALTER TABLE slowly.forms SET (fillfactor = 90); ROLLBACK');
    } finally {
      await db.query('SELECT pg_advisory_unlock(77)');
      await reader.end();
    }
    expect(await publishing).toBeNull();
    expect(await db.query('SELECT n FROM slow.total')).toEqual([{ n: '2' }]);
    await db.query(`DROP OWNED BY ${analyst} CASCADE; DROP ROLE ${analyst}`);
  });
});
