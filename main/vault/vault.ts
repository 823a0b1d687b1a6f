import type { VaultStatus } from '../../preload/contract/models.ts';
import { AppError } from '../errors.ts';
import type { KeyProtector } from '../host.ts';
import type { Logger } from '../log.ts';
import type { Redactor } from '../redact.ts';
import { type Db, openDb } from '../store/db.ts';
import { keyBytes, openBytes, sealBytes } from './aead.ts';
import { vaultMigrations } from './migrations.ts';

/** The fields of one owner's secrets, e.g. `{user, password}` or `{accessToken, refreshToken}`. */
export type Secrets = Readonly<Record<string, string>>;

/**
 * Secrets by the id of the record that owns them. It fails closed: without a key protector secrets live in memory
 * until the process ends, and a vault sealed by something that is not there now stays shut and says so.
 */
export interface Vault {
  status(): VaultStatus;
  /** Replaces all secrets of a record. Fails with VAULT_LOCKED or VAULT_WRONG_KEY; nothing is stored then. */
  put(recordId: string, secrets: Secrets): Promise<void>;
  /** Null when the record has none. Fails with VAULT_LOCKED, VAULT_WRONG_KEY or VAULT_DAMAGED. */
  get(recordId: string): Promise<Secrets | null>;
  /** Needs no key. */
  has(recordId: string): boolean;
  /** Needs no key: what can't be opened can still be destroyed. */
  delete(recordId: string): void;
  /** Seals everything under a new data key, in one transaction. */
  rotate(): Promise<void>;
  /** Tries again to open a vault that was locked. Fails with VAULT_LOCKED or VAULT_WRONG_KEY. */
  unlock(): Promise<void>;
  close(): void;
}

interface KeyRow {
  version: number;
  protector: string;
  sealed: Uint8Array;
}
interface DataKey {
  readonly version: number;
  readonly bytes: Buffer;
}
interface SecretRow {
  record_id: string;
  field: string;
  key_version: number;
  sealed: Uint8Array;
}

/** Another process may rotate the data key at any time; more often in a row than this is not a race any more. */
const keyAttempts = 5;
/** How many secrets that were replaced or deleted the redactor still knows: work with them may be under way. */
const retiredSecrets = 200;
/** Sealed like the rest, but too common a word to be taken out of every text ("postgres", "admin"). */
const commonFields: readonly string[] = ['user'];

/** Associated data: a sealed value moved to another record, field or key version does not open. */
const contextOf = (recordId: string, field: string, version: number): string =>
  JSON.stringify(['headgate secret', recordId, field, version]);

export interface VaultDeps {
  readonly file: string;
  readonly protector: KeyProtector | null;
  /** Why there is no protector, in words. */
  readonly protectorProblem: string | null;
  readonly random: (bytes: number) => Buffer;
  readonly now: () => string;
  readonly redactor: Redactor;
  readonly log: Logger;
}

/** Opens the vault; a locked keychain is not an error here, it shows in `status()` and when a secret is asked for. */
export async function openVault(deps: VaultDeps): Promise<Vault> {
  const db = openDb(deps.file, vaultMigrations);
  // A renewed token exists nowhere else: once `put` has returned, not even a power cut may lose it.
  db.pragma('synchronous = FULL');
  const vault = createVault(db, deps);
  await vault.tryOpen();
  return vault;
}

