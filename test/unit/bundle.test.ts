import { execFileSync, spawnSync } from 'node:child_process';
import { createHash, hkdfSync } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { bech32 } from '@scure/base';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { openBundle, sealBundle } from '../../main/vault/bundle/bundle.ts';
import { createBundleKey } from '../../main/vault/bundle/key-pair.ts';
import { parsePublicKey, publicKeyText } from '../../main/vault/bundle/public-key.ts';
import { agreedKey, fingerprintOf, publicHalf } from '../../main/vault/bundle/x25519.ts';
import { vaultPublicKey } from '../../preload/contract/models.ts';
import { codeOf, filesIn, inProcess, random, temporaryFolder, vaultIn } from '../support/parts.ts';

const workspace = '6f9619ff-8b86-4d01-b42d-00cf4fc964ff';
const plain = Buffer.from('{"connections":[{"password":"canary-bundle-1"}]}');
const passphrase = 'correct horse battery';

interface Bundle {
  format: string;
  version: number;
  sealedFor: Record<string, unknown>;
  sealed: string;
}
const changed = (text: string, change: (bundle: Bundle) => void): string => {
  const bundle = JSON.parse(text) as Bundle;
  change(bundle);
  return JSON.stringify(bundle);
};
const pair = (): { privateKey: Buffer; publicKey: string; fingerprint: string } => {
  const privateKey = random(32);
  const half = publicHalf(privateKey);
  return { privateKey, publicKey: publicKeyText(half), fingerprint: fingerprintOf(half) };
};

it('is not made larger than one that can be opened again', async () => {
  const { publicKey, privateKey } = pair();
  const fits = await sealBundle(Buffer.alloc(14_700_000, 'x'), { publicKey }, random);
  expect((await openBundle(fits, { privateKey })).byteLength).toBe(14_700_000);
  await expect(sealBundle(Buffer.alloc(15_100_000, 'x'), { publicKey }, random)).rejects.toMatchObject({
    code: 'INPUT_INVALID',
    advice: expect.stringContaining('several files'),
  });
});

describe('the exchange of keys', () => {
  it('is X25519 with the values of RFC 7748 §6.1, and HKDF over what it gives', () => {
    const hex = (text: string): Buffer => Buffer.from(text, 'hex');
    const alice = hex('77076d0a7318a57d3c16c17251b26645df4c2f87ebc0992ab177fba51db92c2a');
    const bob = hex('5dab087e624a8a4b79e17f8b83800ee66f3bb1292618b6fd1c2f8b27ff88e0eb');
    const shared = hex('4a5d9d5ba4ce2de1728e3bf480350f25e07e21c947d19e3376f09b3c1e161742');
    const [ofAlice, ofBob] = [publicHalf(alice), publicHalf(bob)];
    expect(ofAlice.toString('hex')).toBe('8520f0098930a754748b7ddcb43ef75a0dbf3a0d26381af4eba4a98eaa9b4e6a');
    const wanted = Buffer.from(hkdfSync('sha256', shared, Buffer.concat([ofAlice, ofBob]), 'info', 32));
    expect(agreedKey(alice, ofBob, ofAlice, ofBob, 'info')).toEqual(wanted);
    expect(agreedKey(bob, ofAlice, ofAlice, ofBob, 'info')).toEqual(wanted);
    expect(agreedKey(bob, ofAlice, ofBob, ofAlice, 'info')).not.toEqual(wanted);
  });

  it('refuses a key with which everybody would come to the same', async () => {
    const whole = publicKeyText(random(32));
    for (const low of [Buffer.alloc(32), Buffer.from([1, ...Buffer.alloc(31)])]) {
      expect(await codeOf(() => sealBundle(plain, { publicKey: publicKeyText(low) }, random))).toBe(
        'INPUT_INVALID',
      );
    }
    for (const text of [
      '',
      'headgate-x25519:',
      'age1abc',
      `${whole.slice(0, -1)}${whole.endsWith('q') ? 'p' : 'q'}`,
      publicKeyText(random(31)),
      `headgate-x25519:${'A'.repeat(42)}`,
      `x${publicKeyText(random(32))}`,
    ])
      expect(await codeOf(() => parsePublicKey(text)), text).toBe('INPUT_INVALID');
    expect([...parsePublicKey(` ${publicKeyText(Buffer.alloc(32, 7))}\n`)]).toEqual([...Buffer.alloc(32, 7)]);
  });
});

/** What Headgate sealed before it had the age format, to the pair of `before` and to `passphraseBefore`. */
const before = createHash('sha256').update('the pair of an old bundle').digest();
const passphraseBefore = 'caf\u00e9 au lait, twice';
const oldBundle = (sealedFor: object, sealed: string): string =>
  JSON.stringify({ format: 'headgate-bundle', version: 1, sealedFor, sealed });
