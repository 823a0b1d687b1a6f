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
}

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
export function createAnswers({ ask, toError, readsFrom, keep, later }: AnswersParts): Answers {
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
      const used = known ?? { name, input, entry: makeEntry(() => ask(name, input), toError) };
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
        // What nobody looks at now is read anew as soon as somebody does.
        if (entry.listeners.size === 0) continue;
        if (changes.some((change) => concerns(name, input, change, readsFrom))) entry.load();
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

function makeEntry(ask: () => Promise<unknown>, toError: AnswersParts['toError']): Entry {
  let dropped = false;
  const set = (state: CallState<unknown>) => {
    if (dropped) return;
    entry.state = state;
    for (const listener of entry.listeners) listener();
  };
  const read = async (): Promise<void> => {
    entry.reading = true;
    set({ ...entry.state, loading: true });
    try {
      set({ data: await ask(), error: undefined, loading: false });
    } catch (error) {
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
  };
  return entry;
}
