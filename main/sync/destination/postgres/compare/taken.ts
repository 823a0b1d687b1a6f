import type { PgClient } from '../../../../engines/postgres/postgres-client.ts';
import { ident, qualified } from '../../../../engines/postgres/sql.ts';
import { stagingSchema } from '../lease.ts';
import { cellOf, keyOf, type TableWork } from '../publish/work.ts';
import { leftAlone } from '../staged-tables.ts';
import { continued, type Matches, mappingOf } from './mapping.ts';

/** Names, quoted, of the tables that a difference is made in. */
interface Into {
  /** Published rows that no staged row was matched with. */
  readonly places: string;
  /** The difference. */
  readonly relation: string;
}

/**
 * Makes the difference of a table out of its matches, in the open transaction. False when they do not tell it, because
 * somebody else changed rows of the published table since, or its columns came out otherwise: it must be compared as a
 * whole then.
 */
export async function takeMatches(
  client: PgClient,
  schema: string,
  work: TableWork,
  { table, mapping }: Matches,
  { places, relation }: Into,
): Promise<boolean> {
  const now = mappingOf(work);
  if (now === null || continued(mapping, now) === null) return false;
  const staged = qualified(stagingSchema(schema), work.plan.staged);
  const matches = qualified(stagingSchema(schema), table);
  const live = `ONLY ${qualified(schema, work.live.name)}`;
  const keys = work.keys.map((key, at) => ({
    staged: `${key.staged} AS ${keyOf(at)}`,
    live: `l.${ident(key.live)} AS ${keyOf(at)}`,
    name: keyOf(at),
  }));
  // Hashing alone does it, whatever is known of tables that nobody has analysed.
  await client.query(
    `CREATE UNLOGGED TABLE ${places} WITH (${leftAlone}) AS SELECT l.ctid AS place, m.was, ${keys.map((key) => key.live).join(', ')}
     FROM (SELECT was FROM ${matches} WHERE was IS NOT NULL OFFSET 0) m FULL JOIN ${live} l ON l.ctid = m.was
     WHERE l.ctid IS NULL OR m.was IS NULL`,
  );
  const { rows } = await client.query<{ lost: string; vanished: string }>(
    `SELECT count(place) AS lost, count(was) AS vanished FROM ${places}`,
  );
  const { lost, vanished } = rows[0] as { lost: string; vanished: string };
  // A row that somebody updated is at another place now, and so it would pass for one that the source has no more.
  let misled = vanished !== '0';
  if (lost !== '0' && !misled) {
    const on = work.keys.map(({ staged: sql }, at) => `${sql} = p.${keyOf(at)}`);
    const { rows: found } = await client.query(
      `SELECT 1 FROM ${places} p JOIN ${staged} s ON ${on.join(' AND ')} LIMIT 1`,
    );
    misled = found.length > 0;
  }
  if (misled) {
    await client.query(`DROP TABLE ${places}`);
    return false;
  }
  const cells = work.values.map(({ staged: sql }, at) => `${sql} AS ${cellOf(at)}`);
  const row = [...keys.map((key) => key.staged), ...cells].join(', ');
  // Rows that were the same as published are not, once they have a value for a column that is new.
  const added = work.values.filter(({ live: name }) => !now.columns.has(name));
  // Few rows differ, which nobody has told the planner; each is fetched from where it is.
  await client.query(
    `SET LOCAL enable_nestloop = on; SET LOCAL enable_hashjoin = off;
     CREATE UNLOGGED TABLE ${relation} WITH (${leftAlone}) AS SELECT m.op, m.was, ${row}
     FROM ${matches} m JOIN ${staged} s ON s.ctid = m.place WHERE m.op <> 's'`,
  );
  if (added.length > 0) {
    const filled = added.map(({ staged: sql }) => `${sql} IS NOT NULL`).join(' OR ');
    await client.query(
      `SET LOCAL enable_nestloop = off; SET LOCAL enable_hashjoin = on; INSERT INTO ${relation} SELECT 'u', m.was, ${row}
       FROM ${matches} m JOIN ${staged} s ON s.ctid = m.place WHERE m.op = 's' AND (${filled})`,
    );
  }
  if (lost !== '0') {
    const names = keys.map(({ name }) => name).join(', ');
    await client.query(
      `INSERT INTO ${relation} (op, was, ${names}) SELECT 'd', place, ${names} FROM ${places}`,
    );
  }
  await client.query(`DROP TABLE ${places}`);
  return true;
}
