import { createHash, createHmac, generateKeyPairSync, type KeyObject } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { localTarget, type SshHopTarget, type SshLogin, type Target } from '../../main/engines/engine.ts';
import { connect, endSession } from '../../main/engines/postgres/postgres-client.ts';
import { createDatabase, type TestDatabase } from '../support/database.ts';
import { climb, closedPort, states } from '../support/ladder.ts';
import { startSshServer } from '../support/ssh-server.ts';
import {
  type Agent,
  type KeyPair,
  makeKey,
  noAgent,
  noSshd,
  type Sshd,
  startAgent,
  startSshd,
} from '../support/sshd.ts';

/* Jump hosts: real OpenSSH servers, one after the other; who they are is checked, and what goes wrong is named. */

const passphrase = 'passphrase-canary';
const mine = makeKey();
const sealed = makeKey('ed25519', passphrase);
const rsa = makeKey('rsa');
const strange = makeKey();
const never = new AbortController().signal;

let db: TestDatabase;
beforeAll(async () => {
  db = await createDatabase();
});
afterAll(() => db[Symbol.asyncDispose]());

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);
const keyLogin = (key: string, phrase: string | null = null): SshLogin => ({
  kind: 'key',
  key: bytes(key),
  passphrase: phrase === null ? null : bytes(phrase),
});
const fingerprint = (key: KeyPair): string =>
  `SHA256:${createHash('sha256')
    .update(Buffer.from(key.public.split(' ')[1] as string, 'base64'))
    .digest('base64')
    .replace(/=+$/, '')}`;

