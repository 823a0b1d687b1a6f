import type { LeasedLogin, Person } from '../../../preload/contract/models.ts';
import { say } from '../../../preload/messages/said.ts';
import { inOneWord } from '../../access/entry.ts';
import type { SecretBytes } from '../../engines/engine.ts';
import { usersOf } from '../../engines/registry.ts';
import { AppError } from '../../errors.ts';
import type { StoredLease } from '../../store/connections/leases.ts';
import { emitChanged, type Services } from '../context.ts';
import type { LentLogins, ReadAs } from '../parts.ts';
import { aFewAtATime } from './connection-tests.ts';
import { withTarget } from './targets.ts';

/** 192 bits: nobody types it, and nobody guesses it within the lease. */
const passwordBytes = 24;
/** Who reads goes on reading: a session's login with less than this left is replaced by a new one. */
const renewMs = 2 * 60_000;
/** A database has this long to make a role or to drop one. */
const changingMs = 30_000;
/** Databases that roles are dropped in at once: one that does not answer must not keep the others. */
const endingAtOnce = 4;
/** After somebody's session a database that does not answer is left to the sweep, which comes every minute. */
const endingMs = 10_000;
/** Closing the application waits this long for roles to be dropped; what is left is dropped at the next start. */
const closingMs = 4000;

interface Held {
  readonly lease: StoredLease;
  readonly password: SecretBytes;
  readonly forget: () => void;
}

