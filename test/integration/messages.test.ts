import { createServer } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { scriptedBrowser } from '../../main/sample/consent.ts';
import type { ConnectionInput } from '../../preload/contract/models.ts';
import { createHqSimulator, type HqSimulator } from '../simulators/commcare-hq/index.ts';
import { createDatabase, type TestDatabase } from '../support/database.ts';
import { openWorkspace, setUp, syncToEnd, type Workspace } from '../support/workspace.ts';

/* Every failure a person meets on the way to the first table: the message names the cause, the advice the next step. */

let db: TestDatabase;
let ws: Workspace;
let sim: HqSimulator;
let now = Date.now();

beforeAll(async () => {
  db = await createDatabase();
  ws = await openWorkspace();
  sim = await createHqSimulator({
    clock: () => now,
    domains: [
      { name: 'mine', forms: 50, cases: 20, seed: 1 },
      { name: 'theirs', forms: 5, cases: 5, seed: 1 },
      { name: 'no-plan', forms: 5, cases: 5, seed: 1, refuse: 'subscription' },
      { name: 'no-permission', forms: 5, cases: 5, seed: 1 },
    ],
    users: [
      {
        username: 'john@example.com',
        domains: ['mine', 'no-plan', 'no-permission'],
        lacks: { 'no-permission': ['edit_data'] },
      },
    ],
  });
});
afterAll(async () => {
  await ws[Symbol.asyncDispose]();
  await sim.close();
  await db[Symbol.asyncDispose]();
});

const input = (more: Partial<ConnectionInput>): ConnectionInput => ({
  name: `c ${Math.random()}`,
  host: db.postgres.host,
  port: db.postgres.port,
  database: db.database,
  user: db.postgres.user,
  password: db.postgres.password,
  tlsMode: 'disable',
  ...more,
});

async function closedPort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  const { port } = server.address() as { port: number };
  await new Promise<void>((done) => server.close(() => done()));
  return port;
}

describe('testing a connection', () => {
  const test = async (more: Partial<ConnectionInput>) => {
    const { id } = await ws.api.connections.create(input(more));
    return ws.api.connections.test({ id });
  };

  it('works and tells version, latency and what matters for a sync', async () => {
    const result = await test({});
    expect(result).toMatchObject({ ok: true, error: null });
    expect(result.serverVersion).toMatch(/^PostgreSQL \d+/);
    expect(result.latencyMs).toBeGreaterThan(0);
    expect(result.warnings).toEqual([]);
  });
  it('a wrong password', async () => {
    const { ok, error } = await test({ password: 'not the password' });
    expect(ok).toBe(false);
    expect(error).toMatchObject({ code: 'DB_LOGIN_REFUSED' });
    expect(error?.message).toMatch(/refused the password of user “user_test_/);
    expect(error?.advice).toMatch(/password/);
  });
  it('an unknown host', async () => {
    const { error } = await test({ host: 'db.nowhere.invalid' });
    expect(error).toMatchObject({ code: 'DB_HOST_UNKNOWN' });
    expect(error?.message).toContain('db.nowhere.invalid');
    expect(error?.advice).toMatch(/spelling/);
  });
  it('a refused port', async () => {
    const port = await closedPort();
    const { error } = await test({ port });
    expect(error).toMatchObject({ code: 'DB_REFUSED' });
    expect(error?.message).toContain(`127.0.0.1:${port}`);
    expect(error?.advice).toMatch(/port/);
  });
  it('a missing database', async () => {
    const { error } = await test({ database: 'not_there' });
    expect(error).toMatchObject({ code: 'DB_MISSING' });
    expect(error?.message).toContain('not_there');
  });
  it('a server without TLS', async () => {
    const { error } = await test({ tlsMode: 'verify-full' });
    expect(error).toMatchObject({ code: 'DB_TLS' });
    expect(error?.advice).toMatch(/TLS/);
  });
  it('a server that never answers is given up on when the person cancels', async () => {
    const silent = createServer(() => {});
    await new Promise<void>((done) => silent.listen(0, '127.0.0.1', done));
    const { id } = await ws.api.connections.create(
      input({ port: (silent.address() as { port: number }).port }),
    );
    const stop = new AbortController();
    setTimeout(() => stop.abort(), 200);
    const started = Date.now();
    await expect(ws.api.connections.test({ id }, { signal: stop.signal })).rejects.toMatchObject({
      code: 'CANCELLED',
    });
    expect(Date.now() - started).toBeLessThan(2000);
    silent.close();
  });
  it('a user who may not create schemas, with the GRANT that is missing', async () => {
    await db.query(`CREATE ROLE poor_${db.database} LOGIN PASSWORD 'poor'`);
    const { ok, error, fixSql } = await test({ user: `poor_${db.database}`, password: 'poor' });
    expect(ok).toBe(false);
    expect(error).toMatchObject({ code: 'DB_NO_RIGHT' });
    expect(error?.message).toContain(`“poor_${db.database}” may not create schemas`);
    expect(error?.advice).toContain(fixSql);
    expect(fixSql).toBe(`GRANT CREATE ON DATABASE "${db.database}" TO "poor_${db.database}";`);
  });
});

