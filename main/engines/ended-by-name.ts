import type { AskingParts } from './asking-reader.ts';
import type { PooledSession } from './pool.ts';

/** Telling the service to end a statement: the line, then each answer, and how often it is looked at. */
const cancelMs = 5000;
const cancelLooks = 10;
const cancelPauseMs = 200;
/** So often it is looked whether a statement that is on its way has arrived. */
const submitWaits = 50;

/** A session whose statements run at the service under a name, beside the requests that ask for them. */
export interface NamingSession extends PooledSession {
  /** The name of what runs; null where nothing does. */
  statement: string | null;
  /** A statement is on its way and has no name yet. */
  isSubmitting: boolean;
  /** Aborted once the session is cut: nothing can be asked over it any more. */
  readonly over: AbortSignal;
}

/** How one service ends a statement. */
export interface Ending<S> {
  /** Asks for the end: being told to is no promise there. */
  tell(session: S, statement: string): Promise<unknown>;
  runs(session: S, statement: string): Promise<boolean>;
  /** An answer that means that there is nothing to end. */
  isOver(error: unknown): boolean;
}

/** Sends a statement; until it is answered the session says that it is on its way. */
export function submitted<T>(session: NamingSession, sending: Promise<T>): Promise<T> {
  session.isSubmitting = true;
  return sending.finally(() => {
    session.isSubmitting = false;
  });
}

/** The parts of a reader for services where a statement goes on, and is paid for, until it is ended by its name. */
export function endedByName<S extends NamingSession>(
  ending: Ending<S>,
): Required<Pick<AskingParts<S, unknown>, 'cancelMs' | 'cancel' | 'failed'>> {
  const end = async (session: S, statement: string): Promise<void> => {
    for (let looks = 0; looks < cancelLooks; looks += 1) {
      try {
        if (looks % 3 === 0) await ending.tell(session, statement);
        if (!(await ending.runs(session, statement))) return;
      } catch (error) {
        if (ending.isOver(error)) return;
        throw error;
      }
      await pause();
    }
  };
  return {
    cancelMs,
    async cancel(session, over) {
      // What is on its way can be ended once it has a name.
      for (let waits = 0; session.isSubmitting && waits < submitWaits; waits += 1) await pause();
      const { statement } = session;
      if (statement === null) return;
      await over(async (other) => {
        await end(other, statement);
        session.statement = null;
      });
    },
    async failed(session) {
      // It is over here, and would go on there, and the warehouse with it.
      if (session.statement !== null && !session.over.aborted)
        await end(session, session.statement).catch(() => {});
    },
  };
}

const pause = (): Promise<void> => new Promise((done) => setTimeout(done, cancelPauseMs));
