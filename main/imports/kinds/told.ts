import type { FoundConnection } from '../found.ts';
import { isTold, leftOut } from '../found.ts';

/** An entry as a connection, or why it is none. */
export type Taken =
  | { readonly connection: FoundConnection; readonly problem?: undefined }
  | { readonly connection?: undefined; readonly problem: string };

/** The keys of one entry of a file: each is read, or known to change nothing, or told as left out. */
export interface Told {
  /** The text under one of these names for the same thing. */
  text(...names: readonly string[]): string | undefined;
  /** A switch, in the words that files have for on and off. */
  flag(...names: readonly string[]): boolean | undefined;
  has(...names: readonly string[]): boolean;
  /** Without these a connection goes the same way, as safely. */
  pass(names: ReadonlySet<string>): void;
  /** Why the entry can't be understood: two names of one thing say different things. */
  problem(): string | undefined;
  /** Names of what has no value here since it stands elsewhere: in the environment, in a command. */
  closed(): readonly string[];
  /** What whoever takes the entry should know, once everything that matters was asked for. */
  notes(): string[];
}

export interface ToldOptions {
  /** One spelling for names that a file may spell in several ways. */
  readonly fold?: (name: string) => string;
  /** Whether a text stands for something that is not in the file. */
  readonly isClosed?: (text: string) => boolean;
  /** What is said of those, before their names. */
  readonly closedAs?: string;
}

/** Of templates and the like, which stand for something elsewhere. */
const elsewhere = 'Not in the file but where it points to, which is not looked into';

const on = /^(?:true|yes|on|1|y)$/i;
const off = /^(?:false|no|off|0|n)$/i;
/** A name that is no piece of something else, as a password with the sign between keys in it would leave one. */
const namely = (name: string): string =>
  /^[A-Za-z][\w .-]{0,60}$/.test(name) ? name : 'a key without a name';

export function createTold(
  entries: Iterable<readonly [string, unknown]>,
  { fold = (name) => name, isClosed = () => false, closedAs = elsewhere }: ToldOptions = {},
): Told {
  const values = new Map<string, { readonly name: string; readonly value: unknown }>();
  const read = new Set<string>();
  const closed = new Set<string>();
  const odd = new Set<string>();
  let clash: readonly [string, string] | undefined;
  for (const [name, value] of entries) {
    const key = fold(name);
    const before = values.get(key);
    if (!before) values.set(key, { name, value });
    else if (before.value !== value) clash ??= [before.name, name];
  }
  /** The values of one thing, in the order of its names. */
  const under = (names: readonly string[]): { name: string; value: unknown }[] =>
    names.flatMap((each) => {
      const found = values.get(fold(each));
      if (!found || !(isTold(found.value) || found.value === 0 || found.value === false)) return [];
      read.add(fold(each));
      if (typeof found.value !== 'string' || !isClosed(found.value)) return [found];
      closed.add(found.name);
      return [];
    });
  const one = <T>(names: readonly string[], of: (value: unknown) => T | undefined): T | undefined => {
    let first: { readonly name: string; readonly value: T } | undefined;
    for (const { name, value } of under(names)) {
      const meant = of(value);
      if (meant === undefined) odd.add(name);
      else if (!first) first = { name, value: meant };
      else if (first.value !== meant) clash ??= [first.name, name];
    }
    return first?.value;
  };
  return {
    text: (...names) =>
      one(names, (value) =>
        typeof value === 'string' ? value : typeof value === 'number' ? String(value) : undefined,
      ),
    flag: (...names) =>
      one(names, (value) => {
        if (typeof value === 'boolean') return value;
        const word = String(value).trim();
        return on.test(word) ? true : off.test(word) ? false : undefined;
      }),
    has: (...names) => names.some((each) => isTold(values.get(fold(each))?.value)),
    pass: (names) => {
      for (const each of names) read.add(fold(each));
    },
    problem: () => clash && `says different things in ${namely(clash[0])} and ${namely(clash[1])}`,
    closed: () => [...closed].map(namely),
    notes() {
      const left = [...values]
        .filter(([key, { value }]) => !read.has(key) && isTold(value))
        .map(([, { name }]) => namely(name));
      return [
        ...(closed.size === 0 ? [] : [`${closedAs}: ${[...closed].map(namely).join(', ')}.`]),
        ...(odd.size === 0 ? [] : [`Not understood and left out: ${[...odd].map(namely).join(', ')}.`]),
        ...leftOut([...new Set(left)]),
      ];
    },
  };
}

/** A connection of what an entry tells, unless the entry contradicts itself. */
export function take(
  told: Told,
  connection: Omit<FoundConnection, 'notes'>,
  notes: readonly string[],
): Taken {
  const problem = told.problem();
  return problem === undefined
    ? { connection: { ...connection, notes: [...notes, ...told.notes()] } }
    : { problem };
}

/** Why an entry is refused that does not say where it leads. */
export const lacks = (told: Told, what: string): Taken => ({
  problem:
    told.problem() ??
    (told.closed().length === 0
      ? `has no ${what}`
      : `has no ${what} in the file itself; write it in place of what is looked up elsewhere (${told.closed().join(', ')})`),
});