describe('signing in', () => {
  const source = async () =>
    (
      await ws.api.sources.create({
        name: `s ${Math.random()}`,
        sourceType: 'commcare',
        baseUrl: sim.url,
        clientId: 'headgate-desktop',
        settings: { domain: 'mine' },
      })
    ).id;

  it('denied consent', async () => {
    await using denying = await openWorkspace({ openUrl: scriptedBrowser('deny') });
    const { id } = await denying.api.sources.create({
      name: 's',
      sourceType: 'commcare',
      baseUrl: sim.url,
      clientId: 'headgate-desktop',
    });
    await expect(denying.api.credentials.signIn({ sourceId: id })).rejects.toMatchObject({
      code: 'OAUTH_DENIED',
      message: expect.stringContaining('did not allow'),
      advice: expect.stringContaining('Allow'),
    });
  });
  it('a code that came too late', async () => {
    const slow = scriptedBrowser('allow');
    await using late = await openWorkspace({
      openUrl: async (url) => {
        // A minute passes between consent and exchange: the code is dead when it arrives.
        const original = globalThis.fetch;
        globalThis.fetch = (target, init) => {
          if (String(target).includes('/callback')) now += 61_000;
          return original(target, init);
        };
        try {
          await slow(url);
        } finally {
          globalThis.fetch = original;
        }
      },
    });
    const { id } = await late.api.sources.create({
      name: 's',
      sourceType: 'commcare',
      baseUrl: sim.url,
      clientId: 'headgate-desktop',
    });
    await expect(late.api.credentials.signIn({ sourceId: id })).rejects.toMatchObject({
      code: 'OAUTH_CODE_EXPIRED',
      message: expect.stringContaining('took too long'),
      advice: expect.stringContaining('Sign in again'),
    });
  });
  it('a client that the server does not know', async () => {
    await using other = await openWorkspace({ openUrl: async () => {} });
    const { id } = await other.api.sources.create({
      name: 's',
      sourceType: 'commcare',
      baseUrl: sim.url,
      clientId: 'nobody',
    });
    const stop = new AbortController();
    setTimeout(() => stop.abort(), 300);
    // The server shows its own error page and never redirects: the person cancels.
    await expect(
      other.api.credentials.signIn({ sourceId: id }, { signal: stop.signal }),
    ).rejects.toMatchObject({
      code: 'CANCELLED',
    });
  });
  it('nobody signed in yet', async () => {
    await expect(ws.api.sources.discover({ id: await source() })).rejects.toMatchObject({
      code: 'SIGN_IN_NEEDED',
      advice: expect.stringContaining('Sign in'),
    });
  });
  it('an address that does not answer', async () => {
    const port = await closedPort();
    const id = (
      await ws.api.sources.create({
        name: `s ${Math.random()}`,
        sourceType: 'commcare',
        baseUrl: `http://127.0.0.1:${port}`,
        clientId: 'x',
      })
    ).id;
    const stop = new AbortController();
    setTimeout(() => stop.abort(), 300);
    await expect(ws.api.credentials.signIn({ sourceId: id }, { signal: stop.signal })).rejects.toMatchObject({
      code: 'CANCELLED',
    });
  });
});

