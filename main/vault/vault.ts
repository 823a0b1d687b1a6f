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
  close(): void;
}

interface KeyRow {
  version: number;
  protector: string;
  sealed: Uint8Array;
}
interface SecretRow {
  record_id: string;
  field: string;
  key_version: number;
  sealed: Uint8Array;
}

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
  const vault = createVault(db, deps);
  await vault.tryOpen();
  return vault;
}

function createVault(db: Db, deps: VaultDeps): Vault & { tryOpen(): Promise<void> } {
  const { protector, random, redactor, log } = deps;
  const selectKey = db.prepare('SELECT version, protector, sealed FROM data_key');
  const insertKey = db.prepare(
    'INSERT INTO data_key (singleton, version, protector, sealed, created_at) VALUES (1, ?, ?, ?, ?)',
  );
  const replaceKey = db.prepare(
    'UPDATE data_key SET version = ?, protector = ?, sealed = ?, created_at = ? WHERE version = ?',
  );
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

  let key: { version: number; bytes: Buffer } | null = null;
  let problem: AppError | null = null;
  /** The session's own secrets when nothing protects a key: never on disk. */
  const session = new Map<string, Secrets>();
  const registered = new Map<string, (() => void)[]>();

  const readKeyRow = (): KeyRow | null => (selectKey.get() as KeyRow | undefined) ?? null;

  /** The redactor knows a record's present and previous secrets: an answer to an old token may still be under way. */
  const register = (recordId: string, secrets: Secrets): void => {
    const added = Object.values(secrets).map((value) => redactor.add(value));
    const known = [...(registered.get(recordId) ?? []), ...added];
    const kept = 2 * Math.max(added.length, 1);
    for (const forget of known.splice(0, Math.max(0, known.length - kept))) forget();
    registered.set(recordId, known);
  };

  /** Opens the stored data key, or makes the first one. Fails with VAULT_LOCKED or VAULT_WRONG_KEY. */
  const openKey = async (): Promise<{ version: number; bytes: Buffer }> => {
    const row = readKeyRow();
    if (row && key?.version === row.version) return key;
    if (!protector) {
      throw new AppError(
        'VAULT_LOCKED',
        `The vault is locked: ${deps.protectorProblem ?? 'nothing here can open it'}.`,
      );
    }
    if (!row) {
      const bytes = random(keyBytes);
      const sealed = await protector.seal(bytes);
      // Whether the protector really holds it is known only when it opens again.
      if (!bytes.equals(await protector.open(sealed))) {
        throw new AppError('VAULT_UNAVAILABLE', `${protector.label} did not give back what it was given.`);
      }
      insertKey.run(1, protector.kind, sealed, deps.now());
      log.info('vault.created', { protector: protector.kind });
      key = { version: 1, bytes };
      return key;
    }
    if (row.protector !== protector.kind) {
      throw new AppError(
        'VAULT_WRONG_KEY',
        `The vault was sealed by “${row.protector}”, but this Headgate was started with “${protector.kind}”.`,
      );
    }
    key = { version: row.version, bytes: Buffer.from(await protector.open(row.sealed)) };
    return key;
  };

  /** The key in use; remembers why it could not be had, for `status()`. */
  const currentKey = async (): Promise<{ version: number; bytes: Buffer }> => {
    try {
      const opened = await openKey();
      problem = null;
      return opened;
    } catch (error) {
      problem =
        error instanceof AppError
          ? error
          : new AppError('VAULT_LOCKED', 'The vault is locked.', { cause: error });
      log.warn('vault.locked', { code: problem.code, message: problem.message });
      throw problem;
    }
  };

  const sessionOnly = (): boolean => protector === null && readKeyRow() === null;

  const openSecret = (row: SecretRow, bytes: Uint8Array): Buffer => {
    try {
      return openBytes(bytes, row.sealed, contextOf(row.record_id, row.field, row.key_version));
    } catch (cause) {
      throw new AppError(
        'VAULT_DAMAGED',
        'A stored secret can not be opened: it was altered or belongs elsewhere.',
        {
          cause,
        },
      );
    }
  };

  return {
    async tryOpen() {
      if (!sessionOnly()) await currentKey().catch(() => {});
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
      register(recordId, secrets);
      if (sessionOnly()) {
        session.set(recordId, { ...secrets });
        return;
      }
      const { version, bytes } = await currentKey();
      db.transaction(() => {
        if (readKeyRow()?.version !== version)
          throw new AppError('VAULT_LOCKED', 'The data key was rotated meanwhile.');
        deleteRecord.run(recordId);
        for (const [field, value] of Object.entries(secrets)) {
          const sealed = sealBytes(
            bytes,
            Buffer.from(value, 'utf8'),
            contextOf(recordId, field, version),
            random,
          );
          insertSecret.run(recordId, field, version, sealed);
        }
      }).immediate();
    },
    async get(recordId) {
      if (sessionOnly()) return session.get(recordId) ?? null;
      if ((selectRecord.all(recordId) as SecretRow[]).length === 0) return null;
      const { bytes } = await currentKey();
      const secrets: Record<string, string> = {};
      for (const row of selectRecord.all(recordId) as SecretRow[]) {
        const plain = openSecret(row, bytes);
        secrets[row.field] = plain.toString('utf8');
        plain.fill(0);
      }
      register(recordId, secrets);
      return secrets;
    },
    has: (recordId) => session.has(recordId) || selectRecord.get(recordId) !== undefined,
    delete(recordId) {
      session.delete(recordId);
      deleteRecord.run(recordId);
      for (const forget of registered.get(recordId) ?? []) forget();
      registered.delete(recordId);
    },
    async rotate() {
      if (sessionOnly() || !protector) {
        throw new AppError('VAULT_UNAVAILABLE', 'There is no stored data key to rotate.');
      }
      const old = await currentKey();
      const next = { version: old.version + 1, bytes: random(keyBytes) };
      const sealedKey = await protector.seal(next.bytes);
      if (!next.bytes.equals(await protector.open(sealedKey))) {
        throw new AppError('VAULT_UNAVAILABLE', `${protector.label} did not give back what it was given.`);
      }
      db.transaction(() => {
        // The new key and everything sealed under it appear together, or not at all.
        const replaced = replaceKey.run(next.version, protector.kind, sealedKey, deps.now(), old.version);
        if (replaced.changes !== 1) throw new AppError('VAULT_LOCKED', 'The data key was rotated meanwhile.');
        for (const row of selectAll.all() as SecretRow[]) {
          const plain = openSecret(row, old.bytes);
          const sealed = sealBytes(
            next.bytes,
            plain,
            contextOf(row.record_id, row.field, next.version),
            random,
          );
          updateSecret.run(next.version, sealed, row.record_id, row.field);
          plain.fill(0);
        }
      }).immediate();
      old.bytes.fill(0);
      key = next;
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
