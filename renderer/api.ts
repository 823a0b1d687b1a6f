import {
  createContext,
  useCallback,
  useContext,
  useEffect,
  useMemo,
  useRef,
  useState,
  useSyncExternalStore,
} from 'react';
import type { CallName, EventName } from '../preload/contract/channels.ts';
import { CallError, type Client, createClient } from '../preload/contract/client.ts';
import type { Envelope, WireError } from '../preload/contract/errors.ts';
import type { Events } from '../preload/contract/events.ts';
import type { Input, Output } from '../preload/contract/methods.ts';
import { type CallState, type Change, createAnswers, type Entity, type Entry, gather } from './answers.ts';
import { t } from './i18n/index.ts';
import { createTicks, type Ticks } from './ticks.ts';

interface Bridge {
  readonly calls: Readonly<Record<string, (input: unknown, callId: string) => Promise<Envelope<unknown>>>>;
  cancel(callId: string): void;
  on(name: EventName, listener: (payload: unknown) => void): () => void;
}

declare global {
  interface Window {
    readonly headgate?: Bridge;
  }
}

/** What is read anew when something changed: an answer carries parts of its neighbours (who uses it, sign-in …). */
const readsFrom: Partial<Record<CallName, readonly Entity[]>> = {
  'app.info': ['vault', 'datasets', 'people', 'network'],
  'demo.state': ['sample'],
  'people.list': ['people'],
  'policy.get': ['policy'],
  'policy.proxy': ['policy'],
  'policy.retention': ['policy'],
  'app.background': ['appearance'],
  'timetable.get': ['datasets'],
  'notices.list': ['notices', 'people'],
  'notices.preferences': ['notices'],
  'notices.channels': ['notices'],
  'vault.publicKey': ['vault'],
  'vault.slots': ['vault'],
  // It counts what is sealed.
  'vault.status': ['vault', 'connections', 'credentials', 'sources', 'projects'],
  // They say what the person who asks may do, which their roles decide.
  'connections.list': ['connections', 'projects', 'people'],
  'connections.get': ['connections', 'projects', 'people'],
  'connections.usage': ['connections', 'projects', 'links', 'datasets', 'syncs'],
  'connections.history': ['connections'],
  'connections.recent': ['connections'],
  'connections.deleted': ['connections', 'people'],
  'hostKeys.list': ['connections'],
  'grants.list': ['connections', 'people'],
  'leases.list': ['connections', 'people'],
  'agents.list': ['agents', 'people', 'projects'],
  'sources.list': ['sources', 'credentials', 'links', 'projects'],
  // It keeps what it was told, which changes the sources: asked again for that it would never end.
  'sources.discover': ['credentials'],
  'sources.choices': ['sources', 'credentials'],
  'sources.pace': ['sources', 'syncs'],
  'credentials.list': ['credentials', 'sources', 'projects'],
  'projects.list': ['projects', 'links', 'connections'],
  'query.scope': ['projects'],
  'links.list': ['links', 'datasets', 'sources', 'credentials', 'syncs', 'projects', 'connections', 'people'],
  'kept.list': ['datasets', 'links', 'projects', 'sources', 'connections', 'people'],
  'datasets.list': ['datasets', 'links', 'syncs', 'credentials', 'projects', 'sources', 'connections'],
  'datasets.history': ['datasets', 'syncs'],
  'datasets.tables': ['datasets'],
  'datasets.rows': ['datasets'],
  'datasets.titles': ['datasets', 'links', 'projects', 'sources'],
  'datasets.dictionary': ['datasets'],
  'datasets.changes': ['datasets'],
  'syncs.list': ['syncs', 'datasets'],
  'syncs.get': ['syncs'],
  'audit.list': [
    'connections',
    'sources',
    'credentials',
    'projects',
    'links',
    'datasets',
    'syncs',
    'vault',
    'people',
    'agents',
    'policy',
    'audit',
  ],
};

/** Answers that nothing alters without a change that is told: going back to a screen asks for none of them again. */
const lasting: ReadonlySet<CallName> = new Set([
  'connections.list',
  'credentials.list',
  'datasets.dictionary',
  'datasets.history',
  'datasets.list',
  'datasets.rows',
  'datasets.tables',
  'datasets.titles',
  'links.list',
  'people.list',
  'projects.list',
  'sources.list',
  'sources.types',
  'syncs.list',
]);

/** So many answers that nobody looks at are kept: those of the last screens. */
const keptAnswers = 60;

export interface Api {
  readonly client: Client;
  on<N extends EventName>(name: N, listener: (payload: Events[N]) => void): () => void;
  /** One shared entry per call and input: screens that ask the same question share the answer. */
  entry(name: CallName, input: unknown): Entry;
  /** Forgets every answer: after it nothing that was read for one person can be reached from another one's window. */
  forget(): void;
  readonly ticks: Ticks;
  /** Told when a call was refused because nobody is signed in, or the session is locked. */
  onLocked(listener: () => void): () => void;
}

export function toWireError(error: unknown): WireError {
  if (error instanceof CallError) return error.wire;
  return {
    code: 'INTERNAL',
    kind: 'system',
    message: t('error.unexpected'),
    advice: t('error.unexpectedAdvice'),
  };
}

