import { afterAll, beforeAll, expect, it } from 'vitest';
import { systemClock } from '../../main/clock.ts';
import { AppError } from '../../main/errors.ts';
import { createHealthChecks } from '../../main/services/connections/health.ts';
import type { Services } from '../../main/services/context.ts';
import { plain } from '../../preload/contract/said.ts';
import { createDatabase, type TestDatabase } from '../support/database.ts';
import { keptLog, storedConnection, storeIn, temporaryFolder, vaultIn } from '../support/parts.ts';
import { createRole } from '../support/roles.ts';

let db: TestDatabase;
beforeAll(async () => {
  db = await createDatabase();
});
afterAll(() => db[Symbol.asyncDispose]());

it('a connection that stops working while the vault is locked is told of once it is open', async () => {
  using folder = temporaryFolder();
  const store = storeIn(folder.path);
  const { vault } = await vaultIn(folder.path);
  const { log } = keptLog();
  const role = await createRole(db);
  let [now, locked] = [Date.parse('2026-03-01T08:00:00Z'), false];
  const told: string[] = [];
  const iso = (): string => new Date(now).toISOString();
  const health = createHealthChecks(
    {
      store,
      vault: {
        status: () => ({ ...vault.status(), ...(locked ? { state: 'locked' } : {}) }),
        open: async (id: string) => {
          if (locked) throw new AppError('VAULT_LOCKED', plain('The vault is locked.'));
          return vault.open(id);
        },
      },
      host: {
        log,
        clock: { now: () => now, sleep: () => systemClock.sleep(1) },
      },
      emit(name: string, payload: { to?: string }) {
        if (name === 'connection.changedState') told.push(`${payload.to}`);
      },
      now: iso,
      access: { policy: () => ({ healthMinutes: 5 }), background: { used() {} } },
    } as unknown as Services,
    () => {},
  );
  store.people.create('p', 'Owner', ['dba'], iso());
  store.connections.create(
    storedConnection({
      id: 'c',
      name: 'Field',
      host: db.postgres.host,
      port: db.postgres.port,
      database: db.database,
    }),
    'p',
    iso(),
  );
  store.projects.create({ id: 'project', name: 'P', connectionId: 'c', dbSchema: 'p' }, 'p', iso());
  await vault.put('c', { user: role.name, password: role.password });
  const round = async (): Promise<void> => {
    now += 6 * 60_000;
    await health.checkDue();
  };
  await round();
  expect(store.connections.get('c').health.state).toBe('works');
  locked = true;
  await round();
  await db.query(`ALTER ROLE ${role.name} NOLOGIN`);
  locked = false;
  await round();
  expect(told).toEqual(['fails']);
  await health.close();
  vault.close();
  store.close();
});
