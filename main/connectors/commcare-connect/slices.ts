import type { Page } from '../connector.ts';
import type { Value } from '../document.ts';
import type { Json } from '../json.ts';

/** Requests in flight at once. CommCare Connect sets no rate limit of its own; this is what one browser tab may ask for. */
export const lanes = 4;

/** Something left to read: the rows of one opportunity with ids above `after`, up to and with `until`. */
export interface Slice {
  /** Id of the opportunity; empty for a list that belongs to none. */
  readonly opportunity: string;
  /** 0 at the beginning. */
  readonly after: number;
  /** Null: to the end, also of rows that come meanwhile. */
  readonly until: number | null;
  /** How many rows of it were read. */
  readonly count: number;
}

/** What was read of a slice, and what is left of it: nothing, the rest, or the rest in several pieces. */
export interface Piece {
  readonly records: readonly Value[];
  readonly keys?: readonly string[];
  readonly rest: readonly Slice[];
}

/** Where reading stands: exactly what was not handed over yet. */
interface SlicesCursor {
  /** Opportunities that were not begun. */
  readonly todo: readonly string[];
  readonly open: readonly (readonly [
    opportunity: string,
    after: number,
    until: number | null,
    count: number,
  ])[];
  readonly total: number | null;
}

/** What is to be read from the beginning. */
export interface Plan {
  readonly opportunities: readonly string[];
  /** How many records there are in all, where the source says so. */
  readonly total: number | null;
}

/**
 * Reads slices side by side, at most {@link lanes} requests at a time. Pages are handed over as they arrive, each with
 * the positions of all slices as they are after it; what is on its way then is not in them and is asked for again on
 * resume. Pages without a record are not handed over: the next one's cursor says that they are read.
 */
export async function* readSlices(
  saved: Json | null,
  plan: () => Promise<Plan>,
  ask: (slice: Slice, signal: AbortSignal) => Promise<Piece>,
  signal: AbortSignal,
): AsyncGenerator<Page, void> {
  const cursor = saved as unknown as SlicesCursor | null;
  const begun = cursor === null ? await plan() : { opportunities: cursor.todo, total: cursor.total };
  const todo = [...begun.opportunities];
  let open: Slice[] = (cursor?.open ?? []).map(([opportunity, after, until, count]) => ({
    opportunity,
    after,
    until,
    count,
  }));
  const running = new Map<Slice, Promise<{ slice: Slice; piece: Piece }>>();
  const stop = new AbortController();
  const either = AbortSignal.any([signal, stop.signal]);

  const start = (slice: Slice): void => {
    const work = ask(slice, either).then((piece) => ({ slice, piece }));
    // Awaited in the race below, or given up because another one failed.
    work.catch(() => {});
    running.set(slice, work);
  };

  try {
    for (;;) {
      for (const slice of open) if (running.size < lanes && !running.has(slice)) start(slice);
      while (running.size < lanes && todo.length > 0) {
        const slice: Slice = { opportunity: todo.shift() as string, after: 0, until: null, count: 0 };
        open.push(slice);
        start(slice);
      }
      if (running.size === 0) return;
      const { slice, piece } = await Promise.race(running.values());
      running.delete(slice);
      open = open.flatMap((each) => (each === slice ? piece.rest : [each]));
      if (piece.records.length === 0) continue;
      const after: SlicesCursor = {
        todo: [...todo],
        open: open.map((each) => [each.opportunity, each.after, each.until, each.count]),
        total: begun.total,
      };
      yield {
        records: piece.records,
        ...(piece.keys === undefined ? {} : { keys: piece.keys }),
        cursor: after as unknown as Json,
        total: begun.total,
      };
    }
  } finally {
    stop.abort();
  }
}
