import fc from 'fast-check';
import { z } from 'zod';

/*
 * Payloads that no honest caller sends, made from what a call takes: a good input with one to three of its places
 * poisoned, emptied or doubled, or something else altogether.
 */

/** Made anew for each payload where it can be changed; `text` is the generator's own. */
type Poison = (text: string) => unknown;

const long = 'x'.repeat(1_000_000);
const deep = (levels: number): unknown => {
  let value: unknown = {};
  for (let n = 0; n < levels; n += 1) value = n % 2 === 0 ? [value] : { value };
  return value;
};
const deepest = deep(10_000);
const trap = (): never => {
  throw new TypeError('a trap');
};
const hostileProxy = (): unknown =>
  new Proxy(
    {},
    { get: trap, has: trap, ownKeys: trap, getPrototypeOf: trap, getOwnPropertyDescriptor: trap },
  );
const gone = (): unknown => {
  const { proxy, revoke } = Proxy.revocable({}, {});
  revoke();
  return proxy;
};
const cyclic = (): unknown => {
  const value: Record<string, unknown> = {};
  value['self'] = value;
  value['list'] = [value];
  return value;
};

const poisons: readonly Poison[] = [
  (text) => text,
  (text) => ({ [text]: text }),
  (text) => [text, text],
  () => undefined,
  () => null,
  () => true,
  () => 0,
  () => -1,
  () => 1.5,
  () => Number.NaN,
  () => Number.POSITIVE_INFINITY,
  () => Number.NEGATIVE_INFINITY,
  () => 2 ** 53,
  () => -0,
  () => 10n,
  () => Symbol('poison'),
  () => () => 'a function',
  () => '',
  () => ' ',
  () => long,
  () => 'half \ud800',
  () => '\udfff',
  () => 'nul \0 inside',
  () => '__proto__',
  () => 'constructor',
  () => "'; DROP TABLE people; --",
  () => '../../../etc/passwd',
  () => '6f9619ff-8b86-4d01-b42d-00cf4fc964fg',
  () => '6f9619ff8b864d01b42d00cf4fc964ff',
  () => '6f9619ff-8b86-4d01-b42d-00cf4fc964ff ',
  () => [],
  () => [[[]]],
  () => new Array(5),
  () => Array.from({ length: 10_001 }, () => 'x'),
  () => ({ length: 3, 0: 'a' }),
  () => ({}),
  () => Object.create(null),
  () => JSON.parse('{"__proto__":{"polluted":1},"constructor":{"prototype":{"polluted":1}}}'),
  () => deepest,
  cyclic,
  () => new Date(Number.NaN),
  () => new Map([['id', 'x']]),
  () => new Set(['x']),
  () => new Uint8Array(8),
  () => new String('an object'),
  () => /regular/g,
  () => Promise.resolve('later'),
  () => ({ toString: trap, valueOf: trap, toJSON: trap }),
  () => ({
    get id() {
      return trap();
    },
    get name() {
      return trap();
    },
  }),
  hostileProxy,
  gone,
];

type Path = readonly (string | number)[];
interface Schema {
  readonly properties?: Record<string, Schema>;
  readonly items?: Schema | boolean;
  readonly anyOf?: Schema[];
  readonly oneOf?: Schema[];
}

/** Every place of an input, as its schema names them. */
function placesOf(schema: Schema, path: Path = []): Path[] {
  const inner = [...(schema.anyOf ?? []), ...(schema.oneOf ?? [])].flatMap((each) => placesOf(each, path));
  const fields = Object.entries(schema.properties ?? {}).flatMap(([name, each]) => [
    [...path, name],
    ...placesOf(each, [...path, name]),
  ]);
  const items =
    typeof schema.items === 'object' ? [[...path, 0], ...placesOf(schema.items, [...path, 0])] : [];
  return [...fields, ...items, ...inner];
}

/** One recipe for spoiling an input; the same one spoils each call in its own place. */
export interface Recipe {
  readonly kind: 'set' | 'set' | 'remove' | 'extra' | 'whole' | 'wrap';
  readonly places: readonly number[];
  readonly poisons: readonly number[];
  readonly text: string;
}

export function recipes(count: number, seed: number): Recipe[] {
  const number = fc.nat(1_000_000);
  const recipe = fc.record({
    kind: fc.constantFrom('set', 'set', 'set', 'set', 'remove', 'extra', 'whole', 'wrap'),
    places: fc.array(number, { minLength: 1, maxLength: 3 }),
    poisons: fc.array(number, { minLength: 3, maxLength: 3 }),
    text: fc.string({ unit: 'binary', maxLength: 40 }),
  });
  return fc.sample(recipe as fc.Arbitrary<Recipe>, { numRuns: count, seed });
}

const isObject = (value: unknown): value is Record<string | number, unknown> =>
  typeof value === 'object' && value !== null;
/** Sets or removes what is at a place, making what leads there; an own field also where it is called `__proto__`. */
function put(root: Record<string, unknown>, path: Path, change: { value: unknown } | null): void {
  let at: Record<string | number, unknown> = root;
  for (const step of path.slice(0, -1)) {
    const next = Object.hasOwn(at, step) ? at[step] : undefined;
    if (isObject(next)) at = next;
    else {
      const made: Record<string | number, unknown> = {};
      at[step] = made;
      at = made;
    }
    // One that was poisoned before is left as it is.
    if (poisoned.has(at)) return;
  }
  const last = path.at(-1) as string | number;
  if (change === null) delete at[last];
  else {
    Object.defineProperty(at, last, {
      value: change.value,
      writable: true,
      enumerable: true,
      configurable: true,
    });
    if (isObject(change.value)) poisoned.add(change.value);
  }
}
const poisoned = new WeakSet<object>();

export function spoiler(input: z.ZodType, good: unknown): (recipe: Recipe) => unknown {
  const places = placesOf(z.toJSONSchema(input, { io: 'input', unrepresentable: 'any' }) as Schema);
  return ({ kind, places: chosen, poisons: picked, text }) => {
    const value = (n: number): unknown => (poisons[(picked[n] ?? 0) % poisons.length] as Poison)(text);
    if (kind === 'whole') return value(0);
    const spoiled = structuredClone(good) as Record<string, unknown>;
    if (kind === 'wrap')
      return [[spoiled], { input: spoiled }, JSON.stringify(spoiled)][(picked[0] ?? 0) % 3];
    if (kind === 'extra' || places.length === 0) {
      const name = ['__proto__', 'constructor', text, 'ID', 'extra', 'roles'][(picked[1] ?? 0) % 6] as string;
      put(spoiled, [name], { value: value(0) });
      return spoiled;
    }
    for (const [n, place] of chosen.entries()) {
      const path = places[place % places.length] as Path;
      put(spoiled, path, kind === 'remove' ? null : { value: value(n) });
    }
    return spoiled;
  };
}

/** Whether the contract takes it. */
export function isTaken(input: z.ZodType, payload: unknown): boolean {
  try {
    return input.safeParse(payload).success;
  } catch {
    return false;
  }
}
