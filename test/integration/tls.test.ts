import { X509Certificate } from 'node:crypto';
import { connect as connectTcp, createServer, type Server, type Socket } from 'node:net';
import { connect as connectTls, TLSSocket } from 'node:tls';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { localTarget, type Target } from '../../main/engines/engine.ts';
import { connect, endSession, openSession } from '../../main/engines/postgres/postgres-client.ts';
import { type EmbeddedPostgres, startEmbeddedPostgres } from '../../main/sample/embedded-postgres.ts';
import type { TlsMode } from '../../preload/contract/models.ts';
import { type Identity, inDays, makeCertificate } from '../support/certificates.ts';
import { climb, states } from '../support/ladder.ts';
import { startSshServer } from '../support/ssh-server.ts';

/*
 * TLS as libpq does it, against a real PostgreSQL with certificates of every kind: what each mode accepts, what is said of
 * what it refuses, and that a refused server gets nothing from us.
 */

const ca = makeCertificate('Good CA', { ca: true });
const otherCa = makeCertificate('Other CA', { ca: true });
const local = { names: ['localhost', '127.0.0.1'] };
const servers = {
  good: makeCertificate('db', { ...local, issuer: ca }),
  expired: makeCertificate('db', { ...local, issuer: ca, from: inDays(-40), to: inDays(-10) }),
  future: makeCertificate('db', { ...local, issuer: ca, from: inDays(10), to: inDays(40) }),
  soon: makeCertificate('db', { ...local, issuer: ca, to: inDays(7.5) }),
  stranger: makeCertificate('db', { ...local, issuer: otherCa }),
  self: makeCertificate('db.example.org', local),
  misnamed: makeCertificate('db', {
    names: ['db.example.org', '*.internal.example.org', '10.1.2.3'],
    issuer: ca,
  }),
  common: makeCertificate('localhost', { issuer: ca }),
};
type Kind = keyof typeof servers;
const client = makeCertificate('certified', { issuer: ca });
const foreignClient = makeCertificate('certified', { issuer: otherCa });

const hba = `
hostssl all certified all cert
hostssl all paired all scram-sha-256 clientcert=verify-ca
hostssl all only_tls all scram-sha-256
hostnossl all only_plain all scram-sha-256
host all old_password all md5
host all spelt_out all password
host all refused all reject
host all headgate all scram-sha-256
`;

let pg: EmbeddedPostgres;
beforeAll(async () => {
  const files = Object.entries(servers).flatMap(([kind, { cert, key }]) => [
    [`${kind}.crt`, cert],
    [`${kind}.key`, key],
  ]);
  pg = await startEmbeddedPostgres({
    durable: false,
    settings: { ssl: 'on', ssl_ca_file: 'clients.crt' },
    files: {
      ...Object.fromEntries(files),
      'server.crt': servers.good.cert,
      'server.key': servers.good.key,
      'clients.crt': ca.cert,
      'pg_hba.conf': hba,
    },
  });
  await sql(
    `SET password_encryption = md5; CREATE ROLE old_password LOGIN SUPERUSER PASSWORD 'canary'; RESET password_encryption;
     ${['certified', 'paired', 'only_tls', 'only_plain', 'refused', 'spelt_out'].map((role) => `CREATE ROLE ${role} LOGIN PASSWORD 'canary'; GRANT CREATE ON DATABASE postgres TO ${role};`).join(' ')}`,
  );
});
afterAll(() => pg.stop());

const target = (change: Partial<Target> = {}): Target => ({
  ...localTarget({ ...pg, host: 'localhost' }, 'postgres'),
  // What is tested here is how it gets there; the login is the server's only one that all of pg_hba.conf is about.
  superuserAllowed: true,
  tlsMode: 'verify-full',
  tlsCa: ca.cert,
  ...change,
});
const as = (user: string, change: Partial<Target> = {}): Target =>
  target({ user, password: Buffer.from('canary'), ...change });
const certified = ({ cert, key }: Identity): Partial<Target> => ({ tlsCert: cert, tlsKey: Buffer.from(key) });
const never = new AbortController().signal;

async function sql(text: string): Promise<Record<string, string>[]> {
  const session = await connect(localTarget(pg, 'postgres'), never);
  const { rows } = await session.query(text);
  await endSession(session);
  return rows as Record<string, string>[];
}