const oldToKey = oldBundle(
  {
    kind: 'public_key',
    fingerprint: 'f774 99b8 2420 3551 ec8d d05b',
    ephemeral: 'q06oVgNgO7Bt8W2mtM6EGzF554D3FNJsBO0QiKCF5GE=',
  },
  'cUiJ8beMluIe6SZhXjaMSRk3qIdutQgMx3agDzeb2FSH7t5SX7P6zMn7vEdNR7bgXlKu27ut+SiuUeK3Eh68PfLWmZW9eQo5YzOtEg==',
);
const oldToPassphrase = oldBundle(
  { kind: 'passphrase', kdf: 'scrypt', N: 131072, r: 8, p: 1, salt: 'appNAMXsGufKLetRBN+Ctg==' },
  'qYC+HqAqm8Nb2tVHLFFZDOyLMcWcI18Bgo/Ez6zsCRXavTJG3Am5wGKxgq74yEPYwTkTlBmBgjxYGqX99qU6370mMdap8OBm58Upcg==',
);

describe('a bundle in Headgate’s own format before', () => {
  it('opens with what it was sealed to and nothing else, and says for whom it is', async () => {
    expect(await openBundle(oldToKey, { privateKey: before })).toEqual(plain);
    expect(await openBundle(oldToPassphrase, { passphrase: 'cafe\u0301 au lait, twice' })).toEqual(plain);
    const [mine, other] = [fingerprintOf(publicHalf(before)), pair()];
    await expect(openBundle(oldToKey, other)).rejects.toMatchObject({
      code: 'BUNDLE_WRONG_KEY',
      message: `This bundle was sealed for the Headgate with the fingerprint ${mine}; the one of this workspace is ${other.fingerprint}.`,
    });
    expect(await codeOf(() => openBundle(oldToKey, { passphrase }))).toBe('BUNDLE_WRONG_KEY');
    expect(await codeOf(() => openBundle(oldToPassphrase, other))).toBe('BUNDLE_WRONG_KEY');
    expect(await codeOf(() => openBundle(oldToPassphrase, { passphrase: 'cafe au lait, twice' }))).toBe(
      'BUNDLE_WRONG_KEY',
    );
  });

  it('is bound to its header: nothing in it can be changed', async () => {
    const changes: ((bundle: Bundle) => void)[] = [
      (bundle) => void Object.assign(bundle.sealedFor, { ephemeral: Buffer.alloc(32, 5).toString('base64') }),
      (bundle) => void Object.assign(bundle.sealedFor, { ephemeral: Buffer.alloc(32).toString('base64') }),
      (bundle) => void Object.assign(bundle, { sealed: '' }),
      (bundle) => {
        const bytes = Buffer.from(bundle.sealed, 'base64');
        bytes[20] = (bytes[20] as number) ^ 1;
        bundle.sealed = bytes.toString('base64');
      },
    ];
    for (const change of changes)
      expect(await codeOf(() => openBundle(changed(oldToKey, change), { privateKey: before }))).toBe(
        'IMPORT_UNREADABLE',
      );
    const renamed = changed(
      oldToKey,
      (bundle) => void Object.assign(bundle.sealedFor, { fingerprint: pair().fingerprint }),
    );
    expect(await codeOf(() => openBundle(renamed, { privateKey: before }))).toBe('BUNDLE_WRONG_KEY');
    const cheaper = changed(oldToPassphrase, (bundle) => void Object.assign(bundle.sealedFor, { N: 16384 }));
    expect(await codeOf(() => openBundle(cheaper, { passphrase: passphraseBefore }))).toBe(
      'BUNDLE_WRONG_KEY',
    );
  });

  it('can not make a computer spend its memory or its time', async () => {
    const asks: Record<string, unknown>[] = [
      ...[2 ** 40, 2 ** 19, 2 ** 13, 0, -1, 1.5, 100_000, '16384', null, 1e308].map((N) => ({ N })),
      ...[0, 17, 2 ** 30, 0.5, '8'].map((r) => ({ r })),
      ...[0, 5, 1e9, -1].map((p) => ({ p })),
      { N: 2 ** 18, r: 16 },
      ...['', 'AAAA', 'not base64 at all', 5, null, random(4096).toString('base64')].map((salt) => ({
        salt,
      })),
      { kdf: 'argon2id' },
    ];
    const started = performance.now();
    for (const ask of asks) {
      const bad = changed(oldToPassphrase, (bundle) => void Object.assign(bundle.sealedFor, ask));
      expect(await codeOf(() => openBundle(bad, { passphrase })), JSON.stringify(ask)).toBe(
        'IMPORT_UNREADABLE',
      );
    }
    expect(performance.now() - started).toBeLessThan(1000);
  });
});

