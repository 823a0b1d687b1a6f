import { connect as connectTcp } from 'node:net';
import { createServer as createTlsServer } from 'node:tls';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { SshHopTarget, Target } from '../../main/engines/engine.ts';
import { askingEngine, engineFor } from '../../main/engines/registry.ts';
import { poolSettings } from '../../preload/contract/models.ts';
import { inDays, makeCertificate } from '../support/certificates.ts';
import { type Chdb, noChdb, startChdb } from '../support/chdb.ts';
import { states } from '../support/ladder.ts';
import { type Mariadb, noMariadb, startMariadb } from '../support/mariadb.ts';
import { codeOf } from '../support/parts.ts';
import { makeKey, noSshd, type Sshd, startSshd } from '../support/sshd.ts';

/* The ways to a database are one code for all engines: jump hosts and TLS, tried with each that is beside PostgreSQL. */

const never = new AbortController().signal;
const ca = makeCertificate('Good CA', { ca: true });
const server = makeCertificate('db', { names: ['localhost'], issuer: ca, to: inDays(200) });
const mine = makeKey();
const climb = (target: Target) =>
  engineFor(target.engine).test(target, {
    at: new Date().toISOString(),
    readOnly: true,
    lease: null,
    signal: never,
  });
const asked = { limit: 10, timeoutMs: 15_000, idleMs: 60_000 };

/** What holds for whatever leads through a jump host; `plain` is the way without. */
function tryWays(plain: () => Target, sshd: () => Sshd, sql: string): void {
  const through = (more: Partial<Target> = {}): Target => {
    const { host, port, user, known } = sshd();
    const login = { kind: 'key', key: Buffer.from(mine.private), passphrase: null } as const;
    const hop: SshHopTarget = { host, port, user, login };
    return { ...plain(), ssh: [hop], knownHosts: known, ...more };
  };
  it('a jump host leads there', async () => {
    const test = await climb(through());
    expect(test.error).toBeNull();
    expect(states(test)).toMatchObject({ ssh: 'ok', login: 'ok', database: 'ok' });
    await expect.poll(() => sshd().sessions).toBe(0);
  });
  it('a jump host whose key is not known is asked about, and nothing is sent', async () => {
    const test = await climb(through({ knownHosts: '' }));
    expect(test.error?.code).toBe('SSH_HOST_UNKNOWN');
    expect(test.hostKey).toMatchObject({ reason: 'unknown', port: sshd().port });
    expect(states(test)).toMatchObject({ ssh: 'failed', login: 'not_reached' });
  });
  it('a query through it is ended there when nobody waits any more', async () => {
    const look = askingEngine(plain().engine).reader({
      target: async () => through(),
      settings: poolSettings.parse({ size: 2 }),
      clock: { now: () => Date.now(), sleep: async () => {} } as never,
    });
    const answer = await look.ask({ ...asked, sql }, never);
    expect((await answer.next(10, never)).rows.length).toBeGreaterThan(0);
    const stop = new AbortController();
    const waiting = codeOf(() => look.ask({ ...asked, sql }, stop.signal));
    stop.abort();
    expect(['CANCELLED', 'did not fail']).toContain(await waiting);
    await look.close();
    await expect.poll(() => sshd().sessions, { timeout: 40_000 }).toBe(0);
  });
}

describe.skipIf(noSshd !== null)(`through OpenSSH ${noSshd ?? ''}`, () => {
  let sshd: Sshd;
  beforeAll(async () => {
    sshd = await startSshd({ hostKeys: [makeKey()], authorized: [mine.public] });
  });
  afterAll(() => sshd?.stop());

  describe.skipIf(noMariadb !== null)(`MariaDB ${noMariadb ?? ''}`, () => {
    let db: Mariadb;
    beforeAll(async () => {
      db = await startMariadb();
      await db.sql(`CREATE DATABASE clinic; USE clinic; CREATE TABLE visits (id INT PRIMARY KEY); INSERT INTO visits VALUES (1);
        CREATE USER reader@'%' IDENTIFIED BY 'canary'; GRANT SELECT ON clinic.* TO reader@'%'`);
    }, 120_000);
    afterAll(() => db?.[Symbol.asyncDispose]());
    tryWays(
      () => db.target({ user: 'reader', password: 'canary' }, 'clinic'),
      () => sshd,
      'SELECT id FROM visits',
    );
  });

  describe.skipIf(noChdb !== null)(`ClickHouse's engine ${noChdb ?? ''}`, () => {
    let db: Chdb;
    const login = { user: 'reader', password: 'canary-réader' };
    beforeAll(async () => {
      db = await startChdb();
      await db.sql('CREATE DATABASE clinic');
      await db.sql('CREATE TABLE clinic.visits (id Int32) ENGINE = MergeTree ORDER BY id');
      await db.sql('INSERT INTO clinic.visits VALUES (1)');
    }, 120_000);
    afterAll(() => db?.[Symbol.asyncDispose]());
    tryWays(
      () => db.target(login, 'clinic'),
      () => sshd,
      'SELECT id FROM visits',
    );

    describe('over TLS', () => {
      let port = 0;
      const front = createTlsServer({ cert: server.cert, key: server.key }, (socket) => {
        const back = connectTcp(db.port, '127.0.0.1');
        for (const each of [socket, back]) each.on('error', () => {});
        socket.pipe(back).pipe(socket);
      });
      beforeAll(async () => {
        await new Promise<void>((done) => front.listen(0, '127.0.0.1', done));
        port = (front.address() as { port: number }).port;
      });
      afterAll(() => front.close());
      const secured = (more: Partial<Target> = {}): Target =>
        db.target(login, 'clinic', {
          ...{ host: 'localhost', hostAddress: '127.0.0.1', port, tlsMode: 'verify-full', tlsCa: ca.cert },
          ...more,
        });
      it('that checks the name it leads there, and tells the certificate', async () => {
        const test = await climb(secured());
        expect(test.error).toBeNull();
        expect(test.tls?.certificate?.names).toContain('localhost');
      });
      it('it stops at another name and at an authority that is not known, before who asks is told', async () => {
        for (const more of [{ host: '127.0.0.1', hostAddress: null }, { tlsCa: null }] as const) {
          const test = await climb(secured(more));
          expect(test.error?.code).toBe('DB_TLS');
          expect(states(test)).toMatchObject({ tls: 'failed', login: 'not_reached' });
        }
      });
    });
  });
});
