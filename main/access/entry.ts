/*
 * What an entry of the audit log says about a call: by fields that name things, never by what may be secret.
 */

/** Fields whose values say what an entry is about; everything else of an input stays out of the log. */
const subjectFields = [
  'id',
  'name',
  'linkId',
  'sourceId',
  'projectId',
  'connectionId',
  'personId',
  'table',
  'field',
  'level',
  'format',
] as const;
/** How much of one value is kept. */
const longestValue = 200;
/** A refused input can be of any length. */
const longestLookedAt = 5000;
/** A reason is kept whole: the contract takes no longer one. */
const longestReason = 500;

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null;

/**
 * A name is free text as well: one that could pass for another field, or break the line, stands in quotes, as JSON without
 * any sign of equality.
 */
export const inOneWord = (value: string): string =>
  /[="\p{C}]/u.test(value) ? JSON.stringify(value).replaceAll('=', '\\u003d') : value;

/**
 * Inputs need not be what the contract wants: they are written down also when they were refused for that. `hide` takes
 * secrets out of a text.
 */
export function subjectOf(input: unknown, hide: (text: string) => string): string {
  try {
    return isRecord(input) ? describe(input, hide) : '';
  } catch {
    // Something that makes trouble while it is read says nothing about what it was for.
    return '';
  }
}

function describe(input: Record<string, unknown>, hide: (text: string) => string): string {
  const parts: string[] = [];
  for (const field of subjectFields) {
    const value = input[field];
    if (typeof value === 'string') {
      // Hidden before it is cut: of a secret that is cut nothing would be recognised.
      const kept = hide(value.slice(0, longestLookedAt)).slice(0, longestValue);
      parts.push(`${field}=${inOneWord(kept)}`);
    }
    if (field === 'level' && value === null) parts.push('level=none');
  }
  const { ids, also, roles, reason, superuserReason } = input;
  if (Array.isArray(ids)) parts.push(`ids=${ids.length}`);
  if (Array.isArray(also) && also.length > 0) parts.push(`also=${also.length}`);
  if (Array.isArray(roles)) {
    parts.push(`roles=${roles.slice(0, 10).map(String).join(',').slice(0, longestValue)}`);
  }
  // Free text, so it comes last and in quotes: nothing in it can pass for another field.
  for (const [field, text] of Object.entries({ reason, superuserReason })) {
    if (typeof text === 'string' && (text !== '' || field === 'reason'))
      parts.push(`${field}=${JSON.stringify(text.slice(0, longestReason))}`);
  }
  return parts.join(' ');
}

/** What came of it: the id of what was made, and how many were handed over, changed or created. */
export function resultOf(input: unknown, output: unknown): string {
  if (!isRecord(output)) return '';
  const parts: string[] = [];
  const hadId = isRecord(input) && typeof input['id'] === 'string';
  if (typeof output['id'] === 'string' && !hadId) parts.push(`made=${output['id']}`);
  for (const field of ['count', 'changed'] as const) {
    if (typeof output[field] === 'number') parts.push(`${field}=${output[field]}`);
  }
  for (const field of ['created', 'replaced'] as const) {
    const list = output[field];
    if (Array.isArray(list)) parts.push(`${field}=${list.length}`);
  }
  return parts.join(' ');
}

/** Reading with a secret is written down once in this time for one person, call and subject. */
const repeatMs = 10 * 60_000;
/** How many are remembered; whoever causes more of them is written down more often. */
const mostRemembered = 5000;

/** Tells what was written lately: whoever pages through rows, or asks again and again, must not flood the log. */
export function createRecent(now: () => number, everyMs = repeatMs) {
  const written = new Map<string, number>();
  return {
    has(key: string): boolean {
      const at = written.get(key);
      return at !== undefined && now() - at < everyMs;
    },
    add(key: string): void {
      written.delete(key);
      written.set(key, now());
      const [oldest] = written.keys();
      if (written.size > mostRemembered && oldest !== undefined) written.delete(oldest);
    },
  };
}
