import type { Codec } from './codec.ts';
import { createCodec } from './codec.ts';

/** The isolated world that the preload script runs in; DevTools shows the same name in Electron. */
export const isolatedWorld = 'Electron Isolated Context';

/** The name under which an isolated world sends to the main process; only that world has it. */
export const sendBinding = '__electronDoubleSend';

/** What travels from a preload script to the main process. */
export interface Outgoing {
  readonly kind: 'invoke' | 'send' | 'preload-error';
  readonly id?: number;
  readonly channel: string;
  /** Encoded by the codec. */
  readonly args: string;
}

/** What travels from the main process to a preload script. */
export interface Incoming {
  readonly kind: 'reply' | 'message';
  readonly id?: number;
  readonly channel: string;
  readonly args?: string;
  readonly error?: string;
}

interface BridgeEnd {
  expose(key: string, api: unknown): void;
}

/**
 * One end of the context bridge. Both worlds of a document run it; they share the DOM, so they talk by custom
 * events under a name no page can know. Evaluated from its source text: it uses nothing from outside itself.
 */
function createBridgeEnd(secret: string, side: 'main' | 'isolated'): BridgeEnd {
  interface Message {
    readonly kind: 'expose' | 'call' | 'return' | 'settle' | 'refuse';
    readonly id: number;
    readonly ok?: boolean;
    readonly key?: string;
    readonly value?: unknown;
  }
  type Callback = (...args: unknown[]) => unknown;

  const other = side === 'main' ? 'isolated' : 'main';
  // Taken before any script of the page can replace them.
  const CustomEventOfWorld = CustomEvent;
  const dispatch = document.dispatchEvent.bind(document);
  const functions: Callback[] = [];
  const promises = new Map<number, { resolve: (value: unknown) => void; reject: (error: unknown) => void }>();
  const returned: Message[] = [];
  /** Functions of the other side that are known here by a proxy; they go back as what they were. */
  const origins = new WeakMap<Callback, number>();
  let lastPromise = 0;

  const post = (message: Message): void => {
    dispatch(new CustomEventOfWorld(`${secret}:${other}`, { detail: message }));
  };

  const write = (value: unknown, depth: number): unknown => {
    if (depth > 1000) {
      throw new Error(
        'Electron contextBridge recursion depth exceeded.  Nested objects deeper than 1000 are not supported.',
      );
    }
    const inner = (item: unknown): unknown => write(item, depth + 1);
    if (typeof value === 'function') {
      const origin = origins.get(value as Callback);
      if (origin !== undefined) return { original: origin };
      functions.push(value as Callback);
      return { function: functions.length - 1 };
    }
    if (typeof value === 'symbol') throw new Error('An object could not be cloned.');
    if (value === null || typeof value !== 'object') return { value };
    if (value instanceof Promise) {
      lastPromise += 1;
      const id = lastPromise;
      value.then(
        (result) => settle(id, true, result),
        (error) => settle(id, false, error),
      );
      return { promise: id };
    }
    if (Array.isArray(value)) return { array: value.map(inner) };
    // Message and stack only: name, class and custom properties of an error do not cross.
    if (value instanceof Error) return { error: [value.message, value.stack] };
    if (Object.prototype.toString.call(value) === '[object Object]') {
      return {
        object: Object.keys(value).map((key) => [key, inner((value as Record<string, unknown>)[key])]),
      };
    }
    try {
      return { value: structuredClone(value) };
    } catch {
      throw new Error('An object could not be cloned.');
    }
  };

  const read = (packed: unknown): unknown => {
    const node = packed as {
      value?: unknown;
      original?: number;
      function?: number;
      promise?: number;
      array?: unknown[];
      error?: [string, string | undefined];
      object?: [string, unknown][];
    };
    if (node.original !== undefined) return functions[node.original];
    if (node.function !== undefined) return proxyOf(node.function);
    if (node.promise !== undefined) {
      const id = node.promise;
      return new Promise((resolve, reject) => promises.set(id, { resolve, reject }));
    }
    if (node.array) return node.array.map(read);
    if (node.error) {
      const error = new Error(node.error[0]);
      if (node.error[1]) Object.defineProperty(error, 'stack', { value: node.error[1], configurable: true });
      return error;
    }
    if (node.object) {
      const object: Record<string, unknown> = {};
      for (const [key, item] of node.object) {
        Object.defineProperty(object, key, {
          value: read(item),
          enumerable: true,
          configurable: true,
          writable: true,
        });
      }
      return object;
    }
    return node.value;
  };

  const proxyOf = (id: number): Callback => {
    const proxy: Callback = (...args) => {
      const depth = returned.length;
      post({ kind: 'call', id, value: write(args, 0) });
      const answer = returned[depth];
      returned.length = depth;
      if (!answer) throw new Error('electron double: the other world did not answer');
      const value = read(answer.value);
      if (!answer.ok) throw value;
      return value;
    };
    origins.set(proxy, id);
    return proxy;
  };

  const settle = (id: number, ok: boolean, value: unknown): void => {
    try {
      post({ kind: 'settle', id, ok, value: write(value, 0) });
    } catch (error) {
      post({ kind: 'settle', id, ok: false, value: write(error, 0) });
    }
  };

  const freeze = (value: unknown): unknown => {
    if (value === null || (typeof value !== 'object' && typeof value !== 'function')) return value;
    if (Object.isFrozen(value) || ArrayBuffer.isView(value)) return value;
    for (const key of Object.keys(value)) freeze((value as Record<string, unknown>)[key]);
    return Object.freeze(value);
  };

  const receive = (message: Message): void => {
    if (message.kind === 'return') {
      returned.push(message);
    } else if (message.kind === 'settle') {
      const waiting = promises.get(message.id);
      promises.delete(message.id);
      const value = read(message.value);
      if (message.ok) waiting?.resolve(value);
      else waiting?.reject(value);
    } else if (message.kind === 'call') {
      let answer: { ok: boolean; value: unknown };
      try {
        answer = {
          ok: true,
          value: write(functions[message.id]?.(...(read(message.value) as unknown[])), 0),
        };
      } catch (error) {
        answer = { ok: false, value: write(error, 0) };
      }
      post({ kind: 'return', id: message.id, ...answer });
    } else {
      const key = message.key ?? '';
      const taken = key in globalThis;
      if (!taken) {
        Object.defineProperty(globalThis, key, {
          value: freeze(read(message.value)),
          enumerable: true,
          configurable: false,
          writable: false,
        });
      }
      post({ kind: 'return', id: 0, ok: !taken, value: write(undefined, 0) });
    }
  };

  document.addEventListener(`${secret}:${side}`, (event) => {
    event.stopImmediatePropagation();
    receive((event as CustomEvent<Message>).detail);
  });

  return {
    expose(key, api) {
      post({ kind: 'expose', id: 0, key, value: write(api, 0) });
      if (!returned.pop()?.ok) {
        throw new Error('Cannot bind an API on top of an existing property on the window object');
      }
    },
  };
}

