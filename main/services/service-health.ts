import type { HealthProblem, ServiceHealth } from '../../preload/contract/models.ts';
import type { Timetable } from '../schedule/timetable.ts';
import type { Services } from './context.ts';

/** A timetable that is looked at each minute and was not for so long stands still. */
const lateMs = 3 * 60_000;
/** Anybody at a terminal may ask, as often as they like: the file is not written to more often than that. */
const writeAgainMs = 5000;

/** How this Headgate is: whether it can use its secrets, looks at its timetable, and can write down what it did. */
export function createServiceHealth(
  { host, store, vault, jobs }: Pick<Services, 'host' | 'store' | 'vault' | 'jobs'>,
  timetable: Pick<Timetable, 'lookedAt'>,
): () => ServiceHealth {
  let tried: { readonly at: number; readonly works: boolean } | null = null;
  const isWritable = (now: number): boolean => {
    if (tried !== null && Math.abs(now - tried.at) < writeAgainMs) return tried.works;
    let works = true;
    try {
      store.tryWrite();
    } catch (error) {
      host.log.error('health.unwritable', { error });
      works = false;
    }
    tried = { at: now, works };
    return works;
  };
  return () => {
    const now = host.clock.now();
    const looked = timetable.lookedAt();
    const { state } = vault.status();
    const problems: HealthProblem[] = [];
    // Secrets that go with the process are of no use to what has to go on after a restart.
    if (state === 'locked' || state === 'session_only') problems.push('vault_shut');
    if (looked === null || Math.abs(now - looked) > lateMs) problems.push('timetable_late');
    if (!isWritable(now)) problems.push('store_unwritable');
    return {
      ...{ version: host.version, vault: state, running: jobs.running, problems },
      lookedAt: looked === null ? null : new Date(looked).toISOString(),
    };
  };
}
