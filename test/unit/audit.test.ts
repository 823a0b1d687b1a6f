import { join } from 'node:path';
import type Database from 'better-sqlite3';
import { describe, expect, it } from 'vitest';
import { createAudit } from '../../main/access/audit.ts';
import { inProcess, instant, rawDb, storeIn, temporaryFolder } from '../support/parts.ts';

const entry = (n: number) =>
  ({ person: 'Ada', action: `action ${n}`, subject: `id=${n}`, outcome: 'ok', details: '' }) as const;

const never = new AbortController().signal;

/** A log of `count` entries, and its file opened past the application, with the triggers gone. */
function logOf(count: number) {
  const folder = temporaryFolder();
  const store = storeIn(folder.path);
  const audit = createAudit(store, () => instant);
  for (let n = 1; n <= count; n += 1) audit.record(entry(n));
  const db = rawDb(join(folder.path, 'headgate.db'));
  return {
    audit,
    db,
    store,
    dropTriggers() {
      const names = db.prepare("SELECT name FROM sqlite_master WHERE type = 'trigger'").pluck().all();
      for (const name of names) db.exec(`DROP TRIGGER ${name}`);
    },
    [Symbol.dispose]: () => {
      db.close();
      store.close();
      folder[Symbol.dispose]();
    },
  };
}