interface PreloadSetup {
  readonly codec: Codec;
  readonly bridge: BridgeEnd;
  readonly binding: string;
  readonly receiver: string;
  readonly versions: Record<string, string>;
  readonly platform: string;
  readonly arch: string;
}

/** What a sandboxed preload script finds: `require('electron')`, `process`. Evaluated from its source text. */
function runPreload(
  setup: PreloadSetup,
  script: (require: unknown, process: unknown, module: unknown, exports: unknown, global: unknown) => void,
): void {
  const { codec, bridge, binding, receiver } = setup;
  type Listener = (event: object, ...args: unknown[]) => void;
  const world = globalThis as unknown as Record<string, unknown>;
  const sendText = world[binding] as (text: string) => void;
  delete world[binding];
  const send = (message: object): void => sendText(JSON.stringify(message));
  const pending = new Map<number, { resolve: (value: unknown) => void; reject: (error: Error) => void }>();
  const listeners = new Map<string, { listener: Listener; original: Listener }[]>();
  let lastId = 0;

  const of = (channel: string): { listener: Listener; original: Listener }[] => {
    const known = listeners.get(channel) ?? [];
    listeners.set(channel, known);
    return known;
  };
  const add = (channel: string, listener: Listener, original: Listener): object => {
    of(channel).push({ listener, original });
    return ipcRenderer;
  };
  const remove = (channel: string, listener: Listener): object => {
    const known = of(channel);
    const at = known.findIndex((entry) => entry.original === listener);
    if (at >= 0) known.splice(at, 1);
    return ipcRenderer;
  };
  const refuse = (name: string) => (): never => {
    throw new Error(`electron double: ${name} is not implemented`);
  };

  const ipcRenderer = {
    invoke: async (channel: string, ...args: unknown[]): Promise<unknown> => {
      const text = codec.encode(args);
      lastId += 1;
      const id = lastId;
      return new Promise((resolve, reject) => {
        pending.set(id, { resolve, reject });
        send({ kind: 'invoke', id, channel, args: text });
      });
    },
    send: (channel: string, ...args: unknown[]): void => {
      send({ kind: 'send', channel, args: codec.encode(args) });
    },
    on: (channel: string, listener: Listener) => add(channel, listener, listener),
    addListener: (channel: string, listener: Listener) => add(channel, listener, listener),
    once: (channel: string, listener: Listener) =>
      add(
        channel,
        (event, ...args) => {
          remove(channel, listener);
          listener(event, ...args);
        },
        listener,
      ),
    off: remove,
    removeListener: remove,
    removeAllListeners: (channel: string) => {
      listeners.delete(channel);
      return ipcRenderer;
    },
    listenerCount: (channel: string) => of(channel).length,
    sendSync: refuse('ipcRenderer.sendSync'),
    postMessage: refuse('ipcRenderer.postMessage'),
    sendToHost: refuse('ipcRenderer.sendToHost'),
  };

  world[receiver] = (message: {
    kind: string;
    id: number;
    channel: string;
    args: string;
    error?: string;
  }) => {
    if (message.kind === 'reply') {
      const waiting = pending.get(message.id);
      pending.delete(message.id);
      if (message.error === undefined) waiting?.resolve(codec.decode(message.args));
      else waiting?.reject(new Error(`Error invoking remote method '${message.channel}': ${message.error}`));
      return;
    }
    const args = codec.decode(message.args) as unknown[];
    for (const { listener } of [...of(message.channel)]) {
      // As with a real emitter, one listener that throws does not reach the main process.
      try {
        listener({ sender: ipcRenderer, ports: [] }, ...args);
      } catch (error) {
        reportError(error);
      }
    }
  };

  const electron = {
    ipcRenderer,
    contextBridge: {
      exposeInMainWorld: (key: string, api: unknown) => bridge.expose(key, api),
      exposeInIsolatedWorld: refuse('contextBridge.exposeInIsolatedWorld'),
      executeInMainWorld: refuse('contextBridge.executeInMainWorld'),
    },
    crashReporter: { getParameters: () => ({}), addExtraParameter: () => {}, removeExtraParameter: () => {} },
  };
  const strictly = (name: string, object: object): object =>
    new Proxy(object, {
      get(target, member) {
        if (typeof member === 'symbol' || member in target) return Reflect.get(target, member);
        throw new Error(`electron double: ${name}.${member} is not implemented in a preload script`);
      },
    });
  const require = (name: string): unknown => {
    if (name === 'electron' || name === 'electron/renderer') return strictly('electron', electron);
    // What a sandboxed preload script of Electron may load, and the double does not have.
    if (['events', 'timers', 'url'].includes(name.replace('node:', '')))
      return refuse(`require('${name}')`)();
    throw new Error(`module not found: ${name}`);
  };
  const process = {
    type: 'renderer',
    sandboxed: true,
    contextIsolated: true,
    isMainFrame: true,
    platform: setup.platform,
    arch: setup.arch,
    versions: setup.versions,
    env: {},
  };
  const module = { exports: {} };
  try {
    script(require, process, module, module.exports, globalThis);
  } catch (error) {
    const { message, stack } = error as Error;
    send({ kind: 'preload-error', channel: '', args: codec.encode([message, stack]) });
  }
}

/** The script of a document's main world: the receiving end of the bridge. */
export function mainWorldScript(secret: string): string {
  return `if (window === window.top) { (${createBridgeEnd})(${JSON.stringify(secret)}, 'main'); }`;
}

/** The name under which a preload script's world receives; random, and absent from the page's world. */
export function receiverName(secret: string): string {
  return `__electronDoubleReceive_${secret}`;
}

/** The script of the isolated world: the other end of the bridge, then the preload script itself. */
export function isolatedWorldScript(
  secret: string,
  preload: string,
  versions: Record<string, string>,
): string {
  const setup = JSON.stringify({
    binding: sendBinding,
    receiver: receiverName(secret),
    versions,
    platform: process.platform,
    arch: process.arch,
  });
  return `if (window === window.top) {
    (${runPreload})(
      { ...${setup}, codec: (${createCodec})(), bridge: (${createBridgeEnd})(${JSON.stringify(secret)}, 'isolated') },
      function (require, process, module, exports, global) {${preload}\n},
    );
  }`;
}
