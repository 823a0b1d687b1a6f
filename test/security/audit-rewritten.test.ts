import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { hashOf } from '../../main/access/audit.ts';
import type { ChainedEntry } from '../../main/store/people/audit.ts';
import { passphraseProtector } from '../../main/vault/passphrase.ts';
import { random, rawDb, temporaryFolder } from '../support/parts.ts';
import { openWorkspace, type Workspace } from '../support/workspace.ts';

/** What somebody with the file and twelve lines of SQL does: takes one entry out and computes every hash anew. */
function rewrite(folder: string, without: number): void {
  using db = rawDb(join(folder, 'headgate.db'));
  const triggers = db.prepare("SELECT name, sql FROM sqlite_master WHERE type = 'trigger'").all() as {
    name: string;
    sql: string;
  }[];
  for (const { name } of triggers) db.exec(`DROP TRIGGER ${name}`);
  const kept = db
    .prepare('SELECT seq, at, person, action, subject, outcome, details FROM audit_log ORDER BY seq')
    .all()
    .filter((entry) => (entry as ChainedEntry).seq !== without) as Omit<ChainedEntry, 'hash' | 'prevHash'>[];
  db.exec('DELETE FROM audit_log');
  const insert = db.prepare(
    `INSERT INTO audit_log (seq, at, person, action, subject, outcome, details, prev_hash, hash)
     VALUES (@seq, @at, @person, @action, @subject, @outcome, @details, @prevHash, @hash)`,
  );
  let prevHash = '';
  kept.forEach((entry, at) => {
    const next = { ...entry, seq: at + 1, prevHash };
    prevHash = hashOf(next);
    insert.run({ ...next, hash: prevHash });
  });
  db.prepare('UPDATE audit_head SET seq = ?, hash = ?').run(kept.length, prevHash);
  for (const { sql } of triggers) db.exec(sql);
}

/** Some entries, of people who change things. */
async function work({ api }: Workspace, times = 3): Promise<void> {
  for (let n = 0; n < times; n += 1) {
    const name = `c ${n} ${random(4).toString('hex')}`;
    await api.connections.create({ name, host: 'h', database: 'd', user: 'u', password: 'p' });
  }
}
const verify = ({ api }: Workspace) => api.audit.verify();

describe('a log that was rewritten, hashes and all', () => {
  it('does not fit its seal, is not sealed over, and shows that also later', async () => {
    using folder = temporaryFolder();
    {
      await using ws = await openWorkspace({ folder: folder.path });
      await work(ws);
    }
    {
      await using ws = await openWorkspace({ folder: folder.path });
      const { entries, seal } = await verify(ws);
      expect(seal).toMatchObject({ state: 'sealed', seq: entries });
    }
    rewrite(folder.path, 2);
    {
      await using ws = await openWorkspace({ folder: folder.path });
      // The chain alone says nothing.
      expect(await verify(ws)).toMatchObject({ firstBroken: null, seal: { state: 'broken', seq: 3 } });
      // As long again as it was.
      await work(ws, 5);
    }
    await using ws = await openWorkspace({ folder: folder.path });
    expect(await verify(ws)).toMatchObject({ firstBroken: null, seal: { state: 'broken', seq: 3 } });
    expect(ws.logs.join()).not.toContain('audit.unsealed');
  });

  it('shows that its seal was taken away, and when a new one began', async () => {
    using folder = temporaryFolder();
    {
      await using ws = await openWorkspace({ folder: folder.path });
      await work(ws);
    }
    rewrite(folder.path, 1);
    {
      using db = rawDb(join(folder.path, 'vault.db'));
      db.exec('DELETE FROM notes');
    }
    {
      await using ws = await openWorkspace({ folder: folder.path });
      expect(await verify(ws)).toMatchObject({ seal: { state: 'missing' } });
      await work(ws);
    }
    await using ws = await openWorkspace({ folder: folder.path });
    expect(await verify(ws)).toMatchObject({ seal: { state: 'sealed', from: 5, seq: 5 } });
  });

  it('and a seal that was made up are found', async () => {
    using folder = temporaryFolder();
    {
      await using ws = await openWorkspace({ folder: folder.path });
      await work(ws);
    }
    {
      using db = rawDb(join(folder.path, 'vault.db'));
      db.exec('UPDATE notes SET sealed = randomblob(length(sealed))');
    }
    await using ws = await openWorkspace({ folder: folder.path });
    expect(await verify(ws)).toMatchObject({ firstBroken: null, seal: { state: 'broken', seq: null } });
  });
});

describe('the seal of the log', () => {
  it('goes on from where it was, also over a new data key, and begins anew with a wiped vault', async () => {
    await using ws = await openWorkspace();
    await work(ws);
    await expect.poll(async () => (await verify(ws)).seal.state).toBe('sealed');
    const { seal: first } = await verify(ws);
    await ws.api.vault.rotate({});
    expect((await verify(ws)).seal).toMatchObject({ state: 'sealed', from: first.from });
    await expect.poll(async () => (await verify(ws)).seal.seq).toBe(4);
    expect((await verify(ws)).seal).toMatchObject({ from: first.from, since: first.since });
    await ws.api.vault.wipe({ confirm: 'WIPE' });
    await expect.poll(async () => (await verify(ws)).seal).toMatchObject({ state: 'sealed', from: 5 });
  });

  it('asks nobody for anything: a locked vault leaves it as it is, and the next open one goes on', async () => {
    using folder = temporaryFolder();
    const phrase = 'correct horse battery';
    const unlocked = passphraseProtector(phrase, random);
    {
      await using ws = await openWorkspace({ folder: folder.path, protector: unlocked });
      await work(ws);
    }
    {
      await using ws = await openWorkspace({ folder: folder.path, protector: 'none' });
      for (let n = 0; n < 3; n += 1)
        await ws.api.projects.create({
          name: `p ${n}`,
          connectionId: (await ws.api.connections.list({})).items[0]?.id as string,
        });
      expect(await verify(ws)).toMatchObject({ entries: 6, seal: { state: 'unchecked', seq: null } });
    }
    await using ws = await openWorkspace({ folder: folder.path, protector: unlocked });
    expect(await verify(ws)).toMatchObject({ seal: { state: 'sealed', seq: 3 } });
    await work(ws, 1);
    await expect.poll(async () => (await verify(ws)).seal.seq).toBe(7);
  });
});