let shown: Kind = 'good';
/** The server shows another certificate from now on. */
async function show(kind: Kind): Promise<void> {
  if (kind === shown) return;
  shown = kind;
  await sql(`ALTER SYSTEM SET ssl_cert_file = '${kind}.crt'`);
  await sql(`ALTER SYSTEM SET ssl_key_file = '${kind}.key'`);
  await sql('SELECT pg_reload_conf()');
  const { fingerprint256 } = new X509Certificate(servers[kind].cert);
  // The postmaster reloads in its own time; sessions get what it has by then.
  await vi.waitFor(
    async () => {
      const { tls } = await climb(target({ tlsMode: 'require', tlsCa: null }));
      expect(tls?.certificate?.fingerprint).toBe(fingerprint256);
    },
    { timeout: 15_000, interval: 20 },
  );
}

describe('a good certificate', () => {
  beforeAll(() => show('good'));

  it('is shown with its details', async () => {
    const test = await climb(target());
    expect(test.error).toBeNull();
    expect(states(test)).toMatchObject({ tls: 'ok', login: 'ok' });
    expect(test.rungs[3]?.detail).toMatch(
      /^TLSv1\.3 with TLS_\w+; its certificate is for “localhost” and was issued by who may\.$/,
    );
    expect(test.tls).toMatchObject({
      protocol: 'TLSv1.3',
      cipher: expect.stringMatching(/^TLS_/),
      certificate: {
        subject: 'CN=db',
        issuer: 'CN=Good CA',
        names: ['localhost', '127.0.0.1'],
        fingerprint: expect.stringMatching(/^([0-9A-F]{2}:){31}[0-9A-F]{2}$/),
      },
    });
    expect(test.warnings.join()).not.toMatch(/certificate|encrypted/);
  });

  it.each(['allow', 'prefer', 'require', 'verify-ca', 'verify-full'] as const)(
    'passes mode %s',
    async (tlsMode) => {
      const session = await openSession(target({ tlsMode }), never);
      // `allow` tries without first, and this server lets it.
      expect(session.tls.protocol).toBe(tlsMode === 'allow' ? null : 'TLSv1.3');
      const { rows } = await session.client.query('SELECT ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid()');
      expect(rows).toEqual([{ ssl: tlsMode === 'allow' ? 'f' : 't' }]);
      await endSession(session.client);
    },
  );

  it('is for an address too', async () => {
    expect((await climb(target({ host: '127.0.0.1' }))).error).toBeNull();
  });

  it('serves a session as any other: much data, there and back', async () => {
    const session = await connect(target(), never);
    const { rows } = await session.query('SELECT repeat($1, 100000) AS text FROM generate_series(1, 20)', [
      'äöü€ '.repeat(4),
    ]);
    expect(rows).toHaveLength(20);
    expect(rows[19].text).toBe('äöü€ '.repeat(400_000));
    await endSession(session);
  });
});

describe('a certificate is refused, and nothing but its verdict said to the server', () => {
  const refused = async (kind: Kind, change: Partial<Target> = {}) => {
    await show(kind);
    const test = await climb(target(change));
    expect(test.ok).toBe(false);
    expect(states(test)).toMatchObject({ tcp: 'ok', tls: 'failed', login: 'not_reached' });
    expect(test.error?.code).toBe('DB_TLS');
    // What is refused is shown, so that it can be looked at.
    expect(test.tls?.certificate?.subject).toMatch(/^CN=/);
    expect(`${test.error?.message} ${test.error?.advice}`).not.toMatch(/[A-Z]{3,}_[A-Z_]+/);
    return test.error;
  };
  const where = () => `localhost:${pg.port}`;
  const day = (days: number): string => inDays(days).toISOString().slice(0, 10);

  it('when it is expired', async () => {
    expect(await refused('expired')).toMatchObject({
      message: `The certificate of ${where()} expired on ${day(-10)}; it was valid from ${day(-40)}.`,
      advice:
        'Ask whoever runs the server to renew its certificate. If the date is not past, correct the clock of this computer.',
    });
  });
  it('when it is not valid yet', async () => {
    expect(await refused('future', { tlsMode: 'verify-ca' })).toMatchObject({
      message: `The certificate of ${where()} is not valid yet: only from ${day(10)} to ${day(40)}.`,
      advice:
        'Check date and time of this computer. If they are right, ask whoever runs the server to correct its certificate.',
    });
  });
  it('when another CA issued it', async () => {
    expect(await refused('stranger')).toMatchObject({
      message: `The certificate of ${where()} was issued by “Other CA”, which is not the CA of this connection.`,
      advice:
        'Enter the certificate of “Other CA” as the CA of this connection, if your administrator confirms that it is the right one.',
    });
  });
  it('when no authority of this computer issued it', async () => {
    expect(await refused('stranger', { tlsCa: null })).toMatchObject({
      message: `The certificate of ${where()} was issued by “Other CA”, which is no authority that this computer trusts.`,
    });
  });
  it('when it issued itself', async () => {
    expect(await refused('self')).toMatchObject({
      message: `The certificate of ${where()} was issued by itself (“db.example.org”), which is not the CA of this connection.`,
      advice: expect.stringMatching(
        /^Compare its SHA-256 fingerprint with the administrator of the server; if it is ([0-9A-F]{2}:){7}[0-9A-F]{2}…, enter this certificate as the CA\.$/,
      ),
    });
  });
  it('when it is for other names', async () => {
    expect(await refused('misnamed')).toMatchObject({
      message: `The certificate of ${where()} is made for “db.example.org”, “*.internal.example.org”, “10.1.2.3”, not for “localhost”.`,
      advice:
        'Enter one of these names as the host. If none of them leads there, choose TLS mode “verify-ca”, or ask for a certificate with the name of this host.',
    });
  });
  it('under mode require too, where a CA is given', async () => {
    expect((await refused('stranger', { tlsMode: 'require' }))?.message).toContain('“Other CA”');
  });
});

