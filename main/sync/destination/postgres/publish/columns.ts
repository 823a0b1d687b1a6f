import { say, several } from '../../../../../preload/messages/said.ts';
import type { PgClient } from '../../../../engines/postgres/postgres-client.ts';
import { ident, literal, qualified } from '../../../../engines/postgres/sql.ts';
import { AppError } from '../../../../errors.ts';
import { commentOn } from '../finish/comment-of.ts';
import { requireLease } from '../lease.ts';
import { grantOn } from './grants.ts';
import { held, refusable } from './hold.ts';
import { successorName } from './index-name.ts';
import { type LiveTable, stagedType } from './live.ts';
import { olderTransactionsEnd, type Patience, patiently } from './patience.ts';
import { lockTrusted } from './trust.ts';
import { obstaclesOf, type Retype, type TableWork, temporaryKey, widened } from './work.ts';

export interface ColumnsDeps {
  readonly schema: string;
  /** The `SET LOCAL` that bounds waiting for locks. */
  readonly bound: string;
  readonly patience: Patience;
}

/** Whether a table needs anything done to its columns before rows can be applied. */
const changes = ({ add, retype, addToKey }: TableWork): boolean =>
  add.length + retype.length + addToKey.length > 0;

/**
 * Makes room for what comes: new columns, columns of a wider type filled with what is published now, a longer primary
 * key. One table after the other, each in short transactions that hold no other lock a reader could wait for.
 */
export async function prepareColumns(
  client: PgClient,
  works: readonly TableWork[],
  deps: ColumnsDeps,
): Promise<void> {
  let filled = false;
  for (const work of works.filter(changes)) {
    await addColumns(client, work, deps);
    if (work.retype.length > 0) {
      await fill(client, work, deps);
      filled = true;
    }
    if (work.addToKey.length > 0) await lengthenKey(client, work, deps);
  }
  // Whoever began before the new columns were filled would find them empty once they take the old ones' names.
  if (filled && !(await olderTransactionsEnd(client, deps.patience))) {
    throw new AppError('PUBLISH_BLOCKED', say('sync.columnChangesTypeTransaction', { schema: deps.schema }));
  }
}

async function addColumns(client: PgClient, work: TableWork, deps: ColumnsDeps): Promise<void> {
  const table = qualified(deps.schema, work.live.name);
  // An attempt that came to nothing may have left a column of yet another type.
  const stale = work.retype.filter(({ temporary, type }) => {
    const found = work.live.columns.get(temporary);
    return found !== undefined && stagedType(found.type) !== type;
  });
  const wanted = [
    ...stale.map(({ temporary }) => `DROP COLUMN IF EXISTS ${ident(temporary)}`),
    ...work.add.map(({ to, type }) => `ADD COLUMN IF NOT EXISTS ${ident(to)} ${type}`),
    ...work.retype.map(({ temporary, type }) => `ADD COLUMN IF NOT EXISTS ${ident(temporary)} ${type}`),
    ...work.addToKey
      .filter(({ to }) => !work.live.columns.has(to))
      .map(({ to }) => `ADD COLUMN IF NOT EXISTS ${ident(to)} integer NOT NULL DEFAULT 1`),
  ];
  if (wanted.length === 0) return;
  await patiently(client, deps.schema, deps.bound, deps.patience, async () => {
    await requireLease(client);
    const comments = [...work.add, ...work.addToKey].map(({ to, comment }) => commentOn(table, to, comment));
    await refusable(deps.schema, work.live.name, () =>
      client.query([`ALTER TABLE ${table} ${wanted.join(', ')}`, ...comments].join(';\n')),
    );
  });
}

/** Names of indexes are a schema's: those of two tables must not be taken for each other. */
const temporaryIndex = ({ oid }: LiveTable, temporary: string): string => `${temporary}_${oid}_idx`;

/** Puts what is published now into the columns of the wider type, with the grants and the index of the old ones. */
async function fill(client: PgClient, { live, plan, retype }: TableWork, deps: ColumnsDeps): Promise<void> {
  const table = qualified(deps.schema, live.name);
  const pairs = retype.map(({ column, old, type, temporary }) => ({
    to: ident(temporary),
    value: widened(ident(old.name), stagedType(old.type) ?? type, type, column.format),
  }));
  await patiently(client, deps.schema, deps.bound, deps.patience, async () => {
    await requireLease(client);
    await lockTrusted(client, deps.schema, [live]);
    const differ = pairs.map(({ to, value }) => `${to} IS DISTINCT FROM ${value}`).join(' OR ');
    const sets = pairs.map(({ to, value }) => `${to} = ${value}`).join(', ');
    await refusable(deps.schema, live.name, () =>
      client.query(`UPDATE ONLY ${table} SET ${sets} WHERE ${differ}`),
    );
    const copies = new Map(retype.map(({ old, temporary }) => [old.number, temporary]));
    await copyGrants(client, live.oid, table, copies);
    await copySettings(client, live.oid, table, copies);
  });
  for (const { column, temporary } of retype) {
    if (!plan.indexes.includes(column.to)) continue;
    await patiently(client, deps.schema, deps.bound, deps.patience, () =>
      client.query(
        `CREATE INDEX IF NOT EXISTS ${ident(temporaryIndex(live, temporary))} ON ${table} (${ident(temporary)})`,
      ),
    );
  }
}

