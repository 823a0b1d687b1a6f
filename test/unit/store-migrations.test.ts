import { createHash, randomUUID } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { openDb } from '../../main/store/db.ts';
import { openStore } from '../../main/store/index.ts';
import { type Migration, storeMigrations } from '../../main/store/migrations/index.ts';
import { codeOf, inProcess, instant, rawDb, storeIn, temporaryFolder } from '../support/parts.ts';

const steps: Migration[] = [
  { version: 1, name: 'one', sql: 'CREATE TABLE a (x TEXT) STRICT' },
  { version: 2, name: 'two', sql: 'CREATE TABLE b (x TEXT) STRICT; INSERT INTO b VALUES (1)' },
];

const schemaOf = (file: string): unknown => {
  using db = rawDb(file);
  return {
    version: db.pragma('user_version', { simple: true }),
    tables: db.prepare("SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY name").pluck().all(),
  };
};

describe('opening a file', () => {
  it('brings it to the newest version, in WAL mode, readable by its owner only', () => {
    using folder = temporaryFolder();
    const file = join(folder.path, 'a.db');
    const db = openDb(file, steps);
    db.exec("INSERT INTO a VALUES ('x')");
    expect(db.pragma('user_version', { simple: true })).toBe(2);
    expect(db.pragma('journal_mode', { simple: true })).toBe('wal');
    expect(db.pragma('foreign_keys', { simple: true })).toBe(1);
    expect(db.pragma('secure_delete', { simple: true })).toBe(1);
    for (const ending of ['', '-wal', '-shm']) expect(statSync(file + ending).mode & 0o777).toBe(0o600);
    db.close();
    const again = openDb(file, steps);
    expect(again.prepare('SELECT * FROM a').all()).toEqual([{ x: 'x' }]);
    again.close();
  });

  it('narrows the mode of a file that others could read', () => {
    using folder = temporaryFolder();
    const file = join(folder.path, 'a.db');
    writeFileSync(file, '', { mode: 0o644 });
    openDb(file, steps).close();
    expect(statSync(file).mode & 0o777).toBe(0o600);
  });

  it('leaves a file of a newer Headgate as it is, to the last byte', () => {
    using folder = temporaryFolder();
    const file = join(folder.path, 'a.db');
    {
      using db = rawDb(file);
      // As a later version may have it: not in WAL mode, more tables, its own mode.
      db.exec("CREATE TABLE later (x); INSERT INTO later VALUES ('precious'); PRAGMA user_version = 1000");
    }
    const before = {
      hash: createHash('sha256').update(readFileSync(file)).digest('hex'),
      mode: statSync(file).mode,
    };
    expect(() => openStore(file, { now: () => instant, newId: randomUUID })).toThrowError(
      expect.objectContaining({ code: 'STORE_TOO_NEW', message: expect.stringContaining('version 1000') }),
    );
    expect({
      hash: createHash('sha256').update(readFileSync(file)).digest('hex'),
      mode: statSync(file).mode,
    }).toEqual(before);
    for (const ending of ['-wal', '-shm', '-journal']) expect(existsSync(file + ending)).toBe(false);
  });

  it('says what is wrong with a file that is no database, and leaves it', async () => {
    using folder = temporaryFolder();
    const file = join(folder.path, 'a.db');
    writeFileSync(file, 'this is a text file, not a database'.repeat(100));
    expect(await codeOf(() => openDb(file, steps))).toBe('STORE_UNAVAILABLE');
    expect(readFileSync(file, 'utf8')).toContain('this is a text file');
    mkdirSync(join(folder.path, 'folder.db'));
    expect(await codeOf(() => openDb(join(folder.path, 'folder.db'), steps))).toBe('STORE_UNAVAILABLE');
    expect(await codeOf(() => openDb(join(folder.path, 'no', 'where.db'), steps))).toBe('STORE_UNAVAILABLE');
  });
});