describe('the audit log', () => {
  it('is whole as long as nobody touches it', () => {
    using log = logOf(0);
    expect(log.audit.firstBroken()).toBeNull();
    for (let n = 1; n <= 20; n += 1) log.audit.record(entry(n));
    expect(log.audit.firstBroken()).toBeNull();
    const listed = log.store.audit.list(3);
    expect(listed.map(({ seq }) => seq)).toEqual([20, 19, 18]);
    // What chains the entries is not part of an answer.
    expect(Object.keys(listed[0] as object).sort()).toEqual(
      ['action', 'at', 'details', 'outcome', 'person', 'seq', 'subject'].sort(),
    );
  });

  it.each([
    "UPDATE audit_log SET outcome = 'ok'",
    'UPDATE OR REPLACE audit_log SET seq = 2 WHERE seq = 3',
    'DELETE FROM audit_log',
    'DELETE FROM audit_log WHERE seq = 5',
    "INSERT OR REPLACE INTO audit_log SELECT seq, at, 'Eve', action, subject, outcome, details, prev_hash, hash FROM audit_log WHERE seq = 2",
    "INSERT OR REPLACE INTO audit_log SELECT 6, at, 'Eve', action, subject, outcome, details, (SELECT hash FROM audit_log WHERE seq = 5), hash FROM audit_log WHERE seq = 2",
    "REPLACE INTO audit_log VALUES (5, '', '', '', '', 'ok', '', '', 'new hash')",
    "INSERT INTO audit_log VALUES (9, '', '', '', '', 'ok', '', '', 'new hash')",
    'DELETE FROM audit_head',
  ])('refuses: %s', (sql) => {
    using log = logOf(5);
    expect(() => log.db.exec(sql)).toThrow('append-only');
    expect(log.audit.firstBroken()).toBeNull();
    expect(log.store.audit.list(10)).toHaveLength(5);
  });

  const tampered: [string, number, (db: Database.Database) => void][] = [
    ...(['at', 'person', 'action', 'subject', 'details', 'prev_hash', 'hash'] as const).map(
      (column): [string, number, (db: Database.Database) => void] => [
        `${column} altered`,
        3,
        (db) => db.exec(`UPDATE audit_log SET ${column} = ${column} || 'x' WHERE seq = 3`),
      ],
    ),
    ['outcome altered', 3, (db) => db.exec("UPDATE audit_log SET outcome = 'refused' WHERE seq = 3")],
    ['the first deleted', 1, (db) => db.exec('DELETE FROM audit_log WHERE seq = 1')],
    ['one in the middle deleted', 3, (db) => db.exec('DELETE FROM audit_log WHERE seq = 3')],
    ['the last deleted', 6, (db) => db.exec('DELETE FROM audit_log WHERE seq = 6')],
    ['the last three deleted', 4, (db) => db.exec('DELETE FROM audit_log WHERE seq > 3')],
    ['all deleted', 1, (db) => db.exec('DELETE FROM audit_log')],
    [
      'two swapped',
      3,
      (db) =>
        db.exec(`UPDATE audit_log SET seq = 99 WHERE seq = 3; UPDATE audit_log SET seq = 3 WHERE seq = 4;
          UPDATE audit_log SET seq = 4 WHERE seq = 99`),
    ],
    [
      'one deleted and the rest moved up',
      3,
      (db) =>
        db.exec('DELETE FROM audit_log WHERE seq = 3; UPDATE audit_log SET seq = seq - 1 WHERE seq > 3'),
    ],
    [
      'one slipped in',
      7,
      (db) => db.exec("INSERT INTO audit_log VALUES (7, '', 'Eve', 'x', '', 'ok', '', '', 'made up')"),
    ],
    ...['0', '-7', '-9223372036854775808'].map((seq): [string, number, (db: Database.Database) => void] => [
      `one put before the first, as ${seq}`,
      1,
      (db) => db.exec(`INSERT INTO audit_log VALUES (${seq}, '', 'Eve', 'x', '', 'ok', '', '', 'made up')`),
    ]),
    [
      'moved from one field to the next',
      3,
      (db) => db.exec("UPDATE audit_log SET action = action || subject, subject = '' WHERE seq = 3"),
    ],
  ];
  it.each(tampered)('shows: %s', async (_, broken, tamper) => {
    using log = logOf(6);
    const head = log.store.audit.head();
    log.dropTriggers();
    tamper(log.db);
    expect(log.audit.firstBroken()).toBe(broken);
    expect(await log.audit.verify(never)).toMatchObject({
      firstBroken: broken,
      headSeq: 6,
      headHash: head?.hash,
    });
  });

  it('shows entries cut off its end also after it went on', () => {
    using log = logOf(6);
    const triggers = log.db
      .prepare("SELECT sql FROM sqlite_master WHERE type = 'trigger'")
      .pluck()
      .all() as string[];
    log.dropTriggers();
    log.db.exec('DELETE FROM audit_log WHERE seq > 4');
    for (const sql of triggers) log.db.exec(sql);
    for (let n = 0; n < 3; n += 1) log.audit.record(entry(n));
    expect(log.audit.firstBroken()).toBe(5);
  });

  it('stays one chain when processes write at the same moment', async () => {
    using folder = temporaryFolder();
    storeIn(folder.path).close();
    const at = Date.now() + 900;
    const script = `
      import { createAudit } from 'main/access/audit.ts';
      import { storeIn } from 'test/support/parts.ts';
      const store = storeIn(${JSON.stringify(folder.path)});
      const audit = createAudit(store, () => '${instant}');
      while (Date.now() < ${at});
      for (let n = 0; n < 150; n += 1) {
        audit.record({ person: String(process.pid), action: 'a', subject: String(n), outcome: 'ok', details: '' });
      }
      store.close();`;
    await Promise.all([inProcess(script), inProcess(script), inProcess(script)]);
    const store = storeIn(folder.path);
    expect(createAudit(store, () => instant).firstBroken()).toBeNull();
    const all = store.audit.list(1000);
    expect(all).toHaveLength(450);
    expect(new Set(all.map(({ person }) => person)).size).toBe(3);
    store.close();
  });

  it('can be written inside a transaction, and goes with it when that is undone', () => {
    using log = logOf(2);
    expect(() =>
      log.store.transaction(() => {
        log.audit.record(entry(3));
        throw new Error('undo');
      }),
    ).toThrow('undo');
    log.audit.record(entry(4));
    expect(log.audit.firstBroken()).toBeNull();
    expect(log.store.audit.list(10)).toHaveLength(3);
  });
});
