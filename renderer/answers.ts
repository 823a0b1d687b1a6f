import type { CallName } from '../preload/contract/channels.ts';
import type { WireError } from '../preload/contract/errors.ts';
import type { Events } from '../preload/contract/events.ts';

export type Change = Events['store.changed'];
export type Entity = Change['entity'];

export interface CallState<T> {
  readonly data: T | undefined;
  readonly error: WireError | undefined;
  readonly loading: boolean;
}

/** The answer to one question, shared by everybody who asks it. */
export interface Entry {
  state: CallState<unknown>;
  readonly listeners: Set<() => void>;
  readonly load: () => void;
  /** Somebody begins to look: reads anew what may be another answer by now. */
  readonly look: () => void;
  /** Something changed while nobody looked: whoever looks next reads anew. */
  readonly outdate: () => void;
  /** What was read is forgotten, and what is still under way is not taken any more. */
  readonly drop: () => void;
  reading: boolean;
  again: boolean;
}

export interface Answers {
  /** One shared entry per call and input. It is the last that is dropped. */
  entry(name: CallName, input: unknown): Entry;
  /** Reads anew what somebody looks at and what one of these changes may have altered. */
  changed(changes: readonly Change[]): void;
  /** Forgets every answer. */
  forget(): void;
  readonly size: number;
}

interface AnswersParts {
  readonly ask: (name: CallName, input: unknown) => Promise<unknown>;
  readonly toError: (error: unknown) => WireError;
  /** What each call's answer is made from. */
  readonly readsFrom: Partial<Record<CallName, readonly Entity[]>>;
  /** So many answers that nobody looks at are kept, for whoever comes back to a screen. */
  readonly keep: number;
  /** Does it a while later: who asks while a screen is drawn begins to look once it is drawn. */
  readonly later: (act: () => void) => void;
  /** Calls whose answer stays the same until a change is told of; any other is asked again whenever somebody begins to look. */
  readonly lasting: ReadonlySet<CallName>;
  /** In milliseconds, of a clock that is never set. */
  readonly elapsed: () => number;
}

/** So long, in milliseconds, nothing is asked again that nothing changed: whoever goes to and fro between screens waits for nothing. */
const freshMs = 30_000;

/** Calls whose answer is about one thing alone, by the field of their input that names it and the entity it is. */
const aboutOne: Partial<Record<CallName, { readonly field: 'id' | 'datasetId'; readonly entity: Entity }>> = {
  'datasets.tables': { field: 'id', entity: 'datasets' },
  'datasets.rows': { field: 'id', entity: 'datasets' },
  'datasets.dictionary': { field: 'id', entity: 'datasets' },
  'datasets.changes': { field: 'id', entity: 'datasets' },
  'connections.get': { field: 'id', entity: 'connections' },
  'connections.history': { field: 'id', entity: 'connections' },
};

/** Whether a change may have altered the answer to a question. */
export function concerns(
  name: CallName,
  input: unknown,
  { entity, ids }: Change,
  readsFrom: AnswersParts['readsFrom'],
): boolean {
  if (!readsFrom[name]?.includes(entity)) return false;
  const one = aboutOne[name];
  if (ids === undefined || one?.entity !== entity) return true;
  const id = (input as Readonly<Record<string, unknown>>)[one.field];
  return typeof id !== 'string' || ids.includes(id);
}

const unread: CallState<unknown> = { data: undefined, error: undefined, loading: true };

/** What was read of the core, bounded: what nobody looks at goes, the longest unused first. */
export function createAnswers(parts: AnswersParts): Answers {
  const { ask, toError, readsFrom, keep, later, lasting, elapsed } = parts;
  // In the order of use: a key that is used again is put at the end.
  const entries = new Map<
    string,
    { readonly name: CallName; readonly input: unknown; readonly entry: Entry }
  >();

  let isPlanned = false;
  const trim = (): void => {
    isPlanned = false;
    let spare = 0;
    for (const { entry } of entries.values()) if (entry.listeners.size === 0) spare += 1;
    for (const [key, { entry }] of entries) {
      if (spare <= keep) return;
      if (entry.listeners.size > 0) continue;
      entries.delete(key);
      spare -= 1;
    }
  };
  return {
    entry(name, input) {
      const key = `${name} ${JSON.stringify(input)}`;
      const known = entries.get(key);
      const used = known ?? {
        ...{ name, input },
        entry: makeEntry({
          ask: () => ask(name, input),
          ...{ toError, elapsed, lasts: lasting.has(name) },
        }),
      };
      entries.delete(key);
      entries.set(key, used);
      if (!known && !isPlanned) {
        isPlanned = true;
        later(trim);
      }
      return used.entry;
    },
    changed(changes) {
      for (const { name, input, entry } of entries.values()) {
        if (!changes.some((change) => concerns(name, input, change, readsFrom))) continue;
        // What nobody looks at now is read anew as soon as somebody does.
        if (entry.listeners.size === 0) entry.outdate();
        else entry.load();
      }
    },
    forget() {
      for (const { entry } of entries.values()) entry.drop();
      entries.clear();
    },
    get size() {
      return entries.size;
    },
  };
}

