import { execFileSync, spawn } from 'node:child_process';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import { systemClock } from '../../main/clock.ts';
import type { Clock } from '../../main/host.ts';
import { createHqSimulator, type HqSimulator } from '../simulators/commcare-hq/index.ts';
import { createDatabase, type TestDatabase } from '../support/database.ts';
import { filesBelow, writings } from '../support/leaks.ts';
import { startMutedLine } from '../support/muted-line.ts';
import { rawDb } from '../support/parts.ts';
import { seeded } from '../support/random.ts';
import {
  codeOfUse,
  sealedOf,
  sealedProject,
  sharing,
  signInOf,
  takeAll,
  tokensOf,
  use,
} from '../support/shared-workspaces.ts';
import { openWorkspace, type Workspace } from '../support/workspace.ts';

/* What a shared sign-in goes through: kills, a database that is away, refusals, rows that somebody changed. */

let db: TestDatabase;
let sim: HqSimulator;
let ahead = 0;
const clock: Clock = { ...systemClock, now: () => Date.now() + ahead };
/** Its tokens run out, as the workspaces see it; the source still takes them. */
const later = (): void => {
  ahead += 181_000;
};

const created = (overlapMs: number, accessTokenSeconds = 180) =>
  createHqSimulator({
    domains: [{ name: 'demo', forms: 5, cases: 1, seed: 3 }],
    accessTokenSeconds,
    oauth: { reuseProtection: true, overlapMs },
  });
beforeAll(async () => {
  sim = await created(0);
});
beforeEach(async () => {
  db = await createDatabase();
  sim.faults.clear();
  ahead = 0;
  return () => db[Symbol.asyncDispose]();
});
afterAll(() => sim.close());

const requests = (): number => sim.stats.requests.token;
const row = async () => (await db.query('SELECT * FROM headgate.sign_ins'))[0] ?? {};
const said = async ({ api }: Workspace) =>
  (await api.audit.list({ action: 'background.share' })).map(({ outcome, details }) => [outcome, details]);

it('a process that is killed while it renews leaves nothing stuck, and no sign-in lost', async () => {
  // Its source gives the same pair to whoever comes again soon: what a killed process was answered is not lost.
  await using kind = await created(60_000, 900).then((made) => ({
    made,
    [Symbol.asyncDispose]: () => made.close(),
  }));
  const hq = kind.made;
  await using both = await sharing(db, hq);
  const { one, two } = both;
  await use(two);
  const { sourceId, projectId } = await signInOf(two);
  const input = JSON.stringify({ id: sourceId, projectId });
  const random = seeded(7);
  // Kills fall before a renewal, into it, and somewhere after its answer: the first two are waited for and certain.
  const moments = ['before', 'within', 'after'] as const;
  const killed = { before: 0, within: 0, after: 0 };
  for (let round = 1; round <= 9; round += 1) {
    const moment = moments[round % moments.length] ?? 'within';
    if (moment !== 'after') hq.faults.add({ match: 'token', kind: 'slow', ms: 1000, times: 1 });
    // It begins with the newest pair: with an older one it would take what the other has just got, and renew nothing.
    await use(two);
    hq.oauth.expire((await tokensOf(two)).accessToken);
    {
      // Among the processes of its own workspace the time of the killed one is up.
      using store = rawDb(join(two.folder, 'headgate.db'));
      store.prepare('UPDATE credentials SET renewed_by = NULL, renewed_until = NULL').run();
    }
    const { requests } = hq.stats;
    const asked = (): number =>
      moment === 'before' ? requests.identity + requests.user_domains : requests.token;
    const before = asked();
    const child = spawn(
      process.execPath,
      ['main/headless/index.ts', 'call', 'sources.discover', input, '--data', two.folder],
      { env: { ...process.env, HEADGATE_KEY_FILE: join(two.folder, 'vault.key') }, stdio: 'ignore' },
    );
    const exit = new Promise<NodeJS.Signals | null>((done) =>
      child.once('exit', (_, signal) => done(signal)),
    );
    await expect.poll(asked, { timeout: 20_000, interval: 5 }).toBeGreaterThan(before);
    const timer = setTimeout(() => child.kill('SIGKILL'), moment === 'before' ? 0 : random() * 200);
    if ((await exit) === 'SIGKILL') killed[moment] += 1;
    clearTimeout(timer);
    hq.faults.clear();
    expect(await use(one), `round ${round}`).toBe((await signInOf(one)).account);
  }
  expect(killed).toMatchObject({ before: 3, within: 3 });
  await use(two);
  hq.oauth.expire((await tokensOf(one)).accessToken);
  expect(await Promise.all([codeOfUse(one), codeOfUse(two)])).toEqual(['worked', 'worked']);
  expect(await tokensOf(two)).toEqual(await tokensOf(one));
  expect((await row())['holder']).toBeNull();
}, 300_000);