/** The file inside the armour, and around it again. */
const unarmoured = (text: string): Buffer => Buffer.from(text.split('\n').slice(1, -2).join(''), 'base64');
const armoured = (file: Uint8Array): string =>
  [
    '-----BEGIN AGE ENCRYPTED FILE-----',
    ...(Buffer.from(file)
      .toString('base64')
      .match(/.{1,64}/g) ?? []),
    '-----END AGE ENCRYPTED FILE-----\n',
  ].join('\n');

describe('a bundle sealed to a public key', () => {
  it('opens with the private half and nothing else', async () => {
    const [mine, other] = [pair(), pair()];
    const text = await sealBundle(plain, mine, random);
    expect(await openBundle(text, mine)).toEqual(plain);
    // As it is after a mail program had it.
    expect(await openBundle(`\r\n${text.replaceAll('\n', '\r\n')}\r\n`, mine)).toEqual(plain);
    await expect(openBundle(text, other)).rejects.toMatchObject({
      code: 'BUNDLE_WRONG_KEY',
      message: `This bundle was sealed with a passphrase, or for another Headgate; the fingerprint of this workspace is ${other.fingerprint}.`,
    });
    expect(await codeOf(() => openBundle(text, { passphrase }))).toBe('BUNDLE_WRONG_KEY');
    for (const hidden of [
      'canary',
      'connections',
      Buffer.from('canary-bundle').toString('base64').slice(0, 12),
    ])
      expect(text).not.toContain(hidden);
    // A key pair of its own every time.
    expect(await sealBundle(plain, mine, random)).not.toBe(text);
    // How a key was written before.
    const written = `headgate-x25519:${Buffer.from(parsePublicKey(mine.publicKey)).toString('base64url')}`;
    expect(await openBundle(await sealBundle(plain, { publicKey: written }, random), mine)).toEqual(plain);
  });

  it('can not be changed anywhere', async () => {
    const mine = pair();
    const file = unarmoured(await sealBundle(plain, mine, random));
    for (let at = 0; at < file.length; at += 1) {
      const bad = Buffer.from(file);
      bad[at] = (bad[at] as number) ^ 1;
      expect(await codeOf(() => openBundle(armoured(bad), mine)), String(at)).toMatch(
        /^(IMPORT_UNREADABLE|BUNDLE_WRONG_KEY)$/,
      );
    }
    for (const length of [0, 1, 21, file.length - 1])
      expect(await codeOf(() => openBundle(armoured(file.subarray(0, length)), mine))).toBe(
        'IMPORT_UNREADABLE',
      );
  });

  it('is whatever was sealed, of any length', async () => {
    const mine = pair();
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ maxLength: 300 }), async (bytes) => {
        expect([...(await openBundle(await sealBundle(bytes, mine, random), mine))]).toEqual([...bytes]);
      }),
      { seed: 20260301, numRuns: 100 },
    );
  });
});

describe('a bundle sealed to a passphrase', () => {
  it('opens with the same passphrase only, however it was typed', async () => {
    const text = await sealBundle(plain, { passphrase: passphraseBefore }, random);
    expect(await openBundle(text, { passphrase: 'cafe\u0301 au lait, twice' })).toEqual(plain);
    await expect(openBundle(text, { passphrase: 'cafe au lait, twice' })).rejects.toMatchObject({
      code: 'BUNDLE_WRONG_KEY',
      message: 'The passphrase does not open this bundle, or the bundle was changed.',
    });
    expect(await codeOf(() => openBundle(text, pair()))).toBe('BUNDLE_WRONG_KEY');
  });

  it('can not make a computer spend its memory or its time, nor can one for thousands', async () => {
    const body = random(32).toString('base64').replace('=', '');
    const salt = random(16).toString('base64').replace(/=+$/, '');
    const asking = (...stanzas: string[]): string =>
      armoured(
        Buffer.concat([
          Buffer.from(
            `age-encryption.org/v1\n${stanzas.join('')}--- ${random(32).toString('base64').replace('=', '')}\n`,
          ),
          random(48),
        ]),
      );
    const byPassphrase = (factor: string, itsSalt = salt): string =>
      `-> scrypt ${itsSalt} ${factor}\n${body}\n`;
    const started = performance.now();
    for (const bad of [
      ...['0', '1', '13', '19', '22', '63', '-1', '014', '1e1', '9999', 'x'].map((factor) =>
        asking(byPassphrase(factor)),
      ),
      asking(byPassphrase('14', 'AAAA')),
      asking(byPassphrase('14'), byPassphrase('14')),
    ])
      expect(await codeOf(() => openBundle(bad, { passphrase })), bad).toBe('IMPORT_UNREADABLE');
    const share = random(32).toString('base64').replace('=', '');
    const many = asking(...Array.from({ length: 5000 }, () => `-> X25519 ${share}\n${body}\n`));
    expect(await codeOf(() => openBundle(many, pair()))).toBe('IMPORT_UNREADABLE');
    expect(performance.now() - started).toBeLessThan(1000);
    // This one is asked for, and only wrong.
    expect(await codeOf(() => openBundle(asking(byPassphrase('14')), { passphrase }))).toBe(
      'BUNDLE_WRONG_KEY',
    );
  });
});

