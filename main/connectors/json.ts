export type Json = string | number | boolean | null | Json[] | { [key: string]: Json };
export type JsonObject = { [key: string]: Json };

export const isObject = (value: unknown): value is JsonObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** A run of digits that a double may not hold exactly, standing where a number can stand. */
const longNumber = /[:,[]\s*-?\d[\d.]{15,}/;

/**
 * JSON.parse, except that numbers a double would change become strings of their own digits. The exact path is about
 * five times slower, so it is taken only for texts that hold such a number at all.
 */
export function parseJson(text: string): Json {
  if (!longNumber.test(text)) return JSON.parse(text) as Json;
  return JSON.parse(text, (_key, value: unknown, context?: { source?: string }) => {
    if (typeof value !== 'number' || context?.source === undefined) return value;
    const source = context.source;
    return source.length > 15 && String(value) !== source ? source : value;
  }) as Json;
}

const quote = 34;
const backslash = 92;
const open = 123;
const close = 125;
const openList = 91;
const closeList = 93;

/**
 * The source texts of the objects of one top-level list, e.g. `objects` in `{"meta":…, "objects":[{…},{…}]}`, cut out
 * without parsing. Null when the list isn't there. The text must be valid JSON (parse it first).
 */
export function sliceList(text: string, field: string): string[] | null {
  const slices: string[] = [];
  let depth = 0;
  let start = -1;
  let inList = false;
  for (let i = 0; i < text.length; i += 1) {
    const char = text.charCodeAt(i);
    if (char === quote) {
      const begin = i;
      // Jump to the closing quote: one that an even number of backslashes stands before.
      for (;;) {
        i = text.indexOf('"', i + 1);
        if (i < 0) return null;
        let slashes = 0;
        while (text.charCodeAt(i - 1 - slashes) === backslash) slashes += 1;
        if (slashes % 2 === 0) break;
      }
      if (depth === 1 && !inList && text.slice(begin + 1, i) === field) {
        const after = /^\s*:\s*\[/.exec(text.slice(i + 1, i + 65));
        if (after) {
          i += after[0].length;
          depth = 2;
          inList = true;
        }
      }
    } else if (char === open || char === openList) {
      if (inList && depth === 2 && char === open) start = i;
      depth += 1;
    } else if (char === close || char === closeList) {
      depth -= 1;
      if (inList && depth === 2 && start >= 0) {
        slices.push(text.slice(start, i + 1));
        start = -1;
      } else if (inList && depth === 1) return slices;
    }
  }
  return inList ? slices : null;
}
