import { afterAll, beforeAll, expect, it } from 'vitest';
import { localTarget } from '../../main/engines/engine.ts';
import { changePassword } from '../../main/engines/postgres/postgres-logins.ts';
import { createDatabase, type TestDatabase } from '../support/database.ts';
import { climb } from '../support/ladder.ts';
import { startMutedLine } from '../support/muted-line.ts';
import { createRole } from '../support/roles.ts';

/* What is left at the server when a line falls silent in the middle of a transaction. */

let db: TestDatabase;
beforeAll(async () => {
  db = await createDatabase();
});
afterAll(() => db[Symbol.asyncDispose]());

it('no lock and no schema is held for longer than some seconds', async () => {
  const role = await createRole(db);
  const at = (port: number) =>
    localTarget({ ...db.postgres, port, user: role.name, password: role.password }, db.database);
  const [line, other] = [await startMutedLine(db.postgres.port), await startMutedLine(db.postgres.port)];
  // The server has done it and waits for what comes next.
  line.muteAfter('ALTER ROLE');
  other.muteAfter('CREATE TABLE');
  const lost = changePassword(at(line.port), Buffer.from('never committed'), AbortSignal.timeout(500));
  const probe = climb({ ...at(other.port), connectTimeoutMs: 500 });
  await expect(lost).rejects.toMatchObject({ code: 'CANCELLED' });
  expect((await probe).error).toMatchObject({ code: 'DB_TIMEOUT' });
  const held = () =>
    db.query("SELECT 1 FROM pg_stat_activity WHERE usename = $1 AND state LIKE 'idle in transaction%'", [
      role.name,
    ]);
  expect(await held()).toHaveLength(2);
  await expect.poll(held, { timeout: 8000 }).toEqual([]);
  // The row of the role is free again.
  await changePassword(at(db.postgres.port), Buffer.from('committed'), AbortSignal.timeout(3000));
  await line.close();
  await other.close();
});
