import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { explain } from '../../main/connectors/commcare/refusals.ts';
import { createHqSimulator, type HqSimulator, type KeyLimits } from '../simulators/commcare-hq/index.ts';
import { createDatabase, type TestDatabase } from '../support/database.ts';
import { codeOf, temporaryFolder } from '../support/parts.ts';
import { openWorkspace, syncToEnd, type Workspace } from '../support/workspace.ts';

/* Sign-ins by the API key that most people who read from CommCare HQ have. */

const key = 'k3y-of-ada-0123456789';
const limits: KeyLimits = {};
let db: TestDatabase;
let sim: HqSimulator;
let ws: Workspace;
let keysFolder: ReturnType<typeof temporaryFolder>;

beforeAll(async () => {
  db = await createDatabase();
  sim = await createHqSimulator({
    domains: [
      { name: 'demo', forms: 30, cases: 10, seed: 4 },
      { name: 'other', forms: 3, cases: 1, seed: 5 },
    ],
    users: [
      { username: 'john@example.com' },
      { username: 'ada@example.com', apiKey: key, keyLimits: limits },
      { username: 'eve@example.com', apiKey: 'k3y-of-eve-0123456789', domains: ['other'] },
    ],
  });
  keysFolder = temporaryFolder();
  ws = await openWorkspace({ folder: keysFolder.path, openUrl: browser });
});
afterAll(async () => {
  await ws[Symbol.asyncDispose]();
  await sim.close();
  await db[Symbol.asyncDispose]();
  keysFolder[Symbol.dispose]();
});

/** Whom the browser is signed in as at CommCare HQ. */
let who = 'john@example.com';
const browser = async (address: string): Promise<void> => {
  const consent = new URL(address);
  const body = new URLSearchParams({
    ...Object.fromEntries(consent.searchParams),
    username: who,
    allow: 'Allow',
  });
  const answer = await fetch(new URL(consent.pathname, consent), {
    method: 'POST',
    body,
    redirect: 'manual',
  });
  await fetch(answer.headers.get('location') ?? '');
};

let count = 0;
const sourceOf = (domain = 'demo', clientId = '') => {
  count += 1;
  return ws.api.sources.create({
    ...{ name: `HQ ${count}`, sourceType: 'commcare', baseUrl: sim.url, clientId },
    settings: { domain },
  });
};
const useKey = (sourceId: string, apiKey = key, user = 'ada@example.com') =>
  ws.api.credentials.signInWith({ sourceId, kind: 'api_key', fields: { user, apiKey } });
const errorOf = async (work: () => Promise<unknown>): Promise<{ code: string; message: string }> => {
  const { code, message } = await work().then(
    () => ({ code: 'none', message: '' }),
    (error: { code: string; message: string }) => error,
  );
  return { code, message };
};
const linkTo = async (sourceId: string) => {
  const { host, port, user, password } = db.postgres;
  count += 1;
  const connection = await ws.api.connections.create({
    ...{ name: `target ${count}`, host, port, database: db.database, tlsMode: 'disable', user, password },
  });
  const project = await ws.api.projects.create({ name: `P ${count}`, connectionId: connection.id });
  return ws.api.links.create({
    ...{ projectId: project.id, sourceId, credentialMode: 'user' },
    syncConfig: { datasets: ['forms', 'cases'], keepRaw: false, readerRoles: [], guards: true },
  });
};
const everythingWritten = () => [...ws.logs, JSON.stringify(ws.events)].join('');

it('a key signs in without a client id, reads a project space, and stands nowhere', async () => {
  const { id } = await sourceOf();
  expect(await codeOf(() => ws.api.credentials.signIn({ sourceId: id }))).toBe('INPUT_INVALID');
  const made = await useKey(id);
  expect(made).toMatchObject({
    ...{
      kind: 'api_key',
      account: 'ada@example.com',
      state: 'valid',
      accessExpiresAt: null,
      renewable: false,
    },
  });
  expect(JSON.stringify(made)).not.toContain(key);
  expect((await ws.api.sources.discover({ id })).scopes.map(({ value }) => value)).toEqual(['demo', 'other']);
  await ws.api.sources.choices({ id });
  const job = await syncToEnd(ws, await linkTo(id));
  expect(job).toMatchObject({ status: 'completed', rowCounts: { forms: 30, cases: 10 } });
  expect(sim.stats.requests.token).toBe(0);
  expect(everythingWritten()).not.toContain(key);
  const audit = JSON.stringify(await ws.api.audit.list({ limit: 200 }));
  expect(audit).toContain('credentials.signInWith');
  expect(audit).not.toContain(key);
});

