import type { PgClient } from '../../../engines/postgres/postgres-client.ts';
import { isRefused } from '../../../engines/postgres/postgres-errors.ts';
import { literal } from '../../../engines/postgres/sql.ts';
import { rowsWithSettings } from './transaction.ts';

/** COPY enlarges a table by up to so many pages at once (since 16), and fills those that are left over later. */
const pagesAhead = 64;

/** From 14 on the rows of some pages are found without going through the table. */
const tellsVersion = `SELECT current_setting('server_version_num')::int >= 140000 AS finds`;

/**
 * Reads rows once more, right behind the commit that wrote them. The server notes in each that it is committed, which the
 * first reader does anyway: now the pages are in memory and in the write-ahead log as new ones, later they would have to be
 * fetched, and each be written to the log a second time where the server keeps checksums (the default from 18 on).
 */
export function createFreshRows(client: PgClient) {
  /** The file of each table, and how many pages it had when it was read last, by the table's qualified name. */
  const known = new Map<string, { readonly file: string; readonly pages: number }>();
  let finds: boolean | null = null;

  return {
    /** Nothing depends on it: what the server refuses is left out. Fails where the session is lost. */
    async read(tables: readonly string[]): Promise<void> {
      try {
        if (finds === null) {
          const [row] = await rowsWithSettings<{ finds: string }>(client, tellsVersion);
          finds = row?.finds === 't';
        }
        if (!finds) return;
        const each = tables.map((table, at) => {
          const { file, pages } = known.get(table) ?? { file: '0', pages: 0 };
          const name = `${literal(table)}::regclass`;
          // A column that gets another type has all rows written anew, into another file.
          const first = `CASE WHEN pg_relation_filenode(${name}) = ${file} THEN '(${Math.max(0, pages - pagesAhead)},0)' ELSE '(0,0)' END`;
          return `SELECT ${at} AS at, pg_relation_filenode(${name}) AS file,
            pg_relation_size(${name}) / current_setting('block_size')::int AS pages,
            (SELECT count(*) FROM ONLY ${table} WHERE ctid >= (${first})::tid) AS rows`;
        });
        const found = await rowsWithSettings<Record<'at' | 'file' | 'pages', string>>(
          client,
          each.join(' UNION ALL '),
        );
        for (const { at, file, pages } of found)
          known.set(tables[Number(at)] as string, { file, pages: Number(pages) });
      } catch (error) {
        if (!isRefused(error)) throw error;
      }
    },
  };
}
