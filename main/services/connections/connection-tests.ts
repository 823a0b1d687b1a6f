import type { WireError } from '../../../preload/contract/errors.ts';
import {
  type ConnectionTest,
  type HealthState,
  poolSettings,
  recentChecks,
} from '../../../preload/contract/models.ts';
import { plain } from '../../../preload/contract/said.ts';
import { say } from '../../../preload/messages/said.ts';
import { type Target, wipeTarget } from '../../engines/engine.ts';
import { engineFor } from '../../engines/registry.ts';
import { AppError } from '../../errors.ts';
import { oneLine } from '../../one-line.ts';
import { fingerprintOf } from '../../store/connections/host-keys.ts';
import { insistConfirmed } from '../confirmed.ts';
import { emitChanged, type Handlers, type Services } from '../context.ts';
import { withTarget } from './targets.ts';

/** More at once would only make each slower, and looks like an attack to a server that is behind all of them. */
const testsAtOnce = 4;

/** Nothing was learnt about the server: what is wrong is on this side. */
const ownFailures: readonly WireError['code'][] = [
  'VAULT_LOCKED',
  'VAULT_UNAVAILABLE',
  'VAULT_WRONG_KEY',
  'VAULT_DAMAGED',
  'SECRET_MISSING',
  'CONNECTION_OFF',
  'OFFLINE',
];
const networkFailures: readonly WireError['code'][] = [
  'DB_HOST_UNKNOWN',
  'DB_REFUSED',
  'DB_TIMEOUT',
  'DB_LOST',
  'SSH_UNREACHABLE',
  'SSH_LOST',
  'SSH_FORWARD_REFUSED',
];

/** What a failure says about a connection. */
export function stateOfFailure(code: WireError['code']): HealthState {
  if (ownFailures.includes(code)) return 'unknown';
  return networkFailures.includes(code) ? 'unreachable' : 'fails';
}

/** Climbs the ladder of one connection and writes down what was found. Fails only where it could not begin. */
export async function testConnection(
  services: Services,
  id: string,
  signal: AbortSignal,
): Promise<ConnectionTest> {
  const { store } = services;
  const stored = store.connections.get(id);
  const at = services.now();
  let result: ConnectionTest;
  try {
    result = await withTarget(services, id, (target) => {
      store.connections.beginFirstTest(id);
      emitChanged(services, 'connections');
      const { readOnly, lease } = stored;
      return engineFor(stored.engine).test(target, { at, readOnly, lease, signal });
    });
  } catch (error) {
    store.connections.dropFirstTest(id);
    throw error;
  }
  store.connections.recordTest(id, result);
  const state = !result.error
    ? result.warnings.length > 0
      ? 'warns'
      : 'works'
    : stateOfFailure(result.error.code);
  const { error } = result;
  const said = error === null ? null : (error.said ?? plain(error.message));
  services.health.record(id, { state, latencyMs: result.latencyMs, said });
  return result;
}

/** Runs `work` over items, a few at a time, until all are done or the signal ends it. */
export async function aFewAtATime<T>(
  items: readonly T[],
  atOnce: number,
  signal: AbortSignal,
  work: (item: T) => Promise<void>,
): Promise<void> {
  let next = 0;
  const lane = async (): Promise<void> => {
    for (let item = items[next++]; item !== undefined; item = items[next++]) {
      signal.throwIfAborted();
      await work(item);
    }
  };
  await Promise.all(Array.from({ length: Math.min(atOnce, items.length) }, lane));
}

/** Tests of connections, the keys of their jump hosts, and how they have been. */
export function connectionTestService(
  services: Services,
): Pick<
  Handlers<'connections'>,
  | 'connections.test'
  | 'connections.try'
  | 'connections.testAll'
  | 'connections.trustHost'
  | 'connections.history'
  | 'connections.recent'
