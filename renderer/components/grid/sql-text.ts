import { isNumeric, plainNumber } from '../../../preload/contract/query-values.ts';

/** Always in quotes: which words a server takes for its own (`group`, `order`, `user`) depends on its version. */
export const quoted = (name: string): string => `"${name.replaceAll('"', '""')}"`;

/** A value of a type as SQL has it. */
export function literal(value: string | null, type: string): string {
  if (value === null) return 'NULL';
  if (isNumeric(type) && plainNumber.test(value)) return value;
  if (type === 'boolean') return value === 't' || value === 'true' ? 'true' : 'false';
  const text = `'${value.replaceAll("'", "''")}'`;
  return value.includes('\\') ? `E${text.replaceAll('\\', '\\\\')}` : text;
}
