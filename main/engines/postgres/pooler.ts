import { say } from '../../../preload/messages/said.ts';
import { AppError } from '../../errors.ts';
import type { Target } from '../engine.ts';
import { bounded } from '../wire/bounded.ts';
import { cut, openSession, type Session, type SessionOptions } from './postgres-client.ts';

/** A pooler that has no session to spare makes us wait; that answers the question too. */
const waitMs = 2000;

const backendOf = async (session: Session): Promise<string> => {
  const { rows } = await session.client.query<{ pid: string }>(
    'SELECT pg_catalog.pg_backend_pid()::text AS pid',
  );
  return rows[0]?.pid ?? '';
};

/**
 * Whether each transaction may run on another session of the server. `backend` is the one that answered last; where the
 * server gave the session that very number nobody is in between. Else a second session takes a transaction and keeps it:
 * a pooler that lends sessions per transaction then has to give the first one another.
 */
export async function poolsTransactions(
  session: Session,
  backend: number,
  target: Target,
  signal: AbortSignal,
  options: SessionOptions,
): Promise<boolean> {
  if (session.processId === backend) return false;
  const second = await openSession(target, signal, options).catch(() => null);
  if (!second) return false;
  const late = (): AppError => new AppError('DB_TIMEOUT', say('engine.poolerNoSessionSpare'));
  try {
    const before = await backendOf(session);
    return await bounded<boolean>({ signal, ms: waitMs, late }, (resolve, reject) => {
      const probe = async (): Promise<boolean> => {
        await second.client.query('BEGIN');
        await backendOf(second);
        return (await backendOf(session)) !== before;
      };
      probe().then(resolve, reject);
      return () => {};
    });
  } catch (error) {
    if (error instanceof AppError && error.code === 'DB_TIMEOUT') return true;
    throw error;
  } finally {
    // Its transaction is rolled back with it.
    cut(second.client);
  }
}