> &
  Handlers<'hostKeys'> {
  const { store } = services;
  return {
    async 'connections.test'({ id }, { signal }) {
      try {
        return await testConnection(services, id, signal);
      } finally {
        emitChanged(services, 'connections');
      }
    },
    async 'connections.try'({ engine, settings, host, port, database, tlsMode, user, password }, { signal }) {
      const { connectTimeoutSeconds, statementTimeoutSeconds, applicationName } = poolSettings.parse({});
      const target: Target = {
        ...{ engine, host, hostAddress: null, port, database, signIn: 'any', tlsMode, user },
        ...{ tlsCa: null, tlsCert: null, tlsKey: null, tlsKeyPassphrase: null },
        ...{ password: Buffer.from(password, 'utf8'), keyPassphrase: null, settings },
        ...{ ssh: [], knownHosts: '', superuserAllowed: false, applicationName },
        connectTimeoutMs: connectTimeoutSeconds * 1000,
        statementTimeoutMs: statementTimeoutSeconds * 1000,
      };
      // Whatever is said of it meanwhile is said without it.
      const forget = services.host.redactor.add(password);
      try {
        const asked = { at: services.now(), readOnly: false, lease: null, signal };
        return await engineFor(engine).test(target, asked);
      } finally {
        wipeTarget(target);
        forget();
      }
    },
    async 'connections.testAll'({ ids }, { person, signal }) {
      const may = services.access.grants.mayOfEach(person);
      const wanted = ids === undefined ? store.connections.all() : ids.map((id) => store.connections.get(id));
      const tested = wanted.filter((each) => each.state === 'active' && may(each) !== 'see');
      const failed: { id: string; name: string; error: WireError }[] = [];
      await aFewAtATime(tested, testsAtOnce, signal, async ({ id, name }) => {
        try {
          const { error } = await testConnection(services, id, signal);
          if (error) failed.push({ id, name, error });
        } catch (error) {
          if (!(error instanceof AppError) || signal.aborted) throw error;
          failed.push({ id, name, error: error.toWire() });
        }
        emitChanged(services, 'connections');
      });
      failed.sort((a, b) => a.name.localeCompare(b.name));
      return { tested: tested.length, ok: tested.length - failed.length, failed };
    },
    async 'connections.trustHost'({ id, fingerprint }, caller) {
      const question = store.connections.get(id).lastTest?.hostKey ?? null;
      // The key itself comes from the test, not from who asks: nobody can slip one in.
      if (!question || question.fingerprint !== fingerprint || fingerprintOf(question.key) !== fingerprint) {
        throw new AppError('NOT_FOUND', say('connections.lastTestConnectionMet'), {
          advice: say('connections.lastTestConnectionMet.advice'),
        });
      }
      if (question.reason !== 'unknown') {
        throw new AppError('SSH_HOST_CHANGED', say('connections.keyNotOneAccepted', { host: question.host }));
      }
      const { host, port, type, key } = question;
      // A page that forgets a key and accepts another would lead every login that goes over this host to its own.
      await insistConfirmed(services, caller, {
        title: say('asks.trustHost.title'),
        what: say('asks.trustHost.what', {
          ...{ host: oneLine(host), port: String(port), type, fingerprint },
          connection: oneLine(store.connections.get(id).name),
        }),
        agree: say('asks.trust'),
      });
      const accepted = store.hostKeys.accept({
        ...{ host, port, type, key },
        id: services.newId(),
        acceptedBy: caller.person.name,
        acceptedAt: services.now(),
      });
      emitChanged(services, 'connections');
      return accepted;
    },
    'connections.recent': ({ ids }) =>
      ids.flatMap((id) => {
        const found = store.connections.find(id);
        if (!found) return [];
        const rungs = found.lastTest?.rungs.map(({ name, state }) => ({ name, state })) ?? null;
        return [{ id, checks: store.connectionHealth.latest(id, recentChecks), rungs }];
      }),
    'connections.history'({ id, hours }) {
      store.connections.get(id);
      const since = new Date(services.host.clock.now() - hours * 3_600_000).toISOString();
      return store.connectionHealth.history(id, since);
    },
    'hostKeys.list': () => store.hostKeys.list(),
    'hostKeys.forget'({ id }) {
      store.hostKeys.forget(id);
      // What is open was let in by that key.
      services.readers.doubt();
      emitChanged(services, 'connections');
      return {};
    },
  };
}