describe.skipIf(noSshd !== null)(`OpenSSH ${noSshd ?? ''}`, () => {
  const hostKeys = { ed: makeKey(), ecdsa: makeKey('ecdsa'), rsa: makeKey('rsa') };
  let hops: Sshd[] = [];
  let guarded: Sshd;
  beforeAll(async () => {
    const authorized = [mine, sealed, rsa].map((key) => key.public);
    hops = await Promise.all([
      startSshd({ hostKeys: [hostKeys.ed, hostKeys.ecdsa, hostKeys.rsa], authorized }),
      startSshd({ hostKeys: [makeKey()], authorized }),
      startSshd({ hostKeys: [makeKey()], authorized }),
    ]);
    guarded = await startSshd({
      hostKeys: [makeKey()],
      authorized,
      config: ['AllowTcpForwarding no'],
    });
  });
  afterAll(() => {
    for (const hop of [...hops, guarded]) hop.stop();
  });

  const first = (): Sshd => hops[0] as Sshd;
  const hopOf = (sshd: Sshd, login: SshLogin = keyLogin(mine.private)): SshHopTarget => ({
    host: sshd.host,
    port: sshd.port,
    user: sshd.user,
    login,
  });
  const through = (ssh: readonly SshHopTarget[], change: Partial<Target> = {}): Target => ({
    ...localTarget(db.postgres, db.database),
    ssh,
    knownHosts: [...hops, guarded].map(({ known }) => known).join(''),
    ...change,
  });
  const where = (sshd = first()): string => `127.0.0.1:${sshd.port}`;

  it.each([1, 2, 3])('a chain of %i leads there', async (count) => {
    const chain = hops.slice(0, count).map((sshd) => hopOf(sshd));
    const test = await climb(through(chain));
    expect(test.error).toBeNull();
    expect(states(test)).toMatchObject({ name: 'ok', tcp: 'ok', ssh: 'ok', login: 'ok', write: 'ok' });
    expect(test.rungs[2]?.detail).toBe(
      `Through ${chain.map(({ user, port }) => `${user}@127.0.0.1:${port}`).join(', then ')}; the way to 127.0.0.1:${db.postgres.port} is open.`,
    );
    // Each was left as it was found.
    await expect.poll(() => hops.reduce((sum, { sessions }) => sum + sessions, 0)).toBe(0);
  });

  it('a session through it carries much both ways', async () => {
    const session = await connect(through(hops.slice(0, 2).map((sshd) => hopOf(sshd))), never);
    const text = 'x'.repeat(8 * 1024 * 1024);
    const { rows } = await session.query('SELECT $1::text AS back', [text]);
    expect(rows[0].back === text).toBe(true);
    await endSession(session);
  });

  describe('lets in', () => {
    const ec = generateKeyPairSync('rsa', { modulusLength: 2048 });
    it.each<[string, () => SshLogin]>([
      ['by an ed25519 key', () => keyLogin(mine.private)],
      ['by an RSA key', () => keyLogin(rsa.private)],
      ['by an encrypted key', () => keyLogin(sealed.private, passphrase)],
    ])('%s', async (_, login) => {
      expect((await climb(through([hopOf(first(), login())]))).error).toBeNull();
    });
    it.each(['rsa', 'ec', 'ed25519'] as const)(
      'by a PEM key as OpenSSL makes them (%s), plain and encrypted',
      async (kind) => {
        const pair =
          kind === 'rsa'
            ? ec
            : kind === 'ec'
              ? generateKeyPairSync('ec', { namedCurve: 'P-256' })
              : generateKeyPairSync('ed25519');
        const plain = pair.privateKey.export({ type: 'pkcs8', format: 'pem' }) as string;
        const encrypted = pair.privateKey.export({
          type: 'pkcs8',
          format: 'pem',
          cipher: 'aes-256-cbc',
          passphrase,
        }) as string;
        // The server is told of the key by its public half in OpenSSH's form, which ssh-keygen would print.
        const sshd = await startSshd({ hostKeys: [makeKey()], authorized: [openSshPublic(pair.publicKey)] });
        const known = { knownHosts: sshd.known };
        expect((await climb(through([hopOf(sshd, keyLogin(plain))], known))).error).toBeNull();
        expect(
          (await climb(through([hopOf(sshd, keyLogin(encrypted, passphrase))], known))).error,
        ).toBeNull();
        expect(
          (await climb(through([hopOf(sshd, keyLogin(encrypted, 'wrong'))], known))).error,
        ).toMatchObject({
          code: 'SSH_KEY_UNUSABLE',
          message: `The key for ${sshd.user}@127.0.0.1:${sshd.port} is not opened by its passphrase.`,
        });
        sshd.stop();
      },
    );
  });

  describe.skipIf(noAgent !== null)(`with an agent ${noAgent ?? ''}`, () => {
    let agent: Agent;
    let empty: Agent;
    beforeAll(async () => {
      agent = await startAgent([strange, mine]);
      empty = await startAgent([]);
    });
    afterAll(() => {
      agent.stop();
      empty.stop();
    });
    it('lets in by the key among several', async () => {
      const login: SshLogin = { kind: 'agent', socket: agent.socket, publicKey: null };
      expect((await climb(through(hops.slice(0, 2).map((sshd) => hopOf(sshd, login))))).error).toBeNull();
    });
    it('names an agent that is not there, and one that holds nothing', async () => {
      const gone = await climb(
        through([hopOf(first(), { kind: 'agent', socket: '/nonexistent/agent', publicKey: null })]),
      );
      expect(gone.error).toMatchObject({
        code: 'SSH_AGENT_MISSING',
        message: 'No SSH agent answers on this computer.',
        advice: 'Start an SSH agent and add the key to it (ssh-add), or use a key or a password instead.',
      });
      expect(states(gone)).toMatchObject({ tcp: 'ok', ssh: 'failed', tls: 'not_reached' });
      expect(
        (await climb(through([hopOf(first(), { kind: 'agent', socket: empty.socket, publicKey: null })])))
          .error,
      ).toMatchObject({
        code: 'SSH_AGENT_MISSING',
        message: `The SSH agent holds no key, so ${where()} would refuse it.`,
        advice: 'Add the key to the agent (ssh-add), or use a key or a password instead.',
      });
    });
  });

  describe('is refused', () => {
    it('with a key that the server does not know', async () => {
      const test = await climb(through([hopOf(first(), keyLogin(strange.private))]));
      expect(test.error).toMatchObject({
        code: 'SSH_LOGIN_REFUSED',
        message: `The jump host ${where()} is reached, but it refused the key of user “${first().user}”. It takes: publickey.`,
        advice:
          'Check the user of the jump host, and that the public half of the key is in its authorized_keys.',
      });
      expect(states(test)).toMatchObject({ name: 'ok', tcp: 'ok', ssh: 'failed', login: 'not_reached' });
      expect(test.hostKey).toBeNull();
    });
    it.each([
      ['without the passphrase', sealed.private, null, 'is encrypted, and its passphrase is missing.'],
      ['with a wrong passphrase', sealed.private, 'wrong', 'is not opened by its passphrase.'],
      ['with a public key', mine.public, null, 'is a public key.'],
      ['with rubbish', '-----BEGIN PRIVATE KEY-----\nrubbish', null, 'can not be read.'],
      [
        'with other rubbish',
        'rubbish PRIVATE KEY-----',
        null,
        'can not be read: it is in no form that is known here.',
      ],
    ])('%s, before the server is asked', async (_, key, phrase, end) => {
      const { error } = await climb(through([hopOf(first(), keyLogin(key, phrase))]));
      expect(error).toMatchObject({
        code: 'SSH_KEY_UNUSABLE',
        message: `The key for ${first().user}@${where()} ${end}`,
      });
    });
    it('where nothing listens, or nobody has that name', async () => {
      const port = await closedPort();
      expect((await climb(through([{ ...hopOf(first()), port }]))).error).toMatchObject({
        code: 'SSH_UNREACHABLE',
        message: `The jump host 127.0.0.1:${port} accepts no connections.`,
      });
      const unknown = await climb(through([{ ...hopOf(first()), host: 'jump.nowhere.invalid' }]));
      expect(unknown.error).toMatchObject({
        code: 'SSH_UNREACHABLE',
        message: 'The jump host “jump.nowhere.invalid” is not known.',
      });
      expect(states(unknown)).toMatchObject({ name: 'failed', tcp: 'not_reached' });
    });
    it('where something else answers', async () => {
      const { port: pgPort } = db.postgres;
      expect((await climb(through([{ ...hopOf(first()), port: pgPort }]))).error).toMatchObject({
        code: 'SSH_UNREACHABLE',
        message: `What answers at 127.0.0.1:${pgPort} is not an SSH server.`,
      });
      const web = createServer(
        (socket) => void socket.once('data', () => socket.end('HTTP/1.1 400 Bad Request\r\n\r\n')),
      );
      await new Promise<void>((done) => web.listen(0, '127.0.0.1', done));
      const { port } = web.address() as { port: number };
      expect((await climb(through([{ ...hopOf(first()), port }]))).error).toMatchObject({
        code: 'SSH_UNREACHABLE',
        message: `What answers at 127.0.0.1:${port} is not an SSH server.`,
        advice: 'Check the address and port of the jump host.',
      });
      web.close();
    });
    it('on the way from it to the database, which is told as it is seen from there', async () => {
      const port = await closedPort();
      const closed = await climb(through([hopOf(first())], { port }));
      expect(closed.error).toMatchObject({
        code: 'SSH_FORWARD_REFUSED',
        message: `The jump host ${where()} could not reach 127.0.0.1:${port}: nothing accepts connections there.`,
        advice: 'Check host and port as the jump host sees them: “localhost” is the jump host itself.',
      });
      expect(states(closed)).toMatchObject({ tcp: 'ok', ssh: 'failed', login: 'not_reached' });
      expect((await climb(through([hopOf(first())], { host: 'db.nowhere.invalid' }))).error).toMatchObject({
        code: 'SSH_FORWARD_REFUSED',
        message: `The jump host ${where()} could not reach db.nowhere.invalid:${db.postgres.port}: it does not know that name.`,
      });
      expect((await climb(through([hopOf(guarded)]))).error).toMatchObject({
        code: 'SSH_FORWARD_REFUSED',
        message: `The jump host ${where(guarded)} does not allow a way to 127.0.0.1:${db.postgres.port}.`,
        advice: 'Ask its administrator to allow TCP forwarding there (AllowTcpForwarding, PermitOpen).',
      });
    });
    it('in the middle of a chain, which names the hop', async () => {
      const chain = [
        hopOf(first()),
        hopOf(hops[1] as Sshd, keyLogin(strange.private)),
        hopOf(hops[2] as Sshd),
      ];
      expect((await climb(through(chain))).error).toMatchObject({
        code: 'SSH_LOGIN_REFUSED',
        message: expect.stringContaining(`The jump host ${where(hops[1])} is reached`),
      });
      await expect.poll(() => hops.reduce((sum, { sessions }) => sum + sessions, 0)).toBe(0);
    });
  });

  describe('the host key', () => {
    const shown = { ed: hostKeys.ed, ecdsa: hostKeys.ecdsa };
    const line = (key: KeyPair, hosts: string, marker = ''): string => `${marker}${hosts} ${key.public}\n`;
    const name = (): string => `[127.0.0.1]:${first().port}`;

    it('that nobody has accepted is a question, answered by its line of known_hosts', async () => {
      const test = await climb(through([hopOf(first())], { knownHosts: '' }));
      expect(test.error).toMatchObject({
        code: 'SSH_HOST_UNKNOWN',
        message: `The jump host ${where()} is not known yet. It shows a ssh-ed25519 key with the fingerprint ${fingerprint(shown.ed)}.`,
        advice: expect.stringMatching(/^Compare the fingerprint/),
      });
      expect(test.hostKey).toEqual({
        host: '127.0.0.1',
        port: first().port,
        type: 'ssh-ed25519',
        fingerprint: fingerprint(shown.ed),
        key: shown.ed.public.split(' ')[1],
        reason: 'unknown',
      });
      expect(states(test)).toMatchObject({ tcp: 'ok', ssh: 'failed' });
      const { type, key } = test.hostKey as { type: string; key: string };
      expect(
        (await climb(through([hopOf(first())], { knownHosts: `${name()} ${type} ${key}\n` }))).error,
      ).toBeNull();
    });
    it('of a second hop is a question too', async () => {
      const test = await climb(
        through([hopOf(first()), hopOf(hops[1] as Sshd)], { knownHosts: first().known }),
      );
      expect(test).toMatchObject({
        error: { code: 'SSH_HOST_UNKNOWN' },
        hostKey: { port: hops[1]?.port, reason: 'unknown' },
      });
    });
    it('that changed is refused, and is no question of yes or no', async () => {
      const test = await climb(through([hopOf(first())], { knownHosts: line(strange, name()) }));
      expect(test.error).toMatchObject({
        code: 'SSH_HOST_CHANGED',
        message: `The jump host ${where()} shows another key than before: a ssh-ed25519 key with the fingerprint ${fingerprint(shown.ed)}.`,
        advice: expect.stringMatching(/^Stop: somebody may be in between\./),
      });
      expect(test.hostKey).toMatchObject({ reason: 'changed', fingerprint: fingerprint(shown.ed) });
    });
    it('that was revoked is refused', async () => {
      const knownHosts = line(shown.ed, '*', '@revoked ') + line(shown.ed, name());
      const test = await climb(through([hopOf(first())], { knownHosts }));
      expect(test.error).toMatchObject({
        code: 'SSH_HOST_CHANGED',
        message: `The jump host ${where()} shows a ssh-ed25519 key with the fingerprint ${fingerprint(shown.ed)}, which was revoked.`,
        advice: 'Stop: this key must not be used any more. Ask the administrator of the jump host.',
      });
      expect(test.hostKey?.reason).toBe('revoked');
    });
    it.each(['ecdsa', 'rsa'] as const)(
      'is asked for in the kind that is known (%s), so that a server with several has not changed',
      async (kind) => {
        expect(
          (await climb(through([hopOf(first())], { knownHosts: line(hostKeys[kind], name()) }))).error,
        ).toBeNull();
      },
    );
    it('is found behind the hash that ssh-keygen -H makes', async () => {
      const salt = Buffer.from('0123456789abcdefghij');
      const hash = createHmac('sha1', salt).update(name()).digest('base64');
      const knownHosts = line(shown.ed, `|1|${salt.toString('base64')}|${hash}`);
      expect((await climb(through([hopOf(first())], { knownHosts }))).error).toBeNull();
    });
    it('is not taken on the word of an authority, which is said', async () => {
      const knownHosts = line(strange, name(), '@cert-authority ');
      expect((await climb(through([hopOf(first())], { knownHosts }))).error).toMatchObject({
        code: 'SSH_HOST_UNKNOWN',
        message: expect.stringContaining('known_hosts names an authority for it (@cert-authority)'),
      });
    });
  });

  it('a cancel ends it at once on every step, and leaves nothing', async () => {
    const chain = hops.map((sshd) => hopOf(sshd));
    for (const delay of [1, 20, 60, 120, 200]) {
      const stop = new AbortController();
      const climbing = climb(through(chain), { signal: stop.signal });
      climbing.catch(() => {});
      await new Promise((done) => setTimeout(done, delay));
      const started = performance.now();
      stop.abort();
      await climbing.then(
        () => {},
        (error: unknown) => expect(error).toMatchObject({ code: 'CANCELLED' }),
      );
      expect(performance.now() - started).toBeLessThan(300);
    }
    await expect.poll(() => hops.reduce((sum, { sessions }) => sum + sessions, 0)).toBe(0);
  });
});

