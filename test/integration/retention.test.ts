import { mkdirSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { createRetention } from '../../main/access/retention.ts';
import type { YesNo } from '../../main/host.ts';
import { createLogFile } from '../../main/log-file.ts';
import type { Services } from '../../main/services/context.ts';
import { applyRetention } from '../../main/services/timetable/retention.ts';
import { retentionNames, retentionRules, usualRetention } from '../../preload/contract/retention.ts';
import { english } from '../../preload/messages/said.ts';
import { instant, keptLog, rawDb, storedConnection, storeIn, temporaryFolder } from '../support/parts.ts';
import { done, keptDesk, movedClock, refused, seatIn } from '../support/seat.ts';
import { openWorkspace } from '../support/workspace.ts';
import { liveThrough } from '../support/year.ts';

const day = 24 * 3_600_000;
const minute = 60_000;
const now = Date.parse(instant);
const ago = (ms: number): string => new Date(now - ms).toISOString();
const never = new AbortController().signal;
const numbers = (count: number): number[] => Array.from({ length: count }, (_, n) => n);

/** A store with two connections and a dataset, and what applies the retention to it at the instant of the tests. */
function workspace() {
  const folder = temporaryFolder();
  const store = storeIn(folder.path);
  store.people.create('ada', 'Ada', ['dba'], instant);
  for (const id of ['up', 'quiet'])
    store.connections.create(storedConnection({ id, name: id }), 'ada', instant);
  const source = { id: 's', name: 'HQ', sourceType: 'commcare', baseUrl: 'https://hq.example.org' };
  store.sources.create(
    { ...source, clientId: 'x', settings: { domain: 'demo' }, tlsCa: null },
    'ada',
    instant,
  );
  const db = rawDb(join(folder.path, 'headgate.db'));
  db.pragma('foreign_keys = ON');
  db.exec(`INSERT INTO projects (id, name, connection_id, created_at, updated_at) VALUES ('p', 'P', 'up', '', '');
    INSERT INTO project_data_sources (id, project_id, data_source_id, credential_mode, sync_config,
      created_at, updated_at) VALUES ('l', 'p', 's', 'project', '{}', '', '')`);
  store.datasets.create({ id: 'd', linkId: 'l', personId: null, schemaName: 'data_d' }, instant);
  const { log } = keptLog();
  const logs = createLogFile({ folder: folder.path, name: 'headgate' });
  const host = { clock: movedClock(), log, forgetLogs: logs.forget } as unknown as Services['host'];
  return {
    ...{ store, db, folder: folder.path },
    apply: (stop = never) => applyRetention({ store, host }, stop),
    all: (sql: string): unknown[] => db.prepare(sql).pluck().all(),
    [Symbol.dispose]: () => {
      db.close();
      store.close();
      folder[Symbol.dispose]();
    },
  };
}
type Opened = ReturnType<typeof workspace>;

function jobs({ db }: Opened, times: readonly string[]): void {
  const insert =
    db.prepare(`INSERT INTO sync_jobs (id, dataset_id, status, phase, trigger, queued_at, finished_at)
    VALUES (?, 'd', 'completed', 'done', 'schedule', ?, ?)`);
  db.transaction(() => times.forEach((at, n) => void insert.run(`job-${n}`, at, at)))();
}
function checks({ db }: Opened, id: string, times: readonly string[]): void {
  const insert = db.prepare("INSERT INTO connection_checks VALUES (?, ?, 'works', 12.5)");
  db.transaction(() => times.forEach((at) => void insert.run(id, at)))();
}

describe('what grows', () => {
  it('keeps its days, and goes in short steps that others can come between', async () => {
    using ws = workspace();
    jobs(
      ws,
      numbers(200).map((n) => ago((200 - n) * day)),
    );
    checks(
      ws,
      'up',
      numbers(288 * 60).map((n) => ago(n * 5 * minute)),
    );
    // Nothing that one step takes is more than some hundred rows.
    expect(ws.store.connectionHealth.prune('up', ago(59 * day))).toBe(288 - 1);
    expect(ws.store.connectionHealth.prune('up', ago(50 * day))).toBe(500);
    expect(ws.store.jobs.prune('d', { before: ago(90 * day), most: 500 })).toBe(50);
    let turns = 0;
    const others = setInterval(() => {
      turns += 1;
    });
    const { count } = await ws.apply();
    clearInterval(others);
    expect(count).toBeGreaterThan(7000);
    expect(turns).toBeGreaterThan(3);
    expect(ws.all('SELECT count(*) FROM sync_jobs')).toEqual([90]);
    expect(ws.all('SELECT count(*) FROM connection_checks')).toEqual([288 * 30 + 1]);
    expect(await ws.apply()).toMatchObject({ count: 0 });
  });

  it('keeps the newest of each, however old it is', async () => {
    using ws = workspace();
    jobs(
      ws,
      numbers(60).map((n) => ago((900 - n) * day)),
    );
    checks(ws, 'quiet', [ago(800 * day), ago(700 * day)]);
    ws.db.exec(`INSERT INTO connection_changes (connection_id, at, from_state, to_state)
      VALUES ('quiet', '${ago(900 * day)}', 'works', 'fails'), ('quiet', '${ago(800 * day)}', 'fails', 'works')`);
    await ws.apply();
    expect(ws.all('SELECT count(*) FROM sync_jobs')).toEqual([50]);
    expect(ws.all('SELECT max(id) FROM sync_jobs')).toEqual(['job-59']);
    expect(ws.all('SELECT at FROM connection_checks')).toEqual([ago(700 * day)]);
    expect(ws.all('SELECT to_state FROM connection_changes')).toEqual(['works']);
  });

  it('keeps its number where it comes faster: changes of tables, and of a connection that flaps', async () => {
    using ws = workspace();
    const change = ws.db.prepare(`INSERT INTO dataset_changes (dataset_id, job_id, at, kind, table_name)
      VALUES ('d', 'j', '${instant}', 'table_added', ?)`);
    const flap = ws.db.prepare(`INSERT INTO connection_changes (connection_id, at, from_state, to_state)
      VALUES ('up', '${instant}', 'works', 'fails')`);
    ws.db.transaction(() => {
      for (const n of numbers(1700)) change.run(`t${n}`);
      for (const _ of numbers(1600)) flap.run();
    })();
    await ws.apply();
    expect(ws.all('SELECT table_name FROM dataset_changes ORDER BY seq')).toEqual(
      numbers(1000).map((n) => `t${n + 700}`),
    );
    expect(ws.all('SELECT count(*), min(seq) FROM connection_changes')).toEqual([1000]);
    expect(ws.all('SELECT min(seq) FROM connection_changes')).toEqual([601]);
  });

  it('forgets what was learnt of sources that are gone, ended leases, and what a cut-off publish left', async () => {
    using ws = workspace();
    for (const key of ['hq.example.org demo', 'hq.example.org gone'])
      ws.store.budgets.put(key, { learnt: [] }, ago(31 * day));
    ws.store.budgets.put('other.example.org fresh', { learnt: [] }, ago(day));
    ws.db.exec(`INSERT INTO leased_logins (id, connection_id, person_name, role_name, state, created_at, valid_until)
      VALUES ('old', 'up', 'Ada', 'r1', 'ended', '', '${ago(31 * day)}'),
        ('open', 'up', 'Ada', 'r2', 'ending', '', '${ago(31 * day)}'),
        ('new', 'up', 'Ada', 'r3', 'ended', '', '${ago(day)}')`);
    for (const version of [1, 2])
      for (const position of numbers(9))
        ws.store.dictionaries.add('d', { version, position, described: '{}' });
    ws.store.dictionaries.publish('d', { jobId: 'j', version: 1 }, []);
    // While a job is open it may be writing the second one.
    ws.db.exec(`INSERT INTO sync_jobs (id, dataset_id, status, phase, trigger, queued_at)
      VALUES ('open', 'd', 'running', 'publishing', 'schedule', '${instant}')`);
    await ws.apply();
    expect(ws.all('SELECT key FROM source_budgets ORDER BY key')).toEqual([
      'hq.example.org demo',
      'other.example.org fresh',
    ]);
    expect(ws.all('SELECT id FROM leased_logins ORDER BY id')).toEqual(['new', 'open']);
    expect(ws.all('SELECT count(*) FROM dictionary_tables')).toEqual([18]);
    ws.db.exec(`UPDATE sync_jobs SET status = 'failed', finished_at = '${instant}'`);
    await ws.apply();
    expect(ws.all('SELECT DISTINCT version FROM dictionary_tables')).toEqual([1]);
  });

  it('gives the room back to the disk, but for a MB', async () => {
    using ws = workspace();
    checks(
      ws,
      'up',
      numbers(60_000).map((n) => ago(40 * day + n * minute)),
    );
    const pages = (): number => ws.all('PRAGMA page_count')[0] as number;
    const before = pages();
    expect(before).toBeGreaterThan(1000);
    await ws.apply();
    expect(pages()).toBeLessThan(before - 500);
    expect(ws.all('PRAGMA freelist_count')[0]).toBeLessThanOrEqual(256);
    expect(ws.all('PRAGMA integrity_check')).toEqual(['ok']);
  });

  it('ends between two steps when Headgate closes, and goes on at its next turn', async () => {
    using ws = workspace();
    jobs(
      ws,
      numbers(900).map((n) => ago((900 - n) * 3_600_000 + 200 * day)),
    );
    const stop = new AbortController();
    stop.abort();
    expect(await ws.apply(stop.signal)).toEqual({ count: 0 });
    expect(ws.all('SELECT count(*) FROM sync_jobs')).toEqual([900]);
    expect((await ws.apply()).count).toBe(850);
  });

  it('is a file of the log that is full, too', async () => {
    using ws = workspace();
    for (const [name, days] of [
      ['headgate.log', 200],
      ['headgate.1.log', 10],
      ['headgate.2.log', 91],
    ] as const) {
      writeFileSync(join(ws.folder, name), 'a line\n');
      utimesSync(join(ws.folder, name), (now - days * day) / 1000, (now - days * day) / 1000);
    }
    expect(await ws.apply()).toMatchObject({ count: 1 });
    const isThere = (name: string): boolean =>
      statSync(join(ws.folder, name), { throwIfNoEntry: false }) !== undefined;
    // The one that is written to stays.
    expect(['headgate.log', 'headgate.1.log', 'headgate.2.log'].map(isThere)).toEqual([true, true, false]);
  });
});

describe('how much is kept', () => {
  it('is what is usual until a DBA decides otherwise, within bounds, and counts at the next turn', async () => {
    using ws = workspace();
    jobs(
      ws,
      numbers(200).map((n) => ago((200 - n) * day)),
    );
    const setting = createRetention(ws.store);
    expect(setting.current()).toEqual(usualRetention);
    setting.set({ jobDays: 180 });
    await ws.apply();
    expect(ws.all('SELECT count(*) FROM sync_jobs')).toEqual([180]);
    setting.set({ jobsPerDataset: 60 });
    await ws.apply();
    expect(ws.all('SELECT count(*) FROM sync_jobs')).toEqual([60]);
    // What does not fit, from another version or by hand, does not count.
    ws.store.policies.put('retention', { jobDays: 0, checkDays: '1', unknown: 4, budgetDays: 5 });
    expect(setting.current()).toEqual({ ...usualRetention, budgetDays: 5 });
    ws.store.policies.put('retention', 'nonsense');
    expect(setting.current()).toEqual(usualRetention);
    for (const name of retentionNames) {
      const { least, usual, most } = retentionRules[name];
      expect([least < usual, usual <= most], name).toEqual([true, true]);
    }
  });

  it('asks outside the page where it gets less, and is in the log', async () => {
    using folder = temporaryFolder();
    await using seat = await seatIn(folder.path);
    expect(await done(seat, 'policy.setRetention', { jobDays: 365 })).toMatchObject({ jobDays: 365 });
    expect(await done(seat, 'policy.retention', {})).toMatchObject({ jobDays: 365, checkDays: 30 });
    expect(seat.entries().at(-1)).toMatchObject({ action: 'policy.setRetention', details: 'jobDays=90→365' });
    expect((await refused(seat, 'policy.setRetention', { jobDays: 6 })).code).toBe('INPUT_INVALID');
    expect((await refused(seat, 'policy.setRetention', { checkDays: 366 })).code).toBe('INPUT_INVALID');
    {
      using other = temporaryFolder();
      mkdirSync(join(other.path, 'w'));
      const asked: string[] = [];
      const desk = {
        ...keptDesk(movedClock()),
        async confirm({ what }: YesNo) {
          asked.push(what === null ? '' : english(what));
          return false;
        },
      };
      await using ws = await openWorkspace({ folder: join(other.path, 'w'), desk, kind: 'electron' });
      await expect(ws.api.policy.setRetention({ checkDays: 2 })).rejects.toMatchObject({ code: 'CANCELLED' });
      expect(asked.join()).toContain('Days of checks of connections: 2 instead of 30');
      expect(await ws.api.policy.retention()).toEqual(usualRetention);
      // The timetable does it.
      await ws.app.tick();
      const { jobs: turns } = await ws.api.timetable.get();
      expect(turns.find(({ name }) => name === 'retention')).toMatchObject({
        outcome: 'nothing',
        error: null,
      });
    }
  });
});

describe('a year of daily use', () => {
  it('of a fifth of 50 datasets, each on a connection of its own, leaves less than a fifth of 100 MB', async () => {
    using folder = temporaryFolder();
    const end = await liveThrough(folder.path, {
      ...{ days: 365, datasets: 10, connections: 10, tables: 12, columns: 60, acts: 10 },
      ...{ checkedDays: 35, describedEvery: 28 },
    });
    // All that was written down of who did what is there: ten refreshes and sign-ins, two looks at each connection, ten acts.
    expect(end.rows['audit_log']).toBeGreaterThanOrEqual(365 * 50);
    expect(end.rows['connection_checks']).toBe(10 * 288 * 30);
    expect(end.rows['sync_jobs']).toBeLessThan(10 * 100);
    expect(end.rows['dictionary_tables']).toBe(10 * 12);
    expect(end.bytes / 1024 / 1024).toBeLessThan(20);
  }, 90_000);
});
