import type { Services } from '../context.ts';
import type { SecretClipboard } from '../parts.ts';

/** How long a secret stays in the clipboard; long enough to paste it, short enough to be forgotten there. */
const copiedMs = 30_000;

export function createSecretClipboard({ host }: Pick<Services, 'host'>): SecretClipboard {
  const lent = new Set<() => Promise<void>>();
  return {
    async lend(desk, secret) {
      await desk.copy(secret);
      const early = new AbortController();
      const cleared: Promise<void> = host.clock
        .sleep(copiedMs, early.signal)
        .catch(() => {})
        .then(() => desk.clearCopied(secret))
        .catch((error: unknown) => host.log.warn('clipboard.not_cleared', { error }))
        .finally(() => lent.delete(clear));
      const clear = (): Promise<void> => {
        early.abort();
        return cleared;
      };
      lent.add(clear);
      return { until: new Date(host.clock.now() + copiedMs).toISOString() };
    },
    async close() {
      await Promise.all([...lent].map((clear) => clear()));
    },
  };
}
