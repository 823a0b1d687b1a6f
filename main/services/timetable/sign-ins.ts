import { AppError } from '../../errors.ts';
import type { Turn } from '../../schedule/timetable.ts';
import type { Services } from '../context.ts';

/** A token that runs out within this time is renewed, so that whoever needs it next does not wait for that. */
const aheadMs = 3_600_000;

/**
 * Renews sign-ins whose tokens run out within the hour. Only a definite refusal ends one, and is told; a network that is
 * away, a server that fails or a page that is not the server's say nothing about it.
 */
export async function renewSignIns(
  services: Pick<Services, 'store' | 'vault' | 'tokens' | 'shared' | 'host'>,
  stop: AbortSignal,
): Promise<Turn> {
  const { store, vault, tokens, host } = services;
  if (vault.status().state === 'locked') return { count: 0 };
  let [renewed, waiting] = [0, 0];
  for (const { id, sourceId } of store.credentials.runningOut(
    new Date(host.clock.now() + aheadMs).toISOString(),
  )) {
    stop.throwIfAborted();
    const source = store.sources.get(sourceId);
    if (!source.isActive) continue;
    try {
      if (await tokens.renewAhead(id, source.baseUrl)) renewed += 1;
    } catch (error) {
      const { code } = error as { code?: unknown };
      // That it ended is in the store, and whom it concerns is told from there.
      if (code === 'SIGN_IN_EXPIRED') continue;
      waiting += 1;
      host.log.info('timetable.token_not_renewed', {
        credentialId: id,
        error: error instanceof AppError ? error : String(code),
      });
    }
  }
  return { count: renewed, waiting: waiting + (await hearOthers(services, stop)) };
}

/**
 * What other workspaces did with sign-ins that are shared with them: also of those that do not run out soon, and of those that
 * are over, which one of them may have signed in anew. How many could not be looked after.
 */
async function hearOthers(
  { store, tokens, shared, host }: Pick<Services, 'store' | 'tokens' | 'shared' | 'host'>,
  stop: AbortSignal,
): Promise<number> {
  let waiting = 0;
  for (const { id } of store.credentials.everywhere()) {
    if (!shared.isShared(id)) continue;
    stop.throwIfAborted();
    await tokens.catchUp(id).catch((error: unknown) => {
      if ((error as { code?: unknown }).code === 'SIGN_IN_EXPIRED') return;
      waiting += 1;
      host.log.info('timetable.shared_sign_in_not_read', { credentialId: id, error });
    });
  }
  return waiting;
}