export function connectBridge(): Api {
  const bridge = window.headgate;
  const lockedListeners = new Set<() => void>();
  const client = createClient(
    {
      invoke: async (name, input, callId) => {
        const call = bridge?.calls[name];
        if (!call) return { ok: false, error: noBridge() };
        const answer = await call(input, callId);
        if (!answer.ok && answer.error.code === 'LOCKED') for (const told of lockedListeners) told();
        return answer;
      },
      cancel: (callId) => bridge?.cancel(callId),
    },
    () => crypto.randomUUID(),
  );
  const answers = createAnswers({
    ask: (name, input) => invoke(client, name, input),
    ...{ toError: toWireError, readsFrom, keep: keptAnswers, lasting },
    elapsed: () => performance.now(),
    later: (act) => void setTimeout(act, 2000),
  });
  const on: Api['on'] = (name, listener) =>
    bridge?.on(name, (payload) => listener(payload as Events[typeof name])) ?? (() => undefined);

  // A running sync says "changed" often; one reading per quarter second and call is plenty for the eye.
  let pending: Change[] = [];
  on('store.changed', (change) => {
    if (pending.length === 0) {
      setTimeout(() => {
        const changes = pending;
        pending = [];
        answers.changed(changes);
      }, 250);
    }
    pending = gather([...pending, change]);
  });
  const onLocked: Api['onLocked'] = (listener) => {
    lockedListeners.add(listener);
    return () => void lockedListeners.delete(listener);
  };
  const ticks = createTicks({
    start: (act, milliseconds) => window.setInterval(act, milliseconds),
    stop: (timer) => window.clearInterval(timer),
    // What is told in one turn React draws at once.
    together: (act) => act(),
  });
  return { client, on, entry: answers.entry, forget: answers.forget, onLocked, ticks };
}

function noBridge(): WireError {
  return {
    code: 'CALL_UNKNOWN',
    kind: 'system',
    message: t('error.noBridge'),
    advice: t('error.noBridgeAdvice'),
  };
}

function invoke(client: Client, name: CallName, input: unknown): Promise<unknown> {
  const [space, verb] = name.split('.') as [string, string];
  const spaces = client as unknown as Record<string, Record<string, (input: unknown) => Promise<unknown>>>;
  const call = spaces[space]?.[verb];
  return call ? call(input) : Promise.reject(new Error(`no such call: ${name}`));
}

const ApiContext = createContext<Api | null>(null);
export const ApiProvider = ApiContext.Provider;

export function useApi(): Api {
  const api = useContext(ApiContext);
  if (!api) throw new Error('no ApiProvider above this component');
  return api;
}

/** Asks and keeps asking: old data stays while reading again; `input: null` asks nothing. */
export function useCall<N extends CallName>(
  name: N,
  input: Input<N> | null,
): CallState<Output<N>> & { reload: () => void } {
  const api = useApi();
  const key = JSON.stringify(input);
  // biome-ignore lint/correctness/useExhaustiveDependencies: `key` stands for `input`, which is a new object each time
  const entry = useMemo(() => (input === null ? null : api.entry(name, input)), [api, name, key]);
  const subscribe = useCallback(
    (listener: () => void) => {
      if (!entry) return () => undefined;
      entry.listeners.add(listener);
      // The first one who looks reads anew; who joins shares that answer.
      if (entry.listeners.size === 1) entry.look();
      return () => entry.listeners.delete(listener);
    },
    [entry],
  );
  const state = useSyncExternalStore(subscribe, () => entry?.state ?? idle);
  const reload = useCallback(() => entry?.load(), [entry]);
  return { ...(state as CallState<Output<N>>), reload };
}
const idle: CallState<unknown> = { data: undefined, error: undefined, loading: false };

export interface Action<A extends unknown[], R> {
  /** Answers undefined when it failed or was cancelled; the reason is in `error`. */
  run(...args: A): Promise<R | undefined>;
  cancel(): void;
  reset(): void;
  readonly busy: boolean;
  readonly error: WireError | undefined;
}

/** Does something once at a time, with its state for buttons and its error for {@link WireError} displays. */
export function useAction<A extends unknown[], R>(
  act: (client: Client, signal: AbortSignal, ...args: A) => Promise<R>,
): Action<A, R> {
  const { client } = useApi();
  const [state, setState] = useState<{ busy: boolean; error: WireError | undefined }>({
    busy: false,
    error: undefined,
  });
  const running = useRef<AbortController | null>(null);
  const latest = useRef(act);
  latest.current = act;

  const run = useCallback(
    async (...args: A): Promise<R | undefined> => {
      if (running.current) return undefined;
      const controller = new AbortController();
      running.current = controller;
      setState({ busy: true, error: undefined });
      try {
        const result = await latest.current(client, controller.signal, ...args);
        setState({ busy: false, error: undefined });
        return result;
      } catch (error) {
        const wire = toWireError(error);
        // Somebody who pressed Cancel, here or in what asked them outside, knows; showing it as an error would only be noise.
        setState({ busy: false, error: wire.code === 'CANCELLED' ? undefined : wire });
        return undefined;
      } finally {
        running.current = null;
      }
    },
    [client],
  );
  const cancel = useCallback(() => running.current?.abort(), []);
  const reset = useCallback(() => setState({ busy: running.current !== null, error: undefined }), []);
  return { run, cancel, reset, ...state };
}

export function useEvent<N extends EventName>(name: N, listener: (payload: Events[N]) => void): void {
  const api = useApi();
  const latest = useRef(listener);
  latest.current = listener;
  useEffect(() => api.on(name, (payload) => latest.current(payload)), [api, name]);
}
