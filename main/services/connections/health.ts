import { engineTraits } from '../../../preload/contract/engines.ts';
import type { HealthState } from '../../../preload/contract/models.ts';
import { english, say } from '../../../preload/messages/said.ts';
import { engineFor } from '../../engines/registry.ts';
import { AppError } from '../../errors.ts';
import type { HealthCheck } from '../../store/connections/connection-health.ts';
import { emitChanged, type Services } from '../context.ts';
import type { HealthChecks } from '../parts.ts';
import { aFewAtATime, stateOfFailure } from './connection-tests.ts';
import { withTarget } from './targets.ts';

/** Looked at in the background at once: little enough that a sync beside it does not notice. */
const checksAtOnce = 4;
/** A check that takes longer than this failed; the next one must not pile up behind it. */
const longestCheckMs = 20_000;
/** A single failure may be a blip of the network: it counts when a second look, this much later, fails too. */
const secondLookMs = 3000;

const isDown = (state: HealthState): boolean => state === 'fails' || state === 'unreachable';

export function createHealthChecks(
  services: Pick<Services, 'store' | 'vault' | 'host' | 'emit' | 'now' | 'access'>,
  /** Something was found, and is in the store. */
  onLooked: () => void,
): HealthChecks {
  const { store, host } = services;
  const stop = new AbortController();
  let round: Promise<void> | null = null;

  const record = (id: string, check: HealthCheck): void => {
    const before = store.connectionHealth.record(id, check, services.now());
    const found = store.connections.find(id);
    if (!found || before === null || before === check.state || before === 'unknown') return;
    if (isDown(before) === isDown(check.state)) return;
    services.emit('connection.changedState', {
      connection: { id, name: found.name },
      from: before,
      to: check.state,
      ...(check.said === null ? { message: null } : { message: english(check.said), said: check.said }),
    });
  };

  const look = async (id: string): Promise<HealthCheck> => {
    const signal = AbortSignal.any([stop.signal, AbortSignal.timeout(longestCheckMs)]);
    try {
      const stored = store.connections.get(id);
      services.access.background.used('background.health', `connectionId=${id}`);
      const latencyMs = await withTarget(services, id, (target) =>
        engineFor(stored.engine).check(target, signal),
      );
      const warns = (stored.lastTest?.warnings.length ?? 0) > 0;
      return { state: warns ? 'warns' : 'works', latencyMs, said: null };
    } catch (error) {
      if (stop.signal.aborted) throw error;
      if (signal.aborted) {
        const said = say('connections.noAnswerWithin', { seconds: longestCheckMs / 1000 });
        return { state: 'unreachable', latencyMs: null, said };
      }
      if (!(error instanceof AppError)) throw error;
      return { state: stateOfFailure(error.code), latencyMs: null, said: error.said };
    }
  };

  const checkAll = async (): Promise<void> => {
    const { healthMinutes } = services.access.policy();
    if (healthMinutes === 0) return;
    const now = host.clock.now();
    // Nothing could be learnt; what was known before stays, so that what changed meanwhile is told afterwards.
    if (services.vault.status().state === 'locked') return;
    // Ticks come once a minute; one that is due within half of one is due now.
    const before = new Date(now - healthMinutes * 60_000 + 30_000).toISOString();
    // Nobody pays for a look that nobody asked for.
    const due = store.connectionHealth
      .due(before)
      .filter((id) => engineTraits[store.connections.get(id).engine].asking === 'free');
    await aFewAtATime(due, checksAtOnce, stop.signal, async (id) => {
      let check = await look(id);
      if (check.state === 'unreachable') {
        await host.clock.sleep(secondLookMs, stop.signal);
        check = await look(id);
      }
      record(id, check);
    });
    emitChanged(services, 'connections');
    onLooked();
  };

  return {
    checkDue() {
      round ??= checkAll()
        .catch((error: unknown) => {
          if (!stop.signal.aborted) host.log.error('health.failed', { error });
        })
        .finally(() => {
          round = null;
        });
      return round;
    },
    record(id, check) {
      record(id, check);
      onLooked();
    },
    async close() {
      stop.abort();
      await round;
    },
  };
}
