import type { KeySlot } from '../../preload/contract/models.ts';
import { say } from '../../preload/messages/said.ts';
import { AppError } from '../errors.ts';
import type { KeyProtector } from '../host.ts';
import type { Db } from '../store/db.ts';
import { keyBytes } from './aead.ts';
import type { DataKey, DataKeyDeps, DataKeys } from './data-key.ts';
import { wordsFor } from './explain.ts';
import type { SlotRow } from './slot-rows.ts';

/** Each passphrase among them costs a derivation for every try. */
const mostSlots = 8;

export interface NewSlot {
  readonly by: KeyProtector;
  /** What the vault is open by leaves once the new one has opened after a restart. */
  readonly replaces?: boolean;
  /** Slots that go at once, now that the new one was seen to open. */
  readonly remove?: readonly string[];
  /** What is written in the same transaction. */
  readonly also?: (key: DataKey) => void;
  /** Asked when the slot has opened and before it is stored; false drops it. */
  readonly taken?: () => Promise<boolean>;
}

const changedElsewhere = (): AppError =>
  new AppError('VAULT_LOCKED', say('vault.protectionVaultChangedElsewhere'));
const sameIds = (some: readonly SlotRow[], others: readonly SlotRow[]): boolean =>
  some.length === others.length && some.every(({ id }) => others.some((other) => other.id === id));

