import { describe, expect, it } from 'vitest';
import {
  codeOf,
  filesIn,
  inProcess,
  keptProtector,
  random,
  rawDb,
  temporaryFolder,
  vaultIn,
} from '../support/parts.ts';

const records = Object.fromEntries(
  Array.from({ length: 12 }, (_, n) => [`record ${n}`, { user: `user ${n}`, password: `password ${n}` }]),
);

async function filled(folder: string, change: Parameters<typeof vaultIn>[1] = {}) {
  const parts = await vaultIn(folder, change);
  for (const [id, secrets] of Object.entries(records)) await parts.vault.put(id, secrets);
  return parts;
}

async function expectAll(vault: Awaited<ReturnType<typeof vaultIn>>['vault']): Promise<void> {
  for (const [id, secrets] of Object.entries(records)) expect(await vault.get(id)).toEqual(secrets);
}

describe('rotation of the data key', () => {
  it('seals everything anew and leaves nothing of the old key on the disk', async () => {
    using folder = temporaryFolder();
    const { vault, file } = await filled(folder.path);
    using db = rawDb(file);
    const sealed = (): Buffer[] =>
      (
        db.prepare('SELECT sealed FROM secrets UNION ALL SELECT sealed FROM key_slots').all() as {
          sealed: Buffer;
        }[]
      ).map((row) => row.sealed);
    const before = sealed();
    await vault.rotate();
    await expectAll(vault);
    expect(vault.status()).toMatchObject({ keyVersion: 2, secrets: 12 });
    for (const old of before) {
      for (const { path, bytes } of filesIn(folder.path)) expect(bytes.includes(old), path).toBe(false);
    }
    expect(db.prepare('SELECT DISTINCT key_version FROM secrets').all()).toEqual([{ key_version: 2 }]);
    vault.close();
    const again = await vaultIn(folder.path);
    await expectAll(again.vault);
    again.vault.close();
  });

  it('changes nothing when it fails in the middle, wherever that is', async () => {
    using folder = temporaryFolder();
    let left = Number.POSITIVE_INFINITY;
    const failing = (bytes: number): Buffer => {
      left -= 1;
      if (left < 0) throw new Error('no more randomness');
      return random(bytes);
    };
    const keyring = keptProtector();
    const { vault } = await filled(folder.path, { random: failing, protector: keyring });
    // One for the key, one for each of the 24 sealed values: every point at which it can stop.
    for (let point = 0; point <= 24; point += 1) {
      left = point;
      await expect(vault.rotate(), `after ${point}`).rejects.toThrow('randomness');
      left = Number.POSITIVE_INFINITY;
      await expectAll(vault);
      expect(vault.status().keyVersion).toBe(1);
    }
    left = 25;
    await vault.rotate();
    left = Number.POSITIVE_INFINITY;
    await expectAll(vault);
    vault.close();
    const again = await vaultIn(folder.path, { protector: keyring });
    await expectAll(again.vault);
    again.vault.close();
  });

  it('changes nothing when one stored secret is damaged', async () => {
    using folder = temporaryFolder();
    const { vault, file } = await filled(folder.path);
    using db = rawDb(file);
    const change = db.prepare(
      "UPDATE secrets SET sealed = ? WHERE record_id = 'record 7' AND field = 'user'",
    );
    const { sealed } = db
      .prepare("SELECT sealed FROM secrets WHERE record_id = 'record 7' AND field = 'user'")
      .get() as { sealed: Buffer };
    change.run(Buffer.alloc(40));
    expect(await codeOf(() => vault.rotate())).toBe('VAULT_DAMAGED');
    expect(vault.status().keyVersion).toBe(1);
    change.run(sealed);
    await expectAll(vault);
    // Entering the damaged secret again is the way out.
    change.run(Buffer.alloc(40));
    await vault.put('record 7', records['record 7'] as { user: string; password: string });
    await vault.rotate();
    await expectAll(vault);
    vault.close();
  });

  it('changes nothing when the protector can not seal, and costs it nothing while the vault is locked', async () => {
    using folder = temporaryFolder();
    const keyring = keptProtector();
    const first = await filled(folder.path, { protector: keyring });
    keyring.fault = new Error('keyring gone');
    await expect(first.vault.rotate()).rejects.toThrow('keyring gone');
    await expectAll(first.vault);
    first.vault.close();
    const { vault } = await vaultIn(folder.path, { protector: keyring });
    const { sealed } = keyring;
    expect(await codeOf(() => vault.rotate())).toBe('VAULT_LOCKED');
    expect(keyring.sealed).toBe(sealed);
    vault.close();
  });
});

describe('rotation while somebody else works', () => {
  it('is noticed by another vault on the same file', async () => {
    using folder = temporaryFolder();
    const one = await filled(folder.path);
    const two = await vaultIn(folder.path);
    await expectAll(two.vault);
    await one.vault.rotate();
    await expectAll(two.vault);
    await two.vault.put('new', { password: 'of the second' });
    expect(await one.vault.get('new')).toEqual({ password: 'of the second' });
    await two.vault.rotate();
    await one.vault.put('new', { password: 'of the first' });
    expect(await two.vault.get('new')).toEqual({ password: 'of the first' });
    expect(one.vault.status().keyVersion).toBe(3);
    await expectAll(one.vault);
    one.vault.close();
    two.vault.close();
  });

  it('loses nothing to reads, writes and rotations of the same moment', async () => {
    using folder = temporaryFolder();
    const keyring = keptProtector();
    const one = await filled(folder.path, { protector: keyring });
    const two = await vaultIn(folder.path, { protector: keyring });
    const work: Promise<unknown>[] = [];
    for (let n = 0; n < 12; n += 1) {
      const [vault, other] = n % 2 === 0 ? [one.vault, two.vault] : [two.vault, one.vault];
      work.push(other.get(`record ${n}`).then((found) => expect(found).toEqual(records[`record ${n}`])));
      if (n % 3 === 0) work.push(vault.rotate());
      work.push(vault.put(`extra ${n}`, { password: `extra ${n}` }));
      work.push(vault.get(`record ${n}`).then((found) => expect(found).toEqual(records[`record ${n}`])));
    }
    await Promise.all(work);
    await expectAll(one.vault);
    await expectAll(two.vault);
    for (let n = 0; n < 12; n += 1)
      expect(await one.vault.get(`extra ${n}`)).toEqual({ password: `extra ${n}` });
    expect(one.vault.status().keyVersion).toBe(5);
    one.vault.close();
    two.vault.close();
  });

  it('is noticed across processes', async () => {
    using folder = temporaryFolder();
    const { vault } = await filled(folder.path);
    const rotating = inProcess(`
      import { vaultIn } from 'test/support/parts.ts';
      const { vault } = await vaultIn(${JSON.stringify(folder.path)});
      for (let n = 0; n < 15; n += 1) await vault.rotate();
      await vault.put('from there', { password: 'over there' });
      console.log(vault.status().keyVersion);
      vault.close();`);
    let done = false;
    const answer = rotating.finally(() => {
      done = true;
    });
    let written = 0;
    while (!done) {
      await vault.put('busy', { password: `number ${written}` });
      expect(await vault.get('busy')).toEqual({ password: `number ${written}` });
      expect(await vault.get('record 3')).toEqual(records['record 3']);
      written += 1;
      await new Promise((resolve) => setTimeout(resolve, 2));
    }
    expect(await answer).toBe('16\n');
    expect(await vault.get('from there')).toEqual({ password: 'over there' });
    await expectAll(vault);
    vault.close();
  });
});
