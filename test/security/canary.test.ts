import { randomUUID } from 'node:crypto';
import { readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type App, createApp } from '../../main/app.ts';
import { createHeadlessHost } from '../../main/headless/host.ts';
import type { Host } from '../../main/host.ts';
import { createLogger } from '../../main/log.ts';
import { createLogFile } from '../../main/log-file.ts';
import { scriptedBrowser } from '../../main/sample/consent.ts';
import { keyFileProtector } from '../../main/vault/key-file.ts';
import { type CallName, callNames } from '../../preload/contract/channels.ts';
import type { Envelope } from '../../preload/contract/errors.ts';
import type {
  Connection,
  ConnectionPage,
  Credential,
  Dictionary,
  ImportPlan,
  Job,
  Link,
  Project,
  QueryAnswer,
  Source,
} from '../../preload/contract/models.ts';
import { createHqSimulator, type HqSimulator } from '../simulators/commcare-hq/index.ts';
import { createOdkSimulator, type OdkSimulator } from '../simulators/odk-central/index.ts';
import { createDatabase, type TestDatabase } from '../support/database.ts';
import { type FrontServer, type Passed, startFront } from '../support/front-server.ts';
import { filesBelow, processTexts, writings } from '../support/leaks.ts';
import { random, vaultIn } from '../support/parts.ts';
import { syncWorker } from '../support/sync-worker.ts';

/**
 * One workspace used the way people use it, well and badly, with a password and tokens that are looked for afterwards in
 * everything that left the core: log, answers, events, files, other processes, the terminal.
 */

/** Hard on every escape: quotes, a backslash, a percent sign, a slash, an @ and a letter beyond ASCII. */
const password = `Canary"${randomUUID()}\\%2F/@é&+`;
const wrongPassword = `Wrong'${randomUUID()}<&>"@/`;
const newPassword = `Rotated ${randomUUID()}:$&`;

/** What a connection can have beside its password, and what people type to get in. */
const keyCanary = `KEY${randomUUID().replaceAll('-', '')}/+==`;
const privateKey = `-----BEGIN OPENSSH PRIVATE KEY-----\n${keyCanary}\n-----END OPENSSH PRIVATE KEY-----\n`;
const more = {
  'a key': keyCanary,
  'a key passphrase': `phrase of a key ${randomUUID()}`,
  'a jump host password': `jump ${randomUUID()} é"`,
  'the passphrase of the first': `first ${randomUUID()} ünïcode`,
  'the passphrase of the second': `second ${randomUUID()}`,
  'the passphrase of a bundle': `bundle ${randomUUID()}`,
  'the passphrase of the vault': `vault ${randomUUID()}`,
  'a password of another tool': `pasted ${randomUUID()} %25`,
  'the password of a proxy': `proxy ${randomUUID()}:@"`,
  'a legacy password': `legacy,"${randomUUID()}"`,
  'an API key': `api-${randomUUID()}`,
  'the password of an account': `account "${randomUUID()}\\é&+ `,
  'a client secret': `client %&+ ${randomUUID()}`,
  'the secret of a webhook': `hook ${randomUUID()} "é`,
  'the path of a webhook': `path-${randomUUID()}`,
  'the password of a mail server': `mail ${randomUUID()}:@"`,
} as const;

const secrets = new Map<string, string>([
  ...Object.entries(more),
  ['the password', password],
  ['a wrong password', wrongPassword],
  ['the new password', newPassword],
]);
const note = (kind: string, value: string | null | undefined): void => {
  if (value) secrets.set(`${kind} ${secrets.size}`, value);
};

/** What the token endpoint was sent and answered. */
function noteTokens({ method, path, sent, answered }: Passed): void {
  if (method !== 'POST' || !path.startsWith('/oauth/')) return;
  const form = new URLSearchParams(sent.toString());
  for (const name of ['code', 'code_verifier', 'refresh_token', 'token']) note(name, form.get(name));
  try {
    const body = JSON.parse(answered.toString()) as Record<string, string>;
    note('access token', body['access_token']);
    note('refresh token', body['refresh_token']);
  } catch {
    // A page of the sign-in.
  }
}

interface Seen {
  readonly logs: string[];
  readonly envelopes: string[];
  readonly events: string[];
  readonly terminal: string[];
  readonly children: string[];
}
const seen: Seen = { logs: [], envelopes: [], events: [], terminal: [], children: [] };
const called = new Set<string>();

