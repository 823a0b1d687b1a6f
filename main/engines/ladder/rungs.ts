import type { Rung, RungName } from '../../../preload/contract/models.ts';
import type { Said } from '../../../preload/contract/said.ts';
import { english, say } from '../../../preload/messages/said.ts';
import type { AppError } from '../../errors.ts';
import { sinceMs } from '../wire/bounded.ts';

const order: readonly RungName[] = ['name', 'tcp', 'ssh', 'tls', 'login', 'database', 'rights', 'write'];

/** What was found, for logs and older versions in English too. */
const detailOf = (said: Said | null): Pick<Rung, 'detail' | 'said'> =>
  said === null ? { detail: '' } : { detail: english(said), said };

export type Rungs = ReturnType<typeof createRungs>;

/** What has been climbed so far. */
export function createRungs(onRung: (rung: Rung) => void) {
  const rungs = new Map<RungName, Rung>();
  let current: RungName = 'name';
  let started = performance.now();
  const set = (name: RungName, state: Rung['state'], ms: number | null, said: Said | null): void => {
    const rung: Rung = { name, state, ms, ...detailOf(said) };
    rungs.set(name, rung);
    if (state !== 'not_reached') onRung(rung);
  };
  return {
    begin(name: RungName): void {
      current = name;
      started = performance.now();
    },
    ok: (detail: Said, state: 'ok' | 'warns' = 'ok'): void => set(current, state, sinceMs(started), detail),
    done: (name: RungName, detail: Said | null, ms: number, state: 'ok' | 'warns' = 'ok'): void =>
      set(name, state, ms, detail),
    skip: (name: RungName, detail: Said): void => set(name, 'skipped', null, detail),
    /** The rung that an error belongs to. */
    at: (error: AppError): RungName => rungOf(error, current),
    /** That rung failed; those above it were not reached. */
    fail: (name: RungName, detail: Said): void => set(name, 'failed', sinceMs(started), detail),
    all(): Rung[] {
      const failed = order.findIndex((name) => rungs.get(name)?.state === 'failed');
      return order.map((name, index) => {
        const rung = rungs.get(name);
        if (failed >= 0 && index > failed)
          return { name, state: 'not_reached', ms: null, ...detailOf(say('engine.rung.notReached')) };
        return rung ?? { name, state: 'ok', ms: null, detail: '' };
      });
    },
  };
}

/** The login is where a server says no to several things; what it says no to is what has to be put right. */
function rungOf(error: AppError, current: RungName): RungName {
  if (current !== 'login') return current;
  if (error.code === 'DB_TLS') return 'tls';
  if (error.code === 'DB_MISSING' || error.code === 'DB_NO_RIGHT') return 'database';
  return 'login';
}
