import { afterAll, beforeAll, expect, it } from 'vitest';
import type { AuditEntry } from '../../preload/contract/models.ts';
import { createHqSimulator, type HqSimulator } from '../simulators/commcare-hq/index.ts';
import { createDatabase, type TestDatabase } from '../support/database.ts';
import { rawDb } from '../support/parts.ts';
import { linkForms } from '../support/plain-link.ts';
import { openWorkspace, syncToEnd, type Workspace } from '../support/workspace.ts';

/* The log says what was changed, from what to what, whose secrets went out, and what Headgate did by itself. */

let db: TestDatabase;
let sim: HqSimulator;
let ws: Workspace;
const words = 'a-long-canary-passphrase';

beforeAll(async () => {
  [db, sim] = await Promise.all([
    createDatabase(),
    createHqSimulator({ domains: [{ name: 'demo', forms: 20, cases: 3, seed: 4 }] }),
  ]);
  ws = await openWorkspace();
  const { person } = await ws.api.app.info();
  await ws.api.people.setPassphrase({ id: person.id, next: words });
});
afterAll(async () => {
  const told = JSON.stringify(await ws.api.audit.list({ limit: 500 }));
  expect(told).not.toMatch(/canary/);
  await ws[Symbol.asyncDispose]();
  await sim.close();
  await db[Symbol.asyncDispose]();
});

const last = async (action: string): Promise<AuditEntry> => {
  const [entry] = await ws.api.audit.list({ action, limit: 1 });
  if (!entry) throw new Error(`nothing was written down of ${action}`);
  return entry;
};

it('names what was changed of a connection, from what to what, and which secrets', async () => {
  const { id } = await ws.api.connections.create({
    name: 'Ledger = main',
    host: 'db.old.example.org',
    port: 5432,
    database: 'a',
    tlsMode: 'verify-full',
    user: 'u',
    password: 'pw-canary',
  });
  await ws.api.connections.update({
    id,
    host: 'db.new.example.org',
    password: 'other-pw-canary',
    access: 'granted',
    ssh: [{ host: 'jump', port: 2222, user: 'ops', auth: 'password', password: 'hop-canary' }],
  });
  const { details, subject } = await last('connections.update');
  expect(subject).toBe(`id=${id}`);
  expect(details).toBe(
    'host=db.old.example.org→db.new.example.org access=everyone→granted ssh=none→ops@jump:2222 secrets=password+ssh',
  );
  await ws.api.connections.update({ id, description: 'nothing of what the log tells' });
  expect((await last('connections.update')).details).toBe('');
  // A name can't pass for another field.
  await ws.api.connections.update({ id, name: 'x host=evil' });
  expect((await last('connections.update')).details).toBe('name="Ledger \\u003d main→x host\\u003devil"');

  await ws.api.connections.seal({
    ...{ ids: [id], for: { passphrase: 'bundle-canary-words' } },
    ...{ reason: 'a new computer', passphrase: words },
  });
  expect((await last('connections.seal')).details).toBe('connections="x host\\u003devil" for=passphrase');
  await ws.api.connections.export({ ids: [id] });
  expect((await last('connections.export')).details).toContain('connections="x host\\u003devil"');
});

it('names what was changed of a source, the policy, the vault and a person', async () => {
  const source = await ws.api.sources.create({
    ...{ name: 'HQ', sourceType: 'commcare', baseUrl: sim.url, clientId: 'c', settings: { domain: 'demo' } },
  });
  await ws.api.sources.update({ id: source.id, baseUrl: 'https://hq.example.org' });
  expect((await last('sources.update')).details).toBe(`baseUrl=${sim.url}→https://hq.example.org`);
  await ws.api.policy.set({ reveal: 'forbid', idleLockMinutes: 9 });
  expect((await last('policy.set')).details).toBe('reveal=allow→forbid idleLockMinutes=15→9');
  await ws.api.policy.set({ reveal: 'allow' });
  const ada = await ws.api.people.create({ name: 'Ada', roles: ['viewer'], passphrase: words });
  await ws.api.people.update({ id: ada.id, roles: ['analyst', 'dba'] });
  expect((await last('people.update')).details).toMatch(/^roles=viewer→(analyst\+dba|dba\+analyst)$/);
  const { id: connectionId } = (await ws.api.connections.list()).items[0] as { id: string };
  await ws.api.grants.set({ connectionId, personId: ada.id, level: 'manage' });
  expect((await last('grants.set')).details).toBe('grant=none→manage to=Ada');
  await ws.api.vault.changeProtector({ to: 'passphrase', passphrase: 'vault-canary-passphrase' });
  expect((await last('vault.changeProtector')).details).toMatch(/^sealedBy=key_file→passphrase protector=/);
});

it('has what nobody asked for at that moment', async () => {
  const link = await linkForms(ws.api, db, sim.url);
  expect(await syncToEnd(ws, link)).toMatchObject({ status: 'completed' });
  const byItself = () => ws.api.audit.list({ person: 'Headgate', limit: 100 });
  // A person's own is written down as their call.
  expect((await byItself()).map(({ action }) => action)).not.toContain('background.sync');
  await ws.api.links.update({
    id: link.id,
    schedule: { kind: 'every', hours: 6 },
    syncConfig: { ...link.syncConfig, guards: false },
  });
  expect((await last('links.update')).details).toBe('schedule=every 24 h→every 6 h guards=true→false');
  {
    using file = rawDb(`${ws.folder}/headgate.db`);
    file.exec("UPDATE materialised_datasets SET next_sync_at = '2026-01-01T00:00:00.000Z'");
    // Renewed on the way.
    file.exec("UPDATE credentials SET access_expires_at = '2026-01-01T00:00:00.000Z'");
  }
  ws.app.startTimetable();
  await expect.poll(byItself).toEqual(
    expect.arrayContaining([
      expect.objectContaining({
        action: 'background.sync',
        subject: `datasetId=${link.dataset?.id}`,
        details: expect.stringMatching(/^job=\S+ trigger=schedule$/),
      }),
      expect.objectContaining({
        action: 'background.token',
        subject: expect.stringContaining('credentialId='),
      }),
      expect.objectContaining({
        action: 'background.health',
        subject: expect.stringContaining('connectionId='),
      }),
    ]),
  );
});