let sim: HqSimulator;
let odk: OdkSimulator;
/** Where Headgate finds it. */
let front: FrontServer;
let database: TestDatabase;
let app: App;
let folder = '';
let role = '';
/** What was in the temporary folder before. */
let before = new Set<string>();
const undo: (() => void)[] = [];

async function call<T>(name: CallName, input: unknown = {}): Promise<Envelope<T>> {
  called.add(name);
  const answer = (await app.call(name, input, randomUUID())) as Envelope<T>;
  seen.envelopes.push(`${name} ${JSON.stringify(answer)}`);
  return answer;
}
async function must<T>(name: CallName, input: unknown = {}): Promise<T> {
  const answer = await call<T>(name, input);
  if (!answer.ok) throw new Error(`${name}: ${answer.error.code} ${answer.error.message}`);
  return answer.data;
}
const failed = async (name: CallName, input: unknown = {}): Promise<string> => {
  const answer = await call(name, input);
  return answer.ok ? 'ok' : answer.error.code;
};
async function synced(link: Link): Promise<Job> {
  const job = await must<Job>('syncs.start', { linkId: link.id });
  return app.jobEnded(job.id);
}

/** A source that is signed in to with a password: wrongly, rightly, by a server that repeats it, and to its end. */
async function useAccount(): Promise<void> {
  const { id } = await must<Source>('sources.create', {
    ...{ name: 'ODK', sourceType: 'odk_central', baseUrl: odk.url, settings: { project: '7' } },
  });
  const typed = (words: string) => ({
    ...{ sourceId: id, kind: 'password', fields: { user: 'ada@example.org', password: words } },
  });
  expect(await failed('credentials.signInWith', typed(wrongPassword))).toBe('PASSWORD_REFUSED');
  const body = JSON.stringify({ message: more['the password of an account'], code: 400 });
  odk.faults.add({ match: 'sessions', kind: 'status', status: 400, body });
  await failed('credentials.signInWith', typed(more['the password of an account']));
  const made = await must<Credential>('credentials.signInWith', typed(more['the password of an account']));
  await must('sources.discover', { id });
  for (const session of odk.sessions()) note('session', session);
  const repeats = JSON.stringify({ message: odk.sessions().join(' '), code: 403.1 });
  odk.faults.add({ match: 'forms', kind: 'status', status: 400, body: repeats });
  await failed('sources.discover', { id });
  // The session ends, and is had anew.
  for (const session of odk.sessions()) odk.expireSession(session);
  await must('sources.discover', { id });
  for (const session of odk.sessions()) note('session', session);
  await must('credentials.disconnect', { id: made.id });
  await must('sources.delete', { id });
}

