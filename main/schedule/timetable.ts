import { scheduleJob } from 'node-schedule';
import type { TimetableJob } from '../../preload/contract/models.ts';
import { AppError } from '../errors.ts';
import type { Clock } from '../host.ts';
import type { Logger } from '../log.ts';
import type { StoredTurn } from '../store/data/timetable.ts';

const minuteMs = 60_000;
/** The timetable is looked at so often; what is due within half of it is due. */
const everyMinute = '* * * * *';

/** What a turn did. */
export interface Turn {
  readonly count: number;
  /** How much was due and could not be done. */
  readonly waiting?: number;
}

/** A line of the timetable. */
export interface Entry {
  readonly name: string;
  /** How often, in minutes; a divisor of a day. */
  readonly every: number;
  /** So many minutes after the full hour (day …); 0 unless given. */
  readonly at?: number;
  /** Does what is due. A turn that is still under way when the next one comes is not begun twice. */
  readonly run: (now: number) => Turn | Promise<Turn>;
}

export interface TimetableDeps {
  readonly entries: readonly Entry[];
  readonly turns: { find(name: string): StoredTurn | null; put(turn: StoredTurn): void };
  /** Milliseconds since 1970. */
  readonly now: () => number;
  readonly log: Logger;
  /** A turn is over; what it found is in the store. */
  readonly onTurn?: () => void;
}

/**
 * What Headgate does by the clock. The next turn of each job is in the store, so a time that was missed, because the computer
 * slept or Headgate was not running, is made up once, however often it was missed.
 */
export function createTimetable({ entries, turns, now, log, onTurn = () => {} }: TimetableDeps) {
  const iso = (at: number): string => new Date(at).toISOString();
  /** Of jobs that had nothing to tell yet, and newer than what is in the store. */
  const known = new Map<string, StoredTurn>();
  const under = new Map<string, Promise<void>>();
  let lookedAt: number | null = null;

  const stepOf = ({ every }: Entry): number => every * minuteMs;
  const nextOf = (entry: Entry, after: number): number => {
    const [step, offset] = [stepOf(entry), (entry.at ?? 0) * minuteMs];
    return (Math.floor((after - offset) / step) + 1) * step + offset;
  };
  const lastOf = (entry: Entry): StoredTurn | null => known.get(entry.name) ?? turns.find(entry.name);

  /** When its next turn is; at once for the first one, and where a clock that was wrong put it further ahead than it can be. */
  const dueAt = (entry: Entry, at: number): number => {
    const last = lastOf(entry);
    const due = last === null ? at : Date.parse(last.dueAt);
    return due > at + stepOf(entry) + minuteMs ? at : due;
  };

  const turn = async (entry: Entry, at: number): Promise<void> => {
    const due = dueAt(entry, at);
    const before = lastOf(entry);
    const madeUp = before !== null && at - due >= Math.max(stepOf(entry), 2 * minuteMs);
    let done: Pick<StoredTurn, 'outcome' | 'count' | 'waiting' | 'error'>;
    try {
      const { count, waiting = 0 } = await entry.run(at);
      done = { outcome: count > 0 ? 'did' : 'nothing', count, waiting, error: null };
    } catch (error) {
      log.error('timetable.failed', { job: entry.name, error });
      const code = error instanceof AppError ? error.code : 'INTERNAL';
      done = { outcome: 'failed', count: 0, waiting: 0, error: code };
    }
    const last = { name: entry.name, dueAt: iso(nextOf(entry, at)), lastAt: iso(at), ...done, madeUp };
    known.set(entry.name, last);
    if (done.count > 0 || madeUp) log.info('timetable.turn', { job: entry.name, count: done.count, madeUp });
    // A look each minute that finds nothing is not worth a write each minute.
    if (entry.every <= 1 && done.outcome === 'nothing' && done.waiting === before?.waiting) return;
    try {
      turns.put(last);
    } catch (error) {
      log.warn('timetable.unwritten', { job: entry.name, error });
    }
  };

  /**
   * Gives each job that is due its turn; resolves when all that began are over. After a start or a sleep (`anew`) what is
   * looked at each minute is looked at now, wherever in its minute that is.
   */
  const tick = async (anew = false): Promise<void> => {
    const at = now();
    lookedAt = at;
    await Promise.all(
      entries.map((entry) => {
        const running = under.get(entry.name);
        if (running !== undefined) return running;
        const isDue = dueAt(entry, at) <= at + minuteMs / 2 || (anew && entry.every <= 1);
        if (!isDue) return undefined;
        const over = turn(entry, at).finally(() => {
          under.delete(entry.name);
          onTurn();
        });
        under.set(entry.name, over);
        return over;
      }),
    );
  };

  return {
    tick,
    /** Looks now and then each minute. Returns what stops it. */
    start(): () => void {
      void tick(true);
      const wake = scheduleJob(everyMinute, () => void tick());
      return () => void wake.cancel();
    },
    list: (): TimetableJob[] =>
      entries.map((entry) => {
        const last = lastOf(entry);
        return last === null
          ? {
              ...{ name: entry.name, dueAt: iso(now()), lastAt: null, outcome: null },
              ...{ count: 0, waiting: 0, error: null, madeUp: false },
            }
          : { ...last, dueAt: iso(dueAt(entry, now())) };
      }),
    /** When it was last looked at; null before the first time. */
    lookedAt: (): number | null => lookedAt,
    /** Resolves when what is under way is over, or after `ms`: what does not end must keep nobody from closing. */
    async settled(sleep: Clock['sleep'], ms: number): Promise<void> {
      const waiting = new AbortController();
      const late = sleep(ms, waiting.signal).catch(() => {});
      await Promise.race([Promise.all(under.values()), late]);
      waiting.abort();
    },
  };
}
export type Timetable = ReturnType<typeof createTimetable>;
