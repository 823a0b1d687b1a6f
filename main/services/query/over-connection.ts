import { say } from '../../../preload/messages/said.ts';
import type { OpenAnswer } from '../../engines/engine.ts';
import { AppError } from '../../errors.ts';
import type { Caller, Services } from '../context.ts';
import type { Handles } from './handles.ts';

export interface AskedOver {
  readonly sql: string;
  readonly limit: number;
  readonly timeoutSeconds?: number | undefined;
}

/**
 * Asks a database over its connection, as the connection's own user, in SQL of its own. Who may use the connection may ask it;
 * agents ask in projects, where it is known what they may read. Fails with ENGINE_CAN_NOT, CONNECTION_OFF, CONNECTION_NOT_GRANTED
 * and with what a query fails with.
 */
export async function askOver(
  services: Services,
  handles: Handles,
  connectionId: string,
  { sql, limit, timeoutSeconds }: AskedOver,
  { person, seat, signal }: Caller,
  idleMs: number,
): Promise<OpenAnswer> {
  const { pool, name, state } = services.store.connections.get(connectionId);
  if (seat.kind === 'agent') throw new AppError('PERMISSION_DENIED', say('query.agentsInProjects'));
  if (state !== 'active') throw new AppError('CONNECTION_OFF', say('projects.connection', { name, state }));
  services.access.grants.insistUse(person, connectionId);
  const reader = services.readers.asking(connectionId, undefined, 'query');
  await handles.makeRoom(seat, connectionId, pool.size);
  const timeoutMs =
    Math.min(timeoutSeconds ?? pool.statementTimeoutSeconds, pool.statementTimeoutSeconds) * 1000;
  // Here it is closed first; the server only ends what nobody is left to close.
  return reader.ask({ sql, limit, timeoutMs, idleMs: idleMs + 60_000 }, signal);
}