/** The whole run; what it meets is in `seen`. */
async function useEverything(): Promise<void> {
  const { host, port } = database.postgres;
  const connectionInput = {
    name: 'target',
    host,
    port,
    database: database.database,
    tlsMode: 'disable',
    user: role,
    password: wrongPassword,
  };
  const connection = await must<Connection>('connections.create', connectionInput);
  expect(await must('connections.test', { id: connection.id })).toMatchObject({ ok: false });
  await must('connections.update', { id: connection.id, password });
  expect(await must('connections.test', { id: connection.id })).toMatchObject({ ok: true });
  // Tried before anything is kept: what it is refused with, and what it is let in with.
  const { name: _, password: __, ...trial } = connectionInput;
  expect(await must('connections.try', { ...trial, password: wrongPassword })).toMatchObject({ ok: false });
  expect(await must('connections.try', { ...trial, password })).toMatchObject({ ok: true });
  await failed('connections.try', { ...trial, password, port: 0 });
  // Everything that can be wrong about a connection, each with the password in hand.
  for (const change of [
    { port: 1 },
    { host: 'no-such-host.invalid' },
    { database: 'no_such_db' },
    { tlsMode: 'require' },
  ]) {
    await must('connections.update', { id: connection.id, password, ...change });
    expect(await must('connections.test', { id: connection.id })).toMatchObject({ ok: false });
    await must('connections.update', { ...connectionInput, password, id: connection.id });
  }
  // A password in the wrong place, or of the wrong kind.
  expect(await failed('connections.create', { ...connectionInput, name: 'x', password: [password] })).toBe(
    'INPUT_INVALID',
  );
  expect(await failed('connections.create', { ...connectionInput, port: password })).toBe('INPUT_INVALID');
  expect(await failed('connections.create', { ...connectionInput, name: 'target', password })).toBe(
    'NAME_TAKEN',
  );

  const source = await must<Source>('sources.create', {
    name: 'HQ',
    sourceType: 'commcare',
    baseUrl: front.url,
    clientId: 'headgate-desktop',
    settings: { domain: 'demo' },
  });
  expect(await failed('sources.discover', { id: source.id })).toBe('SIGN_IN_NEEDED');
  // A sign-in whose answer is lost, and with it the code; then one that works.
  sim.faults.add({ match: 'token', kind: 'status', status: 500, processed: true });
  expect(await failed('credentials.signIn', { sourceId: source.id })).toBe('OAUTH_CODE_EXPIRED');
  sim.faults.add({ match: 'identity', kind: 'status', status: 403, body: '{"error":"no"}' });
  expect(await failed('credentials.signIn', { sourceId: source.id })).not.toBe('ok');
  const credential = await must<Credential>('credentials.signIn', { sourceId: source.id });
  await must('sources.discover', { id: source.id });

  const project = await must<Project>('projects.create', { name: 'Project', connectionId: connection.id });
  const link = await must<Link>('links.create', {
    projectId: project.id,
    sourceId: source.id,
    credentialMode: 'user',
    syncConfig: { datasets: ['forms'] },
  });
  const running = synced(link);
  seen.children.push(...processTexts());
  expect(await running).toMatchObject({ status: 'completed' });
  seen.children.push(...processTexts());
  const datasetId = (link.dataset as { id: string }).id;
  const tables = await must<{ name: string }[]>('datasets.tables', { id: datasetId });
  const table = tables.find(({ name }) => name === 'forms')?.name ?? tables[0]?.name;
  const page = await must<{ keys: string[][]; columns: { name: string }[] }>('datasets.rows', {
    ...{ id: datasetId, table },
  });
  await must('datasets.row', { id: datasetId, table, key: page.keys[0] });
  await must('datasets.count', { id: datasetId, table });
  await must('datasets.distribution', { id: datasetId, table, column: page.columns[0]?.name });
  await must('datasets.titles', {});

  // A token that dies in the middle, a source that refuses, one that fails, a database that does not let in.
  const tokens = async (): Promise<{ accessToken: string; refreshToken: string }> => {
    const { vault } = await vaultIn(folder);
    const stored = (await vault.get(credential.id)) as { accessToken: string; refreshToken: string };
    vault.close();
    note('stored access token', stored.accessToken);
    note('stored refresh token', stored.refreshToken);
    return stored;
  };
  const dead = await tokens();
  sim.oauth.expire(dead.accessToken);
  expect(await synced(link)).toMatchObject({ status: 'completed' });
  expect((await tokens()).accessToken).not.toBe(dead.accessToken);
  sim.faults.add({
    match: 'form',
    kind: 'status',
    status: 403,
    body: '<html>no</html>',
    headers: { 'content-type': 'text/html' },
  });
  expect(await synced(link)).toMatchObject({ status: 'failed', error: { code: 'SOURCE_FORBIDDEN' } });
  sim.faults.add({ match: 'form', kind: 'status', status: 500, times: 2 });
  expect(await synced(link)).toMatchObject({ status: 'completed' });
  sim.faults.clear();
  await must('connections.update', { id: connection.id, password: wrongPassword });
  expect(await synced(link)).toMatchObject({ status: 'failed', error: { code: 'DB_LOGIN_REFUSED' } });
  expect(await failed('datasets.tables', { id: datasetId })).toBe('DB_LOGIN_REFUSED');
  await must('connections.update', { id: connection.id, password });
  const cancelled = await must<Job>('syncs.start', { linkId: link.id });
  await must('syncs.pause', { id: cancelled.id });
  await must('syncs.resume', { id: cancelled.id });
  await must('syncs.takeOver', { id: cancelled.id, reason: 'it stands still' });
  await must('syncs.cancel', { id: cancelled.id });
  await must('datasets.changes', { id: datasetId });
  await must('datasets.history', { ids: [datasetId], zone: 'UTC' });
  await must('datasets.keep', { id: datasetId });
  const described = await must<Dictionary>('datasets.dictionary', { id: datasetId });
  await must('dictionary.describe', {
    id: datasetId,
    table: described.tables[0]?.id,
    column: null,
    description: 'said',
  });
  await must('dictionary.search', { text: 'said' });
  await must('dictionary.export', { projectId: project.id, format: 'json' });
  const asked = await must<QueryAnswer>('query.open', {
    projectId: project.id,
    sql: 'SELECT * FROM forms',
    pageRows: 1,
  });
  await must('query.page', { handle: asked.handle, pageRows: 1 });
  await must('query.setScope', { projectId: project.id, schemas: ['public'], functions: [] });
  await must('query.scope', { projectId: project.id });
  await must('query.close', { handle: asked.handle });
  await must('query.explain', { projectId: project.id, sql: 'SELECT id FROM forms' });
  expect(
    await failed('query.export', { projectId: project.id, sql: 'SELECT id FROM forms', format: 'csv' }),
  ).toBe('NOT_HERE');
  expect(
    await failed('query.saveChart', {
      format: 'svg',
      content: '<svg xmlns="http://www.w3.org/2000/svg"></svg>',
    }),
  ).toBe('NOT_HERE');
  expect(await failed('query.open', { projectId: project.id, sql: 'DELETE FROM forms' })).toBe(
    'QUERY_REFUSED',
  );
  await must('query.keep', { id: asked.queryId, name: 'kept' });
  await must('query.history', { projectId: project.id });
  await must('query.statistics', { projectId: project.id });
  await must('query.forget', { id: asked.queryId });
  await must('sources.choices', { id: source.id });
  await must('sources.pace');
  for (const [round, decide] of (['datasets.discard', 'datasets.accept'] as const).entries()) {
    const domain = sim.domain('demo');
    domain.vanish(
      'form',
      Array.from({ length: 130 }, (_, at) => domain.id('form', round * 130 + at)),
    );
    const held = await synced(link);
    expect(held).toMatchObject({ status: 'held' });
    await must('datasets.recount', { id: datasetId });
    await must('syncs.get', { id: held.id });
    await must('syncs.log', { id: held.id });
    await must(decide, { id: datasetId });
  }
  await must('vault.rotate');

  // A person rotates the password of the role, first at the server.
  await database.query(`ALTER ROLE ${role} PASSWORD '${newPassword.replaceAll("'", "''")}'`);
  await must('connections.update', { id: connection.id, password: newPassword });
  expect(await must('connections.test', { id: connection.id })).toMatchObject({ ok: true });

  await useDba(connection, connectionInput);

  // Whatever lists there are.
  await must('app.info');
  await must('app.setTheme', { theme: 'dark' });
  await must('app.setLanguage', { language: 'fr' });
  await must('app.language');
  await must('app.background');
  expect(await failed('app.setBackground', { keepsRunning: true })).toBe('NOT_HERE');
  await must('links.list', { projectId: project.id });
  await must('projects.searchPath', { projectId: project.id });
  await must('syncs.list', { datasetId });
  await must('audit.list', { limit: 1000 });
  const lists = callNames.filter((name) => /\.(list|types|status)$/.test(name) && name !== 'links.list');
  for (const name of lists) await call(name);

  // By API key, at a source whose client has a secret; the key ends, and another one is refused.
  const keyed = await must<Source>('sources.create', {
    ...{ name: 'HQ by key', sourceType: 'commcare', baseUrl: front.url, clientId: 'headgate-desktop' },
    ...{ clientSecret: more['a client secret'], settings: { domain: 'demo' } },
  });
  expect(
    await failed('credentials.signInWith', {
      ...{ sourceId: keyed.id, kind: 'api_key' },
      fields: { user: 'john@example.com', apiKey: `wrong-${randomUUID()}` },
    }),
  ).toBe('KEY_REFUSED');
  const byKey = {
    ...{ sourceId: keyed.id, kind: 'api_key' },
    fields: { user: 'john@example.com', apiKey: more['an API key'] },
  };
  const keyCredential = await must<Credential>('credentials.signInWith', byKey);
  await must('sources.discover', { id: keyed.id });
  await failed('credentials.signIn', { sourceId: keyed.id });
  await must('credentials.list');
  await must('kept.wouldBe', { projectId: project.id });
  await must('credentials.disconnect', { id: keyCredential.id });
  await must('sources.update', { id: keyed.id, clientSecret: null });
  await must('sources.delete', { id: keyed.id });

  await useAccount();

  await must('links.update', { id: link.id, isActive: false });
  await must('sources.update', { id: source.id, name: 'HQ again' });
  await must('projects.update', { id: project.id, name: 'Project again' });
  sim.faults.add({ match: 'revoke', kind: 'resetBeforeHeaders' });
  await must('credentials.disconnect', { id: credential.id });
  expect(await synced(link)).toMatchObject({ status: 'failed' });
  await must('credentials.signIn', { sourceId: source.id });
  sim.oauth.revokeAll();
  await failed('sources.discover', { id: source.id });
  expect(await failed('connections.delete', { id: connection.id })).toBe('IN_USE');
  await must('links.delete', { id: link.id });
  await must('kept.drop', { id: datasetId });
  expect(await failed('kept.forget', { id: datasetId })).toBe('NOT_FOUND');
  await must('sources.delete', { id: source.id });
  await must('projects.delete', { id: project.id });
  await must('connections.delete', { id: connection.id });
  // Every secret there is, destroyed.
  await must('vault.wipe', { confirm: 'WIPE', passphrase: more['the passphrase of the first'] });
}