describe('what is not checked', () => {
  it('is the name under verify-ca, and under require with a CA', async () => {
    await show('misnamed');
    for (const tlsMode of ['verify-ca', 'require'] as const) {
      const test = await climb(target({ tlsMode }));
      expect(test.error).toBeNull();
      expect(test.rungs[3]?.detail).toContain(
        'its certificate was issued by who may; its name was not checked',
      );
    }
  });
  it('is everything under require without a CA', async () => {
    for (const kind of ['misnamed', 'stranger', 'expired'] as const) {
      await show(kind);
      const test = await climb(target({ tlsMode: 'require', tlsCa: null }));
      expect(test.error).toBeNull();
      expect(test.rungs[3]?.detail).toContain('whose certificate it is was not checked');
    }
  });
  it('is a self-signed certificate that was entered as the CA', async () => {
    await show('self');
    const { tls } = await climb(target());
    expect((await climb(target({ tlsCa: tls?.certificate?.topPem as string }))).error).toBeNull();
  });
  it('is the common name, but only where there is no other', async () => {
    await show('common');
    expect((await climb(target())).error).toBeNull();
    expect((await climb(target({ host: '127.0.0.1' }))).error?.message).toContain(
      'is made for “localhost”, not for “127.0.0.1”',
    );
  });
});

it('warns of a certificate that ends soon', async () => {
  await show('soon');
  const test = await climb(target());
  expect(test.ok).toBe(true);
  expect(states(test)['tls']).toBe('warns');
  expect(test.warnings).toContain(
    `The certificate of the server expires on ${inDays(7.5).toISOString().slice(0, 10)}, in 7 days.`,
  );
});