describe('opening a file that another process has in hand', () => {
  it('waits for it, also for the change to WAL, for which SQLite itself does not', async () => {
    using folder = temporaryFolder();
    const file = join(folder.path, 'a.db');
    {
      using db = rawDb(file);
      db.exec('CREATE TABLE other (x)');
    }
    const ready = `${file}.ready`;
    const holding = inProcess(`
      import { writeFileSync } from 'node:fs';
      import { rawDb } from 'test/support/parts.ts';
      const db = rawDb(${JSON.stringify(file)});
      db.exec('BEGIN IMMEDIATE; INSERT INTO other VALUES (1)');
      writeFileSync(${JSON.stringify(ready)}, '');
      await new Promise((resolve) => setTimeout(resolve, 400));
      db.exec('COMMIT');
      db.close();`);
    while (!existsSync(ready)) await new Promise((resolve) => setTimeout(resolve, 5));
    const db = openDb(file, steps);
    expect(db.prepare('SELECT x FROM other').all()).toEqual([{ x: 1 }]);
    db.close();
    await holding;
  });
});

// Only Linux tells of locks.
it.runIf(existsSync('/proc/locks'))(
  'a file that is opened twice keeps the locks of who opened it first',
  () => {
    using folder = temporaryFolder();
    const file = join(folder.path, 'headgate.db');
    const locks = (): number => {
      const place = `:${statSync(file).ino} `;
      const lines = readFileSync('/proc/locks', 'utf8').split('\n');
      return lines.filter((line) => line.includes(` ${process.pid} `) && line.includes(place)).length;
    };
    const one = openDb(file, steps);
    const before = locks();
    openDb(file, steps).close();
    expect(locks()).toBe(before);
    one.close();
  },
);

describe('a migration', () => {
  it('that fails leaves version and schema as before', async () => {
    using folder = temporaryFolder();
    const file = join(folder.path, 'a.db');
    openDb(file, steps.slice(0, 1)).close();
    const before = schemaOf(file);
    const broken: Migration[] = [
      steps[0] as Migration,
      {
        version: 2,
        name: 'broken',
        sql: 'CREATE TABLE half (x TEXT) STRICT; INSERT INTO missing VALUES (1)',
      },
    ];
    expect(await codeOf(() => openDb(file, broken))).toBe('STORE_UNAVAILABLE');
    expect(schemaOf(file)).toEqual(before);
    openDb(file, steps).close();
    expect(schemaOf(file)).toEqual({ version: 2, tables: ['a', 'b'] });
  });

  it('that succeeded stays when a later one fails', async () => {
    using folder = temporaryFolder();
    const file = join(folder.path, 'a.db');
    const broken: Migration[] = [...steps, { version: 3, name: 'broken', sql: 'SELECT nonsense' }];
    expect(await codeOf(() => openDb(file, broken))).toBe('STORE_UNAVAILABLE');
    expect(schemaOf(file)).toEqual({ version: 2, tables: ['a', 'b'] });
  });

  it('must have its number in order', async () => {
    using folder = temporaryFolder();
    const file = join(folder.path, 'a.db');
    expect(await codeOf(() => openDb(file, [steps[1] as Migration]))).toBe('STORE_UNAVAILABLE');
    storeMigrations.forEach(({ version }, index) => {
      expect(version).toBe(index + 1);
    });
  });

  it('runs once when several processes open a new workspace at the same moment', async () => {
    using folder = temporaryFolder();
    const at = Date.now() + 900;
    const script = `
      import { storeIn } from 'test/support/parts.ts';
      while (Date.now() < ${at});
      const store = storeIn(${JSON.stringify(folder.path)});
      console.log(store.workspaceId);
      store.close();`;
    const ids = await Promise.all(Array.from({ length: 4 }, () => inProcess(script)));
    expect(new Set(ids).size).toBe(1);
    const store = storeIn(folder.path);
    expect(`${store.workspaceId}\n`).toBe(ids[0]);
    store.close();
  });

  it('of the audit log takes over a log that was begun before it', () => {
    using folder = temporaryFolder();
    const file = join(folder.path, 'headgate.db');
    const old = openDb(file, storeMigrations.slice(0, 1));
    old.exec(`INSERT INTO audit_log VALUES (1, '${instant}', 'p', 'a', '', 'ok', '', '', 'h1')`);
    old.exec(`INSERT INTO audit_log VALUES (2, '${instant}', 'p', 'a', '', 'ok', '', 'h1', 'h2')`);
    old.close();
    const store = storeIn(folder.path);
    expect(store.audit.head()).toEqual({ seq: 2, hash: 'h2' });
    store.close();
  });
});

