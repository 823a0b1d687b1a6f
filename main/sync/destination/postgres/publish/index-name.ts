import type { PgClient } from '../../../../engines/postgres/postgres-client.ts';
import { temporaryPrefix } from './work.ts';

/** The longest name that PostgreSQL keeps, in bytes. */
const longest = 63;

/** As much of a text as has room, without half a character. */
function cutTo(text: string, bytes: number): string {
  let kept = '';
  let size = 0;
  for (const char of text) {
    size += Buffer.byteLength(char);
    if (size > bytes) break;
    kept += char;
  }
  return kept;
}

/** The name that PostgreSQL itself gives a plain index (makeObjectName in src/backend/commands/indexcmds.c). */
export function usualIndexName(table: string, column: string, number = 0): string {
  const end = `_idx${number === 0 ? '' : number}`;
  let [first, second] = [Buffer.byteLength(table), Buffer.byteLength(column)];
  while (first + second > longest - 1 - end.length) {
    if (first > second) first -= 1;
    else second -= 1;
  }
  return `${cutTo(table, first)}_${cutTo(column, second)}${end}`;
}

/**
 * The name for the index of a column that takes the place of another: that of the old one's plain index, or the one that
 * PostgreSQL would give it. `number`: of the old column.
 */
export async function successorName(
  client: PgClient,
  schema: string,
  table: { readonly oid: string; readonly name: string },
  column: string,
  number: number,
): Promise<string> {
  const { rows } = await client.query<{ name: string; ours: string }>(
    `SELECT x.relname AS name, coalesce(i.indrelid = $2 AND i.indnatts = 1 AND i.indkey[0] = $3 AND NOT i.indisunique
       AND i.indexprs IS NULL AND i.indpred IS NULL AND x.relname LIKE '%\\_idx%', false) AS ours
     FROM pg_class x LEFT JOIN pg_index i ON i.indexrelid = x.oid
     WHERE x.relnamespace = to_regnamespace(quote_ident($1)) ORDER BY 1`,
    [schema, table.oid, number],
  );
  const old = rows.find(({ name, ours }) => ours === 't' && !name.startsWith(temporaryPrefix));
  if (old) return old.name;
  const taken = new Set(rows.map(({ name }) => name));
  for (let again = 0; ; again += 1) {
    const name = usualIndexName(table.name, column, again);
    if (!taken.has(name)) return name;
  }
}