describe('what HQ refuses', () => {
  it.each([
    ['unknown', { apiKey: 'wrong-key-0123456789' }, {}, 'KEY_REFUSED'],
    ['switched off', {}, { inactive: true }, 'KEY_REFUSED'],
    ['run out', {}, { expires: 1 }, 'KEY_REFUSED'],
    ['limited to another address', {}, { addresses: ['192.0.2.1'] }, 'KEY_REFUSED'],
    ['limited to another project space', {}, { domain: 'other' }, 'KEY_LIMITED'],
  ] as const)(
    'a key that is %s is told and never stored',
    async (_, { apiKey = key }: { apiKey?: string }, limit, code) => {
      const { id } = await sourceOf();
      Object.assign(limits, limit);
      try {
        expect(await codeOf(() => useKey(id, apiKey))).toBe(code);
      } finally {
        for (const name of Object.keys(limits)) delete limits[name as keyof KeyLimits];
      }
      expect((await ws.api.sources.list()).find((each) => each.id === id)?.credential).toBeNull();
      expect(everythingWritten()).not.toContain(apiKey);
    },
  );

  it('a key that is refused later ends its sign-in, without a renewal; a new one heals it', async () => {
    const { id } = await sourceOf();
    await useKey(id);
    const link = await linkTo(id);
    limits.domain = 'other';
    expect(await syncToEnd(ws, link)).toMatchObject({ status: 'failed', error: { code: 'KEY_LIMITED' } });
    const now = async () => (await ws.api.sources.list()).find((each) => each.id === id)?.credential?.state;
    expect(await now()).toBe('valid');
    delete limits.domain;
    limits.inactive = true;
    const job = await syncToEnd(ws, link);
    expect(job).toMatchObject({ status: 'failed', error: { code: 'SIGN_IN_EXPIRED' } });
    expect(job.error?.message).toContain('The API key of ada@example.com');
    expect(await now()).toBe('revoked');
    delete limits.inactive;
    await useKey(id);
    expect(await syncToEnd(ws, link)).toMatchObject({ status: 'completed' });
    expect(sim.stats.requests.token).toBe(0);
  });
});

describe('the wrong account', () => {
  it('takes the place of no sign-in that works, by key and in the browser; its pair is revoked', async () => {
    const { id } = await sourceOf('demo', 'headgate-desktop');
    await ws.api.credentials.signIn({ sourceId: id });
    const before = await ws.api.sources.discover({ id });
    const byKey = await errorOf(() => useKey(id, 'k3y-of-eve-0123456789', 'eve@example.com'));
    expect(byKey.code).toBe('WRONG_ACCOUNT');
    expect(byKey.message).toBe(
      'You signed in as eve@example.com, who has no access to the project space “demo”. The working sign-in as john@example.com was kept.',
    );
    expect(await ws.api.sources.discover({ id })).toEqual(before);
    const { issued, revoke } = { issued: sim.stats.requests.token, revoke: sim.stats.requests.revoke };
    who = 'eve@example.com';
    const inBrowser = await errorOf(() => ws.api.credentials.signIn({ sourceId: id }));
    who = 'john@example.com';
    expect(inBrowser).toEqual(byKey);
    expect(sim.stats.requests).toMatchObject({ token: issued + 1, revoke: revoke + 1 });
    expect(await ws.api.sources.discover({ id })).toEqual(before);
  });

  it('is told where nobody is signed in, and not stored', async () => {
    const { id } = await sourceOf();
    const said = await errorOf(() => useKey(id, 'k3y-of-eve-0123456789', 'eve@example.com'));
    expect(said).toMatchObject({
      code: 'WRONG_ACCOUNT',
      message: expect.stringContaining('Nothing was stored.'),
    });
    expect((await ws.api.sources.list()).find((each) => each.id === id)?.credential).toBeNull();
  });
});