/** Grants on some columns, on others of the same table: number of the one -> name of the other. */
async function copyGrants(
  client: PgClient,
  oid: string,
  table: string,
  copies: ReadonlyMap<number, string>,
): Promise<void> {
  const { rows } = await client.query<{
    number: string;
    privilege: string;
    grantee: string | null;
    option: string;
  }>(
    `SELECT a.attnum AS number, x.privilege_type AS privilege, r.rolname AS grantee, x.is_grantable AS option
     FROM pg_attribute a, aclexplode(a.attacl) x LEFT JOIN pg_roles r ON r.oid = x.grantee
     WHERE a.attrelid = $1 AND a.attnum = ANY ($2::int[])`,
    [oid, [...copies.keys()]],
  );
  const grants = rows.map(({ number, ...granted }) =>
    grantOn(granted, table, ` (${ident(copies.get(Number(number)) ?? '')})`),
  );
  if (grants.length > 0) await client.query(grants.join(';\n'));
}

/** What people said of the statistics of some columns, for others of the same table. */
async function copySettings(
  client: PgClient,
  oid: string,
  table: string,
  copies: ReadonlyMap<number, string>,
): Promise<void> {
  const { rows } = await client.query<{ number: string; target: string; options: string | null }>(
    `SELECT attnum AS number, coalesce(attstattarget, -1) AS target, array_to_string(attoptions, ', ') AS options
     FROM pg_attribute WHERE attrelid = $1 AND attnum = ANY ($2::int[])`,
    [oid, [...copies.keys()]],
  );
  const settings = rows.flatMap(({ number, target, options }) => {
    const column = `ALTER TABLE ${table} ALTER COLUMN ${ident(copies.get(Number(number)) ?? '')}`;
    return [
      ...(target === '-1' ? [] : [`${column} SET STATISTICS ${target}`]),
      ...(options === null ? [] : [`${column} SET (${options})`]),
    ];
  });
  if (settings.length > 0) await client.query(settings.join(';\n'));
}

/** A primary key that has the missing positions too; the index is built while readers go on. */
async function lengthenKey(client: PgClient, work: TableWork, deps: ColumnsDeps): Promise<void> {
  const table = qualified(deps.schema, work.live.name);
  const index = `${temporaryKey}${work.live.oid}`;
  const columns = [...new Set([...work.plan.keys.map(({ to }) => to), ...work.live.key])];
  await patiently(client, deps.schema, deps.bound, deps.patience, async () => {
    await requireLease(client);
    await client.query(`DROP INDEX IF EXISTS ${qualified(deps.schema, index)}`);
    await keyed(deps.schema, work, () =>
      client.query(`CREATE UNIQUE INDEX ${ident(index)} ON ${table} (${columns.map(ident).join(', ')})`),
    );
  });
  const drop = work.live.keyConstraint === null ? '' : `DROP CONSTRAINT ${ident(work.live.keyConstraint)}, `;
  const name = work.live.keyConstraint ?? `${work.live.name}_pkey`.slice(0, 60);
  await patiently(client, deps.schema, deps.bound, deps.patience, async () => {
    await requireLease(client);
    await keyed(deps.schema, work, () =>
      client.query(
        `ALTER TABLE ${table} ${drop}ADD CONSTRAINT ${ident(name)} PRIMARY KEY USING INDEX ${ident(index)}`,
      ),
    );
  });
}

/**
 * Makes a key of what is published; rows that have no key, or one that another row has too, are somebody's who took the
 * primary key away before.
 */
async function keyed<T>(schema: string, { live }: TableWork, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    const { code, message, detail } = error as { code?: string; message: string; detail?: string };
    if (code !== '23505' && code !== '23502') throw error;
    const table = qualified(schema, live.name);
    throw held(
      say('sync.noPrimaryKey', {
        table: `${schema}.${live.name}`,
        answer: detail?.replace(/\.$/, '') ?? message,
      }),
      [
        `delete the rows of ${table} that repeat a key or have none`,
        `DROP TABLE ${table}, where nobody has built on it; the next refresh makes it anew`,
      ],
      error,
    );
  }
}

/**
 * Puts the filled columns in the place of the old ones; nothing is rewritten by it. The comment stays the one that is
 * there: whether it is still ours to change is looked at afterwards. Fails with PUBLISH_HELD where somebody has built on
 * an old column meanwhile: it would go with it.
 */
export async function takePlaces(client: PgClient, schema: string, work: TableWork): Promise<void> {
  const { live, plan, retype } = work;
  const table = qualified(schema, live.name);
  await client.query(`LOCK TABLE ONLY ${table} IN ACCESS EXCLUSIVE MODE`);
  const { blocked, statements } = await obstaclesOf(client, schema, work);
  if (blocked.length > 0) throw held(several(blocked), statements);
  const { rows } = await client.query<{ number: string; text: string | null }>(
    'SELECT number, col_description($1, number) AS text FROM unnest($2::int[]) AS number',
    [live.oid, retype.map(({ old }) => old.number)],
  );
  const comments = new Map(rows.map(({ number, text }) => [Number(number), text]));
  const indexed = retype.filter(({ column }) => plan.indexes.includes(column.to));
  const names = new Map<Retype, string>();
  for (const one of indexed)
    names.set(one, await successorName(client, schema, live, one.column.to, one.old.number));
  const changes = retype.flatMap((one) => {
    const { column, old, temporary } = one;
    const comment = comments.get(old.number) ?? null;
    const index = names.get(one);
    return [
      `ALTER TABLE ${table} RENAME COLUMN ${ident(temporary)} TO ${ident(column.to)}`,
      ...(index === undefined
        ? []
        : [
            `ALTER INDEX IF EXISTS ${qualified(schema, temporaryIndex(live, temporary))} RENAME TO ${ident(index)}`,
          ]),
      `COMMENT ON COLUMN ${table}.${ident(column.to)} IS ${comment === null ? 'NULL' : literal(comment)}`,
    ];
  });
  const drops = retype.map(({ old }) => `DROP COLUMN ${ident(old.name)}`);
  await client.query([`ALTER TABLE ${table} ${drops.join(', ')}`, ...changes].join(';\n'));
}
