import { createReadStream, existsSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { describe, expect, it } from 'vitest';
import { hashOf } from '../../main/access/audit.ts';
import { createAuditAnchors } from '../../main/access/audit-anchors.ts';
import { verifyExport } from '../../main/access/audit-file.ts';
import { systemClock } from '../../main/clock.ts';
import type { TypedQuestion, YesNo } from '../../main/host.ts';
import { writeOwn } from '../../main/own-file.ts';
import type { ChainedEntry } from '../../main/store/people/audit.ts';
import { english } from '../../preload/messages/said.ts';
import { inProcess, instant, rawDb, storeIn, temporaryFolder, vaultIn } from '../support/parts.ts';
import { keptDesk } from '../support/seat.ts';
import { openWorkspace, type Workspace } from '../support/workspace.ts';

const far = '2100-01-01T00:00:00.000Z';

/** A desk that says yes, types a passphrase, and saves to a folder. */
function saving(folder: string, more: { save?: (path: string) => void; typed?: string } = {}) {
  const asked: string[] = [];
  return {
    ...keptDesk(systemClock),
    asked,
    async confirm({ title }: YesNo) {
      asked.push(english(title));
      return true;
    },
    async askTyped({ title }: TypedQuestion) {
      asked.push(`typed: ${english(title)}`);
      return more.typed ?? null;
    },
    async save(name: string, text: string | AsyncIterable<string>) {
      const path = join(folder, name);
      await writeOwn(path, text);
      more.save?.(path);
      return path;
    },
  };
}

/** Some entries, of people who change things. */
async function work({ api }: Workspace, times: number): Promise<void> {
  for (let n = 0; n < times; n += 1)
    await api.connections.create({
      name: `c ${Math.random()}`,
      host: 'h',
      database: 'd',
      user: 'u',
      password: 'p',
    });
}
const verified = ({ api }: Workspace, entry?: number) =>
  api.audit.verify(entry === undefined ? {} : { entry });
const fileOf = (path: string) => verifyExport(createInterface({ input: createReadStream(path) }));
const numbersIn = async ({ api }: Workspace): Promise<number[]> =>
  (await api.audit.list({ limit: 1000 })).map(({ seq }) => seq).reverse();

/** Past every rule of the file. */
function tamper(folder: string, sql: string): void {
  using db = rawDb(join(folder, 'headgate.db'));
  const triggers = db.prepare("SELECT name, sql FROM sqlite_master WHERE type = 'trigger'").all() as {
    name: string;
    sql: string;
  }[];
  for (const { name } of triggers) db.exec(`DROP TRIGGER ${name}`);
  db.exec(sql);
  for (const trigger of triggers) db.exec(trigger.sql);
}

/** A workspace whose log was trimmed once: entries 1 to 6 are in a file. */
async function trimmedOnce(folder: string, files: string): Promise<string> {
  await using ws = await openWorkspace({ folder, desk: saving(files) });
  await work(ws, 7);
  const { path } = await ws.api.audit.trim({ before: far });
  await work(ws, 2);
  return path as string;
}

/** A second trim, up to entry 9, that was cut off when its anchor was put. */
async function anchorPut(folder: string): Promise<void> {
  const store = storeIn(folder);
  const { vault } = await vaultIn(folder);
  const [entry] = store.audit.next(8, 1) as [ChainedEntry];
  const anchor = { seq: entry.seq, hash: entry.hash, at: instant, person: 'Ada' };
  createAuditAnchors({ store, notes: vault.notes }).add(anchor);
  vault.close();
  store.close();
}

describe('a log that was trimmed', () => {
  it('goes on from its anchor, and the file proves itself and that it is of this log', async () => {
    using folder = temporaryFolder();
    using files = temporaryFolder();
    const path = await trimmedOnce(folder.path, files.path);
    await using ws = await openWorkspace({ folder: folder.path });
    const found = await verified(ws, 6);
    expect(found).toMatchObject({ entries: 4, firstBroken: null, headSeq: 10, anchored: 'sealed' });
    expect(found.seal.state).toBe('sealed');
    expect(found.anchors).toMatchObject([{ seq: 6, person: expect.any(String) }]);
    const file = await fileOf(path);
    expect(file).toMatchObject({ entries: 6, first: { seq: 1, prevHash: '' }, brokenLine: null });
    expect(file.last).toEqual({ seq: 6, hash: found.entryHash });
    expect(statSync(path).mode & 0o777).toBe(0o600);
    // The newest always stays, and the trim is an entry itself.
    expect(await numbersIn(ws)).toEqual([7, 8, 9, 10]);
    const [entry] = await ws.api.audit.list({ action: 'audit.trim' });
    expect(entry).toMatchObject({ seq: 8, outcome: 'ok', details: `from=1 upTo=6 hash=${found.entryHash}` });
    // What is exported later begins where the file ends.
    const { text } = await ws.api.audit.export({ format: 'json' });
    expect((JSON.parse(text ?? '') as ChainedEntry[])[0]).toMatchObject({
      seq: 7,
      prevHash: found.entryHash,
    });
  });

  it('can be trimmed again: the second file begins where the first ends, and both are known', async () => {
    using folder = temporaryFolder();
    using files = temporaryFolder();
    const first = await fileOf(await trimmedOnce(folder.path, files.path));
    await using ws = await openWorkspace({ folder: folder.path, desk: saving(files.path) });
    await work(ws, 3);
    const { path, count, anchor } = await ws.api.audit.trim({ before: far });
    expect(ws.events).toContainEqual({ name: 'store.changed', payload: { entity: 'audit' } });
    expect(count).toBe(6);
    const second = await fileOf(path as string);
    expect(second).toMatchObject({ brokenLine: null, first: { seq: 7, prevHash: first.last?.hash } });
    expect(second.last).toEqual({ seq: 12, hash: anchor?.hash });
    const found = await verified(ws, 6);
    expect(found).toMatchObject({ firstBroken: null, anchored: 'sealed', entryHash: first.last?.hash });
    expect(found.anchors.map(({ seq }) => seq)).toEqual([6, 12]);
    expect((await verified(ws, 12)).entryHash).toBe(second.last?.hash);
    expect((await verified(ws, 11)).entryHash).toBeNull();
  });

  it('keeps what is not older than the day, and says where there is nothing', async () => {
    using files = temporaryFolder();
    // Every look at it is a second later.
    let now = Date.parse(instant);
    const clock = { ...systemClock, now: () => (now += 1000) };
    await using ws = await openWorkspace({ desk: saving(files.path), clock });
    await work(ws, 5);
    await expect(ws.api.audit.trim({ before: instant })).rejects.toMatchObject({ code: 'NOT_FOUND' });
    const [, third] = (await ws.api.audit.list({ limit: 1000 })).reverse().slice(1);
    expect(third?.seq).toBe(3);
    expect(await ws.api.audit.trim({ before: third?.at as string })).toMatchObject({ count: 2 });
    expect((await numbersIn(ws))[0]).toBe(3);
  });
});

describe('who trims', () => {
  it('is asked for the passphrase and then outside the page; a no, or no file, leaves all there', async () => {
    using files = temporaryFolder();
    const phrase = 'a-long-canary-passphrase';
    const desk = saving(files.path, { typed: phrase });
    await using ws = await openWorkspace({ desk, kind: 'electron' });
    const me = (await ws.api.app.info()).person.id;
    await work(ws, 3);
    const before = await numbersIn(ws);
    Object.assign(desk, { confirm: async () => false });
    await expect(ws.api.audit.trim({ before: far })).rejects.toMatchObject({ code: 'CANCELLED' });
    Object.assign(desk, { confirm: async () => true, save: async () => null });
    expect(await ws.api.audit.trim({ before: far })).toEqual({ path: null, count: 0, anchor: null });
    Object.assign(desk, {
      save: () => Promise.reject(Object.assign(new Error('ENOSPC'), { syscall: 'write' })),
    });
    await expect(ws.api.audit.trim({ before: far })).rejects.toBeDefined();
    expect((await numbersIn(ws)).slice(0, before.length)).toEqual(before);
    expect((await verified(ws)).anchors).toEqual([]);
    const yes = saving(files.path, { typed: phrase });
    Object.assign(desk, { confirm: yes.confirm, save: yes.save, asked: yes.asked, askTyped: yes.askTyped });
    await ws.api.people.setPassphrase({ id: me });
    yes.asked.length = 0;
    await ws.api.audit.trim({ before: far });
    expect(yes.asked).toEqual([
      'typed: Take old entries out of the activity log?',
      'Take old entries out of the activity log?',
    ]);
    expect(ws.logs.join()).not.toContain(phrase);
  });

  it('is refused while nothing can be sealed, and where the log is not as it was written', async () => {
    using files = temporaryFolder();
    {
      await using ws = await openWorkspace({ desk: saving(files.path), protector: 'none' });
      await ws.api.policy.set({ idleLockMinutes: 10 });
      await ws.api.policy.set({ idleLockMinutes: 9 });
      await expect(ws.api.audit.trim({ before: far })).rejects.toMatchObject({ code: 'VAULT_LOCKED' });
    }
    using folder = temporaryFolder();
    {
      await using ws = await openWorkspace({ folder: folder.path });
      await work(ws, 4);
    }
    tamper(folder.path, "UPDATE audit_log SET person = 'Eve' WHERE seq = 2");
    await using ws = await openWorkspace({ folder: folder.path, desk: saving(files.path) });
    await expect(ws.api.audit.trim({ before: far })).rejects.toMatchObject({ code: 'AUDIT_BROKEN' });
    expect(await verified(ws)).toMatchObject({ firstBroken: 2, anchors: [] });
  });
});

describe('an anchor that somebody changed', () => {
  const moved = `INSERT INTO audit_anchors SELECT seq, hash, '${instant}', 'Ada' FROM audit_log WHERE seq = 8;
    DELETE FROM audit_log WHERE seq <= 8;`;
  it.each([
    ['its hash', "UPDATE audit_anchors SET hash = 'other'", 'broken'],
    ['whose it is', "UPDATE audit_anchors SET person = 'Eve'", 'broken'],
    ['when it was', "UPDATE audit_anchors SET at = '2020-01-01T00:00:00.000Z'", 'broken'],
    ['put further, with what it would hide gone', moved, 'broken'],
    ['moved back', 'UPDATE audit_anchors SET seq = 5', 'broken'],
    ['taken away', 'DELETE FROM audit_anchors', 'none'],
  ] as const)('shows: %s', async (_, sql, anchored) => {
    using folder = temporaryFolder();
    using files = temporaryFolder();
    await trimmedOnce(folder.path, files.path);
    tamper(folder.path, sql);
    await using ws = await openWorkspace({ folder: folder.path, desk: saving(files.path) });
    const found = await verified(ws);
    expect(found.anchored).toBe(anchored);
    // Without an anchor the chain has no beginning.
    if (anchored === 'none') expect(found.firstBroken).toBe(1);
    await expect(ws.api.audit.trim({ before: far })).rejects.toMatchObject({ code: 'AUDIT_BROKEN' });
  });

  it('and one that was made up, on a log that never was trimmed', async () => {
    using folder = temporaryFolder();
    {
      await using ws = await openWorkspace({ folder: folder.path });
      await work(ws, 6);
    }
    tamper(
      folder.path,
      `INSERT INTO audit_anchors SELECT seq, hash, '${instant}', 'Ada' FROM audit_log WHERE seq = 4;
       DELETE FROM audit_log WHERE seq <= 4;`,
    );
    await using ws = await openWorkspace({ folder: folder.path });
    // The chain alone says nothing.
    expect(await verified(ws)).toMatchObject({ firstBroken: null, anchored: 'missing' });
  });

  it('and its note in the vault', async () => {
    using folder = temporaryFolder();
    using files = temporaryFolder();
    await trimmedOnce(folder.path, files.path);
    {
      using db = rawDb(join(folder.path, 'vault.db'));
      db.exec("UPDATE notes SET sealed = randomblob(length(sealed)) WHERE name = 'audit-anchors'");
    }
    await using ws = await openWorkspace({ folder: folder.path });
    expect(await verified(ws)).toMatchObject({ firstBroken: null, anchored: 'broken' });
  });

  it('is kept by the rules of the file, as is what is behind it', async () => {
    using folder = temporaryFolder();
    using files = temporaryFolder();
    await trimmedOnce(folder.path, files.path);
    using db = rawDb(join(folder.path, 'headgate.db'));
    for (const sql of [
      'DELETE FROM audit_anchors',
      'UPDATE audit_anchors SET seq = 9',
      "INSERT INTO audit_anchors VALUES (99, 'h', '', '')",
      "INSERT INTO audit_anchors VALUES (8, 'not its hash', '', '')",
      'DELETE FROM audit_log WHERE seq = 7',
      'DELETE FROM audit_log',
    ])
      expect(() => db.exec(sql), sql).toThrow('append-only');
  });

  it('shows in an exported file as well: altered, taken out, cut off, or of another log', async () => {
    using folder = temporaryFolder();
    using files = temporaryFolder();
    const path = await trimmedOnce(folder.path, files.path);
    const lines = readFileSync(path, 'utf8').split('\n');
    const broken = async (changed: readonly string[]) => {
      const file = join(files.path, 'changed.json');
      writeFileSync(file, changed.join('\n'));
      return fileOf(file);
    };
    expect((await broken(lines.map((line) => line.replace('c 0.', 'c 1.')))).brokenLine).toBe(2);
    expect((await broken(lines.toSpliced(3, 1))).brokenLine).toBe(4);
    expect((await broken(lines.toSpliced(2, 0, 'no entry'))).brokenLine).toBe(3);
    // Cut off behind, or made anew with hashes that fit: its end is not the one that the log knows.
    await using ws = await openWorkspace({ folder: folder.path });
    const short = await broken(lines.toSpliced(5, 2));
    expect(short).toMatchObject({ brokenLine: null, entries: 4 });
    expect((await verified(ws, short.last?.seq)).entryHash).toBeNull();
    let prevHash = '';
    const anew = lines.flatMap((line) => {
      if (!line.startsWith('{')) return [line];
      const { hash: _, ...entry } = JSON.parse(line.replace(/,$/, '')) as ChainedEntry;
      const next = { ...entry, person: 'Eve', prevHash };
      prevHash = hashOf(next);
      return [`${JSON.stringify({ ...next, hash: prevHash })},`];
    });
    const made = await broken(anew);
    expect(made).toMatchObject({ brokenLine: null, entries: 6 });
    expect((await verified(ws, 6)).entryHash).not.toBe(made.last?.hash);
  });
});

describe('a trim that was cut off', () => {
  it('by a kill between the file and the trim leaves the whole log, and can be done again', async () => {
    using folder = temporaryFolder();
    using files = temporaryFolder();
    {
      await using ws = await openWorkspace({ folder: folder.path });
      await work(ws, 5);
    }
    const killed = inProcess(
      `import { randomBytes } from 'node:crypto';
      import { createHeadlessHost } from 'main/headless/host.ts';
      import { createApp } from 'main/app.ts';
      import { keyFileProtector } from 'main/vault/key-file.ts';
      import { createHeadlessDesk } from 'main/headless/terminal/desk.ts';
      import { writeOwn } from 'main/own-file.ts';
      const host = await createHeadlessHost({
        dataFolder: ${JSON.stringify(folder.path)}, version: '0', logSink: { write() {} },
        protector: keyFileProtector(${JSON.stringify(join(folder.path, 'vault.key'))}, randomBytes),
        syncWorker: new URL('file:///none'), openUrl: async () => {},
        async saveTo(text) {
          await writeOwn(${JSON.stringify(join(files.path, 'first.json'))}, text);
          process.kill(process.pid, 'SIGKILL');
        },
      });
      const app = await createApp(host);
      await app.call('audit.trim', { before: '${far}' }, 'x');`,
    );
    await expect(killed).rejects.toMatchObject({ signal: 'SIGKILL' });
    expect(existsSync(join(files.path, 'first.json'))).toBe(true);
    await using ws = await openWorkspace({ folder: folder.path, desk: saving(files.path) });
    expect(await verified(ws)).toMatchObject({
      entries: 5,
      firstBroken: null,
      anchored: 'none',
      anchors: [],
    });
    expect(await numbersIn(ws)).toEqual([1, 2, 3, 4, 5]);
    expect(await ws.api.audit.trim({ before: far })).toMatchObject({ count: 4 });
    expect(await verified(ws)).toMatchObject({ firstBroken: null, anchored: 'sealed' });
  });

  it('between the note in the vault and the anchor leaves the whole log, which the vault still knows', async () => {
    using folder = temporaryFolder();
    using files = temporaryFolder();
    await trimmedOnce(folder.path, files.path);
    {
      const store = storeIn(folder.path);
      const { vault } = await vaultIn(folder.path);
      const cut = {
        audit: {
          ...store.audit,
          anchor() {
            throw new Error('cut off');
          },
        },
      } as unknown as typeof store;
      const [entry] = store.audit.next(7, 1) as [ChainedEntry];
      const anchor = { seq: entry.seq, hash: entry.hash, at: instant, person: 'Ada' };
      expect(() => createAuditAnchors({ store: cut, notes: vault.notes }).add(anchor)).toThrow('cut off');
      vault.close();
      store.close();
    }
    await using ws = await openWorkspace({ folder: folder.path, desk: saving(files.path) });
    const found = await verified(ws);
    expect(found).toMatchObject({ firstBroken: null, anchored: 'sealed' });
    expect(found.anchors.map(({ seq }) => seq)).toEqual([6]);
    await ws.api.audit.trim({ before: far });
    const after = await verified(ws);
    expect(after).toMatchObject({ firstBroken: null, anchored: 'sealed' });
    expect(after.anchors).toHaveLength(2);
  });

  it('before the entries are gone goes on by the timetable; what is still there is verified meanwhile', async () => {
    using folder = temporaryFolder();
    using files = temporaryFolder();
    await trimmedOnce(folder.path, files.path);
    await anchorPut(folder.path);
    {
      await using ws = await openWorkspace({ folder: folder.path });
      expect(await numbersIn(ws)).toEqual([7, 8, 9, 10]);
      expect(await verified(ws)).toMatchObject({ entries: 4, firstBroken: null, anchored: 'sealed' });
      await ws.app.tick();
      expect((await numbersIn(ws))[0]).toBe(10);
      expect(await verified(ws)).toMatchObject({ firstBroken: null, anchored: 'sealed' });
    }
  });

  it('shows where an entry that was to go was altered first', async () => {
    using folder = temporaryFolder();
    using files = temporaryFolder();
    await trimmedOnce(folder.path, files.path);
    await anchorPut(folder.path);
    tamper(folder.path, "UPDATE audit_log SET subject = 'nothing' WHERE seq = 8");
    await using ws = await openWorkspace({ folder: folder.path });
    expect(await verified(ws)).toMatchObject({ firstBroken: 8 });
  });
});