describe('a server that insists', () => {
  beforeAll(() => show('good'));
  const insists = () => `localhost:${pg.port} does not let user “only_tls” in without TLS.`;

  it('on TLS says so where it is off, and allow finds the way by itself', async () => {
    const off = await climb(as('only_tls', { tlsMode: 'disable' }));
    expect(off.error).toMatchObject({
      code: 'DB_TLS',
      message: insists(),
      advice:
        'Choose a TLS mode other than “disable”, best “verify-full”. If it stays, ask a DBA to add this computer to pg_hba.conf.',
    });
    expect(states(off)).toMatchObject({ tcp: 'ok', tls: 'failed', login: 'not_reached' });
    const allowed = await climb(as('only_tls', { tlsMode: 'allow' }));
    expect(allowed.error).toBeNull();
    expect(allowed.tls?.protocol).toBe('TLSv1.3');
  });
  it('on no TLS is reached by prefer, and refuses require', async () => {
    const preferred = await openSession(as('only_plain', { tlsMode: 'prefer' }), never);
    expect(preferred.tls.protocol).toBeNull();
    await endSession(preferred.client);
    const { error } = await climb(as('only_plain', { tlsMode: 'require' }));
    expect(error).toMatchObject({
      code: 'DB_LOGIN_REFUSED',
      message: expect.stringMatching(
        /^localhost:\d+ lets user “only_plain” not into “postgres” from the address (127\.0\.0\.1|::1)\.$/,
      ),
      advice: expect.stringMatching(/^Ask a DBA to add to pg_hba\.conf: hostssl "postgres" "only_plain" /),
    });
  });
  it('on a certificate it does not accept is left for a plain session by prefer, as libpq does', async () => {
    await show('stranger');
    const session = await openSession(target({ tlsMode: 'prefer' }), never);
    expect(session.tls.protocol).toBeNull();
    await endSession(session.client);
    await show('good');
  });
  it('on refusing says so', async () => {
    expect((await climb(as('refused'))).error).toMatchObject({
      code: 'DB_LOGIN_REFUSED',
      message: `localhost:${pg.port} is set to refuse user “refused” from here (pg_hba.conf).`,
    });
  });
  it('on passwords kept as MD5 is told of', async () => {
    const { ok, warnings } = await climb(as('old_password'));
    expect(ok).toBe(true);
    expect(warnings).toContain(
      'The password of user “old_password” is stored as MD5, which is easy to guess from. Set it again once password_encryption is scram-sha-256.',
    );
  });
});

describe('a server that asks for the password as it is', () => {
  beforeAll(() => show('good'));
  // It leads here too, but does not say so.
  const host = '0.0.0.0';

  it('gets it where it is certain who asks', async () => {
    for (const change of [
      { host: 'localhost', tlsMode: 'disable', tlsCa: null },
      { host: '127.0.0.1', tlsMode: 'require', tlsCa: null },
      { host: 'localhost', tlsMode: 'verify-full' },
      // An authority of one's own names nobody else's servers.
      { host, tlsMode: 'verify-ca' },
      { host, tlsMode: 'require' },
    ] as const) {
      const session = await openSession(as('spelt_out', change), never);
      expect(session.auth).toBe('cleartext');
      await endSession(session.client);
    }
  });

  it.each([
    ['disable', null, 'the session is not encrypted'],
    ['allow', null, 'the session is not encrypted'],
    ['prefer', null, 'the certificate is not checked'],
    ['require', null, 'the certificate is not checked'],
  ] as const)('does not get it with mode %s from elsewhere', async (tlsMode, tlsCa, why) => {
    const test = await climb(as('spelt_out', { host, tlsMode, tlsCa }));
    expect(test.error).toMatchObject({
      code: 'DB_PASSWORD_ASKED',
      message: expect.stringContaining(why),
      advice: expect.stringContaining('verify-full'),
    });
    expect(states(test)).toMatchObject({ login: 'failed' });
    // Another way of asking is answered there as before.
    expect((await climb(as('old_password', { host, tlsMode, tlsCa }))).error).toBeNull();
  });
});

/** Takes the session apart: TLS with a certificate of its own on this side, TLS with the server on the other. */
async function between(): Promise<{ port: number; stop(): void }> {
  const { cert, key } = servers.stranger;
  const offer = Buffer.from('S');
  const server = createServer((client) => {
    const inward = connectTcp(pg.port, '127.0.0.1');
    for (const socket of [client, inward]) socket.on('error', () => {});
    client.once('data', (request) => inward.write(request));
    inward.once('data', () => {
      const secured = connectTls({ socket: inward, rejectUnauthorized: false });
      const shown = new TLSSocket(client, { isServer: true, cert, key });
      for (const socket of [secured, shown]) socket.on('error', () => {});
      shown.pipe(secured).pipe(shown);
      client.write(offer);
    });
  });
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  return { port: (server.address() as { port: number }).port, stop: () => server.close() };
}

it('can not be passed on by somebody in between who shows another certificate', async () => {
  await show('good');
  const middle = await between();
  try {
    const { error } = await climb(target({ tlsMode: 'require', tlsCa: null, port: middle.port }));
    expect(error).toMatchObject({ code: 'DB_LOGIN_REFUSED' });
    // The way itself works: a login that is not bound to the certificate goes through.
    const old = await climb(as('old_password', { tlsMode: 'require', tlsCa: null, port: middle.port }));
    expect(old.error).toBeNull();
  } finally {
    middle.stop();
  }
});