/** Everything a DBA does with connections, people and the vault. */
async function useDba(
  connection: Connection,
  connectionInput: { host: string; port: number; database: string; user: string },
): Promise<void> {
  const [owner] = await must<{ id: string }[]>('people.list');
  const personId = owner?.id as string;
  const mine = more['the passphrase of the first'];
  expect(await failed('people.create', { name: 'B', roles: ['viewer'], passphrase: mine })).toBe(
    'PASSPHRASE_NEEDED',
  );
  await must('people.setPassphrase', { id: personId, next: mine });
  const second = await must<{ id: string }>('people.create', {
    name: 'Second',
    roles: ['analyst'],
    passphrase: more['the passphrase of the second'],
  });
  await must('people.update', { id: second.id, roles: ['analyst', 'viewer'] });
  await must('session.state');
  await must('session.touch');
  await must('session.lock');
  expect(await failed('connections.list')).toBe('LOCKED');
  expect(await failed('session.signIn', { personId, passphrase: wrongPassword })).toBe('PASSPHRASE_WRONG');
  await must('session.signIn', { personId, passphrase: mine });
  await must('policy.set', { idleLockMinutes: 30 });
  await must('policy.get');
  await must('policy.setRetention', { jobDays: 60 });
  await must('policy.retention');
  await must('policy.setProxy', {
    ...{ mode: 'manual', address: 'http://127.0.0.1:1', user: 'office', exceptions: '*' },
    password: more['the password of a proxy'],
  });
  expect(
    await failed('policy.setProxy', { mode: 'manual', address: more['the password of a proxy'], user: 'u' }),
  ).toBe('INPUT_INVALID');
  await must('policy.proxy');
  await must('app.health');
  await must('timetable.get');
  await must('timetable.hold', { on: false });
  await must('policy.setProxy', { mode: 'system' });
  await must('notices.list');
  await must('notices.preferences');
  await must('notices.setPreferences', { email: 'somebody@example.org' });
  await must('notices.setWebhook', {
    ...{ on: true, url: `http://127.0.0.1:1/${more['the path of a webhook']}` },
    secret: more['the secret of a webhook'],
  });
  expect(await failed('notices.test', { channel: 'webhook' })).toBe('NOTICE_NOT_SENT');
  expect(
    await failed('notices.setWebhook', {
      ...{ on: true, url: `ftp://x/${more['the path of a webhook']}` },
      secret: more['the secret of a webhook'],
    }),
  ).toBe('NOTICE_ADDRESS');
  await must('notices.setEmail', {
    ...{ on: true, host: '127.0.0.1', port: 1, security: 'starttls', from: 'headgate@example.org' },
    ...{ user: 'office', password: more['the password of a mail server'] },
  });
  expect(await failed('notices.test', { channel: 'email' })).toBe('NOTICE_NOT_SENT');
  await must('notices.channels');
  await must('notices.read', { ids: [randomUUID()] });
  await must('notices.readAll');

  const jump = {
    host: 'jump.invalid',
    user: 'ops',
    auth: 'key',
    key: privateKey,
    keyPassphrase: more['a key passphrase'],
  };
  const inner = {
    host: 'inner.invalid',
    user: 'ops',
    auth: 'password',
    password: more['a jump host password'],
  };
  const far = await must<Connection>('connections.create', {
    ...connectionInput,
    name: 'far',
    password: newPassword,
    ssh: [jump, inner],
    tlsKey: privateKey,
    tlsKeyPassphrase: more['a key passphrase'],
  });
  expect(await must('connections.test', { id: far.id })).toMatchObject({ ok: false });
  await failed('connections.trustHost', { id: far.id, fingerprint: 'SHA256:none' });
  expect(await failed('connections.update', { id: far.id, tlsKey: keyCanary })).toBe('INPUT_INVALID');
  await must('connections.bulk', { ids: [far.id], change: { addTags: ['far'] } });
  await must('connections.get', { id: far.id });
  await must('connections.usage', { id: connection.id });
  await must('connections.history', { id: connection.id });
  await must('connections.recent', { ids: [connection.id] });
  await must('connections.structure', { id: connection.id, refresh: true });
  await failed('connections.structure', { id: far.id });
  await must('connections.testAll');
  await must('connections.export', {});
  const copy = await must<Connection>('connections.duplicate', { id: far.id, name: 'far copy' });
  await must('connections.delete', { id: copy.id });
  // What comes back has none of them.
  expect(await must<{ id: string }[]>('connections.deleted')).toMatchObject([{ id: copy.id }]);
  expect(await must('connections.restore', { id: copy.id })).toMatchObject({
    ...{ hasSecret: false, hasTlsKey: false },
  });
  await must('connections.delete', { id: copy.id });

  // Rotations: one that does not work, one that does, and back; at the server too.
  expect(await must('connections.rotate', { id: connection.id, password: wrongPassword })).toMatchObject({
    done: false,
  });
  await must('connections.rotate', { id: connection.id, onServer: true });
  await must('connections.undoRotation', { id: connection.id });

  // Shown and copied past the page: there is no screen here.
  const asking = {
    connectionId: connection.id,
    field: 'password',
    reason: 'for the canary',
    passphrase: mine,
  };
  expect(await failed('secrets.reveal', { ...asking, passphrase: wrongPassword })).toBe('PASSPHRASE_WRONG');
  expect(await failed('secrets.reveal', asking)).toBe('NOT_HERE');
  expect(await failed('secrets.copy', asking)).toBe('NOT_HERE');

  // Sealed and opened, exported and read, pasted, migrated.
  await must('vault.publicKey');
  const [project] = await must<Project[]>('projects.list');
  const [link] = await must<Link[]>('links.list', { projectId: project?.id });
  const ofProject = await must<Credential>('credentials.signIn', {
    ...{ sourceId: link?.sourceId, projectId: project?.id },
  });
  const sealed = await must<{ text: string }>('connections.seal', {
    ids: [far.id, connection.id],
    projects: [{ id: project?.id, signIns: true }],
    for: { passphrase: more['the passphrase of a bundle'] },
    reason: 'for the canary',
    passphrase: mine,
  });
  {
    const { vault } = await vaultIn(folder);
    const stored = await vault.get(ofProject.id);
    vault.close();
    for (const field of ['shareKey', 'accessToken', 'refreshToken'] as const)
      note(`${field} of a shared sign-in`, stored?.[field] ?? '');
  }
  expect(
    await failed('imports.preview', { kind: 'sealed', text: sealed.text, passphrase: wrongPassword }),
  ).toBe('BUNDLE_WRONG_KEY');
  const plans = [
    { kind: 'sealed', text: sealed.text, passphrase: more['the passphrase of a bundle'] },
    {
      kind: 'url',
      text: `postgres://u:${encodeURIComponent(more['a password of another tool'])}@paste.invalid/d`,
    },
    { kind: 'pgpass', text: `pass.invalid:5432:d:u:${more['a password of another tool']}` },
    {
      kind: 'legacy',
      text: JSON.stringify([
        {
          name: 'L',
          db_host: 'l.invalid',
          db_name: 'd',
          db_user: 'u',
          db_password: more['a legacy password'],
        },
      ]),
    },
  ];
  for (const input of plans) {
    const plan = await must<ImportPlan>('imports.preview', input);
    const choices = plan.connections.map(({ key, name }) => ({
      key,
      action: 'create',
      name: `${name} ${input.kind}`,
    }));
    const projects = plan.projects.map(({ name }) => name);
    await must('imports.apply', { planId: plan.planId, connections: choices, projects });
  }
  // What can't be read must not be repeated in the answer.
  await failed('imports.preview', { kind: 'legacy', text: `{"${more['a legacy password']}` });
  await failed('imports.preview', {
    kind: 'dbeaver',
    text: '{}',
    credentials: Buffer.from(password).toString('base64'),
  });
  const pasted = await must<ImportPlan>('imports.preview', { kind: 'url', text: `mysql://u:${password}@h` });
  await must('imports.discard', { planId: pasted.planId });
  await must('imports.found');

  await must('demo.state');
  await failed('demo.start');
  await failed('demo.leave');

  await must('grants.set', { connectionId: connection.id, personId: second.id, level: 'use' });
  await must('grants.list', { connectionId: connection.id });
  const agent = await must<{ grant: { id: string } }>('agents.grant', {
    ...{ projectId: project?.id, name: 'agent' },
  });
  for (const keep of ['file', 'clipboard'])
    await failed('agents.letIn', { projectId: project?.id, name: 'agent', keep });
  await must('agents.list');
  expect(await failed('agents.enter', { token: mine })).toBe('PERMISSION_DENIED');
  await must('agents.revoke', { id: agent.grant.id });
  await must('connections.update', { id: connection.id, lease: { readerRole: `${role}_none` } });
  expect(await failed('leases.mint', { connectionId: connection.id, deliver: 'copy' })).toBe(
    'LEASE_NOT_POSSIBLE',
  );
  await failed('leases.end', { id: connection.id });
  await must('connections.update', { id: connection.id, lease: null });
  await failed('hostKeys.forget', { id: connection.id });

  await must('vault.unlock');
  await must('vault.changeProtector', { to: 'passphrase', passphrase: more['the passphrase of the vault'] });
  expect(await failed('vault.unlock', { passphrase: wrongPassword })).not.toBe('INTERNAL');
  await must('vault.changeProtector', { to: 'keychain' });
  const added = await must('vault.addSlot', {
    ...{ to: 'passphrase', passphrase: more['the passphrase of the vault'] },
  });
  expect(await must('vault.slots')).toContainEqual(added);
  await must('vault.removeSlot', { id: (added as { id: string }).id });
  await must('audit.verify');
  await must('audit.export', { format: 'csv' });
  expect(await failed('audit.trim', { before: '2001-01-01T00:00:00.000Z' })).toBe('NOT_FOUND');
  await must('app.diagnostics');
  await must('people.delete', { id: second.id });
  for (const name of ['far', 'far sealed']) {
    const { items } = await must<ConnectionPage>('connections.list', { search: name });
    for (const { id } of items) await must('connections.delete', { id });
  }
}

