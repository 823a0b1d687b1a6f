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
  const known = now && continued(mapping, now);
  if (known === null) return false;
  const staged = qualified(stagingSchema(schema), work.plan.staged);
  const matches = qualified(stagingSchema(schema), table);
  const live = `ONLY ${qualified(schema, work.live.name)}`;
  const keys = work.keys.map((key, at) => ({
    staged: `${key.staged} AS ${keyOf(at)}`,
    live: `l.${ident(key.live)} AS ${keyOf(at)}`,
    name: keyOf(at),
  }));
  const areSame = await areSameRows(client, matches, live);
  if (!areSame) {
    // Hashing alone does it, whatever is known of tables that nobody has analysed.
    await client.query(
      `CREATE UNLOGGED TABLE ${places} WITH (${leftAlone}) AS SELECT l.ctid AS place, m.was, ${keys.map((key) => key.live).join(', ')}
       FROM (SELECT was FROM ${matches} WHERE was IS NOT NULL OFFSET 0) m FULL JOIN ${live} l ON l.ctid = m.was
       WHERE l.ctid IS NULL OR m.was IS NULL`,
    );
    if (await misled(client, work, { places, staged })) {
      await client.query(`DROP TABLE ${places}`);
      return false;
    }
  }
  const cells = work.values.map(({ staged: sql }, at) => `${sql} AS ${cellOf(at)}`);
  const row = [...keys.map((key) => key.staged), ...cells].join(', ');
  // Few rows differ, which nobody has told the planner; each is fetched from where it is.
  await client.query(
    `SET LOCAL enable_nestloop = on; SET LOCAL enable_hashjoin = off;
     CREATE UNLOGGED TABLE ${relation} WITH (${leftAlone}) AS SELECT m.op, m.was, ${row}
     FROM ${matches} m JOIN ${staged} s ON s.ctid = m.place WHERE m.op <> 's'`,
  );
  if (known.late.length > 0) {
    const filled = known.late.map((sql) => `${sql} IS NOT NULL`).join(' OR ');
    await client.query(
      `SET LOCAL enable_nestloop = off; SET LOCAL enable_hashjoin = on; INSERT INTO ${relation} SELECT 'u', m.was, ${row}
       FROM ${matches} m JOIN ${staged} s ON s.ctid = m.place WHERE m.op = 's' AND (${filled})`,
    );
  }
  if (!areSame) {
    const names = keys.map(({ name }) => name).join(', ');
    await client.query(
      `INSERT INTO ${relation} (op, was, ${names}) SELECT 'd', place, ${names} FROM ${places}; DROP TABLE ${places}`,
    );
  }
  return true;
}

/**
 * Whether the published rows are those that staged rows were matched with, and at their places: told by the number of the
 * places and 64 bits of what they are together, in a quarter of the time that a join takes. Nearly always, since few
 * sources lose rows between two refreshes.
 */
async function areSameRows(client: PgClient, matches: string, live: string): Promise<boolean> {
  const sum = (place: string): string => `ROW(count(*), bit_xor(hashtidextended(${place}, 0)))`;
  const { rows } = await client.query<{ same: string }>(
    `SELECT (SELECT ${sum('was')} FROM ${matches} WHERE was IS NOT NULL) IS NOT DISTINCT FROM
       (SELECT ${sum('ctid')} FROM ${live}) AS same`,
  );
  return rows[0]?.same === 't';
}

/**
 * Whether somebody else changed published rows since they were matched. A row that was updated is at another place now,
 * and so it would pass for one that the source has no more.
 */
async function misled(
  client: PgClient,
  work: TableWork,
  { places, staged }: { readonly places: string; readonly staged: string },
): Promise<boolean> {
  const { rows } = await client.query<{ lost: string; vanished: string }>(
    `SELECT count(place) AS lost, count(was) AS vanished FROM ${places}`,
  );
  const { lost, vanished } = rows[0] as { lost: string; vanished: string };
  if (vanished !== '0') return true;
  if (lost === '0') return false;
  const on = work.keys.map(({ staged: sql }, at) => `${sql} = p.${keyOf(at)}`);
  const { rows: found } = await client.query(
    `SELECT 1 FROM ${places} p JOIN ${staged} s ON ${on.join(' AND ')} LIMIT 1`,
  );
  return found.length > 0;
}
