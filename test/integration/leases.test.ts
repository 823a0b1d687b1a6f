import { randomBytes, randomUUID } from 'node:crypto';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createApp } from '../../main/app.ts';
import { createHeadlessHost } from '../../main/headless/host.ts';
import type { Host } from '../../main/host.ts';
import { keyFileProtector } from '../../main/vault/key-file.ts';
import { createDatabase, type TestDatabase } from '../support/database.ts';
import { createRole } from '../support/roles.ts';
import { syncWorker } from '../support/sync-worker.ts';
import { clientOf } from '../support/workspace.ts';

/* Logins that a connection lends: made for one person, able to read what readers may, gone afterwards. */

let db: TestDatabase;
const reader = `readers_${randomUUID().slice(0, 8)}`;
beforeAll(async () => {
  db = await createDatabase();
  await db.query(`CREATE ROLE ${reader} NOLOGIN`);
  await db.query('CREATE SCHEMA shown; CREATE TABLE shown.t (a int); INSERT INTO shown.t VALUES (1)');
  await db.query('CREATE SCHEMA hidden; CREATE TABLE hidden.t (a int)');
  await db.query(`GRANT USAGE ON SCHEMA shown TO ${reader}; GRANT SELECT ON shown.t TO ${reader}`);
});
afterAll(() => db[Symbol.asyncDispose]());

/** An application with a desk that keeps what it was given. */
async function withDesk(folder = join(tmpdir(), `headgate-lease-${randomUUID()}`)) {
  const logs: string[] = [];
  const base = await createHeadlessHost({
    dataFolder: folder,
    version: '0',
    protector: keyFileProtector(join(folder, 'vault.key'), randomBytes),
    syncWorker: syncWorker(),
    logSink: { write: (line) => void logs.push(line) },
    openUrl: async () => {},
  });
  const copied: string[] = [];
  const host: Host = {
    ...base,
    desk: { ...base.desk, copy: async (secret) => void copied.push(secret), clearCopied: async () => {} },
  };
  const app = await createApp(host);
  return { app, api: clientOf(app), copied, logs, folder };
}
/** Roles that were lent: members of this file's reader role. */
const leased = async (): Promise<string[]> => {
  const rows = await db.query(
    `SELECT m.rolname FROM pg_auth_members a JOIN pg_roles m ON m.oid = a.member JOIN pg_roles g ON g.oid = a.roleid
     WHERE g.rolname = $1 AND m.rolname LIKE 'headgate\\_%' ORDER BY 1`,
    [reader],
  );
  return rows.map(({ rolname }) => rolname as string);
};

/** Somebody with the role analyst, signed in; the first profile is the DBA. */
async function asAnalyst(desk: Awaited<ReturnType<typeof withDesk>>) {
  const [dba] = await desk.api.people.list();
  await desk.api.people.setPassphrase({ id: dba?.id as string, next: 'passphrase of the dba' });
  const ann = await desk.api.people.create({
    name: 'Ann',
    roles: ['analyst'],
    passphrase: 'passphrase of ann',
  });
  await desk.api.session.signIn({ personId: ann.id, passphrase: 'passphrase of ann' });
  return { dba: dba?.id as string, ann: ann.id };
}