beforeAll(async () => {
  before = new Set(readdirSync(tmpdir()));
  database = await createDatabase();
  role = `canary_${randomUUID().slice(0, 8)}`;
  await database.query(`CREATE ROLE ${role} LOGIN PASSWORD '${password.replaceAll("'", "''")}'`);
  await database.query(`GRANT CREATE ON DATABASE ${database.database} TO ${role}`);
  sim = await createHqSimulator({
    domains: [{ name: 'demo', forms: 300, cases: 0, seed: 3 }],
    users: [{ username: 'john@example.com', apiKey: more['an API key'] }],
  });
  odk = await createOdkSimulator({
    projects: [{ id: 7, name: 'P', forms: [{ xmlFormId: 'h', name: 'H', submissions: 3 }] }],
    users: [{ email: 'ada@example.org', password: more['the password of an account'] }],
  });
  folder = join(tmpdir(), `headgate-canary-${randomUUID()}`);

  for (const stream of [process.stdout, process.stderr]) {
    const write = stream.write.bind(stream);
    stream.write = ((text: string | Uint8Array, ...rest: []) => {
      seen.terminal.push(Buffer.from(text as string).toString());
      return write(text, ...rest);
    }) as typeof stream.write;
    undo.push(() => {
      stream.write = write;
    });
  }
  front = await startFront(sim.url);

  const base = await createHeadlessHost({
    dataFolder: folder,
    version: '0',
    protector: keyFileProtector(join(folder, 'vault.key'), random),
    syncWorker: syncWorker(),
    logSink: { write: () => {} },
    openUrl: scriptedBrowser('allow'),
  });
  const file = createLogFile({ folder, name: 'headgate' });
  const sink = {
    write: (line: string): void => {
      seen.logs.push(line);
      file.write(line);
    },
  };
  const log = createLogger({ sink, redactor: base.redactor, now: () => Date.now(), level: 'debug' });
  const host: Host = { ...base, log, recentLog: file.recent };
  app = await createApp(host);
  app.onEvent((name, payload) => void seen.events.push(`${name} ${JSON.stringify(payload)}`));
  await useEverything();
  front.passed.forEach(noteTokens);
}, 120_000);

