/** A name as ClickHouse quotes it. */
export const ident = (name: string): string => `\`${name.replace(/[\\`]/g, '\\$&')}\``;

/** A text as a literal. */
export const literal = (text: string): string => `'${text.replace(/[\\']/g, '\\$&')}'`;
