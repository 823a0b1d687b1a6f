import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { localTarget, type SshHopTarget, type Target } from '../../main/engines/engine.ts';
import {
  connect,
  endSession,
  type PgClient,
  withClient,
} from '../../main/engines/postgres/postgres-client.ts';
import { parseKnownHosts } from '../../main/engines/ssh/known-hosts.ts';
import { openHop } from '../../main/engines/ssh/ssh-hop.ts';
import { createTunnels, type Tunnels } from '../../main/engines/ssh/tunnels.ts';
import { openTcp } from '../../main/engines/wire/tcp.ts';
import { AppError } from '../../main/errors.ts';
import { plain } from '../../preload/contract/said.ts';
import { createHqSimulator } from '../simulators/commcare-hq/index.ts';
import { createDatabase, differences, type TestDatabase } from '../support/database.ts';
import { climb } from '../support/ladder.ts';
import { keptLog } from '../support/parts.ts';
import { type KeyPair, makeKey, noSshd, type Sshd, startSshd } from '../support/sshd.ts';
import { specOf, standingRun } from '../support/sync-run.ts';

/* A way through jump hosts that breaks, freezes or is doubted: what runs fails once, and the next session works. */

const mine = makeKey();
const never = new AbortController().signal;

describe.skipIf(noSshd !== null)(`OpenSSH ${noSshd ?? ''}`, () => {
  const hostKeys: KeyPair[] = [makeKey(), makeKey()];
  let db: TestDatabase;
  let hops: Sshd[] = [];
  let tunnels: Tunnels;
  beforeAll(async () => {
    db = await createDatabase();
    hops = await Promise.all(
      hostKeys.map((key) => startSshd({ hostKeys: [key], authorized: [mine.public] })),
    );
  });
  afterAll(async () => {
    for (const hop of hops) hop.stop();
    await db[Symbol.asyncDispose]();
  });
  beforeEach(() => {
    tunnels = createTunnels();
  });
  afterEach(async () => {
    tunnels.close();
    for (const hop of hops) hop.signal('SIGCONT');
    await expect.poll(() => hops.reduce((sum, { sessions }) => sum + sessions, 0)).toBe(0);
  });

  const target = (count = 2, change: Partial<Target> = {}): Target => ({
    ...localTarget(db.postgres, db.database),
    ssh: hops.slice(0, count).map(({ host, port, user }) => ({
      host,
      port,
      user,
      login: { kind: 'key', key: new TextEncoder().encode(mine.private), passphrase: null },
    })),
    knownHosts: hops.map(({ known }) => known).join(''),
    ...change,
  });
  const open = (change: Partial<Target> = {}, count = 2): Promise<PgClient> =>
    connect(target(count, change), never, { tunnels });
  const last = (): Sshd => hops[1] as Sshd;
  const one = async (client: PgClient): Promise<unknown> =>
    (await client.query('SELECT 1 AS one')).rows[0].one;

  it('sessions that take the same way share it, and it goes when nobody has used it for a while', async () => {
    tunnels.close();
    tunnels = createTunnels({ idle: 400 });
    const sessions = await Promise.all([open(), open(), open()]);
    const shared = last().sessions;
    for (const session of sessions) await endSession(session);
    // It is kept for the next one, which has no handshake to wait for.
    const again = await open();
    expect(last().sessions).toBe(shared);
    await endSession(again);
    await new Promise((done) => setTimeout(done, 200));
    expect(last().sessions).toBe(shared);
    await expect.poll(() => last().sessions).toBe(0);
  });

  it('another way is another chain, also when only the key of a hop differs', async () => {
    const session = await open({}, 1);
    const once = hops[0]?.sessions ?? 0;
    const other = await open({ knownHosts: `${hops[0]?.known}# another list\n` }, 1);
    expect(hops[0]?.sessions).toBeGreaterThan(once);
    await Promise.all([endSession(session), endSession(other)]);
  });

  it('a hop that is killed fails what runs, once, and the next session works', async () => {
    await db.query(
      'CREATE TABLE IF NOT EXISTS ran (at timestamptz DEFAULT now()); GRANT INSERT ON ran TO PUBLIC',
    );
    const running = withClient(
      target(),
      never,
      (client) => client.query('INSERT INTO ran DEFAULT VALUES; SELECT pg_sleep(20)'),
      { tunnels },
    );
    running.catch(() => {});
    const idle = await open();
    await expect
      .poll(() =>
        db.query(
          `SELECT 1 FROM pg_stat_activity
            WHERE datname = current_database() AND query LIKE '%pg_sleep(20)%' AND pid <> pg_backend_pid()`,
        ),
      )
      .toHaveLength(1);
    const started = performance.now();
    last().signal('SIGKILL');
    await expect(running).rejects.toMatchObject({ code: expect.stringMatching(/^(SSH_LOST|DB_LOST)$/) });
    expect(performance.now() - started).toBeLessThan(2000);
    await expect(one(idle)).rejects.toThrow();
    const next = await open();
    expect(await one(next)).toBe('1');
    await endSession(next);
    // Nothing was run again: the statement was never committed, and nobody else has written.
    expect(await db.query('SELECT count(*) AS n FROM ran')).toEqual([{ n: '0' }]);
  });

  it.each([0, 1])('hop %i that is frozen is noticed within seconds', async (frozen) => {
    tunnels.close();
    tunnels = createTunnels({ alive: 250 });
    const client = await open();
    const running = client.query('SELECT pg_sleep(30)');
    running.catch(() => {});
    await new Promise((done) => setTimeout(done, 100));
    const started = performance.now();
    hops[frozen]?.signal('SIGSTOP');
    await expect(running).rejects.toThrow(/lost/);
    expect(performance.now() - started).toBeLessThan(2500);
    // The server listens as before: the next session goes another way than the frozen one.
    const next = await open();
    expect(await one(next)).toBe('1');
    await endSession(next);
    hops[frozen]?.signal('SIGCONT');
  });

  it('a way in doubt has to answer before it is used', async () => {
    await endSession(await open());
    const perChain = last().sessions;
    hops[0]?.signal('SIGSTOP');
    tunnels.doubt();
    const started = performance.now();
    // Both wait for the same answer, and then for the same new chain.
    const both = await Promise.all([open(), open()]);
    expect(performance.now() - started).toBeLessThan(4000);
    for (const session of both) {
      expect(await one(session)).toBe('1');
      await endSession(session);
    }
    hops[0]?.signal('SIGCONT');
    // The frozen one ends; the new one answers, and is kept.
    await expect.poll(() => last().sessions).toBe(perChain);
    tunnels.doubt();
    await endSession(await open());
    expect(last().sessions).toBe(perChain);
  });

  it('who cancels the first of several sessions does not cancel the others', async () => {
    const stop = new AbortController();
    const first = connect(target(), stop.signal, { tunnels });
    const second = open();
    setTimeout(() => stop.abort(), 30);
    await expect(first).rejects.toMatchObject({ code: 'CANCELLED' });
    const session = await second;
    expect(await one(session)).toBe('1');
    await endSession(session);
  });

  it('the ladder says which hop was lost', async () => {
    const [gone] = hops as [Sshd];
    const climbing = climb(target(2, { connectTimeoutMs: 8000 }));
    await expect.poll(() => gone.sessions).toBeGreaterThan(0);
    gone.signal('SIGKILL');
    const { error } = await climbing;
    if (error !== null) expect(error.code).toMatch(/^(SSH_|DB_LOST)/);
  });

  it('a hop whose line broke a moment ago is lost, whatever is asked of it next', async () => {
    const [way] = target(1).ssh;
    const [{ host, port, known }] = hops as [Sshd];
    const bounds = { signal: never, ms: 4000, late: () => new AppError('SSH_UNREACHABLE', plain('late')) };
    const told = {
      unknown: 'SSH_UNREACHABLE',
      refused: 'SSH_UNREACHABLE',
      silent: 'SSH_UNREACHABLE',
    } as const;
    const socket = await openTcp({ host, port, prefix: '', ...told }, { ...bounds, watch: {} });
    const hop = await openHop(way as SshHopTarget, socket, {
      ...{ bounds, known: parseKnownHosts(known), aliveMs: 1500 },
      onHostKey: () => {},
      onLost: () => {},
    });
    // Gone, and nobody has been told yet.
    socket.destroy();
    const lost = { code: 'SSH_LOST', message: expect.stringContaining(String(port)) };
    const nobody = { ref: () => {}, unref: () => {} };
    await expect(hop.forward(db.postgres.host, db.postgres.port, bounds, nobody)).rejects.toMatchObject(lost);
    expect(await hop.answers(500)).toBe(false);
  });

  it.each(['disable', 'prefer'] as const)(
    'a way that broke before the login began is lost at once, and says so (TLS %s)',
    async (tlsMode) => {
      const lost = new AppError('SSH_LOST', plain('The connection to the jump host was lost.'));
      const broken: Tunnels = {
        async open(where, options) {
          const stream = await tunnels.open(where, options);
          stream.on('error', () => {});
          stream.destroy(lost);
          await new Promise((done) => setImmediate(done));
          return stream;
        },
        doubt: () => {},
        close: () => {},
      };
      const started = performance.now();
      const opening = connect(target(1, { tlsMode, connectTimeoutMs: 8000 }), never, { tunnels: broken });
      await expect(opening).rejects.toMatchObject({ code: 'SSH_LOST' });
      expect(performance.now() - started).toBeLessThan(4000);
    },
  );

  it('a sync goes on through a new chain from its last commit, and lands what it would have', async () => {
    const sim = await createHqSimulator({ domains: [{ name: 'demo', forms: 2000, cases: 0, seed: 1 }] });
    const place = { ...db, schema: 'through' };
    const spec = { ...specOf(place, sim), target: target() };
    const run = standingRun(spec, sim, 2, { log: keptLog().log });
    await run.reached;
    last().signal('SIGKILL');
    run.letGo();
    expect(await run.ended).toMatchObject({ kind: 'published' });
    const direct = standingRun(specOf({ ...db, schema: 'direct' }, sim), sim);
    expect(await direct.ended).toMatchObject({ kind: 'published' });
    expect(await differences(db, 'through', 'direct')).toEqual([]);
    await sim.close();
  });
});
