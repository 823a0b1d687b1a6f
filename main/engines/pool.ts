import type { PoolSettings } from '../../preload/contract/models.ts';
import { say } from '../../preload/messages/said.ts';
import { AppError, cancelled } from '../errors.ts';
import type { Clock } from '../host.ts';
import { bounded } from './wire/bounded.ts';

/** What the pool asks of a session. */
export interface PooledSession {
  /** Whether the server, or somebody on the way, has ended it: no statement is taken any more. */
  ended(): boolean;
  /** Whether it keeps the process running. */
  hold(holds: boolean): void;
}

interface Pooled<S> {
  readonly session: S;
  readonly openedAt: number;
  idleSince: number;
}

export interface PoolDeps<S> {
  readonly open: (signal: AbortSignal) => Promise<S>;
  /** Ends what a session is doing at the server, as well as it can be done; it is not used again. */
  readonly cancel: (session: S) => Promise<void>;
  /** Ends one at once, whatever it is doing. */
  readonly cut: (session: S) => void;
  /** Ends one that has nothing to do, in good form. Never fails. */
  readonly end: (session: S) => Promise<void>;
  readonly settings: Pick<PoolSettings, 'size' | 'idleSeconds' | 'recycleMinutes' | 'connectTimeoutSeconds'>;
  readonly clock: Clock;
}

/** Sessions that are used again and again, a few at a time. */
export interface Pool<S> {
  /**
   * Lends a session to `work`. A session whose work failed or was cancelled is thrown away. Fails with CANCELLED at once
   * when the signal ends it; the server is told in the background.
   */
  use<T>(signal: AbortSignal, work: (session: S) => Promise<T>): Promise<T>;
  /** No session that is open now is used for another piece of work. */
  doubt(): void;
  /** Ends every session; waits for what is still being cancelled. */
  close(): Promise<void>;
}

