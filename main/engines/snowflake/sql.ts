/** A name as Snowflake quotes it: exactly as it is. */
export const ident = (name: string): string => `"${name.replaceAll('"', '""')}"`;

/** A text as a literal; a backslash escapes there. */
export const literal = (text: string): string => `'${text.replace(/[\\']/g, '\\$&')}'`;

/** A text that LIKE takes as it is. */
export const pattern = (text: string): string => literal(text.replace(/[\\%_]/g, '\\$&'));

/** The name that somebody means: as in SQL, one without quotation marks is in upper case, and one within them is as it is. */
export function meant(entered: string): string {
  const name = entered.trim();
  if (/^"(?:[^"]|"")+"$/.test(name)) return name.slice(1, -1).replaceAll('""', '"');
  return /^[A-Za-z_][\w$]*$/.test(name) ? name.toUpperCase() : name;
}
