import { say } from '../../preload/messages/said.ts';
import { AppError } from '../errors.ts';
import { type KeyProtector, uuid } from '../host.ts';
import type { Logger } from '../log.ts';
import type { Db } from '../store/db.ts';
import { keyBytes } from './aead.ts';
import { backendChanged, enteredWrong, withOtherWays } from './explain.ts';
import { createGuards } from './guards.ts';
import { createSeals } from './seals.ts';
import { createSlotRows, type SlotRow } from './slot-rows.ts';

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

const keepsChanging = (): AppError => new AppError('VAULT_LOCKED', say('vault.dataKeyVaultKeeps'));
const sameSeals = (some: readonly SlotRow[], others: readonly SlotRow[]): boolean =>
  some.length === others.length &&
  some.every(({ id, sealed }) =>
    Buffer.from(sealed).equals(others.find((other) => other.id === id)?.sealed ?? new Uint8Array()),
  );

/** The data key of a vault: the slots that seal it, opening it, and putting other seals or another key in its place. */
export function createDataKeys(db: Db, deps: DataKeyDeps) {
  const { random, log } = deps;
  const slots = createSlotRows(db);
  const seals = createSeals(log);
  const guards = createGuards(deps.protector);
  const selectKey = db.prepare('SELECT version FROM data_key');
  const insertKey = db.prepare(
    'INSERT OR IGNORE INTO data_key (singleton, version, created_at) VALUES (1, ?, ?)',
  );
  const lastWiped = db.prepare('SELECT max(version) AS version FROM wiped_keys');
  const noteWiped = db.prepare('INSERT OR REPLACE INTO wiped_keys (singleton, version) VALUES (1, ?)');
  const deleteKey = db.prepare('DELETE FROM data_key');

  let key: DataKey | null = null;
  let opening: Promise<DataKey> | null = null;
  let problem: AppError | null = null;
  /** Somebody asked to open the vault also by what is about to leave. */
  let leavingToo = false;

  const row = (): { readonly version: number } | null =>
    (selectKey.get() as { version: number } | undefined) ?? null;
  const isOpen = (): boolean => key !== null && key.version === row()?.version;
  const forgetAll = async (gone: readonly SlotRow[]): Promise<void> => {
    for (const slot of gone) await seals.forget(guards.of(slot), slot.sealed);
    for (const { id } of gone) guards.drop(id);
  };

  /** Writes down that it opens; what it replaces goes, if it was not made in this very process. */
  const seen = async (slot: SlotRow, by: KeyProtector): Promise<void> => {
    guards.works(slot.id);
    const hour = `${deps.now().slice(0, 13)}:00:00.000Z`;
    const mayReplace = !guards.madeHere(slot.id) && slots.all().some((each) => each.replaced_by === slot.id);
    if (!mayReplace && slot.opened_at === hour && slot.label === by.label) return;
    try {
      const gone = db
        .transaction(() => {
          slots.opened(slot.id, by.label, hour);
          return mayReplace ? slots.removeReplaced(slot.id) : [];
        })
        .immediate();
      if (gone.length === 0) return;
      deps.scrub();
      log.info('vault.slots_replaced', { by: slot.id, gone: gone.map(({ id }) => id) });
      await forgetAll(gone);
    } catch (error) {
      log.warn('vault.slot_unseen', { error });
    }
  };

  /** The same data key under a newer key of the keychain. The old seal opens as well, so a failure costs nothing. */
  const reseal = async (by: KeyProtector, opened: DataKey, slot: SlotRow): Promise<void> => {
    const bytes = Buffer.from(opened.bytes);
    try {
      const sealed = await seals.prove(by, bytes);
      // Another process may have rotated the data key meanwhile: its own is sealed newly anyway.
      const done = db
        .transaction(() => {
          const same = row()?.version === opened.version && slots.all().some(({ id }) => id === slot.id);
          if (same) slots.reseal(slot.id, sealed);
          return same;
        })
        .immediate();
      if (done) {
        deps.scrub();
        log.info('vault.resealed', { version: opened.version });
      }
      await seals.forget(by, done ? slot.sealed : sealed);
    } catch (error) {
      log.warn('vault.reseal_failed', { error });
    } finally {
      bytes.fill(0);
    }
  };

  const newSlot = (by: KeyProtector, sealed: Uint8Array): SlotRow => ({
    ...{ id: uuid(random(16)), kind: by.kind, label: by.label, sealed, created_at: deps.now() },
    // Whether somebody has the key on paper is known only once it was typed.
    opened_at: by.kind === 'recovery' ? null : `${deps.now().slice(0, 13)}:00:00.000Z`,
    replaced_by: null,
  });

  /** Stores the first key, and in the same transaction what `also` writes under it. Null when another process was faster. */
  const makeFirst = async (by: KeyProtector, also: (made: DataKey) => void): Promise<SlotRow | null> => {
    const bytes = random(keyBytes);
    const sealed = await seals.prove(by, bytes);
    const slot = newSlot(by, sealed);
    let made: DataKey | null = null;
    try {
      made = db
        .transaction(() => {
          const last = (lastWiped.get() as { version: number | null }).version ?? 0;
          const first = { version: last + 1, bytes };
          if (insertKey.run(first.version, deps.now()).changes === 0) return null;
          slots.removeAll();
          slots.insert(slot);
          also(first);
          return first;
        })
        .immediate();
    } finally {
      if (made === null) {
        bytes.fill(0);
        await seals.forget(by, sealed);
      }
    }
    if (!made) return null;
    key = made;
    guards.made(slot, by);
    log.info('vault.created', { protector: by.kind });
    return slot;
  };

  /** Tries one slot after the other. Null when they were changed while they were asked. */
  const openBy = async (version: number, all: readonly SlotRow[]): Promise<DataKey | null> => {
    const usable = all
      .filter((slot) => guards.of(slot) !== null && (leavingToo || slot.replaced_by === null))
      .sort((one, other) => Number(one.replaced_by !== null) - Number(other.replaced_by !== null));
    if (usable.length === 0) throw backendChanged(all, deps.protector, deps.protectorProblem);
    let first: { readonly error: AppError; readonly slot: SlotRow } | null = null;
    for (const slot of usable) {
      const by = guards.of(slot) as KeyProtector;
      try {
        const opened = { version, bytes: await seals.open(by, slot.sealed) };
        key = opened;
        guards.use(slot.id);
        await seen(slot, by);
        if (by.resealWanted) await reseal(by, opened, slot);
        return opened;
      } catch (error) {
        first ??= { error: guards.fails(slot.id, error), slot };
      }
    }
    if (!sameSeals(all, slots.all())) return null;
    const { error, slot } = first as NonNullable<typeof first>;
    log.warn('vault.slots_failed', { tried: usable.length });
    throw withOtherWays(
      error,
      all.filter(({ id }) => id !== slot.id),
      slot.kind,
    );
  };

  /** Opens the stored data key, or makes the first one. Fails with VAULT_LOCKED or VAULT_WRONG_KEY. */
  const openKey = async (): Promise<DataKey> => {
    for (let attempt = 0; attempt < keyAttempts; attempt += 1) {
      const stored = row();
      if (stored && key?.version === stored.version) return key;
      if (stored) {
        const opened = await openBy(stored.version, slots.all());
        if (opened) return opened;
        continue;
      }
      const by = guards.sealer();
      if (!by) throw new AppError('VAULT_LOCKED', say('vault.vaultLockedNothingHere'));
      // Null: another process made the first key meanwhile, and that one counts.
      if ((await makeFirst(by, () => {})) && key) return key;
    }
    throw keepsChanging();
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
              : new AppError('VAULT_LOCKED', say('vault.vaultLocked'), { cause: error });
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
    throw keepsChanging();
  };

  /** Which of them open with what is here; those that nobody tried yet are tried. */
  const openable = async (all: readonly SlotRow[]): Promise<void> => {
    for (const slot of all) {
      const by = guards.of(slot);
      if (!by || guards.tried(slot.id)) continue;
      try {
        (await seals.open(by, slot.sealed)).fill(0);
        await seen(slot, by);
      } catch (error) {
        guards.fails(slot.id, error);
      }
    }
  };

  return {
    row,
    current,
    withKey,
    isOpen,
    sealer: guards.sealer,
    /** The key if it is open now; nothing is asked for it. */
    opened: (): DataKey | null => (isOpen() ? key : null),
    get problem(): AppError | null {
      return problem;
    },
    has: (kind: SlotRow['kind']): boolean => slots.all().some((slot) => slot.kind === kind),
    // What `key-slots.ts` changes them with.
    ...{ slots, guards, seals, forgetAll, openable, newSlot, makeFirst },
    /** Another data key is the stored one now. */
    use(next: DataKey): void {
      key = next;
    },
    solved(): void {
      problem = null;
    },

    /** The slot that the vault is open by, or should open by; and who guards it here. */
    present(): { readonly slot: SlotRow; readonly guard: KeyProtector | null } | null {
      const all = slots.all();
      const byId = (id: string | null): SlotRow | undefined => all.find((slot) => slot.id === id);
      const used = isOpen() ? byId(guards.inUse()) : undefined;
      const slot =
        byId(used?.replaced_by ?? null) ??
        used ??
        all.find(({ kind, replaced_by }) => kind !== 'recovery' && replaced_by === null) ??
        all[0];
      return slot ? { slot, guard: guards.of(slot) } : null;
    },

    /** Tries everything again, also what is about to leave; fails like `current`. */
    async openAnyhow(): Promise<void> {
      leavingToo = true;
      await current();
      guards.forgive();
      await openable(slots.all());
    },

    /** Opens the vault with what somebody entered, or sees that it would. Fails with PASSPHRASE_WRONG; what is open stays open. */
    async enter(by: KeyProtector, kind: 'passphrase' | 'recovery'): Promise<void> {
      const version = row()?.version ?? 0;
      for (const slot of slots.all().filter((each) => each.kind === kind)) {
        let bytes: Buffer;
        try {
          bytes = await seals.open(by, slot.sealed);
        } catch (error) {
          if (!(error instanceof AppError) || error.code !== 'VAULT_WRONG_KEY') throw error;
          continue;
        }
        guards.hold(slot, by);
        if (isOpen()) bytes.fill(0);
        else {
          key?.bytes.fill(0);
          key = { version, bytes };
          guards.use(slot.id);
          problem = null;
        }
        log.info('vault.entered', { version, kind });
        await seen(slot, by);
        return;
      }
      const wrong = enteredWrong(kind);
      if (!isOpen()) problem = wrong;
      throw wrong;
    },

    /** Destroys the key, and in the same transaction what `also` destroys. What sealed it seals the next one. */
    async destroy(also: () => void): Promise<void> {
      const gone = db
        .transaction(() => {
          const present = row();
          const all = slots.all();
          if (present) noteWiped.run(present.version);
          deleteKey.run();
          slots.removeAll();
          also();
          return all;
        })
        .immediate();
      key?.bytes.fill(0);
      key = null;
      problem = null;
      await forgetAll(gone);
    },

    close(): void {
      key?.bytes.fill(0);
      key = null;
      guards.close();
    },
  };
}
