import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { locked, missing, runInSession, unlockWith, why } from '../support/keyring-session.ts';
import { filesIn, temporaryFolder } from '../support/parts.ts';

const script = new URL('../support/keyring-vault.ts', import.meta.url).pathname;
const phrase = 'correct horse battery';
const secret = { password: 'kept in the keyring' };

interface Step {
  readonly step: string;
  readonly state: string;
  readonly keyVersion: number;
  readonly explanation: string | null;
  readonly entries: number | null;
  readonly gave: unknown;
}

/** The vault and the keyring each in a folder of their own, below one. */
const session = (folder: string, start: string | null, ...steps: string[]): Promise<Step[]> =>
  runInSession<Step[]>(folder, start, script, [folder, phrase, ...steps]);
const brief = (steps: Step[]): unknown[] =>
  steps.map(({ step, state, keyVersion, entries }) => [step, state, keyVersion, entries]);

describe.skipIf(missing.length > 0)(`a vault and a real Secret Service${why}`, () => {
  it('leaves one entry in it while it is used, none when it is not, whatever is done', async () => {
    using folder = temporaryFolder();
    const unlocked = unlockWith('one');
    const first = await session(folder.path, unlocked, 'put', 'rotate', 'rotate', 'passphrase', 'get');
    expect(brief(first)).toEqual([
      ['put', 'protected', 1, 1],
      ['rotate', 'protected', 2, 1],
      ['rotate', 'protected', 3, 1],
      // It stays until the passphrase has opened the vault after a restart.
      ['passphrase', 'passphrase', 3, 1],
      ['get', 'passphrase', 3, 1],
    ]);
    expect(first.at(-1)?.gave).toEqual(secret);

    const second = await session(folder.path, unlocked, 'look', 'unlock', 'keychain', 'get');
    expect(brief(second)).toEqual([
      ['look', 'locked', 3, 1],
      ['unlock', 'passphrase', 3, 0],
      ['keychain', 'protected', 3, 1],
      ['get', 'protected', 3, 1],
    ]);
    expect(second[0]?.explanation).toMatch(/^This vault was sealed by a passphrase on /);
    expect(second.at(-1)?.gave).toEqual(secret);

    const third = await session(folder.path, unlocked, 'get', 'wipe', 'get');
    expect(third[0]?.gave).toEqual(secret);
    expect(brief(third).slice(1)).toEqual([
      ['wipe', 'protected', 4, 1],
      ['get', 'protected', 4, 1],
    ]);
    expect(third.at(-1)?.gave).toBeNull();
    for (const { path, bytes } of filesIn(folder.path)) {
      if (path.startsWith(join(folder.path, 'vault')))
        expect(bytes.includes(secret.password), path).toBe(false);
    }
  });

  it('says that it is locked, and what to do, and where it was sealed when there is no keyring at all', async () => {
    using folder = temporaryFolder();
    await session(folder.path, unlockWith('one'), 'put');
    expect(await session(folder.path, locked, 'get')).toMatchObject([
      {
        state: 'locked',
        explanation:
          'The vault is locked: the keyring is locked and its prompt was dismissed. Unlock the keychain or enter the vault passphrase, then try again.',
        gave: 'VAULT_LOCKED',
      },
    ]);
    const [bare] = await session(folder.path, null, 'get');
    expect(bare).toMatchObject({ state: 'locked', gave: 'VAULT_LOCKED' });
    expect(bare?.explanation).toMatch(
      /^This vault was sealed by the keyring of the system \(.*\) on \d{4}-\d\d-\d\d; nothing here can open it: no Secret Service is running in this session\. Open it with the headgate command, in a session where that keyring is unlocked, then choose Settings › Vault › Change protection\.$/,
    );
    const [again] = await session(folder.path, unlockWith('one'), 'get');
    expect(again).toMatchObject({ state: 'protected', gave: secret });
  });
});
