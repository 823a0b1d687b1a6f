import { say } from '../../preload/messages/said.ts';
import { AppError } from '../errors.ts';
import type { KeyProtector } from '../host.ts';
import type { SlotRow } from './slot-rows.ts';

/** What this process knows of the slots: who opens them, which were seen to, and which it made itself. */
export function createGuards(offered: KeyProtector | null) {
  /** Of slots that were made here, or whose passphrase or key was entered here. */
  const held = new Map<string, KeyProtector>();
  const working = new Set<string>();
  const failing = new Map<string, AppError>();
  const own = new Set<string>();
  /** A passphrase that was entered or chosen here seals the next first key, instead of what is offered. */
  let sealer: KeyProtector | null = null;
  let used: string | null = null;

  const hold = (slot: SlotRow, by: KeyProtector): void => {
    held.set(slot.id, by);
    if (by.kind !== 'recovery') sealer = by.kind === 'passphrase' ? by : null;
  };
  const works = (id: string): void => {
    working.add(id);
    failing.delete(id);
  };
  return {
    hold,
    works,
    /** Who here can open it. */
    of: (slot: SlotRow): KeyProtector | null =>
      held.get(slot.id) ?? (offered?.kind === slot.kind ? offered : null),
    /** Who seals a key where there is none yet. */
    sealer: (): KeyProtector | null => sealer ?? offered,
    /** Made in this process, so that opening it here proves little. */
    made(slot: SlotRow, by: KeyProtector, use = used === null): void {
      own.add(slot.id);
      hold(slot, by);
      works(slot.id);
      if (use) used = slot.id;
    },
    madeHere: (id: string): boolean => own.has(id),
    /** The vault is open by it. */
    use(id: string): void {
      used = id;
    },
    inUse: (): string | null => used,
    tried: (id: string): boolean => working.has(id) || failing.has(id),
    fails(id: string, error: unknown): AppError {
      const known =
        error instanceof AppError
          ? error
          : new AppError('VAULT_LOCKED', say('vault.vaultLocked'), { cause: error });
      working.delete(id);
      failing.set(id, known);
      return known;
    },
    /** What failed is worth another try. */
    forgive: (): void => failing.clear(),
    problemOf: (id: string): AppError | null => failing.get(id) ?? null,
    drop(id: string): void {
      held.delete(id);
      working.delete(id);
      failing.delete(id);
      if (used === id) used = null;
    },
    close(): void {
      held.clear();
      sealer = null;
      used = null;
    },
  };
}
