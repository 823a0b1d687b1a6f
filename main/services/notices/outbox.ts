import type { NoticeChannel } from '../../../preload/contract/models.ts';
import { say } from '../../../preload/messages/said.ts';
import { AppError } from '../../errors.ts';
import type { Part } from '../../notices/words.ts';
import type { StoredMessage, StoredWay } from '../../store/notices/messages.ts';
import { emitChanged, type Services } from '../context.ts';

/** Between two messages on one way, so that what follows one another is one message. */
const apartMs = 60_000;
/** What found nobody at a desk for so long is in the inbox. */
const longestWaitMs = 24 * 3_600_000;
/** A sender that says nothing for so long is gone, and another one sends it. */
const longestSendMs = 60_000;
/** The first wait after an attempt that failed; each is twice as long as the one before, the longest an hour: about six hours in all. */
const firstWaitMs = 60_000;
const longestBackOffMs = 3_600_000;
const mostAttempts = 12;

/** What brings a message to somebody on one way. */
export interface Sender {
  /** Whether there is a way to this person, or anybody, now; what is for nobody waits. */
  isOpen(personId: string | null): boolean;
  /** Fails with what people are told was the matter, as an AppError. */
  send(message: StoredMessage & { readonly parts: readonly Part[] }, signal: AbortSignal): Promise<void>;
}

type Needs = Pick<Services, 'store' | 'host' | 'newId' | 'now' | 'emit'>;

/**
 * Makes messages of what is to be told, and sends them: each with an id of its own that stays through every attempt, so that
 * whoever receives it twice can tell. What was made and not sent is in the store, and is sent by whoever looks next.
 */
export function createOutbox(services: Needs, senders: Readonly<Record<NoticeChannel, Sender>>) {
  const { store, host, newId } = services;
  const stop = new AbortController();
  const me = newId();
  let running: Promise<void> | null = null;
  let again = false;

  const iso = (at: number): string => new Date(at).toISOString();

  /** What is to be told on one way becomes one message, unless the last one was just now. */
  const compose = (on: StoredWay): void => {
    if (!senders[on.channel].isOpen(on.personId)) return;
    store.transaction(() => {
      const now = host.clock.now();
      const last = Date.parse(store.noticeMessages.lastMade(on) ?? '');
      // One that lies ahead is of a clock that was wrong.
      if (now - last >= 0 && now - last < apartMs)
        return store.noticeMessages.putOff(on, iso(last + apartMs));
      const waiting = store.noticeMessages.waiting(on, iso(now));
      const parts = waiting.flatMap(({ noticeId, part }): Part[] => {
        const notice = store.notices.find(noticeId);
        if (notice === null) return [];
        const { id, event, subject, outcome, openedAt, closedAt } = notice;
        return [{ id, part, event, subject, outcome, openedAt, closedAt }];
      });
      if (parts.length === 0) return;
      const seqs = waiting.map(({ seq }) => seq);
      store.noticeMessages.make({ ...on, id: newId(), parts }, seqs, iso(now));
    });
  };

  const sendOne = async (message: StoredMessage): Promise<void> => {
    const { id, channel, personId } = message;
    const sender = senders[channel];
    if (!sender.isOpen(personId)) return;
    const now = host.clock.now();
    if (!store.noticeMessages.take(id, me, iso(now + longestSendMs), iso(now))) return;
    try {
      await sender.send({ ...message, parts: message.parts as readonly Part[] }, stop.signal);
      store.noticeMessages.sent(id, services.now());
      host.log.info('notices.sent', { channel, messageId: id });
    } catch (error) {
      if (stop.signal.aborted) {
        store.noticeMessages.free(id, me);
        return;
      }
      const attempts = message.attempts + 1;
      const wait = Math.min(longestBackOffMs, firstWaitMs * 2 ** message.attempts);
      const until = attempts >= mostAttempts ? null : iso(host.clock.now() + wait);
      const problem = error instanceof AppError ? error.said : say('notices.somethingWrong');
      store.noticeMessages.failed(id, problem, until, services.now());
      const level = until === null || !(error instanceof AppError) ? 'error' : 'warn';
      host.log[level]('notices.not_sent', { channel, messageId: id, attempts, again: until, error });
    }
    // How the last one went is shown beside the settings of the channel.
    if (channel !== 'desktop') emitChanged(services, 'notices');
  };

  const round = async (): Promise<void> => {
    do {
      again = false;
      const now = host.clock.now();
      store.noticeMessages.dropOlder(iso(now - longestWaitMs));
      for (const way of store.noticeMessages.ways(iso(now))) compose(way);
      // Ways do not wait for each other; on each the older message goes first.
      const byWay = Map.groupBy(
        store.noticeMessages.due(services.now()),
        ({ channel, personId }) => `${channel} ${personId}`,
      );
      await Promise.all(
        [...byWay.values()].map(async (messages) => {
          for (const message of messages) {
            if (stop.signal.aborted) return;
            await sendOne(message);
          }
        }),
      );
    } while (again && !stop.signal.aborted);
  };

  return {
    /** Sends what is due. Never rejects; one round at a time, and one more for what came meanwhile. */
    send(): Promise<void> {
      if (stop.signal.aborted) return Promise.resolve();
      again = true;
      running ??= round()
        .catch((error: unknown) => host.log.error('notices.failed', { error }))
        .finally(() => {
          running = null;
        });
      return running;
    },
    /** Ends what is under way within `ms`; it is sent after the next start. */
    async close(ms: number): Promise<void> {
      const late = new AbortController();
      await Promise.race([running, host.clock.sleep(ms, late.signal).catch(() => {})]);
      late.abort();
      stop.abort();
      await running;
    },
  };
}
export type Outbox = ReturnType<typeof createOutbox>;