export function createLentLogins(
  services: Pick<Services, 'store' | 'vault' | 'host' | 'emit' | 'now' | 'newId' | 'readers' | 'access'>,
): LentLogins {
  const { store, host } = services;
  /** Of this process: `person connection` -> the login that person reads with. */
  const sessions = new Map<string, Promise<Held>>();
  const keyOf = (personId: string, connectionId: string): string => `${personId} ${connectionId}`;
  const stop = new AbortController();
  let sweeping: Promise<void> | null = null;

  /** Tells our roles from everybody else's, also from those of another workspace. */
  const markOf = (id: string): string =>
    `Leased by Headgate. ${JSON.stringify({ workspace: store.workspaceId, lease: id })}`;
  const changed = (): void => emitChanged(services, 'connections');

  const bounded = (signal: AbortSignal): AbortSignal =>
    AbortSignal.any([signal, AbortSignal.timeout(changingMs)]);

  const isLent = (person: Person, connectionId: string): boolean => {
    const stored = store.connections.get(connectionId);
    return stored.lease !== null && services.access.grants.mayOfEach(person)(stored) !== 'manage';
  };

  const make = async (
    person: Person,
    connectionId: string,
    minutes: number | undefined,
    signal: AbortSignal,
  ): Promise<Held> => {
    const stored = store.connections.get(connectionId);
    if (!stored.lease) {
      throw new AppError(
        'LEASE_NOT_POSSIBLE',
        say('connections.doesNotLendLogins', { connection: stored.name }),
        {
          advice: say('connections.doesNotLendLogins.advice'),
        },
      );
    }
    const id = services.newId();
    const now = host.clock.now();
    const lasts = Math.min(minutes ?? stored.lease.minutes, stored.lease.minutes);
    const lease = store.leases.create({
      id,
      connectionId,
      personId: person.id,
      personName: person.name,
      user: `headgate_${id.replaceAll('-', '').slice(0, 16)}`,
      createdAt: new Date(now).toISOString(),
      validUntil: new Date(now + lasts * 60_000).toISOString(),
    });
    const password = Buffer.from(host.random(passwordBytes).toString('base64url'));
    const forget = host.redactor.add(password.toString());
    try {
      const { readerRole } = stored.lease;
      await withTarget(services, connectionId, async (target) => {
        const users = usersOf(stored.engine);
        const { user: role, createdAt, validUntil } = lease;
        const mark = markOf(id);
        await users.mintLogin(target, { role, readerRole, createdAt, validUntil, mark }, password, signal);
        if (store.leases.open().some((each) => each.id === id && each.state === 'active')) return;
        // It was ended, perhaps with its connection, before there was a role to drop.
        await users.dropLogin(target, role, mark, bounded(stop.signal));
        throw new AppError('CANCELLED', say('connections.loginEndedWhileMade'));
      });
      changed();
      return { lease, password, forget };
    } catch (error) {
      password.fill(0);
      forget();
      // Whether it was made before the answer was lost is not known: the sweep looks.
      store.leases.setState(
        id,
        error instanceof AppError && error.code === 'LEASE_NOT_POSSIBLE' ? 'ended' : 'ending',
      );
      throw error;
    }
  };

  const drop = ({ password, forget }: Held): void => {
    password.fill(0);
    forget();
  };

  const end = async (leaseId: string, signal: AbortSignal): Promise<LeasedLogin> => {
    const lease = store.leases.get(leaseId);
    if (lease.state === 'ended') return viewOf(lease);
    store.leases.setState(leaseId, 'ending');
    const key = keyOf(lease.personId ?? '', lease.connectionId);
    const held = await sessions.get(key)?.catch(() => null);
    if (held?.lease.id === leaseId) {
      sessions.delete(key);
      services.readers.forget(lease.connectionId, key);
      drop(held);
    }
    const { engine } = store.connections.get(lease.connectionId);
    await withTarget(
      services,
      lease.connectionId,
      (target) => usersOf(engine).dropLogin(target, lease.user, markOf(leaseId), signal),
      undefined,
      true,
    );
    store.leases.setState(leaseId, 'ended');
    changed();
    return viewOf(store.leases.get(leaseId));
  };

  /** Ends each, and goes on where one can't be ended now. */
  const endAll = async (leases: readonly StoredLease[], signal: AbortSignal): Promise<void> => {
    await aFewAtATime(leases, endingAtOnce, signal, ({ id, connectionId }) =>
      end(id, bounded(signal)).then(
        () => {},
        (error: unknown) => host.log.warn('lease.not_ended', { leaseId: id, connectionId, error }),
      ),
    ).catch((error: unknown) => {
      if (!signal.aborted) throw error;
    });
  };

  const sessionOf = (person: Person, connectionId: string): Promise<Held> => {
    const key = keyOf(person.id, connectionId);
    const present = sessions.get(key) ?? null;
    const next = (async () => {
      const held = await present?.catch(() => null);
      if (held && Date.parse(held.lease.validUntil) - host.clock.now() > renewMs) return held;
      if (held) drop(held);
      return make(person, connectionId, undefined, bounded(stop.signal));
    })();
    sessions.set(key, next);
    next.catch(() => {
      if (sessions.get(key) === next) sessions.delete(key);
    });
    return next;
  };

  /** Undefined: as the connection's own user. */
  const asOf = (person: Person, connectionId: string): ReadAs | undefined =>
    isLent(person, connectionId)
      ? {
          key: keyOf(person.id, connectionId),
          async login() {
            const { lease, password } = await sessionOf(person, connectionId);
            return { user: lease.user, password };
          },
        }
      : undefined;

  return {
    isLent,
    readerFor(person, connectionId, room) {
      return services.readers.of(connectionId, asOf(person, connectionId), room);
    },
    landedFor(person, connectionId, room) {
      return services.readers.landed(connectionId, asOf(person, connectionId), room);
    },
    async mint(person, connectionId, minutes, signal, use) {
      const held = await make(person, connectionId, minutes, signal);
      try {
        await use(held.lease, held.password);
        return viewOf(held.lease);
      } catch (error) {
        // Nobody has its password: it is of no use.
        await end(held.lease.id, signal).catch(() => {});
        throw error;
      } finally {
        drop(held);
      }
    },
    end,
    async endAllOf(connectionId, signal) {
      for (const lease of store.leases.open())
        if (lease.connectionId === connectionId) await end(lease.id, signal);
      store.leases.forgetEnded(connectionId);
    },
    async endOfConnection(connectionId) {
      const its = store.leases.open().filter((lease) => lease.connectionId === connectionId);
      await endAll(its, AbortSignal.any([stop.signal, AbortSignal.timeout(endingMs)]));
    },
    async endOfPerson(personId) {
      const mine = store.leases.open().filter((lease) => lease.personId === personId);
      await endAll(mine, AbortSignal.any([stop.signal, AbortSignal.timeout(endingMs)]));
    },
    sweep() {
      sweeping ??= (async () => {
        const now = services.now();
        const over = store.leases
          .open()
          .filter(({ state, validUntil }) => state === 'ending' || validUntil <= now);
        await endAll(over, stop.signal);
        for (const { id, connectionId, personName } of over) {
          if (store.leases.get(id).state !== 'ended') continue;
          services.access.background.did(
            'background.lease',
            `connectionId=${connectionId}`,
            `ended=${inOneWord(personName)}`,
          );
        }
      })()
        .catch((error: unknown) => host.log.error('lease.sweep_failed', { error }))
        .finally(() => {
          sweeping = null;
        });
      return sweeping;
    },
    async close() {
      // Nobody waits for a login that is still being made.
      stop.abort();
      const signal = AbortSignal.timeout(closingMs);
      const held = (await Promise.allSettled(sessions.values())).flatMap((each) =>
        each.status === 'fulfilled' ? [each.value.lease] : [],
      );
      await endAll(held, signal);
      await sweeping;
    },
  };
}

export function viewOf({ personId: _, ...lease }: StoredLease): LeasedLogin {
  return lease;
}
