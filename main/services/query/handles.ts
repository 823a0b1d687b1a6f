import type { QueryPage } from '../../../preload/contract/models.ts';
import type { Seat } from '../../access/seats.ts';
import { gone } from '../../engines/answer.ts';
import type { OpenAnswer } from '../../engines/engine.ts';
import type { Memory } from '../../memory.ts';

/** Queries that one seat has open at the server at once; each holds a session there. The oldest gives way. */
const mostOpen = 4;

/** A query whose answer is not read to its end. */
export interface Handle {
  readonly id: string;
  readonly seat: Seat;
  readonly personId: string;
  readonly connectionId: string;
  readonly query: OpenAnswer;
  /** Told once, when it is over: how many rows came, and whether those were all that were asked for. */
  readonly onOver: (rows: number, isDone: boolean) => void;
}

interface Held extends Handle {
  rows: number;
  isDone: boolean;
  timer: NodeJS.Timeout;
  /** What is read page by page is thrown away page by page. */
  readonly release: () => void;
}

/** Open queries, each of the seat and person who asked, until somebody or time closes it. */
export interface Handles {
  add(handle: Handle, rows: number): void;
  /**
   * Closes what a seat used longest ago, so that one more has a session: at most `sessions` are there for all queries of the
   * connection.
   */
  makeRoom(seat: Seat, connectionId: string, sessions: number): Promise<void>;
  /** Fails with QUERY_GONE, also for what is somebody else's. */
  take(id: string, seat: Seat, personId: string): Handle & { noted(page: QueryPage): void };
  close(id: string, seat: Seat): Promise<void>;
  /** What a person has open at a seat, whose session ended. */
  closeOf(seat: Seat, personId: string): void;
  closeAll(): Promise<void>;
}

export function createHandles(deps: { readonly idleMs: number; readonly memory: Memory }): Handles {
  const open = new Map<string, Held>();
  const drop = (held: Held): Promise<void> => {
    if (!open.delete(held.id)) return Promise.resolve();
    clearTimeout(held.timer);
    held.release();
    held.onOver(held.rows, held.isDone);
    return held.query.close();
  };
  const watch = (id: string): NodeJS.Timeout => {
    const idle = (): void => {
      const held = open.get(id);
      if (held) void drop(held);
    };
    return setTimeout(idle, deps.idleMs).unref();
  };
  return {
    add(handle, rows) {
      const release = deps.memory.holdTight();
      const held: Held = { ...handle, rows, isDone: false, timer: watch(handle.id), release };
      open.set(handle.id, held);
      void handle.query.over.then(() => drop(held));
    },
    async makeRoom(seat, connectionId, sessions) {
      const mine = [...open.values()].filter((held) => held.seat === seat);
      const there = mine.filter((held) => held.connectionId === connectionId);
      const all = [...open.values()].filter((held) => held.connectionId === connectionId);
      const tooMany = Math.max(mine.length - (mostOpen - 1), all.length - (sessions - 1), 0);
      await Promise.all(
        [...there, ...mine.filter((held) => !there.includes(held))].slice(0, tooMany).map(drop),
      );
    },
    take(id, seat, personId) {
      const held = open.get(id);
      if (!held || held.seat !== seat || held.personId !== personId) throw gone();
      clearTimeout(held.timer);
      // It is not closed for idleness while a page is on its way.
      return {
        ...held,
        noted({ soFar, end }) {
          held.rows = soFar;
          if (end !== 'open') {
            held.isDone = true;
            void drop(held);
            return;
          }
          // The one that was used last is the last to give way.
          if (open.delete(id)) open.set(id, held);
          held.timer = watch(id);
        },
      };
    },
    async close(id, seat) {
      const held = open.get(id);
      if (held && held.seat === seat) await drop(held);
    },
    closeOf(seat, personId) {
      for (const held of open.values()) if (held.seat === seat && held.personId === personId) void drop(held);
    },
    async closeAll() {
      await Promise.all([...open.values()].map(drop));
    },
  };
}