/** The ways in which a vault opens, for people: looked at, added, removed, and sealed anew around another key. */
export function createKeySlots(
  db: Db,
  keys: DataKeys,
  { random, now, log, scrub }: Pick<DataKeyDeps, 'random' | 'now' | 'log' | 'scrub'>,
) {
  const { slots, guards, seals } = keys;
  const replaceKey = db.prepare('UPDATE data_key SET version = ?, created_at = ? WHERE version = ?');

  /** What a new protection takes the place of: what the vault is open by; after a recovery what is like the new one. */
  const leavingFor = (slot: SlotRow, all: readonly SlotRow[]): SlotRow[] => {
    const used = all.find(({ id }) => id === guards.inUse());
    return all.filter(({ id, kind }) =>
      used && used.kind !== 'recovery' ? id === used.id : kind === slot.kind && id !== slot.id,
    );
  };

  return {
    /** Every slot, for people. */
    async list(): Promise<KeySlot[]> {
      if (keys.isOpen()) await keys.openable(slots.all());
      const used = keys.isOpen() ? guards.inUse() : null;
      return slots.all().map((slot) => {
        const { id, kind } = slot;
        const by = guards.of(slot);
        const failed = guards.problemOf(id);
        const asked =
          kind === 'passphrase' || kind === 'recovery' ? ('ask' as const) : ('elsewhere' as const);
        return {
          ...{ id, kind, label: slot.label || wordsFor(kind), createdAt: slot.created_at },
          ...{ openedAt: slot.opened_at, inUse: id === used, leaving: slot.replaced_by !== null },
          opens: failed ? ('fails' as const) : by ? ('here' as const) : asked,
          ...(failed === null ? { problem: null } : { problem: failed.message, said: failed.said }),
          keptByRotation: by !== null && failed === null,
        };
      });
    },

    /** One more seal around the key that is there, or the first key where there is none. */
    async add({ by, replaces, remove = [], also = () => {}, taken }: NewSlot): Promise<SlotRow> {
      if (keys.row() === null) {
        const made = await keys.makeFirst(by, also);
        keys.solved();
        if (made) return made;
      }
      const opened = await keys.current();
      const bytes = Buffer.from(opened.bytes);
      const sealed = await seals.prove(by, bytes).finally(() => bytes.fill(0));
      const slot = keys.newSlot(by, sealed);
      const all = slots.all();
      let gone: SlotRow[] | null = null;
      try {
        if (taken && !(await taken())) throw new AppError('CANCELLED', say('vault.nothingAdded'));
        gone = db
          .transaction(() => {
            const present = slots.all();
            if (keys.row()?.version !== opened.version) throw changedElsewhere();
            const removed = remove.map((id) => slotOf(present, id));
            if (present.length - removed.length >= mostSlots)
              throw new AppError('INPUT_INVALID', say('vault.vaultOpensMostWays', { mostSlots }), {
                advice: say('vault.vaultOpensMostWays.advice'),
              });
            for (const { id } of removed) slots.remove(id);
            slots.insert(slot);
            if (replaces) for (const { id } of leavingFor(slot, slots.all())) slots.replace(id, slot.id);
            also(opened);
            return removed;
          })
          .immediate();
      } finally {
        if (gone === null) await seals.forget(by, sealed);
      }
      const before = all.find(({ id }) => id === guards.inUse());
      guards.made(slot, by, replaces === true || before?.kind === 'recovery');
      keys.solved();
      log.info('vault.slot_added', { kind: by.kind, removed: gone.length });
      scrub();
      await keys.forgetAll(gone);
      return slot;
    },

    /** Fails with LAST_SLOT for the last one that was seen to open. */
    async remove(slotId: string): Promise<void> {
      await keys.current();
      const gone = db
        .transaction(() => {
          const all = slots.all();
          const slot = slotOf(all, slotId);
          const rest = all.filter(({ id, opened_at }) => id !== slotId && opened_at !== null);
          if (!rest.some(({ id }) => guards.problemOf(id) === null))
            throw new AppError('LAST_SLOT', say('vault.nothingElseSeenOpen'));
          slots.remove(slotId);
          return slot;
        })
        .immediate();
      scrub();
      log.info('vault.slot_removed', { kind: gone.kind });
      await keys.forgetAll([gone]);
    },

    /**
     * A new data key, and `also` what seals everything anew under it: both or neither. Every slot that opens here seals it;
     * fails with SLOTS_DROPPED where another one is not among `dropping`.
     */
    async rotate(dropping: readonly string[], also: (old: DataKey, made: DataKey) => void): Promise<void> {
      // A vault that can't be opened now must not cost its protector a key.
      await keys.current();
      const before = slots.all();
      await keys.openable(before);
      const kept = before.filter((slot) => guards.of(slot) !== null && guards.problemOf(slot.id) === null);
      const lost = before.filter((slot) => !kept.includes(slot));
      const unnamed = lost.filter(({ id }) => !dropping.includes(id));
      if (unnamed.length > 0) {
        const names = unnamed.map(({ kind, label, created_at }) => {
          const name = kind === 'recovery' ? wordsFor(kind) : label || wordsFor(kind);
          return `${name} (of ${created_at.slice(0, 10)})`;
        });
        throw new AppError('SLOTS_DROPPED', say('vault.newKeyWouldNo', { names }));
      }
      if (kept.length === 0) throw changedElsewhere();
      const bytes = random(keyBytes);
      const made = new Map<SlotRow, Uint8Array>();
      let replaced: { next: DataKey; old: DataKey; gone: SlotRow[] } | null = null;
      try {
        for (const slot of kept) made.set(slot, await seals.prove(guards.of(slot) as KeyProtector, bytes));
        replaced = await keys.withKey('immediate', (old) => {
          const gone = slots.all();
          // Other slots since: to seal the new key as before would undo that.
          if (!sameIds(gone, before)) throw changedElsewhere();
          const next = { version: old.version + 1, bytes };
          replaceKey.run(next.version, now(), old.version);
          for (const [{ id }, sealed] of made) slots.reseal(id, sealed);
          for (const { id } of lost) slots.remove(id);
          also(old, next);
          return { next, old, gone };
        });
      } finally {
        if (replaced === null) {
          bytes.fill(0);
          for (const [slot, sealed] of made) await seals.forget(guards.of(slot), sealed);
        }
      }
      keys.use(replaced.next);
      replaced.old.bytes.fill(0);
      scrub();
      log.info('vault.rotated', { version: replaced.next.version, dropped: lost.length });
      for (const slot of replaced.gone) await seals.forget(guards.of(slot), slot.sealed);
      for (const { id } of lost) guards.drop(id);
    },
  };
}

function slotOf(all: readonly SlotRow[], id: string): SlotRow {
  const found = all.find((slot) => slot.id === id);
  if (found) return found;
  throw new AppError('NOT_FOUND', say('vault.wayOpenVaultNot'));
}