describe('a leased login', () => {
  it('is made for a while, reads what readers may and no more, and is dropped when it is ended', async () => {
    const desk = await withDesk();
    const role = await createRole(db, 'CREATEROLE');
    await db.query(`GRANT ${reader} TO ${role.name} WITH ADMIN OPTION`);
    const { id } = await desk.api.connections.create(
      role.input({ lease: { readerRole: reader, minutes: 30 } }),
    );
    const lease = await desk.api.leases.mint({ connectionId: id, minutes: 600, deliver: 'copy' });
    expect(lease.state).toBe('active');
    expect(Date.parse(lease.validUntil) - Date.parse(lease.createdAt)).toBe(30 * 60_000);
    const [url] = desk.copied;
    const { default: pg } = await import('pg');
    const client = new pg.Client({ connectionString: url as string });
    client.on('error', () => {});
    await client.connect();
    expect((await client.query('SELECT a FROM shown.t')).rows).toEqual([{ a: 1 }]);
    await expect(client.query('SELECT a FROM hidden.t')).rejects.toThrow(/permission denied/);
    await expect(client.query('CREATE TABLE shown.mine ()')).rejects.toThrow();
    const [row] = await db.query(
      'SELECT rolvaliduntil, rolcreaterole, rolsuper FROM pg_roles WHERE rolname = $1',
      [lease.user],
    );
    expect(row).toMatchObject({ rolcreaterole: 'f', rolsuper: 'f' });
    expect(Date.parse(row?.['rolvaliduntil'] as string)).toBe(Date.parse(lease.validUntil));

    const ended = await desk.api.leases.end({ id: lease.id });
    expect(ended.state).toBe('ended');
    await expect(client.query('SELECT 1')).rejects.toThrow();
    expect(await leased()).toEqual([]);
    const password = new URL(url as string).password;
    for (const line of desk.logs) expect(line).not.toContain(password);
    await desk.app.close();
  });

  it('is what an analyst reads with, unseen, and ends with the session', async () => {
    const desk = await withDesk();
    const role = await createRole(db, 'CREATEROLE');
    await db.query(`GRANT ${reader} TO ${role.name} WITH ADMIN OPTION`);
    const { id } = await desk.api.connections.create(
      role.input({ lease: { readerRole: reader, minutes: 30 } }),
    );
    const { dba } = await asAnalyst(desk);
    const seen = await desk.api.connections.structure({ id });
    expect(seen.schemas.map(({ name }) => name)).toContain('shown');
    expect(seen.schemas.map(({ name }) => name)).not.toContain('hidden');
    expect(await leased()).toHaveLength(1);
    // The same login as long as the session lasts.
    await desk.api.connections.structure({ id });
    expect(await leased()).toHaveLength(1);
    await desk.api.session.lock();
    await expect.poll(leased).toEqual([]);
    await desk.api.session.signIn({ personId: dba, passphrase: 'passphrase of the dba' });
    expect(
      (await desk.api.leases.list({ connectionId: id })).map(({ state, personName }) => [state, personName]),
    ).toEqual([['ended', 'Ann']]);
    await desk.app.close();
  });

  it('that was left behind is dropped at the next start; one that is not ours never is', async () => {
    const desk = await withDesk();
    const role = await createRole(db, 'CREATEROLE');
    await db.query(`GRANT ${reader} TO ${role.name} WITH ADMIN OPTION`);
    const { id } = await desk.api.connections.create(
      role.input({ lease: { readerRole: reader, minutes: 30 } }),
    );
    const lease = await desk.api.leases.mint({ connectionId: id, deliver: 'copy' });
    await desk.app.close();
    // Minted for another program, it outlives this process …
    expect(await leased()).toEqual([lease.user]);
    const { rawDb } = await import('../support/parts.ts');
    {
      using store = rawDb(join(desk.folder, 'headgate.db'));
      store.prepare("UPDATE leased_logins SET valid_until = '2020-01-01T00:00:00.000Z'").run();
    }
    // … until its time is over.
    const again = await withDesk(desk.folder);
    await db.query(`COMMENT ON ROLE ${lease.user} IS 'somebody else made this'`);
    again.app.startTimetable();
    await expect.poll(() => again.logs.join('')).toContain('lease.not_ended');
    expect(await leased()).toEqual([lease.user]);
    await again.app.close();
    await db.query(`DROP ROLE ${lease.user}`);
  });

  it('ends with its connection being turned off', async () => {
    const desk = await withDesk();
    const role = await createRole(db, 'CREATEROLE');
    await db.query(`GRANT ${reader} TO ${role.name} WITH ADMIN OPTION`);
    const { id } = await desk.api.connections.create(role.input({ lease: { readerRole: reader } }));
    await desk.api.leases.mint({ connectionId: id, deliver: 'copy' });
    await desk.api.connections.bulk({ ids: [id], change: { state: 'disabled' } });
    await expect.poll(leased).toEqual([]);
    await expect(desk.api.leases.mint({ connectionId: id, deliver: 'copy' })).rejects.toMatchObject({
      code: 'CONNECTION_OFF',
    });
    await desk.app.close();
  });

  it.each([
    ['without the right to create roles', '', /may not create roles.*ALTER ROLE "\w+" CREATEROLE;/s],
    [
      'without the right to lend the role',
      'CREATEROLE',
      /may not lend the role.*GRANT "\w+" TO "\w+" WITH ADMIN OPTION;/s,
    ],
  ])('%s is refused with the statement that a DBA would run', async (_, options, told) => {
    const desk = await withDesk();
    const role = await createRole(db, options);
    const { id } = await desk.api.connections.create(role.input({ lease: { readerRole: reader } }));
    const error = await desk.api.leases.mint({ connectionId: id, deliver: 'copy' }).then(
      () => null,
      (failure: { code: string; message: string; advice: string }) => failure,
    );
    expect(error?.code).toBe('LEASE_NOT_POSSIBLE');
    expect(`${error?.message} ${error?.advice}`).toMatch(told);
    expect(await leased()).toEqual([]);
    await desk.app.close();
  });
});
