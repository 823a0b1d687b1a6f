import { findCredentials } from '@napi-rs/keyring';
import { openOsKeyring, osKeyringProtector, probeOsKeyring } from '../../main/headless/os-keyring.ts';
import type { Vault } from '../../main/vault/vault.ts';
import { random, vaultIn } from './parts.ts';

/**
 * Runs inside a session bus of its own, with a vault in the folder it is given and the real keyring, one step after the
 * other. Prints one line of JSON: per step the state of the vault, what it gave, and how many entries the keyring has for it.
 */
const [folder = '', passphrase = '', ...steps] = process.argv.slice(2);

const work: Readonly<Record<string, (vault: Vault) => unknown>> = {
  look: () => null,
  put: (vault) => vault.put('one', { password: 'kept in the keyring' }),
  get: (vault) => vault.get('one'),
  rotate: (vault) => vault.rotate(),
  unlock: (vault) => vault.unlock(passphrase),
  passphrase: (vault) => vault.changeProtector({ to: 'passphrase', passphrase }),
  keychain: (vault) => vault.changeProtector({ to: 'keychain' }),
  wipe: (vault) => vault.wipe(),
};

const open = await openOsKeyring();
const problem = probeOsKeyring(open, random);
const protector = problem === null ? osKeyringProtector(open, random) : null;
const { vault } = await vaultIn(folder, { protector, protectorProblem: problem });
const count = (): number | null => {
  try {
    return findCredentials('org.headgate.vault').length;
  } catch {
    return null;
  }
};
const answers: unknown[] = [];
for (const step of steps) {
  const gave = await Promise.resolve(work[step]?.(vault)).catch((error: { code?: string }) => error.code);
  const { state, keyVersion, explanation } = vault.status();
  answers.push({ step, state, keyVersion, explanation, entries: count(), gave: gave ?? null });
}
process.stdout.write(`${JSON.stringify(answers)}\n`);
vault.close();
