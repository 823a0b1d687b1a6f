import type { ProtectorKind } from '../../preload/contract/models.ts';
import { AppError } from '../errors.ts';
import type { KeyProtector } from '../host.ts';
import type { Logger } from '../log.ts';
import type { Db } from '../store/db.ts';
import { keyBytes } from './aead.ts';
import { backendChanged, type KeyRow, passphraseWrong } from './explain.ts';

export interface DataKey {
  readonly version: number;
  readonly bytes: Buffer;
}

/** Another process may rotate the data key at any time; more often in a row than this is not a race any more. */
const keyAttempts = 5;

export interface DataKeyDeps {
  readonly protector: KeyProtector | null;
  /** Why there is no protector, in words. */
  readonly protectorProblem: string | null;
  readonly random: (bytes: number) => Buffer;
  readonly now: () => string;
  readonly log: Logger;
  /** Overwrites what the write-ahead log still holds of what was replaced. */
  readonly scrub: () => void;
}

export type DataKeys = ReturnType<typeof createDataKeys>;

const sameBytes = (one: Uint8Array, other: Uint8Array): boolean => Buffer.from(one).equals(other);

/** The data key of a vault: who seals it, opening it, and putting another seal or another key in its place. */
export function createDataKeys(db: Db, deps: DataKeyDeps) {
  const { random, log } = deps;
  const selectKey = db.prepare('SELECT version, protector, sealed, created_at, sealed_at FROM data_key');
  const insertKey = db.prepare(
    'INSERT OR IGNORE INTO data_key (singleton, version, protector, sealed, created_at) VALUES (1, ?, ?, ?, ?)',
  );
  const replaceKey = db.prepare(
    'UPDATE data_key SET version = ?, protector = ?, sealed = ?, created_at = ?, sealed_at = NULL WHERE version = ?',
  );
  const resealKey = db.prepare('UPDATE data_key SET sealed = ? WHERE version = ? AND protector = ?');
  const changeSeal = db.prepare(
    'UPDATE data_key SET protector = ?, sealed = ?, sealed_at = ? WHERE version = ?',
  );
  const lastWiped = db.prepare('SELECT max(version) AS version FROM wiped_keys');
  const noteWiped = db.prepare('INSERT OR REPLACE INTO wiped_keys (singleton, version) VALUES (1, ?)');
  const deleteKey = db.prepare('DELETE FROM data_key');

  let key: DataKey | null = null;
  let opening: Promise<DataKey> | null = null;
  let problem: AppError | null = null;
  /** Made from a passphrase that was entered here and opened the vault, or that it was changed to. */
  let entered: KeyProtector | null = null;

  const row = (): KeyRow | null => (selectKey.get() as KeyRow | undefined) ?? null;
  /** Who here can open what a protector of that kind has sealed. */
  const guardOf = (kind: ProtectorKind): KeyProtector | null => {
    if (kind === 'passphrase' && entered) return entered;
    return deps.protector?.kind === kind ? deps.protector : null;
  };
  /** Who seals a key where there is none yet. */
  const sealer = (): KeyProtector | null => entered ?? deps.protector;

  /** Its place outside the vault is of no use any more. A failure leaves an entry behind that opens nothing. */
  const forget = async (by: KeyProtector | null, sealed: Uint8Array): Promise<void> => {
    try {
      await by?.forget?.(sealed);
    } catch (error) {
      log.warn('vault.forget_failed', { error });
    }
  };
  const unseal = async (by: KeyProtector, sealed: Uint8Array): Promise<Buffer> => {
    const bytes = Buffer.from(await by.open(sealed));
    if (bytes.byteLength === keyBytes) return bytes;
    throw new AppError('VAULT_WRONG_KEY', `${by.label} gave back something that is not the key of a vault.`);
  };
  /** Sealed by it, and opened again: whether a protector really holds a key is known only then. */
  const sealProved = async (by: KeyProtector, bytes: Buffer): Promise<Uint8Array> => {
    const sealed = await by.seal(bytes);
    try {
      const back = await unseal(by, sealed);
      const same = back.equals(bytes);
      back.fill(0);
      if (same) return sealed;
    } catch (error) {
      await forget(by, sealed);
      throw error;
    }
    await forget(by, sealed);
    throw new AppError('VAULT_UNAVAILABLE', `${by.label} did not give back what it was given.`);
  };
  const makeKey = async (by: KeyProtector): Promise<{ bytes: Buffer; sealed: Uint8Array }> => {
    const bytes = random(keyBytes);
    return { bytes, sealed: await sealProved(by, bytes) };
  };

  /** The same data key under a newer key of the keychain. The old seal opens as well, so a failure costs nothing. */
  const reseal = async (by: KeyProtector, opened: DataKey, old: Uint8Array): Promise<void> => {
    const bytes = Buffer.from(opened.bytes);
    try {
      const sealed = await sealProved(by, bytes);
      // Another process may have rotated the data key meanwhile: its own is sealed newly anyway.
      if (resealKey.run(sealed, opened.version, by.kind).changes === 0) {
        await forget(by, sealed);
        return;
      }
      deps.scrub();
      log.info('vault.resealed', { version: opened.version });
      await forget(by, old);
    } catch (error) {
      log.warn('vault.reseal_failed', { error });
    } finally {
      bytes.fill(0);
    }
  };

  /** Stores the first key, and in the same transaction what `also` writes under it. Null when another process was faster. */
  const makeFirst = async (by: KeyProtector, also: (made: DataKey) => void): Promise<DataKey | null> => {
    const { bytes, sealed } = await makeKey(by);
    let made: DataKey | null = null;
    try {
      made = db
        .transaction(() => {
          const last = (lastWiped.get() as { version: number | null }).version ?? 0;
          const first = { version: last + 1, bytes };
          if (insertKey.run(first.version, by.kind, sealed, deps.now()).changes === 0) return null;
          also(first);
          return first;
        })
        .immediate();
    } finally {
      if (made === null) {
        bytes.fill(0);
        await forget(by, sealed);
      }
    }
    if (made) log.info('vault.created', { protector: by.kind });
    return made;
  };

  /** Opens the stored data key, or makes the first one. Fails with VAULT_LOCKED or VAULT_WRONG_KEY. */
  const openKey = async (): Promise<DataKey> => {
    for (let attempt = 0; attempt < keyAttempts; attempt += 1) {
      const stored = row();
      if (stored && key?.version === stored.version) return key;
      const by = stored ? guardOf(stored.protector) : sealer();
      if (!by) {
        if (stored) throw backendChanged(stored, deps.protector, deps.protectorProblem);
        throw new AppError('VAULT_LOCKED', 'The vault is locked: nothing here can keep its key.');
      }
      if (!stored) {
        const made = await makeFirst(by, () => {});
        // Null: another process made the first key meanwhile, and that one counts.
        if (made) {
          key = made;
          return made;
        }
        continue;
      }
      let bytes: Buffer;
      try {
        bytes = await unseal(by, stored.sealed);
      } catch (error) {
        // The seal may have been replaced, and the old one forgotten, while we asked.
        const now = row();
        if (now && sameBytes(now.sealed, stored.sealed)) throw error;
        continue;
      }
      const opened = { version: stored.version, bytes };
      key = opened;
      if (by.resealWanted) await reseal(by, opened, stored.sealed);
      return opened;
    }
    throw new AppError('VAULT_LOCKED', 'The data key of the vault keeps changing.');
  };

  /** The key in use; remembers why it could not be had, for `status()`. However many ask at once, it is opened once. */
  const current = (): Promise<DataKey> => {
    opening ??= openKey()
      .then(
        (opened) => {
          problem = null;
          return opened;
        },
        (error: unknown) => {
          problem =
            error instanceof AppError
              ? error
              : new AppError('VAULT_LOCKED', 'The vault is locked.', { cause: error });
          log.warn('vault.locked', { code: problem.code, message: problem.message, cause: problem.cause });
          throw problem;
        },
      )
      .finally(() => {
        opening = null;
      });
    return opening;
  };

  /** Runs `work` in one transaction, under the data key that is the stored one in that transaction. */
  const withKey = async <T>(mode: 'deferred' | 'immediate', work: (key: DataKey) => T): Promise<T> => {
    for (let attempt = 0; attempt < keyAttempts; attempt += 1) {
      const opened = await current();
      const done = db
        .transaction(() => (row()?.version === opened.version ? { result: work(opened) } : null))
        [mode]();
      if (done) return done.result;
    }
    throw new AppError('VAULT_LOCKED', 'The data key of the vault keeps changing.');
  };

  /** The first key, sealed by it; null when another process was faster. */
  const first = async (by: KeyProtector, also: (key: DataKey) => void): Promise<boolean> => {
    const made = await makeFirst(by, also);
    if (made) key = made;
    return made !== null;
  };
  /** Another seal around the key that is there. */
  const sealAnew = async (by: KeyProtector, also: (key: DataKey) => void): Promise<void> => {
    const opened = await current();
    const bytes = Buffer.from(opened.bytes);
    const sealed = await sealProved(by, bytes).finally(() => bytes.fill(0));
    let old: KeyRow | null = null;
    try {
      old = db
        .transaction(() => {
          const present = row();
          if (present?.version !== opened.version) return null;
          changeSeal.run(by.kind, sealed, deps.now(), opened.version);
          also(opened);
          return present;
        })
        .immediate();
    } finally {
      if (old === null) await forget(by, sealed);
    }
    if (old === null)
      throw new AppError('VAULT_LOCKED', 'The key of the vault was changed by another Headgate.');
    deps.scrub();
    await forget(guardOf(old.protector), old.sealed);
  };

  return {
    row,
    current,
    withKey,
    sealer,
    isOpen: (): boolean => key !== null && key.version === row()?.version,
    get problem(): AppError | null {
      return problem;
    },
    guardOf,

    /** Opens a vault that a passphrase has sealed. Fails with PASSPHRASE_WRONG; what is open stays open. */
    async enter(by: KeyProtector, stored: KeyRow): Promise<void> {
      let bytes: Buffer;
      try {
        bytes = await unseal(by, stored.sealed);
      } catch (error) {
        if (!(error instanceof AppError) || error.code !== 'VAULT_WRONG_KEY') throw error;
        problem = passphraseWrong();
        throw problem;
      }
      key?.bytes.fill(0);
      key = { version: stored.version, bytes };
      entered = by;
      problem = null;
      log.info('vault.entered', { version: stored.version });
    },

    /** A new data key, and `also` what seals everything anew under it: both or neither. */
    async replace(also: (old: DataKey, made: DataKey) => void): Promise<void> {
      // A vault that can't be opened now must not cost its protector a key.
      await current();
      const stored = row();
      const by = stored && guardOf(stored.protector);
      if (!by) throw new AppError('VAULT_LOCKED', 'The protection of the vault was changed elsewhere.');
      const { bytes, sealed } = await makeKey(by);
      let replaced: { next: DataKey; old: DataKey; seal: Uint8Array } | null = null;
      try {
        replaced = await withKey('immediate', (old) => {
          const present = row() as KeyRow;
          // Sealed by something else since (another passphrase too): to seal the new key as before would undo that.
          const changed = present.sealed_at !== null && present.sealed_at !== stored.sealed_at;
          if (changed || present.protector !== by.kind)
            throw new AppError('VAULT_LOCKED', 'The protection of the vault was changed elsewhere.');
          const next = { version: old.version + 1, bytes };
          replaceKey.run(next.version, by.kind, sealed, deps.now(), old.version);
          also(old, next);
          return { next, old, seal: present.sealed };
        });
      } finally {
        if (replaced === null) {
          bytes.fill(0);
          await forget(by, sealed);
        }
      }
      key = replaced.next;
      replaced.old.bytes.fill(0);
      deps.scrub();
      log.info('vault.rotated', { version: replaced.next.version });
      await forget(by, replaced.seal);
    },

    /** Another seal around the same key, or the first key where there is none; with it what `also` writes. */
    async changeGuard(by: KeyProtector, also: (key: DataKey) => void): Promise<void> {
      if (row() !== null || !(await first(by, also))) await sealAnew(by, also);
      entered = by.kind === 'passphrase' ? by : null;
      problem = null;
      log.info('vault.protector_changed', { protector: by.kind });
    },

    /** Destroys the key, and in the same transaction what `also` destroys. What sealed it seals the next one. */
    async destroy(also: () => void): Promise<void> {
      const old = db
        .transaction(() => {
          const present = row();
          if (present) noteWiped.run(present.version);
          deleteKey.run();
          also();
          return present;
        })
        .immediate();
      key?.bytes.fill(0);
      key = null;
      problem = null;
      if (old) await forget(guardOf(old.protector), old.sealed);
    },

    close(): void {
      key?.bytes.fill(0);
      key = null;
      entered = null;
    },
  };
}
