import { cut, endSession, type PgClient } from '../../../engines/postgres/postgres-client.ts';

/** Opens a session beside the one at work; null where the server has none to spare. */
export type Spare = () => Promise<PgClient | null>;

/** Does `work` with a spare session, or with none; it is cut when `signal` says so, and ended in the end. */
export async function withSpare<T>(
  spare: Spare,
  signal: AbortSignal,
  work: (session: PgClient | null) => Promise<T>,
): Promise<T> {
  const session = await spare();
  if (session === null) return work(null);
  const stop = (): void => cut(session);
  signal.addEventListener('abort', stop, { once: true });
  try {
    return await work(session);
  } finally {
    signal.removeEventListener('abort', stop);
    await endSession(session);
  }
}
