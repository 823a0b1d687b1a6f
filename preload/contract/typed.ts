/*
 * What is typed into the window that asks for passphrases, and the rules for it. They stand here without zod, so that the
 * script of that window is small; the schemas of the contract are made from the same numbers.
 */

/** In characters, of everything that is typed there. */
export const longestTyped = 1024;
/** Of a profile or of the vault: long enough that guessing it against scrypt is hopeless, short enough for words. */
export const shortestPassphrase = 10;
/** Of a sealed bundle, which is guessed at where nobody counts the tries. */
export const shortestBundlePassphrase = 12;

/**
 * `known`: it is there already. `new`: it is made here, so it is typed twice. `key`: a recovery key, which is read off paper
 * and shown while it is typed.
 */
export type TypedKind = 'known' | 'new' | 'key';

/** What the window that asks shows; plain texts, in the person's language. */
export interface AskedText {
  readonly title: string;
  readonly what: string;
  /** What the field is called. */
  readonly label: string;
  readonly kind: TypedKind;
  /** In characters. */
  readonly shortest: number;
  /** What was wrong with what was typed last; null the first time. */
  readonly problem: string | null;
  /** What was typed last, to be corrected; empty where it is typed anew. */
  readonly before: string;
  /** What makes a good one; empty where it exists already. */
  readonly rule: string;
  /** What is said of each problem. */
  readonly problems: Readonly<Record<TypedProblem, string>>;
}

/** Nothing, too little, or not the same twice. */
export type TypedProblem = 'empty' | 'short' | 'different';

/** What is wrong with what was typed, and in which field; null when nothing is. */
export function problemOfTyped(
  { kind, shortest }: { readonly kind: TypedKind; readonly shortest: number },
  typed: string,
  again: string,
): { readonly field: 'typed' | 'again'; readonly problem: TypedProblem } | null {
  if (typed === '') return { field: 'typed', problem: 'empty' };
  if (typed.length < shortest) return { field: 'typed', problem: 'short' };
  if (kind === 'new' && typed !== again) return { field: 'again', problem: 'different' };
  return null;
}
