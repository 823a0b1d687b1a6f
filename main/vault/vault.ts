import type { KeySlot, VaultStatus } from '../../preload/contract/models.ts';
import { english, say } from '../../preload/messages/said.ts';
import { AppError } from '../errors.ts';
import type { KeyProtector } from '../host.ts';
import type { Logger } from '../log.ts';
import type { Redactor } from '../redact.ts';
import { type Db, openDb } from '../store/db.ts';
import { keyBytes } from './aead.ts';
import { createDataKeys, type DataKey } from './data-key.ts';
import { explain, nothingProtects, states, wordsFor } from './explain.ts';
import { keyFileProtector } from './key-file.ts';
import { createKeySlots, type NewSlot } from './key-slots.ts';
import { createKnownSecrets } from './known-secrets.ts';
import { vaultMigrations } from './migrations.ts';
import { createNotes, type VaultNotes } from './notes.ts';
import {
  createSessionSecrets,
  type OpenSecrets,
  openSecrets,
  ownBytes,
  type SecretFields,
  type SecretValue,
  wipeFields,
} from './open-secrets.ts';
import { passphraseProtector } from './passphrase.ts';
import { parseRecoveryKey, recoveryProtector, recoveryText } from './recovery.ts';
import { createSecretRows } from './secret-rows.ts';
import { createTries } from './tries.ts';

export type { OpenSecrets, SecretValue } from './open-secrets.ts';

/** The fields of one owner's secrets, e.g. `{user, password}` or `{accessToken, refreshToken}`. */
export type Secrets = Readonly<Record<string, string>>;

/** What the data key is to be sealed by: what this computer offers, a passphrase, or a key file. */
export type ProtectionChoice =
  | { readonly to: 'keychain' }
  | { readonly to: 'passphrase'; readonly passphrase: string }
  | { readonly to: 'key_file'; readonly file: string };

/** What becomes of the secrets of one record; see `Vault.patch`. */
export interface SecretPatch {
  readonly recordId: string;
  readonly fields: Readonly<Record<string, SecretValue | null>>;
  readonly removed?: readonly string[];
}

/**
 * Secrets by the id of the record that owns them. It fails closed: without a key protector secrets live in memory
 * until the process ends, and a vault sealed by something that is not there now stays shut and says so.
 */
export interface Vault {
  status(): VaultStatus;
  /** Replaces all secrets of a record. Fails with VAULT_LOCKED or VAULT_WRONG_KEY; nothing is stored then. */
  put(recordId: string, secrets: Readonly<Record<string, SecretValue>>): Promise<void>;
  /**
   * Replaces these fields, removes those that are null or named in `removed`, and leaves the others alone; in one
   * transaction. Fails like `put`.
   */
  patch(
    recordId: string,
    fields: Readonly<Record<string, SecretValue | null>>,
    removed?: readonly string[],
  ): Promise<void>;
  /** Like `patch` for several records, all of them in one transaction: either each has what is new, or none. */
  patchAll(patches: readonly SecretPatch[]): Promise<void>;
  /** Like `patch`, but a field that is there stays as it is: of several processes, the first one's value counts. */
  putMissing(recordId: string, fields: Readonly<Record<string, SecretValue>>): Promise<void>;
  /** The second record gets the secrets of the first, instead of its own; they don't leave the vault. */
  copy(fromId: string, toId: string): Promise<void>;
  /** Null when the record has none. Fails with VAULT_LOCKED, VAULT_WRONG_KEY or VAULT_DAMAGED. */
  open(recordId: string): Promise<OpenSecrets | null>;
  /** The same as texts, which stay in memory until they are collected: for small uses. */
  get(recordId: string): Promise<Secrets | null>;
  /** Whether it has any secret, or this one. Needs no key. */
  has(recordId: string, field?: string): boolean;
  /** Needs no key: what can't be opened can still be destroyed. */
  delete(recordId: string): void;
  /**
   * Seals everything under a new data key, in one transaction. Fails with SLOTS_DROPPED where a slot that can't be sealed
   * here is not among `dropping`.
   */
  rotate(dropping?: readonly string[]): Promise<void>;
  /**
   * Tries again to open a vault that was locked; with a passphrase where one has sealed it, also to see that it would open.
   * Fails with VAULT_LOCKED or VAULT_WRONG_KEY, and with PASSPHRASE_WRONG or TOO_MANY_TRIES.
   */
  unlock(passphrase?: string): Promise<void>;
  /** The same with the recovery key; fails with INPUT_INVALID for one that was mistyped. */
  recover(recoveryKey: string): Promise<void>;
  /** Every way to open it. */
  slots(): Promise<KeySlot[]>;
  /** One more way; what only this session had is kept from then on. */
  addSlot(choice: ProtectionChoice): Promise<KeySlot>;
  /** A recovery key, stored when `take` says that the person has it; fails with CANCELLED when not. */
  addRecovery(take: (recoveryKey: string) => Promise<boolean>): Promise<KeySlot>;
  /** Fails with LAST_SLOT for the last one that was seen to open. */
  removeSlot(slotId: string): Promise<void>;
  /**
   * One more way in the place of the present one, which leaves once the new one has opened after a restart, or at once where
   * it is among `remove`. What only this session had is kept from then on.
   */
  changeProtector(choice: ProtectionChoice, remove?: readonly string[]): Promise<void>;
  /** Destroys every secret and the data key; needs no key. The vault works again at once, under a new one. */
  wipe(): Promise<void>;
  readonly notes: VaultNotes;
  close(): void;
}

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