describe('a client certificate', () => {
  beforeAll(() => show('good'));

  it('lets in, alone or beside a password, also with an encrypted key', async () => {
    expect((await climb(as('certified', certified(client)))).error).toBeNull();
    expect((await climb(as('paired', certified(client)))).error).toBeNull();
    const sealed = client.privateKey.export({
      type: 'pkcs8',
      format: 'pem',
      cipher: 'aes-256-cbc',
      passphrase: 'key-canary',
    });
    const change = { tlsCert: client.cert, tlsKey: Buffer.from(sealed) };
    expect(
      (await climb(as('certified', { ...change, tlsKeyPassphrase: Buffer.from('key-canary') }))).error,
    ).toBeNull();
    expect(
      (await climb(as('certified', { ...change, tlsKeyPassphrase: Buffer.from('wrong') }))).error,
    ).toMatchObject({
      code: 'DB_TLS',
      message: 'The passphrase does not open the key of the client certificate.',
      advice: 'Enter the passphrase of the key of the client certificate again.',
    });
    expect((await climb(as('certified', change))).error).toMatchObject({
      code: 'DB_TLS',
      message: 'The key of the client certificate is encrypted, and its passphrase is missing.',
    });
  });
  it.each(['certified', 'paired'])('that is missing is asked for (%s)', async (user) => {
    const test = await climb(as(user));
    expect(test.error).toMatchObject({
      code: 'DB_TLS',
      message: `localhost:${pg.port} lets user “${user}” in only with a client certificate.`,
      advice: 'Enter the client certificate and its key under TLS, as the DBA gave them to you.',
    });
    expect(states(test)).toMatchObject({ tls: 'failed', login: 'not_reached' });
  });
  it('that the server does not know is told apart', async () => {
    expect((await climb(as('certified', certified(foreignClient)))).error).toMatchObject({
      code: 'DB_TLS',
      message: `localhost:${pg.port} does not accept the client certificate of this connection.`,
    });
    expect(
      (await climb(target({ ...certified(client), user: 'certified', password: Buffer.from('x') }))).error,
    ).toBeNull();
    const another = makeCertificate('somebody', { issuer: ca });
    expect((await climb(as('certified', certified(another)))).error).toMatchObject({
      code: 'DB_TLS',
      message: `localhost:${pg.port} does not accept the client certificate of this connection for user “certified”.`,
      advice:
        'Check that the common name of the certificate is the user, and that the server knows the CA that issued it.',
    });
  });
  it.each([
    ['without a key', { tlsCert: client.cert }, 'The client certificate has no key.'],
    [
      'with a foreign key',
      { tlsCert: client.cert, tlsKey: Buffer.from(foreignClient.key) },
      'The key does not belong to the client certificate.',
    ],
    [
      'that is none',
      { tlsCert: 'rubbish', tlsKey: Buffer.from(client.key) },
      'The client certificate can not be read.',
    ],
    [
      'with a key that is none',
      { tlsCert: client.cert, tlsKey: Buffer.from('rubbish') },
      'The key of the client certificate can not be read.',
    ],
    [
      'with an SSH key',
      { tlsCert: client.cert, tlsKey: Buffer.from('-----BEGIN OPENSSH PRIVATE KEY-----') },
      'The key of the client certificate is an SSH key, which TLS can not use.',
    ],
  ])('%s is explained', async (_, change, message) => {
    expect((await climb(as('certified', change))).error).toMatchObject({ code: 'DB_TLS', message });
  });
  it('and the CA beside it must be readable', async () => {
    const rubbish = '-----BEGIN CERTIFICATE-----\nrubbish\n-----END CERTIFICATE-----\n';
    expect((await climb(target({ tlsCa: rubbish }))).error).toMatchObject({
      code: 'DB_TLS',
      message: expect.stringMatching(/CA certificate of this connection can not be read|not the CA/),
    });
  });
});

