import type { Action } from '../../api.ts';
import { useToldAction } from '../toasts.tsx';
import { useSeat } from './lock-session.tsx';

/** Locks the session; null where there is nothing to lock behind. */
export function useLock(): Action<[], void> | null {
  const { session, take } = useSeat();
  const lock = useToldAction(async (client) => take(await client.session.lock()));
  return session?.hasPassphrase ? lock : null;
}