it('while the database is away tokens are used as long as they last, and none is renewed', async () => {
  const line = await startMutedLine(db.postgres.port);
  await using both = await sharing(db, sim, { clock, port: line.port });
  const { one, two } = both;
  await use(two);
  await line.close();
  const before = requests();
  ahead += 100_000;
  // They have a good minute left: renewed early where that can be.
  expect(await codeOfUse(one)).toBe('worked');
  later();
  expect(await codeOfUse(one)).toMatch(/^DB_/);
  expect(await codeOfUse(two)).toMatch(/^DB_/);
  expect(requests()).toBe(before);
  expect((await signInOf(one)).state).toBe('valid');
  expect((await signInOf(two)).state).toBe('valid');
});

it('what the source answered is published although the database did not say so', async () => {
  const line = await startMutedLine(db.postgres.port);
  try {
    await using both = await sharing(db, sim, { clock, port: line.port });
    const { one, two } = both;
    await use(two);
    later();
    sim.faults.add({ match: 'token', kind: 'slow', ms: 1000 });
    const before = requests();
    const renewing = use(one);
    await expect.poll(() => requests(), { timeout: 20_000 }).toBe(before + 1);
    // While the source takes its time; what is committed next is what it answers.
    line.muteAfter('COMMIT\0');
    await expect.poll(async () => (await row())['version'], { timeout: 20_000 }).toBe('2');
    line.unmute();
    await renewing;
    expect(await codeOfUse(two)).toBe('worked');
    expect(requests()).toBe(before + 1);
    expect(await tokensOf(two)).toEqual(await tokensOf(one));
    expect(JSON.parse((await sealedOf(one))['share'] ?? '')).toMatchObject({ version: 2, pending: false });
  } finally {
    await line.close();
  }
}, 90_000);

it('only a definite refusal ends it, for both, and each is told once', async () => {
  await using both = await sharing(db, sim, { clock });
  const { one, two } = both;
  await use(two);
  later();
  sim.faults.add({ match: 'token', kind: 'status', status: 403, body: 'blocked', times: 'always' });
  expect(await codeOfUse(one)).toBe('SOURCE_BAD_ANSWER');
  expect((await signInOf(one)).state).toBe('valid');
  sim.faults.clear();
  sim.oauth.revokeAll();
  expect(await codeOfUse(one)).toBe('SIGN_IN_EXPIRED');
  const before = requests();
  // The other one does not ask the source any more.
  expect(await codeOfUse(two)).toBe('SIGN_IN_EXPIRED');
  expect(requests()).toBe(before);
  for (const ws of [one, two]) {
    expect((await signInOf(ws)).state).toBe('expired');
    for (const _ of [1, 2]) await ws.app.tick();
    const told = ws.logs.filter((text) => text.includes('desk.notified') && text.includes('Sign in'));
    expect(told).toHaveLength(1);
  }
  // Who signs in anew does so for both.
  const { sourceId, projectId } = await signInOf(one);
  await one.api.credentials.signIn({ sourceId, projectId: projectId ?? '' });
  expect(await codeOfUse(two)).toBe('worked');
  expect((await signInOf(two)).state).toBe('valid');
  expect(await tokensOf(two)).toEqual(await tokensOf(one));
});

