import { describe, expect, it } from 'vitest';
import {
  type KeyringEntry,
  type OpenEntry,
  osKeyringProtector,
  probeOsKeyring,
} from '../../main/headless/os-keyring.ts';
import { codeOf, random, temporaryFolder, vaultIn } from '../support/parts.ts';

/** The texts that the package was seen to fail with; it gives all of them the code `GenericFailure`. */
const texts: [string, string][] = [
  [
    'Platform failure: DBus error: Using X11 for dbus-daemon autolaunch was disabled at compile time, set your DBUS_SESSION_BUS_ADDRESS instead',
    'no Secret Service is running in this session',
  ],
  [
    'Platform failure: DBus error: Failed to connect to socket /x: No such file',
    'no Secret Service is running in this session',
  ],
  ["Couldn't access platform storage: Secret Service: no result found", 'there is no default keyring yet'],
  [
    "Couldn't access platform storage: Secret Service: unlock prompt was dismissed",
    'the keyring is locked and its prompt was dismissed',
  ],
  ['Something that nobody has seen yet', 'the keyring did not answer'],
];
const failure = (text: string): Error => Object.assign(new Error(text), { code: 'GenericFailure' });
const failing =
  (text: string): OpenEntry =>
  () => {
    throw failure(text);
  };

/** Only the texts of failures are tried here; what a real keyring does is in test/integration/keyring.test.ts. */
function memory(change: Partial<KeyringEntry> = {}) {
  const entries = new Map<string, string>();
  const open: OpenEntry = (service, account) => ({
    getPassword: () => entries.get(`${service} ${account}`) ?? null,
    setPassword: (password) => void entries.set(`${service} ${account}`, password),
    deletePassword: () => entries.delete(`${service} ${account}`),
    ...change,
  });
  return { entries, open };
}

describe('what the keyring says', () => {
  it.each(texts)('%s', async (text, meaning) => {
    const protector = osKeyringProtector(failing(text), random);
    const { open } = memory();
    const sealed = await osKeyringProtector(open, random).seal(Buffer.alloc(32));
    for (const work of [() => protector.seal(Buffer.alloc(32)), () => protector.open(sealed)]) {
      await expect(work()).rejects.toMatchObject({
        code: 'VAULT_LOCKED',
        message: `The vault is locked: ${meaning}.`,
        cause: { code: 'GenericFailure' },
      });
    }
    // A keyring that is only locked is there, and may be unlocked at any time; all else is no keyring.
    expect(probeOsKeyring(failing(text), random)).toBe(text.includes('dismissed') ? null : meaning);
  });

  it('is checked by a probe that leaves nothing behind', () => {
    const { entries, open } = memory();
    expect(probeOsKeyring(open, random)).toBeNull();
    expect(entries.size).toBe(0);
    const forgetful = memory({ getPassword: () => null });
    expect(probeOsKeyring(forgetful.open, random)).toBe('the keyring did not give back what it was given');
  });
});

describe('what was sealed with a keyring', () => {
  it('has neither the key nor what opens it in it', async () => {
    const { entries, open } = memory();
    const key = random(32);
    const sealed = await osKeyringProtector(open, random).seal(key);
    expect(entries.size).toBe(1);
    for (const secret of [key.toString('base64'), [...entries.values()][0] as string]) {
      expect(Buffer.from(sealed).includes(secret)).toBe(false);
    }
    expect(Buffer.from(await osKeyringProtector(open, random).open(sealed))).toEqual(key);
  });

  it.each([
    '',
    'not json',
    'null',
    '5',
    '[]',
    '{}',
    '{"v":1}',
    '{"v":2,"account":"a","sealed":"b"}',
    '{"v":1,"account":5,"sealed":"x"}',
  ])('is told from %j, which no keyring will ever open', async (text) => {
    const protector = osKeyringProtector(memory().open, random);
    expect(await codeOf(() => protector.open(Buffer.from(text)))).toBe('VAULT_WRONG_KEY');
  });

  it('does not open with another key in the keyring, nor with none', async () => {
    const { entries, open } = memory();
    const protector = osKeyringProtector(open, random);
    const sealed = await protector.seal(random(32));
    for (const value of [random(32).toString('base64'), 'garbage', '']) {
      for (const name of entries.keys()) entries.set(name, value);
      expect(await codeOf(() => protector.open(sealed))).toBe('VAULT_WRONG_KEY');
    }
    entries.clear();
    expect(await codeOf(() => protector.open(sealed))).toBe('VAULT_LOCKED');
  });

  it('shows in the state of the vault when its blob was damaged', async () => {
    using folder = temporaryFolder();
    const { open } = memory();
    const protector = osKeyringProtector(open, random);
    const first = await vaultIn(folder.path, { protector });
    await first.vault.put('one', { password: 'hidden' });
    expect(first.vault.status()).toMatchObject({ state: 'protected', explanation: null });
    first.vault.close();
    const foreign = { ...protector, seal: async () => Buffer.from('v10foreign'), open: protector.open };
    const { vault } = await vaultIn(folder.path, { protector: foreign });
    expect(await codeOf(() => vault.rotate())).toBe('VAULT_WRONG_KEY');
    expect(await vault.get('one')).toEqual({ password: 'hidden' });
    vault.close();
  });
});