it('a key takes the place of a sign-in in the browser, whose pair is revoked; disconnecting says that a key stays', async () => {
  const { id } = await sourceOf('demo', 'headgate-desktop');
  const first = await ws.api.credentials.signIn({ sourceId: id });
  const revoked = sim.stats.requests.revoke;
  const second = await useKey(id);
  expect(second).toMatchObject({ id: first.id, kind: 'api_key' });
  expect(sim.stats.requests.revoke).toBe(revoked + 1);
  expect(await ws.api.credentials.disconnect({ id: second.id })).toEqual({ atSource: 'stays' });
});

it('disconnecting says when the source did not revoke', async () => {
  const { id } = await sourceOf('demo', 'headgate-desktop');
  const made = await ws.api.credentials.signIn({ sourceId: id });
  sim.faults.add({ match: 'revoke', kind: 'status', status: 403 });
  expect(await ws.api.credentials.disconnect({ id: made.id })).toEqual({ atSource: 'unknown' });
  sim.faults.clear();
  const again = await ws.api.credentials.signIn({ sourceId: id });
  expect(await ws.api.credentials.disconnect({ id: again.id })).toEqual({ atSource: 'revoked' });
});

it('the command line signs in with a key from standard input and syncs', async () => {
  const source = await sourceOf();
  const link = await linkTo(source.id);
  const project = (await ws.api.projects.list()).find(({ id }) => id === link.projectId)?.name ?? '';
  await ws[Symbol.asyncDispose]();
  const headgate = (args: string[], input = ''): Promise<{ code: number | null; text: string }> => {
    const child = spawn(process.execPath, ['main/headless/index.ts', ...args, '--data', keysFolder.path], {
      env: { ...process.env, HEADGATE_KEY_FILE: join(keysFolder.path, 'vault.key') },
    });
    let text = '';
    for (const stream of [child.stdout, child.stderr])
      stream.setEncoding('utf8').on('data', (piece) => (text += piece));
    child.stdin.end(input);
    return new Promise((resolve) => child.once('close', (code) => resolve({ code, text })));
  };
  const refused = await headgate(['sign-in', source.name, '--user', 'ada@example.com'], 'wrong-key\n');
  expect(refused).toMatchObject({ code: 3, text: expect.stringContaining('(KEY_REFUSED)') });
  const signedIn = await headgate(['sign-in', source.name, '--user', 'ada@example.com'], `${key}\n`);
  expect(signedIn).toMatchObject({
    code: 0,
    text: expect.stringContaining('as ada@example.com, with an API key'),
  });
  const synced = await headgate(['sync', project]);
  expect(synced).toMatchObject({ code: 0, text: expect.stringMatching(/published in/) });
  expect(signedIn.text + synced.text).not.toContain(key);
  ws = await openWorkspace({ folder: keysFolder.path, openUrl: browser });
});

it('an address as it is copied from a browser is taken apart', async () => {
  const made = await ws.api.sources.create({
    ...{ name: 'Copied', sourceType: 'commcare', clientId: '' },
    baseUrl: `${sim.url}/a/demo/dashboard/project/`,
  });
  expect(made).toMatchObject({ baseUrl: sim.url, settings: { domain: 'demo' } });
  const changed = await ws.api.sources.update({ id: made.id, baseUrl: `${sim.url}/a/other/` });
  // The project space that was chosen stays: another one is other data.
  expect(changed).toMatchObject({ baseUrl: sim.url, settings: { domain: 'demo' } });
});

it('a text that the source wrote for a web page is shown as text', () => {
  const refusal = {
    ...{ status: 400, contentType: 'application/json', path: '/a/demo/api/form/v1/' },
    body: JSON.stringify({ error: 'Bad &lt;x&gt; &amp;amp; &#39;y&#39;' }),
  };
  expect(explain(refusal)?.message).toContain("Bad <x> &amp; 'y'");
});