/** A change of one record's fields, for wherever they are held. */
interface Change {
  readonly recordId: string;
  /** What is new; overwritten once it is stored. */
  readonly fields: SecretFields;
  inMemory(before: SecretFields): SecretFields;
  inFile(key: DataKey): void;
  learn(): void;
}

const ownFields = (secrets: Readonly<Record<string, SecretValue | null>>): SecretFields =>
  new Map(
    Object.entries(secrets).flatMap(([field, value]) => (value === null ? [] : [[field, ownBytes(value)]])),
  );

function createVault(db: Db, deps: VaultDeps): Vault & { tryOpen(): Promise<void> } {
  const { protector, random, log } = deps;
  const offered = protector && protector.kind !== 'recovery' ? protector.kind : null;
  /** Overwrites what the write-ahead log still holds of replaced and deleted rows. */
  const scrub = (): void => {
    try {
      const [state] = db.pragma('wal_checkpoint(TRUNCATE)') as { busy: number }[];
      // Somebody reads from the log just now: it is emptied with the next write.
      if (state?.busy) log.warn('vault.checkpoint_busy');
    } catch (error) {
      log.warn('vault.checkpoint_failed', { error });
    }
  };
  const keys = createDataKeys(db, { ...deps, scrub });
  const slots = createKeySlots(db, keys, { ...deps, scrub });
  const rows = createSecretRows(db, random);
  const { notes, ...noteRows } = createNotes(db, keys, random);
  const session = createSessionSecrets();
  const known = createKnownSecrets(deps.redactor, random(32));
  const tries = createTries(() => Date.parse(deps.now()));

  const sessionOnly = (): boolean => keys.sealer() === null && keys.row() === null;
  const nothingToRotate = (): AppError => new AppError('VAULT_UNAVAILABLE', say('vault.noStoredDataKey'));

  /** Seals what only this session had, where nobody stored something for the same record since. */
  const adoptSession = (by: DataKey): void => {
    for (const recordId of session.ids()) {
      const fields = session.read(recordId);
      if (fields && !rows.has(recordId)) rows.replace(by, recordId, fields);
      if (fields) wipeFields(fields);
    }
  };

  const chosen = (choice: ProtectionChoice): KeyProtector => {
    if (choice.to === 'passphrase') return passphraseProtector(choice.passphrase, random);
    if (choice.to === 'key_file') return keyFileProtector(choice.file, random);
    if (protector && protector.kind !== 'passphrase') return protector;
    const why = protector
      ? 'it was started with HEADGATE_PASSPHRASE, and looks for no keychain then'
      : (deps.protectorProblem ?? 'there is no keychain');
    throw new AppError('VAULT_UNAVAILABLE', say('vault.headgateCanNotUse', { why }));
  };
  const adding = async (slot: NewSlot): Promise<KeySlot> => {
    const { id } = await slots.add({ ...slot, also: adoptSession });
    session.clear();
    scrub();
    return (await slots.list()).find((each) => each.id === id) as KeySlot;
  };

  /** The fields of some records, each changed in memory or in the file, whichever holds it; known to the redactor on the way. */
  const writeAll = async (changes: readonly Change[]): Promise<void> => {
    if (sessionOnly()) {
      for (const { recordId, fields, inMemory } of changes) {
        const after = inMemory(session.read(recordId) ?? new Map());
        known.learnAll(recordId, after);
        session.write(recordId, after);
        wipeFields(fields);
      }
      return;
    }
    // Known from here on, so that no error on the way can tell it; what is stored stays known when this fails.
    const arrived = changes.map(({ fields }) => known.underway(fields));
    try {
      await keys.withKey('immediate', (key) => {
        for (const { recordId, inMemory, inFile } of changes) {
          const kept = session.read(recordId);
          if (kept) {
            const after = inMemory(kept);
            rows.replace(key, recordId, after);
            wipeFields(after);
          } else inFile(key);
        }
      });
      for (const { learn } of changes) learn();
    } finally {
      for (const each of arrived) each();
      for (const { fields } of changes) wipeFields(fields);
    }
    for (const { recordId } of changes) session.remove(recordId);
    scrub();
  };

  /** Buffers that the caller owns. */
  const read = async (recordId: string): Promise<SecretFields | null> => {
    // Also when another process has made a key since: what this session was given is in its memory only.
    const kept = session.read(recordId);
    if (kept) return kept;
    if (!rows.has(recordId)) return null;
    const fields = await keys.withKey('deferred', (key) => rows.read(key, recordId));
    if (fields) known.learnAll(recordId, fields);
    return fields;
  };

  const put: Vault['put'] = (recordId, secrets) => {
    const fields = ownFields(secrets);
    const change: Change = {
      ...{ recordId, fields },
      inMemory(before) {
        wipeFields(before);
        return new Map([...fields].map(([field, value]) => [field, ownBytes(value)]));
      },
      inFile: (key) => rows.replace(key, recordId, fields),
      learn: () => known.learnAll(recordId, fields),
    };
    return writeAll([change]);
  };
  const patching = ({ recordId, fields: changes, removed: without = [] }: SecretPatch): Change => {
    const fields = ownFields(changes);
    const empty = Object.keys(changes).filter((field) => changes[field] === null);
    const removed = [...empty, ...without].filter((field) => !fields.has(field));
    return {
      ...{ recordId, fields },
      inMemory(before) {
        for (const field of [...removed, ...fields.keys()]) {
          before.get(field)?.fill(0);
          before.delete(field);
        }
        for (const [field, value] of fields) before.set(field, ownBytes(value));
        return before;
      },
      inFile: (key) => rows.patch(key, recordId, fields, removed),
      learn() {
        known.learn(recordId, fields);
        for (const field of removed) known.forgetField(recordId, field);
      },
    };
  };
  const remove = (recordId: string): void => {
    session.remove(recordId);
    known.forget(recordId);
    if (rows.remove(recordId)) scrub();
  };

  return {
    async tryOpen() {
      if (!sessionOnly()) await keys.current().catch(() => {});
    },
    async unlock(passphrase) {
      if (sessionOnly()) return;
      if (passphrase === undefined || !keys.has('passphrase')) await keys.openAnyhow();
      else await tries.attempt(() => keys.enter(passphraseProtector(passphrase, random), 'passphrase'));
    },
    async recover(recoveryKey) {
      const bytes = parseRecoveryKey(recoveryKey);
      await tries.attempt(() => keys.enter(recoveryProtector(bytes, random), 'recovery'));
    },
    status() {
      const stored = keys.row();
      const present = keys.present();
      const inMemory = sessionOnly();
      const { problem } = keys;
      const told = inMemory ? nothingProtects(deps.protectorProblem) : problem && explain(problem);
      // What is open stays so when another Headgate changes who guards it.
      const shut = problem !== null || !present || (present.guard === null && !keys.isOpen());
      return {
        state: inMemory ? 'session_only' : shut ? 'locked' : states[present.slot.kind],
        protector:
          present?.guard?.label ?? (present ? wordsFor(present.slot.kind) : (protector?.label ?? 'none')),
        sealedBy: present?.slot.kind ?? null,
        available: offered,
        keyVersion: stored?.version ?? 0,
        secrets: inMemory ? session.size : rows.countRecords(),
        ...(told === null ? { explanation: null } : { explanation: english(told), said: told }),
      };
    },
    notes,
    put,
    patch: (recordId, fields, removed = []) => writeAll([patching({ recordId, fields, removed })]),
    patchAll: (patches) => writeAll(patches.map(patching)),
    putMissing(recordId, secrets) {
      const fields = ownFields(secrets);
      const change: Change = {
        ...{ recordId, fields },
        inMemory(before) {
          for (const [field, value] of fields) if (!before.has(field)) before.set(field, ownBytes(value));
          return before;
        },
        inFile: (key) => rows.addMissing(key, recordId, fields),
        // Whose value counted is known when it is read.
        learn: () => {},
      };
      return writeAll([change]);
    },
    async copy(fromId, toId) {
      const fields = await read(fromId);
      if (!fields) return remove(toId);
      try {
        await put(toId, Object.fromEntries(fields));
      } finally {
        wipeFields(fields);
      }
    },
    async open(recordId) {
      const fields = await read(recordId);
      return fields && openSecrets(fields);
    },
    async get(recordId) {
      const fields = await read(recordId);
      if (!fields) return null;
      const texts = Object.fromEntries([...fields].map(([field, value]) => [field, value.toString('utf8')]));
      wipeFields(fields);
      return texts;
    },
    has: (recordId, field) => session.has(recordId, field) || rows.has(recordId, field),
    delete: remove,
    async rotate(dropping = []) {
      if (sessionOnly()) throw nothingToRotate();
      await slots.rotate(dropping, (old, made) => {
        rows.reseal(old, made);
        noteRows.reseal(old, made);
      });
    },
    slots: slots.list,
    addSlot: (choice) => adding({ by: chosen(choice) }),
    async addRecovery(take) {
      if (sessionOnly()) {
        throw new AppError('VAULT_UNAVAILABLE', say('vault.noKeyYetRecovery'), {
          advice: say('vault.noKeyYetRecovery.advice'),
        });
      }
      // The first key is never sealed by what is on paper alone.
      await keys.current();
      const bytes = random(keyBytes);
      return adding({
        by: recoveryProtector(bytes, random),
        taken: () => take(recoveryText(bytes)),
      }).finally(() => bytes.fill(0));
    },
    removeSlot: slots.remove,
    async changeProtector(choice, remove = []) {
      await adding({ by: chosen(choice), replaces: true, remove });
    },
    async wipe() {
      await keys.destroy(() => {
        rows.removeAll();
        noteRows.removeAll();
      });
      session.clear();
      known.forgetAll();
      scrub();
      try {
        // What SQLite freed is overwritten already; now the pages themselves go.
        db.exec('VACUUM');
      } catch (error) {
        log.warn('vault.vacuum_failed', { error });
      }
      scrub();
      log.info('vault.wiped');
      if (!sessionOnly()) await keys.current().catch(() => {});
    },
    close() {
      keys.close();
      session.clear();
      db.close();
    },
  };
}
