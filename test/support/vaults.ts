import { AppError } from '../../main/errors.ts';
import type { KeyProtector } from '../../main/host.ts';
import { plain } from '../../preload/contract/said.ts';
import { filesIn, random, rawDb, type VaultParts } from './parts.ts';

/** What tests of the vault's protection put in, look for and expect. */
export const canary = 'canary-7d21ee';
export const records = { one: { user: 'sync', password: canary }, two: { accessToken: 'canary-token-2' } };
export const phrase = 'correct horse battery';
/** Nothing here protects a key. */
export const none = { protector: null, protectorProblem: 'no session bus' };

export async function fill({ vault }: VaultParts): Promise<void> {
  for (const [id, secrets] of Object.entries(records)) await vault.put(id, secrets);
}

/** Every sealed value of the file now: none of them may be on the disk once it was replaced. */
export function sealedIn(file: string): Buffer[] {
  using db = rawDb(file);
  return (
    db.prepare('SELECT sealed FROM secrets UNION ALL SELECT sealed FROM key_slots').all() as {
      sealed: Buffer;
    }[]
  ).map(({ sealed }) => sealed);
}
/** The files in which these bytes are. */
export const holding = (folder: string, bytes: Buffer | string): string[] =>
  filesIn(folder)
    .filter((file) => file.bytes.includes(bytes))
    .map(({ path }) => path);

/** One that keeps what it sealed in entries of its own, as a keyring does. */
export function entries(): KeyProtector & { readonly kept: Map<string, Buffer>; fault: Error | null } {
  const kept = new Map<string, Buffer>();
  return {
    kind: 'os_keyring',
    label: 'Test keyring',
    kept,
    fault: null,
    async seal(key) {
      const name = random(8).toString('hex');
      kept.set(name, Buffer.from(key));
      return Buffer.from(name);
    },
    async open(sealed) {
      const key = kept.get(Buffer.from(sealed).toString());
      if (!key)
        throw new AppError(
          'VAULT_LOCKED',
          plain('The key of this vault is not in the keyring of this session.'),
        );
      return Buffer.from(key);
    },
    async forget(sealed) {
      if (this.fault) throw this.fault;
      kept.delete(Buffer.from(sealed).toString());
    },
  };
}
