/** A name as GoogleSQL quotes it ("Lexical structure": quoted identifiers take the escapes of texts). */
export const ident = (name: string): string => `\`${name.replace(/[\\`]/g, '\\$&')}\``;
