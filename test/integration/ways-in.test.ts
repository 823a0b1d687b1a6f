import { execFileSync, spawnSync } from 'node:child_process';
import { createServer } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { localTarget, type Target } from '../../main/engines/engine.ts';
import { postgres } from '../../main/engines/postgres/postgres.ts';
import { cancelStatement, endSession, openSession } from '../../main/engines/postgres/postgres-client.ts';
import { type EmbeddedPostgres, startEmbeddedPostgres } from '../../main/sample/embedded-postgres.ts';
import type { SignInMethod } from '../../preload/contract/models.ts';
import { makeCertificate } from '../support/certificates.ts';
import { climb, states } from '../support/ladder.ts';
import { codeOf } from '../support/parts.ts';
import { openWorkspace } from '../support/workspace.ts';

/* Ways to a server that libpq has: a Unix socket, an address beside a name, the least that it must ask for, any password. */

const ca = makeCertificate('CA', { ca: true });
const server = makeCertificate('db', { names: ['db.example.org'], issuer: ca });
const hba = `
local all spelt_out password
local all all scram-sha-256
host all trusted all trust
host all old_password all md5
host all spelt_out all password
host all all all scram-sha-256
`;
const roles = ['scrambled', 'trusted', 'spelt_out'];
const never = new AbortController().signal;

let pg: EmbeddedPostgres;
let sockets = '';
beforeAll(async () => {
  pg = await startEmbeddedPostgres({
    durable: false,
    settings: { ssl: 'on' },
    files: { 'server.crt': server.cert, 'server.key': server.key, 'pg_hba.conf': hba },
  });
  const made = roles.map(
    (role) => `CREATE ROLE ${role} LOGIN PASSWORD 'canary'; GRANT CREATE ON DATABASE postgres TO ${role};`,
  );
  await sql(
    `SET password_encryption = md5; CREATE ROLE old_password LOGIN PASSWORD 'canary'; RESET password_encryption; ${made.join(' ')}`,
  );
  sockets = (await sql('SHOW unix_socket_directories'))[0]?.['unix_socket_directories'] ?? '';
});
afterAll(() => pg.stop());

async function sql(text: string): Promise<Record<string, string>[]> {
  const session = await openSession(localTarget(pg, 'postgres'), never);
  const { rows } = await session.client.query(text);
  await endSession(session.client);
  return rows as Record<string, string>[];
}
const as = (user: string, change: Partial<Target> = {}): Target => ({
  ...localTarget({ ...pg, user, password: 'canary' }, 'postgres'),
  ...change,
});

describe('a Unix socket', () => {
  it('leads up the whole ladder, without TLS whatever is asked for, as with libpq', async () => {
    const test = await climb(as('scrambled', { host: sockets, tlsMode: 'verify-full' }));
    expect(test.error).toBeNull();
    expect(test.warnings).toEqual([]);
    expect(states(test)).toMatchObject({ tcp: 'ok', tls: 'skipped', login: 'ok', write: 'ok' });
    expect(test.tls).toMatchObject({ protocol: null });
  });
  it('takes the password as it is asked for, and a statement is cancelled through it', async () => {
    const target = as('spelt_out', { host: sockets });
    const session = await openSession(target, never);
    expect(session.auth).toBe('cleartext');
    const sleeping = session.client.query('SELECT pg_sleep(60)').catch((error: Error) => error.message);
    // One that has not begun can't be cancelled.
    const begun = () =>
      sql(
        "SELECT 1 FROM pg_stat_activity WHERE usename = 'spelt_out' AND query = 'SELECT pg_sleep(60)' AND state = 'active'",
      );
    await expect.poll(begun).toHaveLength(1);
    await cancelStatement(session, target, { signal: never });
    expect(await sleeping).toMatch(/canceling statement/);
    await endSession(session.client);
  });
  it('that is not there is named', async () => {
    expect((await climb(as('scrambled', { host: sockets, port: 1 }))).error).toMatchObject({
      code: 'DB_REFUSED',
      message: `There is no socket of a server in ${sockets} for port 1.`,
    });
  });
  it('is taken from a URL, and goes with no jump host and no address', async () => {
    await using ws = await openWorkspace();
    const text = `postgresql://scrambled:canary@${encodeURIComponent(sockets)}:${pg.port}/postgres`;
    const { planId, connections } = await ws.api.imports.preview({ kind: 'url', text });
    const choices = connections.map(({ key }) => ({ key, action: 'create' as const }));
    const { created } = await ws.api.imports.apply({ planId, connections: choices, hosts: [], projects: [] });
    const id = created[0]?.id as string;
    expect(await ws.api.connections.get({ id })).toMatchObject({ host: sockets, port: pg.port });
    expect((await ws.api.connections.test({ id })).error).toBeNull();
    for (const change of [
      { ssh: [{ host: 'jump', user: 'u', auth: 'agent' as const }], password: 'canary' },
      { hostAddress: '127.0.0.1', password: 'canary' },
    ])
      expect(await codeOf(() => ws.api.connections.update({ id, ...change }))).toBe('INPUT_INVALID');
  });
});