describe('syncing', () => {
  const made = (domain: string) =>
    setUp(ws.api, { postgres: db.postgres, database: db.database, sourceUrl: sim.url, domain });
  const run = async (domain: string) => syncToEnd(ws, await made(domain));
  /** The source is given another project space after the sign-in, which proves itself only where it signs in. */
  const runElsewhere = async (domain: string) => {
    const link = await made('mine');
    await ws.api.sources.update({ id: link.sourceId, settings: { domain } });
    return syncToEnd(ws, link);
  };
  it.each(['theirs', 'mispelt'])('an account that can not read where it signs in: %s', async (domain) => {
    await expect(made(domain)).rejects.toMatchObject({
      code: 'WRONG_ACCOUNT',
      message: expect.stringContaining(domain),
      advice: expect.stringMatching(/account/),
    });
  });
  it('a project space of others', async () => {
    const job = await runElsewhere('theirs');
    expect(job.error).toMatchObject({ code: 'SOURCE_NOT_AUTHORISED' });
    expect(job.error?.message).toContain('theirs');
    expect(job.error?.advice).toMatch(/account that belongs to this project space/);
  });
  it('a role without the permission', async () => {
    const job = await run('no-permission');
    expect(['SOURCE_FORBIDDEN', 'SOURCE_NOT_AUTHORISED']).toContain(job.error?.code);
    expect(job.error?.message).toContain('no-permission');
    expect(job.error?.advice).toMatch(/administrator/);
  });
  it('a plan without API access', async () => {
    const job = await run('no-plan');
    expect(job.error).toMatchObject({ code: 'SOURCE_FORBIDDEN' });
    expect(job.error?.message).toMatch(/plan of the project space “no-plan”/);
  });
  it('a project space that does not exist', async () => {
    const job = await runElsewhere('mispelt');
    expect(['SOURCE_NO_SUCH_SPACE', 'SOURCE_NOT_AUTHORISED']).toContain(job.error?.code);
    expect(job.error?.message).toContain('mispelt');
  });
  it('a database that went away says where, and keeps the job restartable', async () => {
    const made = await setUp(ws.api, {
      postgres: db.postgres,
      database: db.database,
      sourceUrl: sim.url,
      domain: 'mine',
    });
    const [connection] = (await ws.api.connections.list()).items.filter((c) =>
      c.usedBy.some((p) => p.id === made.projectId),
    );
    await ws.api.connections.update({ id: connection?.id ?? '', database: 'gone' });
    const job = await syncToEnd(ws, made);
    expect(job.error).toMatchObject({ code: 'DB_MISSING' });
    await ws.api.connections.update({ id: connection?.id ?? '', database: db.database });
    expect((await syncToEnd(ws, made)).status).toBe('completed');
  });
  it('a user without the right to create a schema', async () => {
    const role = `poorer_${db.database}`;
    await db.query(`CREATE ROLE ${role} LOGIN PASSWORD 'poor'`);
    const made = await setUp(ws.api, {
      postgres: { ...db.postgres, user: role, password: 'poor' },
      database: db.database,
      sourceUrl: sim.url,
      domain: 'mine',
    });
    const job = await syncToEnd(ws, made);
    expect(job.error).toMatchObject({ code: 'DB_NO_RIGHT' });
    expect(job.error?.message).toContain(role);
    expect(job.error?.advice).toContain(`GRANT CREATE ON DATABASE "${db.database}" TO "${role}"`);
  });
});
