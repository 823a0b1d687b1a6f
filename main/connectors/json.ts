export type Json = string | number | boolean | null | Json[] | { [key: string]: Json };
export type JsonObject = { [key: string]: Json };

export const isObject = (value: unknown): value is JsonObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** A run of digits that a double may not hold exactly, standing where a number can stand. */
const longNumber = /(?:^|[:,[])\s*-?\d[\d.]{15,}/;

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