describe('an address beside a name', () => {
  const host = 'db.example.org';
  it('is gone to, and the certificate is for the name', async () => {
    const strict = { hostAddress: '127.0.0.1', tlsMode: 'verify-full', tlsCa: ca.cert } as const;
    const test = await climb(as('scrambled', { host, ...strict }));
    expect(test.error).toBeNull();
    expect(test.rungs[0]?.detail).toBe('db.example.org was told to be 127.0.0.1.');
    expect((await climb(as('scrambled', { host: 'other.example.org', ...strict }))).error).toMatchObject({
      code: 'DB_TLS',
    });
  });
  it('decides whether a server is one of this computer', async () => {
    const far = as('spelt_out', { host: 'localhost', hostAddress: '0.0.0.0' });
    expect((await climb(far)).error).toMatchObject({ code: 'DB_PASSWORD_ASKED' });
    expect((await climb(as('spelt_out', { host, hostAddress: '127.0.0.1' }))).error).toBeNull();
  });
  it('is kept, bound to the password, and goes with the name it was told for', async () => {
    await using ws = await openWorkspace();
    const { id } = await ws.api.connections.create({
      ...{ name: 'named', host, hostAddress: '127.0.0.1', port: pg.port, database: 'postgres' },
      ...{ user: 'scrambled', password: 'canary', tlsMode: 'require', signIn: 'scram' },
    });
    expect((await ws.api.connections.test({ id })).error).toBeNull();
    const { text } = await ws.api.connections.export({ ids: [id], save: false });
    expect(JSON.parse(text ?? '').connections).toMatchObject([{ hostAddress: '127.0.0.1', signIn: 'scram' }]);
    for (const change of [{ hostAddress: '127.0.0.2' }, { hostAddress: null }, { signIn: 'any' as const }])
      expect(await codeOf(() => ws.api.connections.update({ id, ...change }))).toBe('INPUT_INVALID');
    expect(await ws.api.connections.update({ id, signIn: 'channel_binding' })).toMatchObject({
      signIn: 'channel_binding',
    });
    expect(
      await ws.api.connections.update({ id, host: 'other.example.org', password: 'canary' }),
    ).toMatchObject({ hostAddress: null });
  });
});

describe('the least that a server must ask for', () => {
  const plain = { tlsMode: 'disable' } as const;
  const secured = { tlsMode: 'require' } as const;
  it.each<[string, SignInMethod, Partial<Target>, string | null]>([
    ['scrambled', 'any', plain, null],
    ['scrambled', 'scram', plain, null],
    ['scrambled', 'channel_binding', plain, 'offers no channel binding'],
    ['scrambled', 'channel_binding', secured, null],
    ['old_password', 'any', secured, null],
    ['old_password', 'scram', secured, 'asks for the password by MD5'],
    ['spelt_out', 'scram', secured, 'asks for the password as it is'],
    ['trusted', 'any', secured, null],
    ['trusted', 'scram', secured, 'without asking for a password'],
    ['trusted', 'channel_binding', secured, 'without asking for a password'],
  ])('of %s, with %s', async (user, signIn, change, said) => {
    const test = await climb(as(user, { ...change, signIn }), { readOnly: true });
    if (said === null) return expect(test.error?.code).not.toBe('DB_SIGN_IN');
    expect(test.error).toMatchObject({ code: 'DB_SIGN_IN', message: expect.stringContaining(said) });
    expect(states(test)).toMatchObject({ login: 'failed' });
  });

  it('is not met by a server that says yes in the middle of the exchange', async () => {
    const message = (type: string, ...parts: (number | string)[]): Buffer => {
      const body = Buffer.concat(
        parts.map((part) => (typeof part === 'string' ? Buffer.from(part) : Buffer.from([0, 0, 0, part]))),
      );
      const head = Buffer.alloc(5, type);
      head.writeInt32BE(body.length + 4, 1);
      return Buffer.concat([head, body]);
    };
    const liar = createServer((socket) => {
      socket.on('error', () => {});
      socket.once('data', () => {
        socket.write(message('R', 10, 'SCRAM-SHA-256\0\0'));
        socket.once('data', () => socket.write(Buffer.concat([message('R', 0), message('Z', 'I')])));
      });
    });
    await new Promise<void>((done) => liar.listen(0, '127.0.0.1', done));
    try {
      const { port } = liar.address() as { port: number };
      const error = await openSession(as('scrambled', { port, signIn: 'scram' }), never).catch((e) => e);
      expect(error).toMatchObject({ code: 'DB_SIGN_IN' });
    } finally {
      liar.close();
    }
  });
});

const psql = spawnSync('psql', ['--version']).status === 0;
describe(`a password that SASLprep ${psql ? '' : '(psql is not installed here) '}`, () => {
  it.each([
    ['can not prepare, for a sign that is too new', '½₹pass'],
    ['can not prepare, for one beyond the basic plane', 'u\u0308ber😀'],
    ['can not prepare, for both directions in one', 'aא'],
    ['can not prepare, for a private sign', 'ﬁ\ue000'],
    ['makes nothing of', '\u00ad\u200d'],
    ['prepares', 'u\u0308\u00a0½'],
  ])('%s, is the same here, at the server and for psql', async (_, password) => {
    await sql(`ALTER ROLE scrambled PASSWORD '${password}'`);
    const target = as('scrambled', { password: Buffer.from(password) });
    for (const tlsMode of ['disable', 'require'] as const)
      await endSession((await openSession({ ...target, tlsMode }, never)).client);
    // What we set ourselves opens for others too.
    await postgres.users?.changePassword(target, Buffer.from(password), never);
    if (!psql) return;
    const env = { PATH: process.env['PATH'], LC_ALL: 'C.UTF-8', PGPASSWORD: password };
    const where = `host=127.0.0.1 port=${pg.port} user=scrambled dbname=postgres`;
    expect(execFileSync('psql', ['-XwAtc', 'select 1', where], { env, encoding: 'utf8' })).toBe('1\n');
  });
  afterAll(() => sql("ALTER ROLE scrambled PASSWORD 'canary'"));
});
