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

const none = { protector: null, protectorProblem: 'no keyring here' };
const stored = { user: 'sync', password: 'canary-0a9b', tlsKey: 'canary-key' };
const setups: [string, Parameters<typeof vaultIn>[1]][] = [
  ['in the file', {}],
  ['in this session only', none],
];

describe.each(setups)('secrets %s', (_, change) => {
  it('are handed out as buffers that the one who opened them overwrites', async () => {
    using folder = temporaryFolder();
    const { vault } = await vaultIn(folder.path, change);
    await vault.put('one', { user: 'sync', password: Buffer.from([0, 255, 128, 7]) });
    expect(await vault.open('nobody')).toBeNull();
    const opened = await vault.open('one');
    const mine = opened?.bytes('password') as Uint8Array;
    expect([...mine]).toEqual([0, 255, 128, 7]);
    expect(opened?.has('password')).toBe(true);
    expect(opened?.has('other')).toBe(false);
    expect(opened?.bytes('other')).toBeNull();
    expect(opened?.text('user')).toBe('sync');
    // A copy: overwriting it does nothing to the rest.
    mine.fill(0);
    expect([...(opened?.bytes('password') ?? [])]).toEqual([0, 255, 128, 7]);
    opened?.[Symbol.dispose]();
    expect(opened?.bytes('password')).toBeNull();
    expect(opened?.text('user')).toBeNull();
    expect([...((await vault.open('one'))?.bytes('password') ?? [])]).toEqual([0, 255, 128, 7]);
    vault.close();
  });

  it('are overwritten when they are given as a text or bytes, and the giver’s own bytes are left to him', async () => {
    using folder = temporaryFolder();
    const { vault } = await vaultIn(folder.path, change);
    const given = Buffer.from('given by me');
    await vault.put('one', { password: given });
    expect(given.toString()).toBe('given by me');
    given.fill(0);
    expect(await vault.get('one')).toEqual({ password: 'given by me' });
    vault.close();
  });

  it('of a login that is kept beside the present one are known as such, its user is not', async () => {
    using folder = temporaryFolder();
    const { vault, redactor } = await vaultIn(folder.path, change);
    await vault.put('one', stored);
    await vault.patch('one', { 'previous.user': 'postgres', 'previous.password': 'older-canary' });
    (await vault.open('one'))?.[Symbol.dispose]();
    const text = 'FATAL: role "postgres" does not exist';
    expect(redactor.text(text)).toBe(text);
    expect(redactor.text('with older-canary')).toBe('with ••••');
    vault.close();
  });

  it('are changed field by field, and the others stay as they are', async () => {
    using folder = temporaryFolder();
    const { vault, redactor } = await vaultIn(folder.path, change);
    await vault.put('one', stored);
    await vault.patch('one', { password: 'newer-canary', ssh: Buffer.from('hop-canary'), tlsKey: null });
    expect(await vault.get('one')).toEqual({ user: 'sync', password: 'newer-canary', ssh: 'hop-canary' });
    await vault.patch('one', { user: 'other' }, ['ssh', 'user', 'never there']);
    expect(await vault.get('one')).toEqual({ user: 'other', password: 'newer-canary' });
    // All of them are known, also those that were replaced a moment ago.
    for (const secret of ['canary-0a9b', 'canary-key', 'newer-canary', 'hop-canary'])
      expect(redactor.text(`a ${secret} b`)).toBe('a •••• b');
    expect(vault.has('one', 'password')).toBe(true);
    expect(vault.has('one', 'ssh')).toBe(false);
    expect(vault.has('two', 'password')).toBe(false);
    // A record that had none begins with these.
    await vault.patch('two', { password: 'first', gone: null });
    expect(await vault.get('two')).toEqual({ password: 'first' });
    await vault.patch('two', { password: null });
    expect(await vault.get('two')).toBeNull();
    expect(vault.has('two')).toBe(false);
    vault.close();
  });

  it('are made once, whoever asks', async () => {
    using folder = temporaryFolder();
    const { vault } = await vaultIn(folder.path, change);
    await vault.putMissing('one', { a: 'first' });
    await vault.putMissing('one', { a: 'second', b: 'also' });
    expect(await vault.get('one')).toEqual({ a: 'first', b: 'also' });
    vault.close();
  });

  it('are copied to another record without leaving the vault', async () => {
    using folder = temporaryFolder();
    const { vault } = await vaultIn(folder.path, change);
    await vault.put('one', stored);
    await vault.put('two', { password: 'of the second', more: 'x' });
    await vault.copy('one', 'two');
    expect(await vault.get('two')).toEqual(stored);
    await vault.put('one', { password: 'changed later' });
    expect(await vault.get('two')).toEqual(stored);
    await vault.copy('nobody', 'two');
    expect(vault.has('two')).toBe(false);
    vault.close();
  });
});

