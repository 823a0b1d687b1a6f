import { type Retention, retention } from '../../preload/contract/models.ts';
import { type RetentionName, retentionNames, usualRetention } from '../../preload/contract/retention.ts';
import type { Store } from '../store/index.ts';

/** The name of the decision in the store. */
const decision = 'retention';

/** How much is kept of what grows in this workspace. */
export interface RetentionSetting {
  /** What was decided here, and what is usual for the rest. */
  current(): Retention;
  /** Answers what holds now. */
  set(change: { readonly [N in RetentionName]?: number | undefined }): Retention;
}

export function createRetention(store: Pick<Store, 'policies' | 'transaction'>): RetentionSetting {
  const current = (): Retention => {
    const stored = store.policies.all()[decision];
    if (typeof stored !== 'object' || stored === null) return usualRetention;
    // What another version wrote, or somebody by hand, counts only where it fits.
    const fitting = Object.entries(stored).filter(
      ([name, value]) =>
        (retentionNames as readonly string[]).includes(name) &&
        retention.shape[name as RetentionName].safeParse(value).success,
    );
    return { ...usualRetention, ...Object.fromEntries(fitting) };
  };
  return {
    current,
    set: (change) =>
      store.transaction(() => {
        const given = Object.entries(change).filter(([, value]) => value !== undefined);
        const next = { ...current(), ...Object.fromEntries(given) };
        store.policies.put(decision, next);
        return next;
      }),
  };
}
