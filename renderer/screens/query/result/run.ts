import type { Client } from '../../../../preload/contract/client.ts';
import type { WireError } from '../../../../preload/contract/errors.ts';
import type { QueryAnswer, QueryPlan } from '../../../../preload/contract/models.ts';
import { toWireError } from '../../../api.ts';
import { createRows, type RowStore } from '../../../components/grid/rows.ts';
import { type Asked, whatIsAsked } from '../editor/parameters.ts';
import { type AskPlace, idOf } from '../place.ts';

/** Rows of the first page, which is seen soonest, and of those after it. */
const firstRows = 500;
const laterRows = 5000;

/** How many rows a query may bring, and how long it may take; null: as long as the connection lets it. */
export interface Bounds {
  readonly limit: number;
  readonly timeoutSeconds: number | null;
}

/** `gone`: what was behind the last page is closed by now, and can be had by running it again. */
export type RunEnd = QueryAnswer['end'] | 'gone';

export interface Rows {
  readonly kind: 'rows';
  readonly statement: Asked;
  readonly limit: number;
  readonly answer: Omit<QueryAnswer, 'rows' | 'soFar' | 'end'>;
  readonly rows: RowStore;
  /** How many are here; the store itself is one and the same. */
  readonly count: number;
  readonly end: RunEnd;
  readonly fetching: boolean;
  readonly error: WireError | null;
}

export type Run =
  | { readonly kind: 'idle' }
  | { readonly kind: 'running'; readonly statement: Asked; readonly since: number }
  | { readonly kind: 'cancelled'; readonly statement: Asked }
  | { readonly kind: 'failed'; readonly statement: Asked; readonly error: WireError }
  | { readonly kind: 'plan'; readonly statement: Asked; readonly plan: QueryPlan }
  | Rows;

/** What one tab runs: one thing at a time, its pages one after the other. */
export interface Runner {
  readonly state: Run;
  subscribe(listener: () => void): () => void;
  run(statement: Asked, bounds: Bounds): void;
  /** Runs it, and answers how that ended; null where something else was run meanwhile. */
  ask(statement: Asked, bounds: Bounds): Promise<Run | null>;
  explain(statement: Asked, measure: boolean): void;
  /** The next page, if there is one and none is on its way. */
  more(): void;
  /** Every page up to the limit. */
  rest(): void;
  /** Ends what runs; what came stays. */
  cancel(): void;
  /** Ends it at the server too, and forgets it. */
  close(): void;
}

export function createRunner(client: Client, place: AskPlace, now: () => number): Runner {
  const listeners = new Set<() => void>();
  let state: Run = { kind: 'idle' };
  let running: AbortController | null = null;
  let toTheEnd = false;
  const set = (next: Run): void => {
    state = next;
    for (const listener of listeners) listener();
  };
  /** What it left open at the server: nobody waits for that to close. */
  const release = (): void => {
    running?.abort();
    running = null;
    toTheEnd = false;
    if (state.kind === 'rows' && state.answer.handle !== null && state.end === 'open') {
      void client.query.close({ handle: state.answer.handle }).catch(() => undefined);
    }
  };
  /** Runs `act`; what comes after something else was begun is passed over. */
  const attempt = async (
    statement: Asked,
    act: (signal: AbortSignal) => Promise<Run>,
    late: (run: Run) => void = () => undefined,
  ): Promise<Run | null> => {
    release();
    const controller = new AbortController();
    running = controller;
    set({ kind: 'running', statement, since: now() });
    let next: Run;
    try {
      next = await act(controller.signal);
    } catch (error) {
      const wire = toWireError(error);
      next =
        wire.code === 'CANCELLED'
          ? { kind: 'cancelled', statement }
          : { kind: 'failed', statement, error: wire };
    }
    if (running !== controller) {
      late(next);
      return null;
    }
    running = null;
    set(next);
    return next;
  };

  const ask: Runner['ask'] = (statement, { limit, timeoutSeconds }) =>
    attempt(
      statement,
      async (signal) => {
        const bounds = { limit, ...(timeoutSeconds === null ? {} : { timeoutSeconds }) };
        const { rows, soFar, end, ...answer } = await client.query.open(
          { ...place, ...whatIsAsked(statement), ...bounds, pageRows: Math.min(firstRows, limit) },
          { signal },
        );
        const store = createRows(answer.columns.length);
        store.append(rows);
        return {
          ...{ kind: 'rows', statement, limit, answer, rows: store, count: soFar, end },
          ...{ fetching: false, error: null },
        };
      },
      (run) => {
        if (run.kind === 'rows' && run.answer.handle !== null)
          void client.query.close({ handle: run.answer.handle }).catch(() => undefined);
      },
    );

  const page = async (): Promise<void> => {
    if (state.kind !== 'rows' || state.end !== 'open' || state.fetching || state.answer.handle === null)
      return;
    const before = state;
    const controller = new AbortController();
    running = controller;
    set({ ...before, fetching: true, error: null });
    try {
      const answer = await client.query.page(
        { handle: state.answer.handle ?? '', pageRows: laterRows },
        { signal: controller.signal },
      );
      if (running !== controller) return;
      running = null;
      before.rows.append(answer.rows);
      set({ ...before, count: before.rows.count, end: answer.end, fetching: false, error: null });
    } catch (error) {
      if (running !== controller) return;
      running = null;
      toTheEnd = false;
      const wire = toWireError(error);
      const isKnown = wire.code === 'CANCELLED' || wire.code === 'QUERY_GONE';
      set({ ...before, end: 'gone', fetching: false, error: isKnown ? null : wire });
    }
    if (toTheEnd) await page();
  };

  return {
    get state() {
      return state;
    },
    subscribe(listener) {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
    run: (statement, bounds) => void ask(statement, bounds),
    ask,
    explain: (statement, measure) =>
      void attempt(statement, async (signal) => ({
        kind: 'plan',
        statement,
        plan: await client.query.explain(
          { projectId: idOf(place), ...whatIsAsked(statement), measure },
          { signal },
        ),
      })),
    more: () => void page(),
    rest() {
      toTheEnd = true;
      void page();
    },
    cancel() {
      toTheEnd = false;
      running?.abort();
    },
    close() {
      release();
      set({ kind: 'idle' });
    },
  };
}
