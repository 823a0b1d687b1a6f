import type { Engine, LandedReader, Target } from '../engine.ts';
import { sinceMs } from '../wire/bounded.ts';
import { climbPostgres } from './ladder.ts';
import { withClient } from './postgres-client.ts';
import { changePassword, dropLogin, mintLogin } from './postgres-logins.ts';
import { createReader } from './reader.ts';
import { tables } from './tables.ts';

async function check(target: Target, signal: AbortSignal): Promise<number> {
  const started = performance.now();
  return withClient(target, signal, async (client) => {
    await client.query('SELECT 1');
    return sinceMs(started);
  });
}

/** PostgreSQL 14 and newer, and what speaks its protocol (Supabase, managed clouds, poolers). */
export const postgres: Engine<LandedReader> = {
  type: 'postgres',
  test: climbPostgres,
  check,
  reader: createReader,
  tables,
  users: { changePassword, mintLogin, dropLogin },
};