function createVault(db: Db, deps: VaultDeps): Vault & { tryOpen(): Promise<void> } {
  const { protector, random, redactor, log } = deps;
  const selectKey = db.prepare('SELECT version, protector, sealed FROM data_key');
  const insertKey = db.prepare(
    'INSERT OR IGNORE INTO data_key (singleton, version, protector, sealed, created_at) VALUES (1, ?, ?, ?, ?)',
  );
  const replaceKey = db.prepare(
    'UPDATE data_key SET version = ?, protector = ?, sealed = ?, created_at = ? WHERE version = ?',
  );
  const resealKey = db.prepare('UPDATE data_key SET sealed = ? WHERE version = ? AND protector = ?');
  const selectAll = db.prepare('SELECT * FROM secrets');
  const selectRecord = db.prepare('SELECT * FROM secrets WHERE record_id = ?');
  const countRecords = db.prepare('SELECT count(DISTINCT record_id) AS n FROM secrets');
  const insertSecret = db.prepare(
    'INSERT INTO secrets (record_id, field, key_version, sealed) VALUES (?, ?, ?, ?)',
  );
  const updateSecret = db.prepare(
    'UPDATE secrets SET key_version = ?, sealed = ? WHERE record_id = ? AND field = ?',
  );
  const deleteRecord = db.prepare('DELETE FROM secrets WHERE record_id = ?');

  let key: DataKey | null = null;
  let opening: Promise<DataKey> | null = null;
  let problem: AppError | null = null;
  /** The session's own secrets when nothing protects a key: never on disk. */
  const session = new Map<string, Secrets>();
  /** What the redactor knows of each record. */
  const registered = new Map<string, { values: readonly string[]; forget: (() => void)[] }>();
  const retired: (() => void)[] = [];

  const readKeyRow = (): KeyRow | null => (selectKey.get() as KeyRow | undefined) ?? null;

  const retire = (forget: readonly (() => void)[]): void => {
    retired.push(...forget);
    for (const done of retired.splice(0, Math.max(0, retired.length - retiredSecrets))) done();
  };
  const valuesOf = (secrets: Secrets): string[] =>
    Object.entries(secrets).flatMap(([field, value]) => (commonFields.includes(field) ? [] : [value]));
  /** Tells the redactor the secrets that a record has now; those it had are kept for a while. */
  const register = (recordId: string, secrets: Secrets): void => {
    const values = valuesOf(secrets);
    const known = registered.get(recordId);
    if (known?.values.length === values.length && values.every((value) => known.values.includes(value)))
      return;
    registered.set(recordId, { values, forget: values.map((value) => redactor.add(value)) });
    if (known) retire(known.forget);
  };

  /** Overwrites what the write-ahead log still holds of replaced and deleted rows. */
  const scrub = (): void => {
    try {
      db.pragma('wal_checkpoint(TRUNCATE)');
    } catch (error) {
      log.warn('vault.checkpoint_failed', { error });
    }
  };

  const unseal = async (by: KeyProtector, sealed: Uint8Array): Promise<Buffer> => {
    const bytes = Buffer.from(await by.open(sealed));
    if (bytes.byteLength === keyBytes) return bytes;
    throw new AppError('VAULT_WRONG_KEY', `${by.label} gave back something that is not the key of a vault.`);
  };
  /** A new data key and its sealed form. Whether the protector really holds it is known only when it opens again. */
  const makeKey = async (by: KeyProtector): Promise<{ bytes: Buffer; sealed: Uint8Array }> => {
    const bytes = random(keyBytes);
    const sealed = await by.seal(bytes);
    if (bytes.equals(await unseal(by, sealed))) return { bytes, sealed };
    throw new AppError('VAULT_UNAVAILABLE', `${by.label} did not give back what it was given.`);
  };

  /** The same data key under a newer key of the keychain. The old seal opens as well, so a failure costs nothing. */
  const reseal = async (by: KeyProtector, opened: DataKey): Promise<void> => {
    const bytes = Buffer.from(opened.bytes);
    try {
      const sealed = await by.seal(bytes);
      if (!bytes.equals(await unseal(by, sealed))) throw new Error('it did not give back what it was given');
      // Another process may have rotated the data key meanwhile: its own is sealed newly anyway.
      if (resealKey.run(sealed, opened.version, by.kind).changes === 0) return;
      scrub();
      log.info('vault.resealed', { version: opened.version });
    } catch (error) {
      log.warn('vault.reseal_failed', { error });
    } finally {
      bytes.fill(0);
    }
  };

  /** Opens the stored data key, or makes the first one. Fails with VAULT_LOCKED or VAULT_WRONG_KEY. */
  const openKey = async (): Promise<DataKey> => {
    let row = readKeyRow();
    if (row && key?.version === row.version) return key;
    if (!protector) {
      throw new AppError(
        'VAULT_LOCKED',
        `The vault is locked: ${deps.protectorProblem ?? 'nothing here can open it'}.`,
      );
    }
    if (!row) {
      const { bytes, sealed } = await makeKey(protector);
      if (insertKey.run(1, protector.kind, sealed, deps.now()).changes === 1) {
        log.info('vault.created', { protector: protector.kind });
        key = { version: 1, bytes };
        return key;
      }
      // Another process made the first key meanwhile: that one counts.
      bytes.fill(0);
      row = readKeyRow() as KeyRow;
    }
    if (row.protector !== protector.kind) {
      throw new AppError(
        'VAULT_WRONG_KEY',
        `The vault was sealed by “${row.protector}”, but this Headgate was started with “${protector.kind}”.`,
      );
    }
    const opened = { version: row.version, bytes: await unseal(protector, row.sealed) };
    key = opened;
    if (protector.resealWanted) await reseal(protector, opened);
    return opened;
  };

  /** The key in use; remembers why it could not be had, for `status()`. However many ask at once, it is opened once. */
  const currentKey = (): Promise<DataKey> => {
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
  const withKey = async <T>(mode: 'deferred' | 'immediate', work: (current: DataKey) => T): Promise<T> => {
    for (let attempt = 0; attempt < keyAttempts; attempt += 1) {
      const current = await currentKey();
      const done = db
        .transaction(() => (readKeyRow()?.version === current.version ? { result: work(current) } : null))
        [mode]();
      if (done) return done.result;
    }
    throw new AppError('VAULT_LOCKED', 'The data key of the vault keeps changing.');
  };

  const sessionOnly = (): boolean => protector === null && readKeyRow() === null;

  const sealSecret = (by: DataKey, recordId: string, field: string, plain: Uint8Array): Buffer =>
    sealBytes(by.bytes, plain, contextOf(recordId, field, by.version), random);

  const openSecret = (row: SecretRow, by: DataKey): Buffer => {
    try {
      return openBytes(by.bytes, row.sealed, contextOf(row.record_id, row.field, row.key_version));
    } catch (cause) {
      const text = 'A stored secret can not be opened: it was altered or belongs elsewhere.';
      throw new AppError('VAULT_DAMAGED', text, { cause });
    }
  };

  return {
    async tryOpen() {
      if (!sessionOnly()) await currentKey().catch(() => {});
    },
    async unlock() {
      if (!sessionOnly()) await currentKey();
    },
    status() {
      const row = readKeyRow();
      const inMemory = sessionOnly();
      const states = {
        safe_storage: 'protected',
        os_keyring: 'protected',
        passphrase: 'passphrase',
        key_file: 'key_file',
      } as const;
      return {
        state: inMemory ? 'session_only' : problem || !protector ? 'locked' : states[protector.kind],
        protector: protector?.label ?? 'none',
        keyVersion: row?.version ?? 0,
        secrets: inMemory ? session.size : (countRecords.get() as { n: number }).n,
        explanation: problem?.message ?? (protector ? null : deps.protectorProblem),
      };
    },
    async put(recordId, secrets) {
      if (sessionOnly()) {
        session.set(recordId, { ...secrets });
        register(recordId, secrets);
        return;
      }
      // Known from here on, so that no error on the way can tell it; what is stored stays known when this fails.
      const underway = valuesOf(secrets).map((value) => redactor.add(value));
      try {
        await withKey('immediate', (current) => {
          deleteRecord.run(recordId);
          for (const [field, value] of Object.entries(secrets)) {
            const sealed = sealSecret(current, recordId, field, Buffer.from(value, 'utf8'));
            insertSecret.run(recordId, field, current.version, sealed);
          }
        });
        register(recordId, secrets);
      } finally {
        retire(underway);
      }
      session.delete(recordId);
      scrub();
    },
    async get(recordId) {
      // Also when another process has made a key since: what this session was given is in its memory only.
      const kept = session.get(recordId);
      if (kept) return { ...kept };
      if (selectRecord.get(recordId) === undefined) return null;
      return withKey('deferred', (current) => {
        const rows = selectRecord.all(recordId) as SecretRow[];
        if (rows.length === 0) return null;
        const secrets: Record<string, string> = {};
        for (const row of rows) {
          const plain = openSecret(row, current);
          secrets[row.field] = plain.toString('utf8');
          plain.fill(0);
        }
        register(recordId, secrets);
        return secrets;
      });
    },
    has: (recordId) => session.has(recordId) || selectRecord.get(recordId) !== undefined,
    delete(recordId) {
      session.delete(recordId);
      const { changes } = deleteRecord.run(recordId);
      retire(registered.get(recordId)?.forget ?? []);
      registered.delete(recordId);
      if (changes > 0) scrub();
    },
    async rotate() {
      if (sessionOnly() || !protector) {
        throw new AppError('VAULT_UNAVAILABLE', 'There is no stored data key to rotate.');
      }
      // A vault that can't be opened now must not cost its protector a key.
      await currentKey();
      const { bytes, sealed: sealedKey } = await makeKey(protector);
      const { next, old } = await withKey('immediate', (current) => {
        // The new key and everything sealed under it appear together, or not at all.
        const made: DataKey = { version: current.version + 1, bytes };
        replaceKey.run(made.version, protector.kind, sealedKey, deps.now(), current.version);
        for (const row of selectAll.all() as SecretRow[]) {
          const plain = openSecret(row, current);
          updateSecret.run(
            made.version,
            sealSecret(made, row.record_id, row.field, plain),
            row.record_id,
            row.field,
          );
          plain.fill(0);
        }
        return { next: made, old: current };
      });
      key = next;
      old.bytes.fill(0);
      scrub();
      log.info('vault.rotated', { version: next.version });
    },
    close() {
      key?.bytes.fill(0);
      key = null;
      session.clear();
      db.close();
    },
  };
}