/** Changes of the same kind as one; one that does not say what it is about is about all of them. */
export function gather(changes: readonly Change[]): Change[] {
  const kinds = new Map<Entity, Set<string> | null>();
  for (const { entity, ids } of changes) {
    const known = kinds.get(entity);
    if (ids === undefined || known === null) kinds.set(entity, null);
    else kinds.set(entity, new Set([...(known ?? []), ...ids]));
  }
  return [...kinds].map(([entity, ids]) => (ids === null ? { entity } : { entity, ids: [...ids] }));
}

interface EntryParts {
  readonly ask: () => Promise<unknown>;
  readonly toError: AnswersParts['toError'];
  readonly elapsed: () => number;
  readonly lasts: boolean;
}

function makeEntry({ ask, toError, elapsed, lasts }: EntryParts): Entry {
  let dropped = false;
  let freshUntil = Number.NEGATIVE_INFINITY;
  const set = (state: CallState<unknown>) => {
    if (dropped) return;
    const { data, error, loading } = entry.state;
    if (state.data === data && state.error === error && state.loading === loading) return;
    entry.state = state;
    for (const listener of entry.listeners) listener();
  };
  const read = async (): Promise<void> => {
    entry.reading = true;
    // It counts from the question: what changes while it is on its way is told of.
    const until = elapsed() + freshMs;
    freshUntil = until;
    // Whoever sees the last answer is not drawn anew to be told that the next one is on its way.
    set({ ...entry.state, loading: !lasts || entry.state.data === undefined });
    try {
      set({ data: shared(entry.state.data, await ask()), error: undefined, loading: false });
    } catch (error) {
      freshUntil = Number.NEGATIVE_INFINITY;
      set({ data: entry.state.data, error: toError(error), loading: false });
    }
    entry.reading = false;
    if (entry.again && !dropped) {
      entry.again = false;
      await read();
    }
  };
  const entry: Entry = {
    state: unread,
    listeners: new Set(),
    reading: false,
    again: false,
    drop: () => {
      dropped = true;
      entry.state = unread;
    },
    // A change during a reading asks once more afterwards, so that the last answer is never an old one.
    load: () => {
      if (entry.reading) entry.again = true;
      else void read();
    },
    look: () => {
      if (entry.reading) return;
      const isKnown = lasts && entry.state.data !== undefined && elapsed() < freshUntil;
      if (!isKnown) void read();
    },
    outdate: () => {
      freshUntil = Number.NEGATIVE_INFINITY;
      if (entry.reading) entry.again = true;
    },
  };
  return entry;
}

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && Object.getPrototypeOf(value) === Object.prototype;

const idOf = (value: unknown): unknown => (isRecord(value) ? value['id'] : undefined);

/**
 * The answer `after` with every part that is as it was in `before` taken from there: what did not change is the same object, so
 * that nothing that is drawn from it is drawn anew. Things with an id are recognised by it wherever in a list they stand now.
 */
export function shared(before: unknown, after: unknown): unknown {
  if (Object.is(before, after)) return before;
  if (Array.isArray(before) && Array.isArray(after)) {
    const named = idOf(after[0]) !== undefined && new Map(before.map((each) => [idOf(each), each]));
    let isSame = before.length === after.length;
    const list = after.map((each: unknown, at) => {
      const one = shared(named ? named.get(idOf(each)) : before[at], each);
      isSame &&= Object.is(one, before[at]);
      return one;
    });
    return isSame ? before : list;
  }
  if (!isRecord(before) || !isRecord(after)) return after;
  const keys = Object.keys(after);
  let isSame = Object.keys(before).length === keys.length;
  const record: Record<string, unknown> = {};
  for (const key of keys) {
    const one = shared(before[key], after[key]);
    isSame &&= Object.is(one, before[key]) && Object.hasOwn(before, key);
    record[key] = one;
  }
  return isSame ? before : record;
}
