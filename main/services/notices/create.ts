import type { Lookup } from '../../notices/reach.ts';
import type { Handlers, Services } from '../context.ts';
import { createChannels } from './channels.ts';
import { noticeService } from './notices.ts';
import { createOutbox } from './outbox.ts';
import { createNoticeWatch } from './watch.ts';

/** So long a message that is under way may still take when Headgate closes. */
const longestEndMs = 3000;

export interface Notices {
  readonly handlers: Handlers<'notices'>;
  /** Something may be the matter, or over: looks soon, once for whatever happens meanwhile, and tells it. */
  noticed(): void;
  /** Looks now, sends what is due, and forgets what is old. Never rejects. */
  chore(): Promise<void>;
  close(): Promise<void>;
}

/** Tells people what is the matter, each thing once, and that it is over. */
export function createNotices(services: Services, lookup?: Lookup): Notices {
  const { store, host } = services;
  const channels = createChannels(services, lookup);
  const outbox = createOutbox(services, channels.senders);
  const watch = createNoticeWatch(services);
  let soon: NodeJS.Immediate | null = null;
  let closed = false;

  const look = (): void => {
    try {
      watch.look();
    } catch (error) {
      // What is the matter then is found at the next look.
      host.log.error('notices.failed', { error });
    }
  };
  return {
    handlers: noticeService(services, channels),
    noticed() {
      if (closed) return;
      soon ??= setImmediate(() => {
        soon = null;
        look();
        void outbox.send();
      });
    },
    async chore() {
      if (closed) return;
      look();
      const now = host.clock.now();
      store.noticeMessages.prune(now);
      store.notices.prune(now);
      await outbox.send();
    },
    async close() {
      closed = true;
      if (soon !== null) {
        clearImmediate(soon);
        // What a job that ended just now means for people is not lost with the process.
        look();
        void outbox.send();
      }
      await outbox.close(longestEndMs);
    },
  };
}