export function createPool<S extends PooledSession>({
  open,
  cancel,
  cut,
  end,
  settings,
  clock,
}: PoolDeps<S>): Pool<S> {
  const idleMs = settings.idleSeconds * 1000;
  const recycleMs = settings.recycleMinutes * 60_000;
  const waitMs = settings.connectTimeoutSeconds * 1000;
  /** Newest last: it is the one that is used next, so that the others can go. */
  const idle: Pooled<S>[] = [];
  const waiting: (() => void)[] = [];
  const background = new Set<Promise<unknown>>();
  const ending = new AbortController();
  let lent = 0;
  let era = 0;
  let sweeper: NodeJS.Timeout | null = null;

  const later = (work: Promise<unknown>): void => {
    const done = work.catch(() => {}).finally(() => background.delete(done));
    background.add(done);
  };
  const retire = ({ session }: Pooled<S>): void => {
    // Whoever ends has no need to be waited for by the process.
    session.hold(false);
    later(end(session));
  };
  const sweep = (): void => {
    sweeper = null;
    const now = clock.now();
    while (idle[0] && now - idle[0].idleSince >= idleMs) retire(idle.shift() as Pooled<S>);
    plan();
  };
  const plan = (): void => {
    if (sweeper || idle.length === 0) return;
    const first = idle[0] as Pooled<S>;
    sweeper = setTimeout(sweep, Math.max(50, first.idleSince + idleMs - clock.now()));
    sweeper.unref();
  };
  const isYoung = ({ openedAt }: Pooled<S>): boolean => clock.now() - openedAt < recycleMs;

  /** Waits for its turn: no more than `size` sessions are lent at once. */
  const turn = async (signal: AbortSignal): Promise<void> => {
    if (lent < settings.size) {
      lent += 1;
      return;
    }
    const late = (): AppError =>
      new AppError(
        'DB_TIMEOUT',
        say('engine.allSessionsConnectionBusy', { count: settings.size, seconds: waitMs / 1000 }),
        {
          advice: say('engine.allSessionsConnectionBusy.advice'),
        },
      );
    await bounded<void>({ signal, ms: waitMs, late }, (resolve) => {
      // Who gives back hands its place over.
      const mine = (): void => resolve();
      waiting.push(mine);
      return () => {
        const at = waiting.indexOf(mine);
        if (at >= 0) waiting.splice(at, 1);
      };
    });
  };
  const giveBack = (): void => {
    const next = waiting.shift();
    if (next) next();
    else lent -= 1;
  };

  const take = async (signal: AbortSignal): Promise<Pooled<S>> => {
    for (let pooled = idle.pop(); pooled; pooled = idle.pop()) {
      // Nothing was asked of it yet, so nobody needs to hear that it is gone.
      if (pooled.session.ended()) {
        cut(pooled.session);
        continue;
      }
      if (isYoung(pooled)) {
        pooled.session.hold(true);
        return pooled;
      }
      retire(pooled);
    }
    const now = clock.now();
    return { session: await open(signal), openedAt: now, idleSince: now };
  };

  /**
   * Has the server end what a session is doing. A request that comes between two statements ends neither, so it is repeated
   * until the work has failed.
   */
  const endAtServer = async (session: S, working: Promise<unknown>): Promise<void> => {
    const settled = working.then(
      () => {},
      () => {},
    );
    for (let tries = 0; tries < cancelTries; tries += 1) {
      await cancel(session).catch(() => {});
      if (await settlesWithin(settled, cancelAgainMs)) return;
    }
  };

  const lend = async <T>(given: AbortSignal, work: (session: S) => Promise<T>): Promise<T> => {
    if (ending.signal.aborted) throw new AppError('CANCELLED', say('engine.connectionBeingClosed'));
    const signal = AbortSignal.any([given, ending.signal]);
    if (signal.aborted) throw cancelled();
    await turn(signal);
    const born = era;
    const taking = take(signal);
    let pooled: Pooled<S>;
    try {
      pooled = await orCancelled(taking, signal);
    } catch (error) {
      // One that arrives all the same is for nobody.
      taking.then(retire, () => {});
      giveBack();
      throw error;
    }
    const { session } = pooled;
    const working = work(session);
    try {
      const result = await orCancelled(working, signal);
      if (era === born && !ending.signal.aborted) {
        session.hold(false);
        pooled.idleSince = clock.now();
        idle.push(pooled);
        plan();
      } else retire(pooled);
      giveBack();
      return result;
    } catch (error) {
      if (!signal.aborted) {
        retire(pooled);
        giveBack();
        throw error;
      }
      // The place is free only when the server is rid of it.
      later(
        endAtServer(session, working).finally(() => {
          cut(session);
          giveBack();
        }),
      );
      throw cancelled();
    }
  };

  return {
    use(given, work) {
      const using = lend(given, work);
      // Whoever closes waits for it: only then it is known what there is to cancel.
      later(using);
      return using;
    },
    doubt() {
      era += 1;
      // They may never answer a farewell.
      for (const { session } of idle.splice(0)) cut(session);
    },
    async close() {
      ending.abort();
      if (sweeper) clearTimeout(sweeper);
      for (const pooled of idle.splice(0)) retire(pooled);
      while (background.size > 0) await Promise.all(background);
    },
  };
}

/** A cancelled statement ends within so many tries, this far apart, or its session is cut. */
const cancelTries = 15;
const cancelAgainMs = 100;

function settlesWithin(work: Promise<void>, ms: number): Promise<boolean> {
  return new Promise((resolve) => {
    const timer = setTimeout(() => resolve(false), ms);
    void work.then(() => {
      clearTimeout(timer);
      resolve(true);
    });
  });
}

function orCancelled<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    const abort = (): void => reject(cancelled());
    if (signal.aborted) abort();
    signal.addEventListener('abort', abort, { once: true });
    work.then(resolve, reject).finally(() => signal.removeEventListener('abort', abort));
  });
}