describe('a transaction', () => {
  it('is undone as a whole, also with others inside it', () => {
    using folder = temporaryFolder();
    const store = storeIn(folder.path);
    const person = (name: string): void => store.people.create(randomUUID(), name, ['viewer'], instant);
    expect(() =>
      store.transaction(() => {
        person('one');
        store.transaction(() => person('two'));
        throw new Error('undo');
      }),
    ).toThrow('undo');
    expect(store.people.list()).toEqual([]);
    store.transaction(() => {
      person('one');
      expect(() =>
        store.transaction(() => {
          person('two');
          throw new Error('only the inner one');
        }),
      ).toThrow('only the inner one');
    });
    expect(store.people.list().map(({ name }) => name)).toEqual(['one']);
    store.close();
  });

  it('can not be left open by asynchronous work', () => {
    using folder = temporaryFolder();
    const store = storeIn(folder.path);
    expect(() => store.transaction(async () => 1)).toThrow(/promise/);
    store.transaction(() => store.people.create(randomUUID(), 'after', ['viewer'], instant));
    expect(store.people.list()).toHaveLength(1);
    store.close();
  });
});

describe('a table that is built anew', () => {
  const parents: Migration[] = [
    {
      version: 1,
      name: 'parent and child',
      sql: `CREATE TABLE parent (id TEXT PRIMARY KEY, kind TEXT CHECK (kind IN ('a'))) STRICT;
        CREATE TABLE child (id TEXT PRIMARY KEY, parent_id TEXT NOT NULL REFERENCES parent (id) ON DELETE CASCADE) STRICT;
        INSERT INTO parent VALUES ('p', 'a'); INSERT INTO child VALUES ('c', 'p')`,
    },
  ];
  const rebuild = (rows: string): Migration => ({
    version: 2,
    name: 'open kinds',
    rebuildsTables: true,
    sql: `CREATE TABLE parent_new (id TEXT PRIMARY KEY, kind TEXT) STRICT;
      INSERT INTO parent_new ${rows}; DROP TABLE parent; ALTER TABLE parent_new RENAME TO parent`,
  });

  it('takes nothing along that refers to it, and foreign keys hold again afterwards', () => {
    using folder = temporaryFolder();
    const file = join(folder.path, 'a.db');
    openDb(file, parents).close();
    const db = openDb(file, [...parents, rebuild('SELECT * FROM parent')]);
    expect(db.prepare('SELECT * FROM child').all()).toEqual([{ id: 'c', parent_id: 'p' }]);
    db.exec("INSERT INTO parent VALUES ('q', 'anything')");
    expect(() => db.exec("INSERT INTO child VALUES ('d', 'none')")).toThrow('FOREIGN KEY');
    db.exec("DELETE FROM parent WHERE id = 'p'");
    expect(db.prepare('SELECT * FROM child').all()).toEqual([]);
    db.close();
  });

  it('is refused when a row would lose what it refers to, and everything stays', () => {
    using folder = temporaryFolder();
    const file = join(folder.path, 'a.db');
    openDb(file, parents).close();
    expect(() => openDb(file, [...parents, rebuild("SELECT 'other', 'a'")])).toThrow('can not be opened');
    const db = openDb(file, parents);
    expect(db.prepare('SELECT * FROM parent').all()).toEqual([{ id: 'p', kind: 'a' }]);
    expect(db.prepare('SELECT * FROM child').all()).toEqual([{ id: 'c', parent_id: 'p' }]);
    db.close();
  });

  it('takes over what is known of the first test of a connection', () => {
    using folder = temporaryFolder();
    const file = join(folder.path, 'headgate.db');
    const old = openDb(file, storeMigrations.slice(0, 28));
    const insert =
      old.prepare(`INSERT INTO database_connections (id, name, environment, engine, host, port, database, tls_mode,
      last_test, health_state, created_at, updated_at) VALUES (?, ?, 'staging', 'postgres', 'db', 5432, 'app', 'disable', ?, ?, '', '')`);
    for (const [id, test, health] of [
      ['works', '{"ok":true}', 'unreachable'],
      ['fails', '{"ok":false}', 'fails'],
      ['was looked at', null, 'works'],
      ['never', null, 'unknown'],
    ])
      insert.run(id, id, test, health);
    old.close();
    const store = openStore(file, { now: () => instant, newId: randomUUID });
    expect(Object.fromEntries(store.connections.all().map(({ id, onboarding }) => [id, onboarding]))).toEqual(
      {
        ...{ works: 'completed', fails: 'failed', 'was looked at': 'completed', never: 'not_started' },
      },
    );
    expect(store.deletedConnections.rows()).toEqual([]);
    store.close();
  });

  it('keeps links, credentials, datasets and jobs of a workspace of the first version', () => {
    using folder = temporaryFolder();
    const file = join(folder.path, 'headgate.db');
    const old = openDb(file, storeMigrations.slice(0, 2));
    old.exec(`
      INSERT INTO people VALUES ('p', 'Ada', '${instant}');
      INSERT INTO database_connections (id, name, environment, engine, host, port, database, tls_mode, created_at, updated_at)
        VALUES ('c', 'main', 'production', 'postgres', 'db', 5432, 'app', 'disable', '${instant}', '${instant}');
      INSERT INTO projects VALUES ('j', 'Project', 'c', 'public', 'p', '${instant}', '${instant}');
      INSERT INTO data_sources VALUES ('s', 'HQ', 'commcare', 'https://hq', 'x', '{}', 'p', '${instant}', '${instant}');
      INSERT INTO project_data_sources VALUES ('l', 'j', 's', 'user', '{"datasets":["forms"],"keepRaw":true,"readerRoles":[]}', 24, 1, '${instant}', '${instant}');
      INSERT INTO credentials VALUES ('k', 's', NULL, 'p', 'a', 'e', '[]', '${instant}', 1, NULL, '${instant}', '${instant}');
      INSERT INTO materialised_datasets (id, link_id, person_id, schema_name, last_activity_at, created_at, updated_at)
        VALUES ('d', 'l', 'p', 'data_x', '${instant}', '${instant}', '${instant}');
      INSERT INTO sync_jobs (id, dataset_id, status, phase, trigger, pid, queued_at) VALUES ('b', 'd', 'paused', 'reading', 'person', 1, '${instant}');
      INSERT INTO sync_job_tables VALUES ('b', 0, 'forms', 5, 10, 'reading')`);
    old.close();
    const store = openStore(file, { now: () => instant, newId: randomUUID });
    expect(store.links.get('l').syncConfig).toEqual({
      datasets: ['forms'],
      keepRaw: true,
      readerRoles: [],
      options: {},
      guards: true,
      shrinkPercent: 30,
      refreshViews: false,
      secondColumn: false,
      refresh: { how: 'automatic', wholeEveryDays: 7 },
    });
    expect(store.jobs.findOpen('d')).toMatchObject({
      status: 'paused',
      pausedBy: 'person',
      tables: [{ fetched: 5 }],
    });
    // Of the process that ran it only the number is known: no other one is taken for it.
    expect(store.jobs.inner('b')).toMatchObject({ owner: { pid: 1, machine: '', start: 0 }, claim: 1 });
    expect(store.jobs.pause('b', 'network', null, 0)).toMatchObject({ id: 'b', pausedBy: 'network' });
    expect(store.sources.get('s').tlsCa).toBeNull();
    expect(store.datasets.get('d')).toMatchObject({ held: null, notice: null });
    expect(store.credentials.get('k').account).toBe('a');
    // A source of a kind that the first version did not know.
    const source = {
      id: 't',
      name: 'Other',
      sourceType: 'odk_central',
      baseUrl: 'https://o',
      clientId: 'y',
      settings: {},
      tlsCa: null,
    };
    expect(store.sources.create(source, 'p', instant).sourceType).toBe('odk_central');
    store.close();
  });
});