describe('a change of single fields', () => {
  it('is done whole or not at all', async () => {
    using folder = temporaryFolder();
    let left = Number.POSITIVE_INFINITY;
    const failing = (bytes: number): Buffer => {
      left -= 1;
      if (left < 0) throw new Error('no more randomness');
      return random(bytes);
    };
    const { vault } = await vaultIn(folder.path, { random: failing });
    await vault.put('one', stored);
    left = 1;
    await expect(vault.patch('one', { user: null, password: 'n1', tlsKey: 'n2' })).rejects.toThrow(
      'randomness',
    );
    left = Number.POSITIVE_INFINITY;
    expect(await vault.get('one')).toEqual(stored);
    vault.close();
  });

  it('of two processes at once leaves both of them', async () => {
    using folder = temporaryFolder();
    const { vault } = await vaultIn(folder.path);
    await vault.put('one', { password: 'both know it' });
    const other = inProcess(`
      import { vaultIn } from 'test/support/parts.ts';
      const { vault } = await vaultIn(${JSON.stringify(folder.path)});
      for (let n = 0; n < 30; n += 1) await vault.patch('one', { ['there ' + n]: 'x' });
      vault.close();`);
    for (let n = 0; n < 30; n += 1) {
      await vault.patch('one', { [`here ${n}`]: 'y' });
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
    await other;
    expect(Object.keys((await vault.get('one')) ?? {})).toHaveLength(61);
    vault.close();
  });

  it('leaves no byte of what it replaced', async () => {
    using folder = temporaryFolder();
    const { vault, file } = await vaultIn(folder.path);
    await vault.put('one', stored);
    using db = rawDb(file);
    const { sealed } = db.prepare("SELECT sealed FROM secrets WHERE field = 'password'").get() as {
      sealed: Buffer;
    };
    await vault.patch('one', { password: 'another' });
    for (const { path, bytes } of filesIn(folder.path)) expect(bytes.includes(sealed), path).toBe(false);
    vault.close();
  });

  it('needs the key', async () => {
    using folder = temporaryFolder();
    const keyring = keptProtector();
    const first = await vaultIn(folder.path, { protector: keyring });
    await first.vault.put('one', stored);
    first.vault.close();
    const { vault } = await vaultIn(folder.path, { protector: null, protectorProblem: 'none' });
    expect(await codeOf(() => vault.patch('one', { password: 'x' }))).toBe('VAULT_LOCKED');
    expect(await codeOf(() => vault.open('one'))).toBe('VAULT_LOCKED');
    expect(await codeOf(() => vault.copy('one', 'two'))).toBe('VAULT_LOCKED');
    expect(vault.has('one', 'password')).toBe(true);
    vault.close();
  });
});

it('a vault keeps no secret in memory once the work is done, in its session least of all', async () => {
  const answer = await inProcess(`
    import { temporaryFolder, vaultIn } from 'test/support/parts.ts';
    import { getHeapSnapshot, setFlagsFromString } from 'node:v8';
    import { runInNewContext } from 'node:vm';
    setFlagsFromString('--expose-gc');
    const gc = runInNewContext('gc');
    const make = (seed) => Array.from({ length: 12 }, (_, n) => String.fromCharCode(97 + ((seed * 7 + n * 5) % 26))).join('');
    const folder = temporaryFolder();
    const { vault } = await vaultIn(folder.path);
    const buffers = [];
    await (async () => {
      await vault.put('one', { password: make(1) });
      await vault.patch('one', { password: Buffer.from(make(2)) });
      { using opened = await vault.open('one'); buffers.push(opened.bytes('password')); }
      await vault.copy('one', 'two');
      await vault.rotate();
    })();
    const opened = Buffer.from(buffers[0]).toString() === make(2);
    buffers[0].fill(0);
    for (let n = 0; n < 3; n += 1) { gc(); await new Promise((r) => setTimeout(r, 5)); }
    const parts = [];
    for await (const part of getHeapSnapshot()) parts.push(part);
    const heap = Buffer.concat(parts.map((p) => Buffer.from(p)));
    console.log(JSON.stringify({ opened, found: [1, 2].filter((n) => heap.includes(make(n))) }));
    vault.close();
    folder[Symbol.dispose]();`);
  expect(JSON.parse(answer)).toEqual({ opened: true, found: [] });
});
