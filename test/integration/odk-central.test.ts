import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { keyFileProtector } from '../../main/vault/key-file.ts';
import { createOdkSimulator, type OdkSimulator } from '../simulators/odk-central/index.ts';
import type { Json, JsonObject } from '../simulators/shared/types.ts';
import { columnsOf, createDatabase, type TestDatabase } from '../support/database.ts';
import { codeOf, random, temporaryFolder } from '../support/parts.ts';
import { ownWords, sealedProject, takeAll } from '../support/shared-workspaces.ts';
import { openWorkspace, syncToEnd, type Workspace } from '../support/workspace.ts';

/* A form server with password sign-in whose forms are discovered: from an empty workspace to typed tables. */

const password = 'pass of Ada – “é” 0123';
const email = 'ada@example.org';
let db: TestDatabase;
let sim: OdkSimulator;
let ws: Workspace;

beforeAll(async () => {
  db = await createDatabase();
  sim = await createOdkSimulator({
    projects: [
      {
        ...{ id: 7, name: 'Sahel' },
        forms: [
          { xmlFormId: 'household', name: 'Household visit', submissions: 40 },
          { xmlFormId: 'Suivi été.v2', name: 'Suivi d’été (v2)', submissions: 0 },
          { xmlFormId: 'draft', name: 'A draft', submissions: 0, isDraft: true },
        ],
      },
      {
        ...{ id: 8, name: 'Closed', forms: [{ xmlFormId: 'a', name: 'A', submissions: 3 }] },
        onlyLooking: [email],
      },
    ],
    users: [{ email, password, id: 5 }],
  });
  ws = await openWorkspace();
});
afterAll(async () => {
  await ws[Symbol.asyncDispose]();
  await sim.close();
  await db[Symbol.asyncDispose]();
});

let count = 0;
const sourceOf = (project?: string, baseUrl = sim.url) => {
  count += 1;
  return ws.api.sources.create({
    ...{ name: `ODK ${count}`, sourceType: 'odk_central', baseUrl },
    settings: project === undefined ? {} : { project },
  });
};
const signIn = (sourceId: string, words = password, projectId?: string) =>
  ws.api.credentials.signInWith({
    ...{ sourceId, kind: 'password', fields: { user: email, password: words } },
    ...(projectId === undefined ? {} : { projectId }),
  });
const linkTo = async (sourceId: string, datasets: string[], credentialMode: 'user' | 'project' = 'user') => {
  const { host, port, user, password: word } = db.postgres;
  count += 1;
  const connection = await ws.api.connections.create({
    ...{
      name: `target ${count}`,
      host,
      port,
      database: db.database,
      tlsMode: 'disable',
      user,
      password: word,
    },
  });
  const project = await ws.api.projects.create({ name: `P ${count}`, connectionId: connection.id });
  if (credentialMode === 'project') await signIn(sourceId, password, project.id);
  return ws.api.links.create({
    ...{ projectId: project.id, sourceId, credentialMode },
    syncConfig: { datasets, refresh: { how: 'full', wholeEveryDays: 7 } },
  });
};
const schemaOf = async (linkId: string): Promise<string> =>
  (await ws.api.links.list()).find(({ id }) => id === linkId)?.dataset?.schemaName ?? '';
const written = async (): Promise<string> =>
  [...ws.logs, JSON.stringify(ws.events), JSON.stringify(await ws.api.audit.list({ limit: 200 }))].join('');
const members = (record: Json): readonly JsonObject[] =>
  ((record as JsonObject)['household'] as JsonObject)['member'] as readonly JsonObject[];