describe('a server that asks for a password', () => {
  const password = 'hop-password-canary';
  const hopTo = (port: number, given = password): SshHopTarget => ({
    host: '127.0.0.1',
    port,
    user: 'alice',
    login: { kind: 'password', password: bytes(given) },
  });
  const through = (hop: SshHopTarget, knownHosts: string): Target => ({
    ...localTarget(db.postgres, db.database),
    ssh: [hop],
    knownHosts,
  });

  it('gets it, and nothing else', async () => {
    const server = await startSshServer({ password, methods: ['password'] });
    expect((await climb(through(hopTo(server.port), server.known))).error).toBeNull();
    expect(server.tried).toEqual(['password']);
    server.close();
  });
  it('gets it as the answer to a question, but only where what is typed does not show', async () => {
    const server = await startSshServer({
      password,
      methods: ['keyboard-interactive'],
      questions: [
        { prompt: 'Password: ', echo: false },
        { prompt: 'Your name: ', echo: true },
      ],
    });
    expect((await climb(through(hopTo(server.port), server.known))).error).toBeNull();
    expect(server.answers).toEqual([[password, '']]);
    server.close();
  });
  it('does not get it before its key is accepted', async () => {
    const server = await startSshServer({ password, methods: ['password'] });
    expect((await climb(through(hopTo(server.port), ''))).error?.code).toBe('SSH_HOST_UNKNOWN');
    expect(server.tried).toEqual([]);
    server.close();
  });
  it('refuses a wrong one, which is named with what it takes', async () => {
    const server = await startSshServer({ password, methods: ['password', 'publickey'] });
    const test = await climb(through(hopTo(server.port, 'wrong-canary'), server.known));
    expect(test.error).toMatchObject({
      code: 'SSH_LOGIN_REFUSED',
      message: `The jump host 127.0.0.1:${server.port} is reached, but it refused the password of user “alice”. It takes: password, publickey.`,
      advice: 'Check the user of the jump host, and enter its password again.',
    });
    expect(JSON.stringify(test)).not.toContain('canary');
    server.close();
  });
  it('that wants a second proof is named', async () => {
    const server = await startSshServer({ methods: ['publickey'], wantsMore: true });
    const hop: SshHopTarget = { ...hopTo(server.port), login: keyLogin(mine.private) };
    expect((await climb(through(hop, server.known))).error).toMatchObject({
      code: 'SSH_LOGIN_REFUSED',
      message: `The jump host 127.0.0.1:${server.port} wants a second proof of user “alice” (keyboard-interactive).`,
    });
    server.close();
  });
});