describe('a server between us and PostgreSQL', () => {
  /** Answers the question for TLS itself, then does as it is told. */
  async function between(answer: (socket: Socket) => void): Promise<{ port: number; server: Server }> {
    const server = createServer((socket) => {
      socket.on('error', () => {});
      socket.once('data', () => answer(socket));
    });
    await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
    return { port: (server.address() as { port: number }).port, server };
  }
  const met = async (answer: (socket: Socket) => void, change: Partial<Target> = {}) => {
    const { port, server } = await between(answer);
    const test = await climb(target({ port, connectTimeoutMs: 3000, ...change }));
    server.close();
    return { ...test, port };
  };

  it.each(['require', 'verify-ca', 'verify-full'] as const)(
    'without TLS is refused under %s',
    async (tlsMode) => {
      const { error, port } = await met((socket) => socket.write('N'), { tlsMode });
      expect(error).toMatchObject({
        code: 'DB_TLS',
        message: `localhost:${port} does not offer TLS.`,
        advice:
          'Choose TLS mode “disable” if this network is trusted, or turn TLS on at the server (ssl = on).',
      });
    },
  );
  it('without TLS is used in the clear under prefer, which is told', async () => {
    const test = await met(
      (socket) => {
        const through = connectTcp(pg.port, '127.0.0.1');
        through.on('error', () => {});
        socket.write('N');
        socket.pipe(through).pipe(socket);
      },
      { tlsMode: 'prefer' },
    );
    expect(test.error).toBeNull();
    expect(states(test)['tls']).toBe('warns');
    expect(test.rungs[3]?.detail).toBe('The server does not offer TLS, so the session is not encrypted.');
  });
  it('may not put words into the answer before the handshake (CVE-2021-23222)', async () => {
    const { error, port } = await met((socket) => socket.write('SR\0\0\0\x08\0\0\0\0'));
    expect(error?.message).toBe(`What answers at localhost:${port} is not PostgreSQL.`);
  });
  it('that hangs up when asked is named', async () => {
    const { error, port } = await met((socket) => void socket.end());
    expect(error).toMatchObject({
      code: 'DB_TLS',
      message: `localhost:${port} hung up when it was asked for TLS.`,
      advice:
        'Check that host and port are those of PostgreSQL. A firewall that does not know PostgreSQL does this too.',
    });
  });
  it('that fails in the handshake is named', async () => {
    const { error, port } = await met((socket) => {
      socket.write('S');
      socket.once('data', () => socket.end('not TLS at all, but more than five bytes'));
    });
    expect(error).toMatchObject({
      code: 'DB_TLS',
      message: `The TLS handshake with localhost:${port} failed.`,
    });
  });
});

describe('through a jump host', () => {
  it('the certificate is checked against the name of the database, and the plain part of the way is told of', async () => {
    await show('good');
    const server = await startSshServer({ password: 'hop', methods: ['password'] });
    const change: Partial<Target> = {
      ssh: [
        {
          host: '127.0.0.1',
          port: server.port,
          user: 'alice',
          login: { kind: 'password', password: Buffer.from('hop') },
        },
      ],
      knownHosts: server.known,
    };
    const secured = await climb(target(change));
    expect(secured.error).toBeNull();
    expect(states(secured)).toMatchObject({ ssh: 'ok', tls: 'ok', write: 'ok' });
    expect(secured.tls?.protocol).toBe('TLSv1.3');
    await show('misnamed');
    const { error } = await climb(target(change));
    expect(error?.message).toContain('not for “localhost”');
    await show('good');
    const plain = await climb(target({ ...change, host: '0.0.0.0', tlsMode: 'disable' }));
    expect(plain.warnings).toContain('Between the last jump host and 0.0.0.0 the session is not encrypted.');
    // Much data, both ways, through both layers.
    const session = await connect(target(change), never);
    const text = 'y'.repeat(3_000_000);
    const { rows } = await session.query('SELECT $1::text AS back', [text]);
    expect(rows[0].back === text).toBe(true);
    await endSession(session);
    server.close();
  });
});

it('warns of a session in the clear with another computer', async () => {
  // 0.0.0.0 leads here, and does not look like it.
  const test = await climb(target({ host: '0.0.0.0', tlsMode: 'disable' }));
  expect(test.ok).toBe(true);
  expect(test.warnings).toContain(
    'The session with 0.0.0.0 is not encrypted: whoever is on the way can read and change it.',
  );
});

it.each<[TlsMode, boolean]>([
  ['disable', true],
  ['allow', true],
  ['prefer', true],
  ['require', true],
])('a wrong password is refused once more and in the end under %s', async (tlsMode, refused) => {
  const { error } = await climb(target({ tlsMode, password: Buffer.from('wrong-canary') }));
  expect(error?.code === 'DB_LOGIN_REFUSED').toBe(refused);
  expect(error?.message).toBe(
    `localhost:${pg.port} is reached, but it refused the password of user “headgate”.`,
  );
});