describe('signing in', () => {
  it('keeps nothing of a password that is refused, and names the field that is no e-mail address', async () => {
    const { id } = await sourceOf();
    expect(await codeOf(() => signIn(id, 'wrong-password-0123'))).toBe('PASSWORD_REFUSED');
    expect((await ws.api.credentials.list()).filter((each) => each.sourceId === id)).toEqual([]);
    const fields = { user: 'not an address', password };
    await expect(
      ws.api.credentials.signInWith({ sourceId: id, kind: 'password', fields }),
    ).rejects.toMatchObject({ code: 'INPUT_INVALID', wire: { fields: [{ path: 'fields.user' }] } });
    expect(await codeOf(() => ws.api.credentials.signIn({ sourceId: id }))).toBe('INPUT_INVALID');
    const byKey = { sourceId: id, kind: 'api_key' as const, fields: { user: email, apiKey: 'k' } };
    expect(await codeOf(() => ws.api.credentials.signInWith(byKey))).toBe('INPUT_INVALID');
    expect(await written()).not.toContain('wrong-password-0123');
  });

  it('proves the account in the project that is read, and ends the session of one that is not kept', async () => {
    const { id } = await sourceOf('99');
    expect(await codeOf(() => signIn(id))).toBe('WRONG_ACCOUNT');
    expect(sim.sessions().filter((session) => sim.isLive(session))).toEqual([]);
    expect((await ws.api.credentials.list()).filter((each) => each.sourceId === id)).toEqual([]);
  });

  it('ends its session at the source when it is disconnected', async () => {
    const { id } = await sourceOf('7');
    const made = await signIn(id);
    expect(made).toMatchObject({ kind: 'password', account: email, state: 'valid', renewable: true });
    // Signing in once more ends the session of before.
    expect((await signIn(id)).id).toBe(made.id);
    expect(sim.sessions().filter((session) => sim.isLive(session))).toHaveLength(1);
    const before = sim.stats.requests.sessions;
    expect(await ws.api.credentials.disconnect({ id: made.id })).toEqual({ atSource: 'revoked' });
    expect(sim.sessions().filter((session) => sim.isLive(session))).toEqual([]);
    expect(sim.stats.requests.sessions).toBe(before + 1);
    expect(sim.stats.recent.at(-1)).toMatchObject({ kind: 'sessions', method: 'DELETE', status: 200 });
  });
});

describe('what is discovered', () => {
  it('projects first, then the forms of the one that was chosen, which the source keeps', async () => {
    const { id } = await sourceOf();
    await signIn(id);
    const { scopes, datasets } = await ws.api.sources.discover({ id });
    expect(scopes).toEqual([
      { value: '7', label: 'Sahel' },
      { value: '8', label: 'Closed' },
    ]);
    expect(datasets).toEqual([]);
    await ws.api.sources.update({ id, settings: { project: '7' } });
    const found = await ws.api.sources.discover({ id });
    expect(found.datasets.map(({ name, label, total }) => [name, label, total])).toEqual([
      ['household', 'Household visit', 40],
      ['Suivi été.v2', 'Suivi d’été (v2)', 0],
    ]);
    const kept = async () => (await ws.api.sources.list()).find((each) => each.id === id)?.datasets;
    expect(await kept()).toEqual(found.datasets);
    // Asked again with the same answer nothing changes, so that no window asks for ever.
    const events = ws.events.length;
    await ws.api.sources.discover({ id });
    expect(ws.events.slice(events).filter(({ name }) => name === 'store.changed')).toEqual([]);
    await ws.api.sources.update({ id, settings: { project: '8' } });
    expect(await kept()).toEqual([]);
  });

  it('takes the project out of an address as it is copied from the browser', async () => {
    const copied = await sourceOf(undefined, `${sim.url}/projects/7/forms/household/submissions`);
    expect(copied).toMatchObject({ baseUrl: sim.url, settings: { project: '7' } });
  });
});

