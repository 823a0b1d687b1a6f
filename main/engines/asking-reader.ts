import type { Structure } from '../../preload/contract/models.ts';
import { openAnswer, type RowSource } from './answer.ts';
import { type Asked, type AskingReader, type ReaderDeps, type Target, wipeTarget } from './engine.ts';
import { createPool, type PooledSession } from './pool.ts';
import { createTunnels, type Tunnels } from './ssh/tunnels.ts';

/** Opening the session that tells the server to stop takes no longer than this. */
const usualCancelMs = 3000;

/** Where the sessions of a reader go. */
export interface Place {
  /** As the connection says it; usual values where no session was opened yet. */
  readonly target: Pick<Target, 'settings'> & Partial<Pick<Target, 'tlsMode'>>;
  /** Opens something more at the target, whose secrets are wiped afterwards. */
  lend<T>(work: (target: Target, tunnels: Tunnels) => Promise<T>): Promise<T>;
}

/** What is the engine's own about looking and asking; `C` is what it makes of a statement before it is sent. */
export interface AskingParts<S extends PooledSession, C> {
  /**
   * Opens a session; the target's secrets are wiped once it is open. `cancelMs` bounds each answer to a session that only
   * cancels; null for the others.
   */
  open(target: Target, signal: AbortSignal, tunnels: Tunnels, cancelMs: number | null): Promise<S>;
  /** Ends one at once. */
  cut(session: S): void;
  /** Ends one that has nothing to do, in good form. Never fails. */
  end(session: S): Promise<void>;
  /** Opening the session that cancels takes no longer; 3 s where it is not said. */
  readonly cancelMs?: number;
  /** Has the server end what a session does; `over` lends another session for it. */
  cancel(session: S, over: (work: (other: S) => Promise<void>) => Promise<void>): Promise<void>;
  structure(session: S): Promise<Pick<Structure, 'schemas' | 'cut'>>;
  /** Fails with QUERY_REFUSED where it can be seen that a statement does not read. */
  check(asked: Asked): C;
  /** Runs a statement to its first rows. */
  run(session: S, checked: C, asked: Asked, place: Place): Promise<RowSource>;
  /** What a look, or a statement where one is given, fails with. */
  explain(error: unknown, target: Target, asked: Asked | null): unknown;
  /** A statement failed here and may go on there. */
  failed?(session: S, error: unknown): Promise<void>;
}

/**
 * Looks into a database and asks it over a few sessions. A statement that is cancelled is ended at the server too. A session that
 * was asked something is not used again: what a query leaves behind (locks by name, variables, half an answer) is nobody else's.
 */
export function createAskingReader<S extends PooledSession, C>(
  { target: openTarget, settings, clock }: ReaderDeps,
  parts: AskingParts<S, C>,
): AskingReader {
  const tunnels = createTunnels();
  /** Where the sessions go, for what is said of their errors; without the secrets, which are wiped. */
  let place: Target | null = null;
  const lend: Place['lend'] = async (work) => {
    const target = await openTarget();
    try {
      place = target;
      return await work(target, tunnels);
    } finally {
      wipeTarget(target);
    }
  };
  const open = (signal: AbortSignal, ms: number | null = null): Promise<S> =>
    lend((target) => parts.open(target, signal, tunnels, ms));
  const cancelMs = parts.cancelMs ?? usualCancelMs;
  const pool = createPool<S>({
    settings,
    clock,
    open: (signal) => open(signal),
    cut: parts.cut,
    end: parts.end,
    cancel: (session) =>
      parts.cancel(session, async (work) => {
        const other = await open(AbortSignal.timeout(cancelMs), cancelMs);
        try {
          await work(other);
        } finally {
          await parts.end(other);
        }
      }),
  });
  const explained = (error: unknown, asked: Asked | null): unknown =>
    place ? parts.explain(error, place, asked) : error;
  return {
    structure: (signal) =>
      pool.use(signal, async (session) => {
        try {
          return await parts.structure(session);
        } catch (error) {
          throw explained(error, null);
        }
      }),
    async ask(asked, signal) {
      const checked = parts.check(asked);
      const { answer } = await openAnswer<RowSource>(
        asked,
        {
          lend: (ending, work) =>
            pool.use(ending, async (session) => {
              try {
                await work(
                  await parts.run(session, checked, asked, { target: place ?? { settings: {} }, lend }),
                );
              } catch (error) {
                await parts.failed?.(session, error);
                throw explained(error, asked);
              } finally {
                parts.cut(session);
              }
            }),
          explain: (error) => explained(error, asked),
        },
        signal,
      );
      return answer;
    },
    doubt() {
      pool.doubt();
      tunnels.doubt();
    },
    async close() {
      await pool.close();
      tunnels.close();
    },
  };
}
