import { randomBytes, randomUUID } from 'node:crypto';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { createApp } from '../../main/app.ts';
import { createHeadlessHost } from '../../main/headless/host.ts';
import type { Host } from '../../main/host.ts';
import { keyFileProtector } from '../../main/vault/key-file.ts';
import { createDatabase, type TestDatabase } from '../support/database.ts';
import { startMutedLine } from '../support/muted-line.ts';
import { createRole } from '../support/roles.ts';
import { syncWorker } from '../support/sync-worker.ts';
import { clientOf } from '../support/workspace.ts';

/* Leased logins where clocks differ, lines fall silent, and people do things with them. */

let db: TestDatabase;
const reader = `readers_${randomUUID().slice(0, 8)}`;
beforeAll(async () => {
  db = await createDatabase();
  await db.query(
    `CREATE ROLE ${reader} NOLOGIN; CREATE SCHEMA shown; GRANT ALL ON SCHEMA shown TO ${reader}`,
  );
});
afterAll(() => db[Symbol.asyncDispose]());

/** An application whose clock is wrong by so many minutes, and a desk that keeps what it was given. */
async function desk(minutesOff = 0) {
  const folder = join(tmpdir(), `headgate-lease-${randomUUID()}`);
  const base = await createHeadlessHost({
    dataFolder: folder,
    version: '0',
    protector: keyFileProtector(join(folder, 'vault.key'), randomBytes),
    syncWorker: syncWorker(),
    logSink: { write: () => {} },
    openUrl: async () => {},
  });
  const copied: string[] = [];
  const clock = { off: minutesOff * 60_000 };
  const host: Host = {
    ...base,
    clock: { now: () => base.clock.now() + clock.off, sleep: base.clock.sleep },
    desk: { ...base.desk, copy: async (secret) => void copied.push(secret), clearCopied: async () => {} },
  };
  const app = await createApp(host);
  const api = clientOf(app);
  const lending = async (more: { port?: number; pool?: never } = {}): Promise<string> => {
    const role = await createRole(db, 'CREATEROLE');
    await db.query(`GRANT ${reader} TO ${role.name} WITH ADMIN OPTION`);
    const { id } = await api.connections.create(
      role.input({ lease: { readerRole: reader, minutes: 30 }, ...more }),
    );
    return id;
  };
  const as = async (url = copied.at(-1) as string): Promise<pg.Client> => {
    const client = new pg.Client({ connectionString: url });
    client.on('error', () => {});
    await client.connect();
    return client;
  };
  return { app, api, lending, as, clock };
}
const roleExists = async (name: string): Promise<boolean> =>
  (await db.query('SELECT 1 FROM pg_roles WHERE rolname = $1', [name])).length > 0;

it.each([-120, 120])(
  'lasts as long as it should by the clock of the server (%i minutes off)',
  async (off) => {
    const { app, api, lending, as } = await desk(off);
    const { id, user } = await api.leases.mint({ connectionId: await lending(), deliver: 'copy' });
    await (await as()).end();
    const [row] = await db.query(
      'SELECT extract(epoch FROM rolvaliduntil - now()) AS left FROM pg_roles WHERE rolname = $1',
      [user],
    );
    expect(Number(row?.['left'])).toBeGreaterThan(29 * 60);
    expect(Number(row?.['left'])).toBeLessThan(31 * 60);
    await api.leases.end({ id });
    await app.close();
  },
);

it('what somebody made with it does not go with it', async () => {
  const { app, api, lending, as } = await desk();
  const { id, user } = await api.leases.mint({ connectionId: await lending(), deliver: 'copy' });
  const client = await as();
  // What is only a default can be turned off.
  await client.query('SET default_transaction_read_only = off');
  await client.query('CREATE TABLE shown.mine AS SELECT 1 AS a');
  await expect(api.leases.end({ id })).rejects.toMatchObject({
    code: 'DB_ERROR',
    message: `The leased login “${user}” owns something, which would go with it.`,
    advice: expect.stringContaining(`REASSIGN OWNED BY "${user}" TO`),
  });
  expect(await db.query('SELECT a FROM shown.mine')).toEqual([{ a: '1' }]);
  await expect(as()).rejects.toThrow(/not permitted to log in/);
  await db.query(`REASSIGN OWNED BY ${user} TO ${reader}`);
  expect((await api.leases.end({ id })).state).toBe('ended');
  expect(await roleExists(user)).toBe(false);
  await db.query('DROP TABLE shown.mine');
  await app.close();
});

it('that was given rights in another database is shut, and what to do is said', async () => {
  const { app, api, lending, as } = await desk();
  const { id, user } = await api.leases.mint({ connectionId: await lending(), deliver: 'copy' });
  await using other = await createDatabase();
  await other.query(`CREATE SCHEMA there; GRANT USAGE ON SCHEMA there TO ${user}`);
  await expect(api.leases.end({ id })).rejects.toMatchObject({
    message: `The leased login “${user}” was given rights in other databases too.`,
    advice: expect.stringContaining(`DROP OWNED BY "${user}"`),
  });
  await expect(as()).rejects.toThrow(/not permitted to log in/);
  await other.query(`DROP OWNED BY ${user}`);
  expect((await api.leases.end({ id })).state).toBe('ended');
  await app.close();
});

it('that is ended while it is made is gone', async () => {
  const { app, api, lending } = await desk();
  const line = await startMutedLine(db.postgres.port);
  const connectionId = await lending({ port: line.port });
  line.holdBefore('CREATE ROLE');
  const minting = api.leases.mint({ connectionId, deliver: 'copy' });
  minting.catch(() => {});
  await expect.poll(() => line.holds).toBe(true);
  const [lease] = await api.leases.list({ connectionId });
  expect((await api.leases.end({ id: lease?.id as string })).state).toBe('ended');
  line.letGo();
  await expect(minting).rejects.toMatchObject({ code: 'CANCELLED' });
  expect(await roleExists(lease?.user as string)).toBe(false);
  await app.close();
  await line.close();
});

it('one whose database does not answer keeps no other from ending, and nobody from closing', async () => {
  const line = await startMutedLine(db.postgres.port);
  const { app, api, lending, clock } = await desk();
  const silent = await lending({ port: line.port });
  await api.leases.mint({ connectionId: silent, deliver: 'copy' });
  const { user } = await api.leases.mint({ connectionId: await lending(), deliver: 'copy' });
  line.mute();
  clock.off = 60 * 60_000;
  app.startTimetable();
  await expect.poll(() => roleExists(user), { timeout: 5000 }).toBe(false);
  const started = performance.now();
  await app.close();
  expect(performance.now() - started).toBeLessThan(6000);
  await line.close();
});

it('one that is still being made keeps nobody from closing', async () => {
  const line = await startMutedLine(db.postgres.port);
  const { app, api, lending } = await desk();
  const connectionId = await lending({ port: line.port });
  const [dba] = await api.people.list();
  await api.people.setPassphrase({ id: dba?.id as string, next: 'passphrase of the dba' });
  const ann = await api.people.create({ name: 'Ann', roles: ['analyst'], passphrase: 'passphrase of ann' });
  await api.session.signIn({ personId: ann.id, passphrase: 'passphrase of ann' });
  line.muteAfter('CREATE ROLE');
  const reading = api.connections.structure({ id: connectionId });
  reading.catch(() => {});
  await new Promise((done) => setTimeout(done, 700));
  const started = performance.now();
  await app.close();
  expect(performance.now() - started).toBeLessThan(6000);
  await expect(reading).rejects.toMatchObject({ code: 'CANCELLED' });
  await line.close();
});