afterAll(async () => {
  for (const back of undo) back();
  await app?.close();
  await front?.[Symbol.asyncDispose]();
  await sim?.close();
  await odk?.close();
  await database?.query(`DROP OWNED BY ${role}`).catch(() => {});
  await database?.query(`DROP ROLE ${role}`).catch(() => {});
  await database?.[Symbol.asyncDispose]();
  rmSync(folder, { recursive: true, force: true });
});

/** Which secret stands in a text, in which writing; empty when none does. */
function found(text: string | Buffer): string[] {
  return [...secrets].flatMap(([kind, secret]) =>
    writings(secret)
      .filter((writing) => writing.length >= 8 && text.includes(writing))
      .map((writing) => `${kind} as ${writing.slice(0, 12)}…`),
  );
}

describe('a secret', () => {
  it('of every kind was in use, and every call was made', () => {
    const kinds = new Set([...secrets.keys()].map((kind) => kind.replace(/ \d+$/, '')));
    for (const kind of ['code', 'code_verifier', 'access token', 'refresh token', 'refresh_token', 'token']) {
      expect(kinds).toContain(kind);
    }
    expect(callNames.filter((name) => !called.has(name))).toEqual([]);
    expect(seen.logs.length).toBeGreaterThan(20);
    expect(seen.events.length).toBeGreaterThan(20);
    if (process.platform === 'linux') expect(seen.children.length).toBeGreaterThan(1);
  });

  it('is found by this search wherever it is written', () => {
    for (const [kind, secret] of secrets) {
      const texts = [
        `x${secret}x`,
        JSON.stringify({ a: secret }),
        encodeURIComponent(secret),
        Buffer.from(secret).toString('base64'),
      ];
      texts.push(Buffer.from(`ab:${secret}:cd`).toString('base64'));
      for (const text of texts) expect(found(text), kind).not.toEqual([]);
    }
  });

  it.each(['logs', 'envelopes', 'events', 'terminal', 'children'] as const)(
    'is nowhere in the %s',
    (where) => {
      for (const text of seen[where]) expect(found(text), text.slice(0, 300)).toEqual([]);
    },
  );

  it('is in no file of the workspace, before and after it is closed', async () => {
    expect(filesBelow(folder).map((file) => file.slice(folder.length + 1))).toEqual(
      expect.arrayContaining(['headgate.db', 'vault.db', 'headgate.log', 'vault.key']),
    );
    for (const file of filesBelow(folder)) expect(found(readFileSync(file)), file).toEqual([]);
    await app.close();
    for (const file of filesBelow(folder)) {
      expect(found(readFileSync(file)), file).toEqual([]);
      // And others can read none of them.
      if (process.platform !== 'win32') expect(statSync(file).mode & 0o077, file).toBe(0);
    }
  });

  it('is in nothing that was left in the folder for temporary files', () => {
    const made = readdirSync(tmpdir()).filter(
      (name) => !before.has(name) && !name.startsWith('headgate-pg-'),
    );
    for (const name of made) {
      const path = join(tmpdir(), name);
      let files: string[];
      try {
        const what = statSync(path);
        files = what.isDirectory() ? filesBelow(path) : what.isFile() ? [path] : [];
      } catch {
        // Somebody else's, gone already.
        continue;
      }
      for (const file of files) {
        let bytes: Buffer;
        try {
          if (statSync(file).size > 50_000_000) continue;
          bytes = readFileSync(file);
        } catch {
          continue;
        }
        expect(found(bytes), file).toEqual([]);
      }
    }
  });

  it('is in no table of the database', async () => {
    const tables = await database.query(
      "SELECT quote_ident(table_schema) || '.' || quote_ident(table_name) AS name FROM information_schema.tables WHERE table_schema NOT IN ('pg_catalog', 'information_schema')",
    );
    for (const { name } of tables) {
      for (const row of await database.query(`SELECT t::text AS line FROM ${name} t`)) {
        expect(found(row['line'] ?? ''), String(name)).toEqual([]);
      }
    }
    const comments = await database.query('SELECT description FROM pg_description WHERE objoid > 16384');
    expect(found(JSON.stringify(comments))).toEqual([]);
  });
});