describe('a refresh', () => {
  it('lands forms with the types of their metadata, repeats with their parents, and files as addresses', async () => {
    const { id: sourceId } = await sourceOf('7');
    await signIn(sourceId);
    const link = await linkTo(sourceId, ['household', 'Suivi été.v2']);
    const job = await syncToEnd(ws, link);
    expect(job).toMatchObject({ status: 'completed', error: null });
    const schema = await schemaOf(link.id);
    const tables = await columnsOf(db, schema);
    const all = sim.form(7, 'household').records();
    const memberCount = all.flatMap(members).length;
    expect(memberCount).toBeGreaterThan(10);
    expect(job.rowCounts).toMatchObject({
      household_visit: 40,
      household_visit_household_member: memberCount,
    });
    for (const form of ['household_visit', 'suivi_d_été_v2']) {
      const types = tables.get(form);
      expect(Object.fromEntries(types ?? []), form).toMatchObject({
        village: 'text',
        visited_on: 'date',
        began: expect.stringMatching(/^timestamp/),
        place: 'jsonb',
        household_size: 'bigint',
        household_income: 'numeric',
        system_submission_date: expect.stringMatching(/^timestamp/),
        system_edits: 'bigint',
      });
      // Links of the protocol are no data.
      expect([...(types?.keys() ?? [])].filter((name) => /odata|navigation/.test(name))).toEqual([]);
      const below = [...tables.keys()].filter((name) => name.startsWith(`${form}_`));
      expect(below.sort()).toEqual([
        `${form}_attachments`,
        `${form}_household_member`,
        `${form}_household_member_vaccination`,
      ]);
      expect(Object.fromEntries(tables.get(`${form}_household_member`) ?? [])).toMatchObject({
        age: 'bigint',
      });
    }
    const first = all[0] as JsonObject;
    const rows = await db.query(
      `SELECT m.name, m.age::text AS age FROM "${schema}".household_visit_household_member m
       JOIN "${schema}".household_visit v ON v.__id = m.submission_id WHERE v.__id = '${String(first['__id'])}'`,
    );
    expect(rows).toHaveLength(members(first).length);
    const files = await db.query(
      `SELECT field, name, url FROM "${schema}".household_visit_attachments WHERE field = 'photo' LIMIT 1`,
    );
    const { name = '', url = '' } = files[0] ?? {};
    expect(url).toMatch(
      new RegExp(`^${sim.url}/v1/projects/7/forms/household/submissions/uuid%3A[0-9a-f-]+/attachments/`),
    );
    expect(decodeURIComponent((url as string).split('/').at(-1) ?? '')).toBe(name);
    expect(await written()).not.toContain(password);
  });

  it('takes in what came, changed and went, and holds nothing for it', async () => {
    await using own = await createOdkSimulator({
      projects: [{ id: 7, name: 'Sahel', forms: [{ xmlFormId: 'h', name: 'H', submissions: 50 }] }],
      users: [{ email, password }],
    });
    const { id: sourceId } = await sourceOf('7', own.url);
    await signIn(sourceId);
    const link = await linkTo(sourceId, ['h']);
    await syncToEnd(ws, link);
    const form = own.form(7, 'h');
    form.edit(3, { village: 'Elsewhere', household: { size: 'many', income: 2.5, member: [] } });
    form.remove(10);
    form.add(4);
    expect(await syncToEnd(ws, link)).toMatchObject({ status: 'completed', rowCounts: { h: 53 } });
    const schema = await schemaOf(link.id);
    const rows = await db.query(`SELECT __id AS id, village FROM "${schema}".h ORDER BY 1`);
    const expected = form
      .records()
      .map((record) => ({ id: (record as JsonObject)['__id'], village: (record as JsonObject)['village'] }))
      .sort((a, b) => (String(a.id) < String(b.id) ? -1 : 1));
    expect(rows).toEqual(expected);
    // What does not fit the type of the metadata widens its column; nothing is lost.
    expect((await columnsOf(db, schema)).get('h')?.get('household_size')).toBe('text');
  });

  it('signs in anew when its session has ended, and says so when the password is another by now', async () => {
    await using own = await createOdkSimulator({
      projects: [{ id: 7, name: 'Sahel', forms: [{ xmlFormId: 'h', name: 'H', submissions: 5 }] }],
      users: [{ email, password }],
    });
    const { id: sourceId } = await sourceOf('7', own.url);
    const made = await signIn(sourceId);
    const link = await linkTo(sourceId, ['h']);
    await syncToEnd(ws, link);
    // Whatever ended it there: the next request is refused.
    own.setPassword(email, password);
    own.faults.add({ match: 'forms', kind: 'status', status: 401, body: '{"message":"no","code":401.2}' });
    const before = own.stats.requests.sessions;
    expect(await syncToEnd(ws, link)).toMatchObject({ status: 'completed' });
    expect(own.stats.requests.sessions).toBe(before + 1);
    own.setPassword(email, 'changed by an administrator');
    own.faults.add({ match: 'forms', kind: 'status', status: 401, body: '{"message":"no","code":401.2}' });
    expect(await syncToEnd(ws, link)).toMatchObject({ status: 'failed', error: { code: 'SIGN_IN_EXPIRED' } });
    expect((await ws.api.credentials.list()).find(({ id }) => id === made.id)).toMatchObject({
      state: 'revoked',
    });
  });

  it('names a form that is gone, and what an account may not read', async () => {
    await using own = await createOdkSimulator({
      projects: [{ id: 7, name: 'Sahel', forms: [{ xmlFormId: 'h', name: 'H', submissions: 5 }] }],
      users: [{ email, password }],
    });
    const { id: sourceId } = await sourceOf('7', own.url);
    await signIn(sourceId);
    const link = await linkTo(sourceId, ['h']);
    await syncToEnd(ws, link);
    own.removeForm(7, 'h');
    const job = await syncToEnd(ws, link);
    expect(job).toMatchObject({ status: 'failed', error: { code: 'DATASET_GONE' } });
    expect(job.error?.message).toContain('“h”');
    // What was published stays.
    expect(await db.query(`SELECT count(*) AS n FROM "${await schemaOf(link.id)}".h`)).toEqual([{ n: '5' }]);

    const closed = await sourceOf('8');
    await signIn(closed.id);
    const refused = await syncToEnd(ws, await linkTo(closed.id, ['a']));
    expect(refused).toMatchObject({ status: 'failed', error: { code: 'SOURCE_FORBIDDEN' } });
    expect(refused.error?.advice).toContain('Project Viewer');
  });
});