it('ssh2 is asked for no cipher that Electron lacks', () => {
  const code = readFileSync(new URL('../../main/engines/ssh/ssh-hop.ts', import.meta.url), 'utf8');
  expect(code).toContain('cipher: withoutChaCha');
});

/** `type base64` of a public key, as ssh-keygen prints it. */
function openSshPublic(key: KeyObject): string {
  const jwk = key.export({ format: 'jwk' });
  const field = (content: Buffer | string): Buffer => {
    const body = Buffer.from(content as string);
    const length = Buffer.alloc(4);
    length.writeUInt32BE(body.length);
    return Buffer.concat([length, body]);
  };
  const number = (text = ''): Buffer => {
    const raw = Buffer.from(text, 'base64url');
    return field((raw[0] ?? 0) & 0x80 ? Buffer.concat([Buffer.from([0]), raw]) : raw);
  };
  const point = (text = ''): Buffer => Buffer.from(text, 'base64url');
  const made: [string, Buffer] =
    jwk.kty === 'RSA'
      ? ['ssh-rsa', Buffer.concat([number(jwk.e), number(jwk.n)])]
      : jwk.kty === 'EC'
        ? [
            'ecdsa-sha2-nistp256',
            Buffer.concat([
              field('nistp256'),
              field(Buffer.concat([Buffer.from([4]), point(jwk.x), point(jwk.y)])),
            ]),
          ]
        : ['ssh-ed25519', field(point(jwk.x))];
  return `${made[0]} ${Buffer.concat([field(made[0]), made[1]]).toString('base64')}`;
}
