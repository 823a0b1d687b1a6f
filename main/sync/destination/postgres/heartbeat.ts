import type { Target } from '../../../engines/engine.ts';
import { connectLasting, cut, endSession, type PgClient } from '../../../engines/postgres/postgres-client.ts';
import type { Tunnels } from '../../../engines/ssh/tunnels.ts';
import type { Clock } from '../../../host.ts';
import type { Logger } from '../../../log.ts';
import { beat, heartbeatMs, type Lease, sessionName } from './lease.ts';
import { inTransaction } from './transaction.ts';

/**
 * A sign of life hardly waits for a transaction that has the lease's row in hand, which is a sign of life itself: while it
 * waits, that transaction could not drop the table.
 */
const rowTimeoutMs = 20;

/**
 * Gives signs of life on a session of its own, because the working one may be busy for minutes with one statement.
 * Without a session to spare the commits themselves have to do. Calls `onLost` once when the lease is somebody else's,
 * unless `mayGo` was called before: then the lease goes with what is published, and the publish itself sees to it.
 */
export function startHeartbeat(
  target: Target,
  lease: Lease,
  deps: { readonly clock: Clock; readonly log: Logger; readonly tunnels: Tunnels },
  onLost: () => void,
): { stop(): Promise<void>; mayGo(): void } {
  const ending = new AbortController();
  const { signal } = ending;
  let client: PgClient | null = null;
  let isLoss = true;

  const once = async (): Promise<boolean> => {
    client ??= await connectLasting(target, signal, {
      tunnels: deps.tunnels,
      applicationName: sessionName(lease.holder),
    });
    const session = client;
    return inTransaction(
      session,
      () => beat(session, lease),
      `SET LOCAL lock_timeout = ${rowTimeoutMs}`,
      `SET LOCAL statement_timeout = ${heartbeatMs}`,
    );
  };
  const run = async (): Promise<void> => {
    while (!signal.aborted) {
      await deps.clock.sleep(heartbeatMs, signal);
      try {
        if (await once()) continue;
        if (isLoss && !signal.aborted) onLost();
        return;
      } catch (error) {
        if (signal.aborted) return;
        // lock_not_available: a commit has the row.
        if ((error as { code?: string }).code === '55P03') continue;
        deps.log.warn('sync.heartbeat_failed', { error });
        if (client) await endSession(client);
        client = null;
      }
    }
  };
  const running = run().catch(() => {});
  return {
    mayGo() {
      isLoss = false;
    },
    async stop() {
      ending.abort();
      if (client) cut(client);
      await running;
    },
  };
}
