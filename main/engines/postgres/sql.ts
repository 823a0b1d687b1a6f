/** Quotes an SQL identifier; the only place where one is ever put into SQL text. Fails on NUL, which PostgreSQL has no way to hold. */
export function ident(name: string): string {
  if (name.includes('\0') || name === '') throw new Error('not an SQL identifier');
  return `"${name.replaceAll('"', '""')}"`;
}

/** A qualified name. */
export function qualified(schema: string, name: string): string {
  return `${ident(schema)}.${ident(name)}`;
}

/** A string literal for the few statements that take no parameters (COMMENT, GRANT …). */
export function literal(text: string): string {
  const escaped = text.replaceAll('\0', '').replaceAll("'", "''");
  return escaped.includes('\\') ? `E'${escaped.replaceAll('\\', '\\\\')}'` : `'${escaped}'`;
}

/**
 * How a transaction that writes is meant, said each time: role and database may have other defaults
 * (default_transaction_isolation, default_transaction_read_only, default_transaction_deferrable).
 */
export const writing = 'ISOLATION LEVEL READ COMMITTED READ WRITE NOT DEFERRABLE';
export const beginWriting = `BEGIN ${writing}`;
