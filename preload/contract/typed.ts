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

/** What a person is asked to type; plain texts. */
export interface TypedQuestion {
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
}

/** What is wrong with what was typed, and in which field; null when nothing is. */
export function problemOfTyped(
  { kind, shortest }: Pick<TypedQuestion, 'kind' | 'shortest'>,
  typed: string,
  again: string,
): { readonly field: 'typed' | 'again'; readonly text: string } | null {
  if (typed === '') return { field: 'typed', text: 'Enter it here.' };
  if (typed.length < shortest) return { field: 'typed', text: `Use at least ${shortest} characters.` };
  if (kind === 'new' && typed !== again) return { field: 'again', text: 'The two are not the same.' };
  return null;
}
