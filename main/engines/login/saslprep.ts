import { leftToRight, prohibited, rightToLeft, unassigned } from './saslprep-tables.ts';

/** RFC 3454, table C.1.2: spaces beyond ASCII become a space. */
const otherSpaces = /[\u00a0\u1680\u2000-\u200b\u202f\u205f\u3000]/g;
/** RFC 3454, table B.1: characters that are commonly mapped to nothing. */
// biome-ignore lint/suspicious/noMisleadingCharacterClass: each stands for itself
const nothing = /[\u00ad\u034f\u1806\u180b-\u180d\u200c\u200d\u2060\ufe00-\ufe0f\ufeff]/g;

const mapped = (password: string): string => password.replace(otherSpaces, ' ').replace(nothing, '');

/** What pg makes of a password before it proves that it knows it: it prepares also what can't be prepared. */
export const asDriverPrepares = (password: string): string => mapped(password).normalize('NFKC');

/** Letters of both directions mixed, or one from right to left that is not at both ends (RFC 3454, 6). */
function isMixed(characters: readonly string[]): boolean {
  if (!characters.some((each) => rightToLeft.test(each))) return false;
  const [first = '', last = ''] = [characters[0], characters.at(-1)];
  return (
    characters.some((each) => leftToRight.test(each)) || !rightToLeft.test(first) || !rightToLeft.test(last)
  );
}

/**
 * SASLprep (RFC 4013) as PostgreSQL's server and libpq apply it to passwords (saslprep.c): one that can't be prepared is taken
 * as it is by both. Looked at is what stands there before it is normalised, as they do.
 */
export function saslprep(password: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: exactly the ASCII ones
  if (/^[\x00-\x7f]*$/.test(password)) return password;
  const characters = [...mapped(password)];
  const isRefused =
    characters.length === 0 ||
    characters.some((each) => prohibited.test(each) || unassigned.test(each)) ||
    isMixed(characters);
  return isRefused ? password : characters.join('').normalize('NFKC');
}