const noAge = spawnSync('age', ['--version'], { stdio: 'ignore' }).status !== 0;
describe.skipIf(noAge)(`with the tool age${noAge ? ' (skipped: it is not installed here)' : ''}`, () => {
  it('a bundle opens, and what it sealed opens here', async () => {
    using folder = temporaryFolder();
    const mine = pair();
    const [identity, bundle] = [join(folder.path, 'identity'), join(folder.path, 'bundle.age')];
    writeFileSync(identity, bech32.encodeFromBytes('AGE-SECRET-KEY-', mine.privateKey).toUpperCase());
    writeFileSync(bundle, await sealBundle(plain, mine, random));
    expect(execFileSync('age', ['--decrypt', '--identity', identity, bundle])).toEqual(plain);
    execFileSync('age', ['--armor', '--recipient', mine.publicKey, '--output', bundle], { input: plain });
    expect(await openBundle(readFileSync(bundle, 'utf8'), mine)).toEqual(plain);
  });
});

describe('what is no bundle', () => {
  it.each([
    '',
    'null',
    '5',
    '[]',
    '{}',
    'not json',
    '{"format":"headgate-export"}',
    '{"format":"headgate-bundle","version":2}',
    '{"format":"headgate-bundle","version":1}',
    '{"format":"headgate-bundle","version":1,"sealed":"AAAA"}',
    '{"format":"headgate-bundle","version":1,"sealed":"AA*A","sealedFor":{}}',
    '{"format":"headgate-bundle","version":1,"sealed":"AAAA","sealedFor":{"kind":"public_key","fingerprint":"x","ephemeral":""}}',
    '{"format":"headgate-bundle","version":1,"sealed":"AAAA","sealedFor":[]}',
  ])('%s', async (text) => {
    for (const key of [{ passphrase }, { privateKey: random(32) }])
      expect(await codeOf(() => openBundle(text, key))).toBe('IMPORT_UNREADABLE');
  });

  it('is refused before it is looked into when it is too large', async () => {
    expect(await codeOf(() => openBundle(' '.repeat(20_000_001), { passphrase }))).toBe('IMPORT_UNREADABLE');
  });
});

describe('the key pair of a workspace', () => {
  it('is made when it is asked for, kept, and opens what was sealed to it', async () => {
    using folder = temporaryFolder();
    const first = await vaultIn(folder.path);
    expect(first.vault.has(workspace)).toBe(false);
    const made = vaultPublicKey.parse(await createBundleKey(first.vault, workspace, random).publicKey());
    expect(made.publicKey).toMatch(/^age1[02-9ac-hj-np-z]{58}$/);
    expect(made.fingerprint).toMatch(/^[0-9a-f]{4}( [0-9a-f]{4}){5}$/);
    const text = await sealBundle(plain, made, random);
    first.vault.close();

    const { vault, redactor } = await vaultIn(folder.path);
    const key = createBundleKey(vault, workspace, random);
    expect(await key.publicKey()).toEqual(made);
    await vault.rotate();
    const privateKey = await key.privateKey();
    expect(await openBundle(text, { privateKey })).toEqual(plain);
    for (const { path, bytes } of filesIn(folder.path))
      expect(bytes.includes(Buffer.from(privateKey)), path).toBe(false);
    expect(redactor.text('x')).toBe('x');
    vault.close();
  });

  it('is one for processes that ask at the same moment', async () => {
    using folder = temporaryFolder();
    const script = `
      import { random, vaultIn } from 'test/support/parts.ts';
      import { createBundleKey } from 'main/vault/bundle/key-pair.ts';
      const { vault } = await vaultIn(${JSON.stringify(folder.path)});
      const key = createBundleKey(vault, '${workspace}', random);
      console.log(JSON.stringify(await Promise.all([key.publicKey(), key.publicKey()])));
      vault.close();`;
    const answers = await Promise.all([inProcess(script), inProcess(script), inProcess(script)]);
    const keys = answers.flatMap((answer) => JSON.parse(answer) as { publicKey: string }[]);
    expect(keys).toHaveLength(6);
    expect(new Set(keys.map(({ publicKey }) => publicKey)).size).toBe(1);
  });
});
