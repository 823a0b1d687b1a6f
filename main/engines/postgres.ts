import { sinceMs } from './bounded.ts';
import type { Engine, Target } from './engine.ts';
import { climb } from './ladder.ts';
import { requireOwn } from './ownership.ts';
import { withClient } from './postgres-client.ts';
import { changePassword, dropLogin, mintLogin } from './postgres-logins.ts';
import { createReader } from './reader.ts';
import { beginWriting, ident } from './sql.ts';

async function check(target: Target, signal: AbortSignal): Promise<number> {
  const started = performance.now();
  return withClient(target, signal, async (client) => {
    await client.query('SELECT 1');
    return sinceMs(started);
  });
}

async function dropOwnedSchema(
  target: Target,
  schema: string,
  datasetId: string,
  signal: AbortSignal,
): Promise<boolean> {
  return withClient(target, signal, async (client) => {
    await client.query(`${beginWriting}; SET LOCAL lock_timeout = '5s'; SET LOCAL search_path = pg_catalog`);
    const { exists } = await requireOwn(client, schema, datasetId, 'live');
    if (exists) await client.query(`DROP SCHEMA ${ident(schema)} CASCADE`);
    await client.query('COMMIT');
    return exists;
  });
}

/** PostgreSQL 14 and newer, and what speaks its protocol (Supabase, managed clouds, poolers). */
export const postgres: Engine = {
  type: 'postgres',
  test: climb,
  check,
  reader: createReader,
  dropOwnedSchema,
  changePassword,
  mintLogin,
  dropLogin,
};