it('refuses a row that somebody changed, put back, exchanged or took away, and tells it once', async () => {
  await using both = await sharing(db, sim, { clock });
  const { one, two } = both;
  await use(two);
  const first = await row();
  later();
  await use(one);
  const second = await row();
  expect(second['version']).toBe('2');
  later();
  const before = requests();
  const put = async (sql: string, ...values: unknown[]): Promise<string> => {
    await db.query(`UPDATE headgate.sign_ins SET ${sql}`, values);
    const code = await codeOfUse(one);
    await db.query('UPDATE headgate.sign_ins SET origin = $1, version = $2, sealed = $3', [
      second['origin'],
      second['version'],
      second['sealed'],
    ]);
    return code;
  };
  const flipped = 'sealed = set_byte(sealed, 40, 255 - get_byte(sealed, 40))';
  expect(await put(flipped)).toBe('SHARED_SIGN_IN_REFUSED');
  expect(await codeOfUse(one)).toBe('worked');
  expect(requests()).toBe(before + 1);
  const third = await row();
  later();
  for (const [sql, ...values] of [
    ['version = $1, sealed = $2', first['version'], first['sealed']],
    ['sealed = $1', first['sealed']],
    ['version = version + 1'],
    ["origin = 'https://evil.example.org'"],
  ] as [string, ...unknown[]][]) {
    await db.query(`UPDATE headgate.sign_ins SET ${sql}`, values);
    expect(await codeOfUse(one), sql).toBe('SHARED_SIGN_IN_REFUSED');
    await db.query('UPDATE headgate.sign_ins SET origin = $1, version = $2, sealed = $3', [
      third['origin'],
      third['version'],
      third['sealed'],
    ]);
  }
  await db.query('DELETE FROM headgate.sign_ins');
  for (const ws of [one, two]) expect(await codeOfUse(ws)).toBe('SHARED_SIGN_IN_REFUSED');
  expect(requests()).toBe(before + 1);
  expect((await said(one)).map(([outcome]) => outcome)).toEqual(['failed', 'failed']);
  expect(await said(two)).toEqual([['failed', expect.stringContaining('its row is gone')]]);
  // A new sign-in puts it right for both.
  const { sourceId, projectId } = await signInOf(one);
  await one.api.credentials.signIn({ sourceId, projectId: projectId ?? '' });
  expect(await codeOfUse(two)).toBe('worked');
});

it('is disconnected only here, or for everybody', async () => {
  await using both = await sharing(db, sim, { clock });
  const { one, two, link } = both;
  await using three = await openWorkspace({ clock });
  await takeAll(three, await sealedProject(one, link));
  await use(two);
  const { id } = await signInOf(three);
  await expect(three.api.credentials.disconnect({ id })).rejects.toMatchObject({ code: 'IN_USE' });
  expect(await three.api.credentials.disconnect({ id, everywhere: false })).toEqual({ atSource: 'shared' });
  expect(await codeOfUse(two)).toBe('worked');
  const { accessToken } = await tokensOf(one);
  const own = await signInOf(one);
  expect(await one.api.credentials.disconnect({ id: own.id, everywhere: true })).toEqual({
    ...{ atSource: 'revoked', others: 'told' },
  });
  const headers = { authorization: `Bearer ${accessToken}` };
  expect((await fetch(`${sim.url}/api/identity/v1/`, { headers })).status).toBe(401);
  await two.app.tick();
  expect((await signInOf(two)).state).toBe('revoked');
  const [entry] = await one.api.audit.list({ action: 'credentials.disconnect', limit: 1 });
  expect(entry?.details).toContain('everywhere=true');
});

it('no token and no key of it stands anywhere else, nor can a reader see the table', async () => {
  await using both = await sharing(db, sim, { clock });
  const { one, two, bundle } = both;
  await use(two);
  const first = await sealedOf(one);
  later();
  await Promise.all([use(one), use(two)]);
  const second = await sealedOf(one);
  const secrets = [first, second].flatMap((each) => [
    each['accessToken'],
    each['refreshToken'],
    each['shareKey'],
  ]) as string[];
  const tables = await db.query(
    `SELECT format('%I.%I', n.nspname, c.relname) AS name FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
     WHERE c.relkind = 'r' AND n.nspname !~ '^(pg_catalog|pg_toast|information_schema)'`,
  );
  expect(tables).toContainEqual({ name: 'headgate.sign_ins' });
  const rows: unknown[] = [];
  for (const { name } of tables) rows.push(await db.query(`SELECT t::text FROM ${name} t`));
  const dump = JSON.stringify(rows);
  const texts: [string, string | Buffer][] = [
    ['the dump', dump],
    ['the bundle', bundle],
  ];
  for (const ws of [one, two]) {
    texts.push(['the log', ws.logs.join('')], ['events', JSON.stringify(ws.events)]);
    texts.push(['audit', JSON.stringify(await ws.api.audit.list({ limit: 500 }))]);
    texts.push(['answers', JSON.stringify([await ws.api.credentials.list(), await ws.api.sources.list()])]);
    for (const file of filesBelow(ws.folder))
      texts.push([file, execFileSync('cat', ['--', file], { maxBuffer: 2 ** 28 })]);
  }
  for (const secret of secrets) {
    expect(secret.length).toBeGreaterThan(20);
    for (const form of writings(secret))
      for (const [where, text] of texts) expect(text.includes(form), where).toBe(false);
  }
  const [{ others } = {}] = await db.query(
    `SELECT count(*) AS others FROM pg_class c, aclexplode(coalesce(c.relacl, acldefault('r', c.relowner))) a
     WHERE c.oid = 'headgate.sign_ins'::regclass AND a.grantee <> c.relowner`,
  );
  expect(others).toBe('0');
});
