import type { Engine, Target } from '../engine.ts';
import { sinceMs } from '../wire/bounded.ts';
import { climb } from './ladder.ts';
import { withClient } from './postgres-client.ts';
import { changePassword, dropLogin, mintLogin } from './postgres-logins.ts';
import { createReader } from './reader.ts';

async function check(target: Target, signal: AbortSignal): Promise<number> {
  const started = performance.now();
  return withClient(target, signal, async (client) => {
    await client.query('SELECT 1');
    return sinceMs(started);
  });
}

/** PostgreSQL 14 and newer, and what speaks its protocol (Supabase, managed clouds, poolers). */
export const postgres: Engine = {
  type: 'postgres',
  test: climb,
  check,
  reader: createReader,
  changePassword,
  mintLogin,
  dropLogin,
};