it('the command line signs in with a password from standard input, and says as whom', async () => {
  using folder = temporaryFolder();
  const key = join(folder.path, 'vault.key');
  const protector = keyFileProtector(key, random);
  {
    await using own = await openWorkspace({ folder: folder.path, protector });
    await own.api.sources.create({
      ...{ name: 'Field forms', sourceType: 'odk_central', baseUrl: sim.url, settings: { project: '7' } },
    });
  }
  const headgate = (words: string): Promise<{ code: number | null; text: string }> => {
    const args = ['main/headless/index.ts', 'sign-in', 'Field forms', '--user', email, '--data', folder.path];
    const child = spawn(process.execPath, args, { env: { ...process.env, HEADGATE_KEY_FILE: key } });
    let text = '';
    for (const stream of [child.stdout, child.stderr])
      stream.setEncoding('utf8').on('data', (piece) => {
        text += piece;
      });
    child.stdin.end(`${words}\n`);
    return new Promise((resolve) => child.once('close', (code) => resolve({ code, text })));
  };
  const refused = await headgate('wrong-password-0123');
  expect(refused).toMatchObject({ code: 3, text: expect.stringContaining('(PASSWORD_REFUSED)') });
  const done = await headgate(password);
  expect(done).toMatchObject({ code: 0, text: expect.stringContaining(`as ${email}, with a password`) });
  expect(refused.text + done.text).not.toContain(password);
});

it('a project takes its password along in a sealed bundle, and is read elsewhere without anybody typing', async () => {
  await using one = await openWorkspace();
  const { host, port, user, password: word } = db.postgres;
  const connection = await one.api.connections.create({
    ...{ name: 'target', host, port, database: db.database, tlsMode: 'disable', user, password: word },
  });
  const project = await one.api.projects.create({ name: 'P', connectionId: connection.id });
  const source = await one.api.sources.create({
    ...{ name: 'ODK', sourceType: 'odk_central', baseUrl: sim.url, settings: { project: '7' } },
  });
  await one.api.credentials.signInWith({
    ...{ sourceId: source.id, projectId: project.id, kind: 'password', fields: { user: email, password } },
  });
  const link = await one.api.links.create({
    ...{ projectId: project.id, sourceId: source.id, credentialMode: 'project' },
    syncConfig: { datasets: ['household'] },
  });
  const { person } = await one.api.app.info();
  await one.api.people.setPassphrase({ id: person.id, next: ownWords });
  const bundle = await sealedProject(one, link);
  await using two = await openWorkspace();
  const { result } = await takeAll(two, bundle);
  expect(result.problems).toEqual([]);
  const [there] = await two.api.credentials.list();
  expect(there).toMatchObject({ kind: 'password', account: email, state: 'valid', isShared: false });
  const found = await two.api.sources.discover({
    id: there?.sourceId ?? '',
    projectId: there?.projectId ?? '',
  });
  expect(found.datasets.map(({ name }) => name)).toContain('household');
}, 180_000);
