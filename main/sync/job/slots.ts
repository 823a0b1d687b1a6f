import type { Said } from '../../../preload/contract/said.ts';
import { say } from '../../../preload/messages/said.ts';
import { roomFor } from '../../calendar/admission.ts';
import { AppError, cancelled } from '../../errors.ts';
import type { Clock } from '../../host.ts';
import type { Logger } from '../../log.ts';

/** A sync waits for its source and its database about half of the time. */
const perCore = 2;
/** Each takes some sixty megabytes, and more for large forms. */
const most = 8;
/** A source counts requests, and has other users: more at once would only wait for one another there. */
const mostOfSource = 3;
/** Others end their sessions without telling: so often the server is asked again. */
const lookMs = 5000;

/** How many syncs run at once in one process: as many as were asked for (HEADGATE_SYNCS), else two for each core of the processor. */
export function syncsAtOnce(wanted: string | undefined, cores: number): number {
  const asked = Number(wanted);
  if (wanted && Number.isInteger(asked) && asked > 0) return asked;
  return Math.min(most, perCore * cores);
}

export interface SlotsDeps {
  /** How many run at once. */
  readonly limit: number;
  /** Aborted when Headgate closes. */
  readonly signal: AbortSignal;
  readonly clock: Clock;
  readonly log: Logger;
  /** How many syncs a connection has room for at once, beside what others do there; those of `jobs` are ours. */
  readonly roomOf: (connectionId: string, jobs: readonly string[]) => Promise<number>;
}

/** Who wants to run. */
export interface Asking {
  readonly jobId: string;
  readonly connectionId: string;
  readonly sourceId: string;
  /** Somebody sits and waits: before what the clock started. */
  readonly urgent: boolean;
  readonly signal: AbortSignal;
  /** Told why it has to wait. */
  readonly onWait: (reason: Said) => void;
}

interface Waiting extends Asking {
  readonly enter: () => void;
}

/**
 * Lets only so many syncs run at once: in all, of one source, and on one connection by the sessions that its server has to spare. The
 * first one of a connection is always let in: what keeps it from running it finds out, and says, itself.
 */
export function createSlots(deps: SlotsDeps) {
  const waiting = new Set<Waiting>();
  const inside = new Map<string, Asking>();
  let admitting = false;
  let again = false;
  let looking = false;

  const on = (connectionId: string): string[] =>
    [...inside.values()].filter((each) => each.connectionId === connectionId).map(({ jobId }) => jobId);
  const ofSource = (sourceId: string): number =>
    [...inside.values()].filter((each) => each.sourceId === sourceId).length;

  const roomOf = async (connectionId: string): Promise<number> => {
    const ours = on(connectionId);
    try {
      return await deps.roomOf(connectionId, ours);
    } catch (error) {
      // That there is no session left even to ask says enough; whatever else it is, a sync says it better.
      const isFull = error instanceof AppError && error.code === 'DB_LOST';
      deps.log.warn('sync.room_unknown', { connectionId, error });
      return isFull ? Math.max(1, ours.length) : Number.POSITIVE_INFINITY;
    }
  };

  /** The connections whose room matters: where one runs already, or more than one want to. */
  const rooms = async (): Promise<Map<string, number>> => {
    const wanted = [...waiting].map(({ connectionId }) => connectionId);
    const asked = [...new Set(wanted)].filter(
      (id) => on(id).length + wanted.filter((other) => other === id).length > 1,
    );
    const found = inside.size < deps.limit ? await Promise.all(asked.map(roomOf)) : [];
    return new Map(found.map((room, at) => [asked[at] as string, room]));
  };

  const admit = async (): Promise<void> => {
    const known = await rooms();
    const inOrder = [...waiting].sort((a, b) => Number(b.urgent) - Number(a.urgent));
    for (const each of inOrder) {
      if (!waiting.has(each)) continue;
      const room = known.get(each.connectionId) ?? null;
      const wait = roomFor({
        computer: { running: inside.size, limit: deps.limit },
        source: { running: ofSource(each.sourceId), limit: mostOfSource },
        database: { running: on(each.connectionId).length, limit: room },
      });
      if (wait === null) {
        waiting.delete(each);
        inside.set(each.jobId, each);
        each.enter();
      } else if (wait === 'computer_busy') {
        each.onWait(say('sync.waitsComputer', { count: deps.limit }));
      } else if (wait === 'source_busy') {
        each.onWait(say('sync.waitsSource', { count: mostOfSource }));
      } else if (room !== null) {
        each.onWait(say('sync.waitsSessions', { count: room }));
        lookLater();
      }
      // Else it came while the servers were asked, and is looked at next.
    }
  };

  const lookLater = (): void => {
    if (looking) return;
    looking = true;
    void deps.clock.sleep(lookMs, deps.signal).then(
      () => {
        looking = false;
        if (waiting.size > 0) look();
      },
      () => {},
    );
  };

  /** Who came while the servers were asked is looked at once more. */
  const look = (): void => {
    again = true;
    if (admitting) return;
    admitting = true;
    void (async () => {
      try {
        while (again) {
          again = false;
          await admit();
        }
      } finally {
        admitting = false;
      }
    })();
  };

  return {
    /** Runs `work` as soon as there is room. Fails with CANCELLED when the signal is aborted before. */
    async run<T>(asking: Asking, work: () => Promise<T>): Promise<T> {
      await new Promise<void>((resolve, reject) => {
        if (asking.signal.aborted) return reject(cancelled());
        const each: Waiting = {
          ...asking,
          enter() {
            asking.signal.removeEventListener('abort', leave);
            resolve();
          },
        };
        const leave = (): void => {
          waiting.delete(each);
          reject(cancelled());
        };
        asking.signal.addEventListener('abort', leave, { once: true });
        waiting.add(each);
        look();
      });
      try {
        return await work();
      } finally {
        inside.delete(asking.jobId);
        if (waiting.size > 0) look();
      }
    },
  };
}
