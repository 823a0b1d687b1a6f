export interface Codec {
  /** The text of a structured clone of `value`. Throws what Electron throws for what can not be cloned. */
  encode(value: unknown): string;
  decode(text: string): unknown;
}

/**
 * Carries what the structured clone algorithm carries through a channel for text. The function is also evaluated
 * inside pages from its source text, so it uses nothing from outside itself.
 */
export function createCodec(): Codec {
  type Node = null | boolean | number | string | Tagged;
  interface Tagged {
    readonly t: string;
    readonly v?: unknown;
    readonly n?: unknown;
  }

  const toBase64 = (bytes: Uint8Array): string => {
    const { Buffer } = globalThis as { Buffer?: { from(b: ArrayBufferLike, o: number, l: number): Buffer } };
    if (Buffer) return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('base64');
    let text = '';
    for (let at = 0; at < bytes.length; at += 0x8000) {
      text += String.fromCharCode(...bytes.subarray(at, at + 0x8000));
    }
    return btoa(text);
  };
  const fromBase64 = (text: string): Uint8Array<ArrayBuffer> => {
    const binary = atob(text);
    const bytes = new Uint8Array(binary.length);
    for (let at = 0; at < binary.length; at += 1) bytes[at] = binary.charCodeAt(at);
    return bytes;
  };

  const write = (value: unknown, seen: Map<object, number>): Node => {
    if (value === undefined) return { t: 'undefined' };
    if (typeof value === 'bigint') return { t: 'bigint', v: String(value) };
    if (typeof value === 'number' && (!Number.isFinite(value) || Object.is(value, -0))) {
      return { t: 'number', v: Object.is(value, -0) ? '-0' : String(value) };
    }
    if (value === null || typeof value !== 'object') return value as Node;
    const at = seen.get(value);
    if (at !== undefined) return { t: 'seen', v: at };
    seen.set(value, seen.size);
    const inner = (item: unknown): Node => write(item, seen);
    const kind = Object.prototype.toString.call(value).slice(8, -1);
    if (Array.isArray(value)) {
      const items: Node[] = [];
      for (let index = 0; index < value.length; index += 1) {
        items.push(index in value ? inner(value[index]) : { t: 'hole' });
      }
      return { t: 'array', v: items };
    }
    if (ArrayBuffer.isView(value)) {
      const bytes = new Uint8Array(value.buffer, value.byteOffset, value.byteLength);
      return { t: 'view', n: kind, v: toBase64(bytes) };
    }
    switch (kind) {
      case 'Date': {
        const time = (value as Date).getTime();
        return { t: 'date', v: Number.isNaN(time) ? null : time };
      }
      case 'Map':
        return { t: 'map', v: [...(value as Map<unknown, unknown>)].map(([k, v]) => [inner(k), inner(v)]) };
      case 'Set':
        return { t: 'set', v: [...(value as Set<unknown>)].map(inner) };
      case 'RegExp':
        return { t: 'regexp', v: (value as RegExp).source, n: (value as RegExp).flags };
      case 'ArrayBuffer':
      case 'SharedArrayBuffer':
        return { t: 'buffer', v: toBase64(new Uint8Array(value as ArrayBuffer)) };
      case 'Boolean':
      case 'Number':
      case 'String':
        return { t: 'boxed', v: inner((value as { valueOf(): unknown }).valueOf()) };
      case 'Error': {
        const { name, message, stack, cause } = value as Error;
        return {
          t: 'error',
          n: name,
          v: [message, stack ?? null, ...(cause === undefined ? [] : [inner(cause)])],
        };
      }
      case 'Object':
        return { t: 'object', v: Object.entries(value).map(([key, item]) => [key, inner(item)]) };
      default:
        throw new Error('An object could not be cloned.');
    }
  };

  const views: Record<string, (bytes: Uint8Array<ArrayBuffer>) => unknown> = {
    DataView: (bytes) => new DataView(bytes.buffer),
    Uint8Array: (bytes) => bytes,
    Int8Array: (bytes) => new Int8Array(bytes.buffer),
    Uint8ClampedArray: (bytes) => new Uint8ClampedArray(bytes.buffer),
    Int16Array: (bytes) => new Int16Array(bytes.buffer),
    Uint16Array: (bytes) => new Uint16Array(bytes.buffer),
    Int32Array: (bytes) => new Int32Array(bytes.buffer),
    Uint32Array: (bytes) => new Uint32Array(bytes.buffer),
    Float32Array: (bytes) => new Float32Array(bytes.buffer),
    Float64Array: (bytes) => new Float64Array(bytes.buffer),
    BigInt64Array: (bytes) => new BigInt64Array(bytes.buffer),
    BigUint64Array: (bytes) => new BigUint64Array(bytes.buffer),
  };
  const errors: Record<string, ErrorConstructor> = {
    EvalError,
    RangeError,
    ReferenceError,
    SyntaxError,
    TypeError,
    URIError,
  };

  const read = (node: Node, seen: unknown[]): unknown => {
    if (node === null || typeof node !== 'object') return node;
    if (node.t === 'undefined') return undefined;
    if (node.t === 'bigint') return BigInt(node.v as string);
    if (node.t === 'number') return node.v === '-0' ? -0 : Number(node.v);
    if (node.t === 'seen') return seen[node.v as number];
    const inner = (item: unknown): unknown => read(item as Node, seen);
    const made = <T>(value: T): T => {
      seen.push(value);
      return value;
    };
    switch (node.t) {
      case 'array': {
        const items = node.v as Tagged[];
        const array = made(new Array<unknown>(items.length));
        for (const [index, item] of items.entries()) {
          if (item === null || item.t !== 'hole') array[index] = inner(item);
        }
        return array;
      }
      case 'view':
        return made(views[node.n as string]?.(fromBase64(node.v as string)));
      case 'date':
        return made(new Date(node.v === null ? Number.NaN : (node.v as number)));
      case 'map': {
        const map = made(new Map<unknown, unknown>());
        for (const [key, item] of node.v as [Node, Node][]) map.set(inner(key), inner(item));
        return map;
      }
      case 'set': {
        const set = made(new Set<unknown>());
        for (const item of node.v as Node[]) set.add(inner(item));
        return set;
      }
      case 'regexp':
        return made(new RegExp(node.v as string, node.n as string));
      case 'buffer':
        return made(fromBase64(node.v as string).buffer);
      case 'boxed':
        return made(Object(inner(node.v)));
      case 'error': {
        const [message, stack, ...cause] = node.v as [string, string | null, ...Node[]];
        const error = made(new (errors[node.n as string] ?? Error)(message));
        Object.defineProperty(error, 'stack', {
          value: stack ?? undefined,
          configurable: true,
          writable: true,
        });
        if (cause.length > 0) {
          Object.defineProperty(error, 'cause', {
            value: inner(cause[0]),
            configurable: true,
            writable: true,
          });
        }
        return error;
      }
      default: {
        const object = made<Record<string, unknown>>({});
        for (const [key, item] of node.v as [string, Node][]) {
          // Not an assignment: `__proto__` is a key like any other here.
          Object.defineProperty(object, key, {
            value: inner(item),
            enumerable: true,
            configurable: true,
            writable: true,
          });
        }
        return object;
      }
    }
  };

  return {
    encode(value) {
      let clone: unknown;
      try {
        clone = structuredClone(value);
      } catch {
        throw new Error('An object could not be cloned.');
      }
      return JSON.stringify(write(clone, new Map()));
    },
    decode: (text) => read(JSON.parse(text) as Node, []),
  };
}
