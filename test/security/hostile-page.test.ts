import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { systemClock } from '../../main/clock.ts';
import type { TypedQuestion, YesNo } from '../../main/host.ts';
import type { Envelope } from '../../preload/contract/errors.ts';
import { english } from '../../preload/messages/said.ts';
import { createHqSimulator, type HqSimulator } from '../simulators/commcare-hq/index.ts';
import { makeCertificate } from '../support/certificates.ts';
import { type HostileServer, startHostileServer } from '../support/hostile-server.ts';
import { filesBelow, writings } from '../support/leaks.ts';
import { keptDesk } from '../support/seat.ts';
import { openWorkspace, type Workspace } from '../support/workspace.ts';

/*
 * A page that somebody else controls, with every call of the bridge, in the state that each new workspace is in: one person
 * who holds every role and has no passphrase. The person is there, and agrees to nothing that the page makes Headgate ask.
 */

const secrets = {
  password: 'stored-pw-canary',
  hop: 'stored-hop-canary',
  moved: 'stored-other-canary',
};
const asked: YesNo[] = [];
/** What the person types, where it is they who want something. */
const typing: string[] = [];
const phrase = 'typed-by-the-person-canary';
/** The person at the desk: closes every question, and sees what is shown. */
const desk = {
  ...keptDesk(systemClock),
  async confirm(question: YesNo) {
    asked.push(question);
    return false;
  },
  async askTyped({ title, what, label }: TypedQuestion) {
    asked.push({ title, what, agree: label });
    return typing.shift() ?? null;
  },
  handOut: async () => false,
};

let sim: HqSimulator;
let evil: HostileServer;
let ws: Workspace;
let me: string;
let id: string;
let other: string;
let hop: { id: string };
let sourceId: string;
let project: string;
const answers: Envelope<unknown>[] = [];

async function call(name: string, input: unknown): Promise<Envelope<unknown>> {
  const answer = await ws.app.call(name, input, `page-${answers.length}`);
  answers.push(answer);
  return answer;
}
/** The code of the refusal; `done` where there was none: an import is planned without the file that it names. */
const codeOfCall = async (name: string, input: unknown): Promise<string> => {
  const answer = await call(name, input);
  return answer.ok ? 'done' : answer.error.code;
};

beforeAll(async () => {
  [sim, evil] = await Promise.all([
    createHqSimulator({ domains: [{ name: 'demo', forms: 5, cases: 1, seed: 4 }] }),
    startHostileServer(),
  ]);
  ws = await openWorkspace({ desk, kind: 'electron' });
  me = (await ws.api.app.info()).person.id;
  const base = { host: 'db.example.org', database: 'd', user: 'u' } as const;
  const made = await ws.api.connections.create({
    ...{ ...base, name: 'Production', password: secrets.password, tlsMode: 'require' },
    ssh: [{ host: 'jump', user: 'ops', auth: 'password', password: secrets.hop }],
  });
  id = made.id;
  hop = made.ssh[0] as { id: string };
  other = (await ws.api.connections.create({ ...base, name: 'Other', password: secrets.moved })).id;
  project = (await ws.api.projects.create({ name: 'Read', connectionId: id })).id;
  const source = await ws.api.sources.create({
    ...{ name: 'HQ', sourceType: 'commcare', baseUrl: sim.url, clientId: 'headgate-desktop' },
    settings: { domain: 'demo' },
  });
  sourceId = source.id;
  await ws.api.credentials.signIn({ sourceId });
});
afterAll(async () => {
  await ws[Symbol.asyncDispose]();
  await evil[Symbol.asyncDispose]();
  await sim.close();
});

const again = 'INPUT_INVALID';
const attempts: readonly (readonly [what: string, call: string, input: () => unknown, refusal: string])[] = [
  [
    'sets the first passphrase, to be asked for it',
    'people.setPassphrase',
    () => ({ id: me, next: 'of-the-page-1234' }),
    'CANCELLED',
  ],
  [
    'seals everything to its own passphrase',
    'connections.seal',
    () => ({ ids: [id, other], for: { passphrase: 'of-the-page-1234' }, reason: 'because' }),
    'PASSPHRASE_NEEDED',
  ],
  [
    'seals with a passphrase that it made up',
    'connections.seal',
    () => ({ ids: [id], for: { passphrase: 'of-the-page-1234' }, reason: 'because', passphrase: 'x' }),
    'PASSPHRASE_NEEDED',
  ],
  [
    'has a secret shown',
    'secrets.reveal',
    () => ({ connectionId: id, field: 'password', reason: 'because' }),
    'PASSPHRASE_NEEDED',
  ],
  [
    'has a secret copied',
    'secrets.copy',
    () => ({ connectionId: id, field: 'password', reason: 'because', passphrase: '' }),
    'PASSPHRASE_NEEDED',
  ],
  [
    'reseals the vault by its own passphrase',
    'vault.changeProtector',
    () => ({ to: 'passphrase', passphrase: 'of-the-page-1234' }),
    'CANCELLED',
  ],
  [
    'adds a way to open the vault',
    'vault.addSlot',
    () => ({ to: 'passphrase', passphrase: 'of-the-page-1234' }),
    'CANCELLED',
  ],
  [
    'adds a key file of its choosing',
    'vault.addSlot',
    () => ({ to: 'key_file', file: '/tmp/headgate-page.key' }),
    'CANCELLED',
  ],
  [
    'adds a key file on its own computer',
    'vault.addSlot',
    () => ({ to: 'key_file', file: '//evil/share/key' }),
    again,
  ],
  ['asks for a recovery key', 'vault.addSlot', () => ({ to: 'recovery' }), 'CANCELLED'],
  ['destroys the secrets', 'vault.wipe', () => ({ confirm: 'WIPE' }), 'CANCELLED'],
  ['has history forgotten', 'policy.setRetention', () => ({ jobDays: 7 }), 'CANCELLED'],
  [
    'has the log of what it did taken away',
    'audit.trim',
    () => ({ before: '2100-01-01T00:00:00.000Z' }),
    'CANCELLED',
  ],
  ['keeps the session open all day', 'policy.set', () => ({ idleLockMinutes: 480 }), 'CANCELLED'],
  [
    'has sources asked over a proxy of its own',
    'policy.setProxy',
    () => ({ mode: 'manual', address: 'http://evil.example.org:3128' }),
    'CANCELLED',
  ],
  ['goes round the proxy of the office', 'policy.setProxy', () => ({ mode: 'none' }), 'CANCELLED'],
  [
    'has the password of the office’s proxy sent to its own',
    'policy.setProxy',
    () => ({ mode: 'manual', address: 'http://evil.example.org:3128', user: 'office' }),
    again,
  ],
  [
    'smuggles a password into an address, to read it back',
    'policy.setProxy',
    () => ({ mode: 'manual', address: 'http://u:p@evil.example.org:3128' }),
    again,
  ],
  [
    'has messages sent to an address of its own',
    'notices.setWebhook',
    () => ({ on: true, url: 'https://evil.example.org/', secret: 'of-the-page-123456' }),
    'CANCELLED',
  ],
  [
    'has messages sent into a cloud’s inside',
    'notices.setWebhook',
    () => ({ on: true, ownNetwork: true, url: 'https://169.254.169.254/', secret: 'of-the-page-123456' }),
    'NOTICE_ADDRESS',
  ],
  [
    'has mail sent over a server of its own',
    'notices.setEmail',
    () => ({
      ...{ on: true, host: 'evil.example.org', port: 25, security: 'tls', from: 'h@example.org' },
    }),
    'CANCELLED',
  ],
  [
    'has the password of the office’s mail server sent to its own',
    'notices.setEmail',
    () => ({
      ...{ on: true, host: 'evil.example.org', port: 25, security: 'tls', from: 'h@example.org' },
      user: 'office',
    }),
    again,
  ],
  [
    'sends the password to another host',
    'connections.update',
    () => ({ id, host: 'evil.example.org' }),
    again,
  ],
  ['sends it to another port', 'connections.update', () => ({ id, port: 6432 }), again],
  ['sends it without TLS', 'connections.update', () => ({ id, tlsMode: 'disable' }), again],
  [
    'sends it with TLS that its own authority vouches for',
    'connections.update',
    () => ({ id, tlsCa: makeCertificate('Evil', { ca: true }).cert }),
    again,
  ],
  [
    'sends it over a jump host of its own',
    'connections.update',
    () => ({ id, ssh: [{ host: 'evil', user: 'x', auth: 'agent' }] }),
    again,
  ],
  ['sends it without the jump host', 'connections.update', () => ({ id, ssh: [] }), again],
  [
    'sends the jump host’s password elsewhere',
    'connections.update',
    () => ({ id, tlsMode: 'verify-full', ssh: [{ ...hop, host: 'evil', user: 'ops', auth: 'password' }] }),
    again,
  ],
  [
    'takes another connection’s jump host',
    'connections.update',
    () => ({ id: other, ssh: [{ ...hop, host: 'jump', user: 'ops', auth: 'password' }] }),
    again,
  ],
  [
    'sets a password that it knows at the server',
    'connections.rotate',
    () => ({ id: other, password: 'of-the-page-1234', onServer: true }),
    'CANCELLED',
  ],
  [
    'has a sign-in sent to whoever its own authority vouches for',
    'sources.update',
    () => ({ id: sourceId, tlsCa: makeCertificate('Evil', { ca: true }).cert }),
    'CANCELLED',
  ],
  [
    'adds a source that its own authority vouches for',
    'sources.create',
    () => ({
      ...{ name: 'HQ 2', sourceType: 'commcare', baseUrl: 'https://hq.example.org', clientId: 'c' },
      tlsCa: makeCertificate('Evil', { ca: true }).cert,
    }),
    'CANCELLED',
  ],
  [
    'answers for a host key that was never asked about',
    'connections.trustHost',
    () => ({ id, host: 'evil', port: 22, fingerprint: 'SHA256:x' }),
    again,
  ],
  [
    'reads a device by a pasted URL',
    'imports.preview',
    () => ({ kind: 'url', text: 'postgresql://u@h/d?sslrootcert=/dev/zero' }),
    'done',
  ],
  [
    'reads from its own file server by a pasted URL',
    'imports.preview',
    () => ({ kind: 'url', text: 'postgresql://u@h/d?sslrootcert=//evil/share/ca.pem' }),
    'done',
  ],
  [
    'reads the process’s environment as a certificate',
    'imports.preview',
    () => ({ kind: 'url', text: 'postgresql://u@h/d?sslrootcert=/proc/self/environ' }),
    'done',
  ],
  [
    'describes data that it may not see',
    'dictionary.describe',
    () => ({ id: other, table: 'forms', column: null, description: 'nothing to see here' }),
    'NOT_FOUND',
  ],
  [
    'describes data in another name',
    'dictionary.describe',
    () => ({ id: other, table: 'forms', column: null, description: 'x', by: 'Somebody Else' }),
    again,
  ],
  [
    'fills the store with one description',
    'dictionary.describe',
    () => ({ id: other, table: 'forms', column: null, description: 'x'.repeat(1_000_000) }),
    again,
  ],
  [
    'looks for everything in the words of the search itself',
    'dictionary.search',
    () => ({ text: '"* OR table:* NEAR(a b) ^x" -- ; DROP TABLE words' }),
    'done',
  ],
  ['looks for more than anybody reads', 'dictionary.search', () => ({ text: 'a', limit: 1e6 }), again],
  [
    'has the dictionary of a project that is not there',
    'dictionary.export',
    () => ({ projectId: other, format: 'dbt' }),
    'NOT_FOUND',
  ],
  [
    'saves a dictionary where it likes',
    'dictionary.export',
    () => ({ projectId: other, format: 'markdown', save: true, path: '/root/.bashrc' }),
    again,
  ],
  ['calls what no contract names', '__proto__', () => ({}), 'CALL_UNKNOWN'],
  ['calls what every object has', 'constructor', () => ({}), 'CALL_UNKNOWN'],
  ['smuggles a field in', 'connections.get', () => ({ id, reveal: true }), again],
  [
    'smuggles a prototype in',
    'connections.get',
    () => JSON.parse(`{"id":"${id}","__proto__":{"roles":["dba"]}}`),
    again,
  ],
  [
    'names itself somebody else',
    'session.signIn',
    () => ({ personId: other, passphrase: 'x' }),
    'PASSPHRASE_WRONG',
  ],
  [
    'adds a second person that it knows the passphrase of',
    'people.create',
    () => ({ name: 'Eve', roles: ['dba'], passphrase: 'of-the-page-1234' }),
    'PASSPHRASE_NEEDED',
  ],
  [
    'lets an agent in, whose token outlives the page',
    'agents.grant',
    () => ({ projectId: '6f9619ff-8b86-4d01-b42d-00cf4fc964ff', name: 'mine', days: 365 }),
    'NOT_HERE',
  ],
  ...(['file', 'clipboard'] as const).map((keep): (typeof attempts)[number] => [
    `lets an agent in with its token in a ${keep}, which nobody confirms`,
    'agents.letIn',
    () => ({ projectId: project, name: 'mine', days: 365, keep }),
    'CANCELLED',
  ]),
  ['takes the seat of an agent', 'agents.enter', () => ({ token: 'headgate_agent_x' }), 'PERMISSION_DENIED'],
  [
    'opens the vault with a passphrase',
    'vault.unlock',
    () => ({ passphrase: 'of-the-page-1234' }),
    'CANCELLED',
  ],
  ['opens the vault with a key', 'vault.unlock', () => ({ recoveryKey: 'AAAAA-BBBBB' }), 'CANCELLED'],
  ...(
    [
      [
        'a drawing that runs',
        'svg',
        '<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>',
      ],
      ['a drawing that listens', 'svg', '<svg onload="alert(1)"></svg>'],
      ['a program', 'png', Buffer.from('#!/bin/sh\nrm -r ~\n').toString('base64')],
    ] as const
  ).map(([what, format, content]): (typeof attempts)[number] => [
    `saves ${what} as a chart`,
    'query.saveChart',
    () => ({ format, content }),
    'INPUT_INVALID',
  ]),
  [
    'chooses where a chart is saved',
    'query.saveChart',
    () => ({
      format: 'svg',
      content: '<svg xmlns="http://www.w3.org/2000/svg"></svg>',
      path: '/tmp/of-the-page',
    }),
    'INPUT_INVALID',
  ],
  [
    'says which connection the schemas of a project are read through',
    'query.setScope',
    () => ({ projectId: project, schemas: ['public'], functions: [], connectionId: other }),
    'INPUT_INVALID',
  ],
  [
    'removes the last one who manages people',
    'people.update',
    () => ({ id: me, roles: ['viewer'] }),
    'LAST_DBA',
  ],
];

it.each(attempts)('%s', async (_, name, input, refusal) => {
  expect(await codeOfCall(name, input())).toBe(refusal);
});

it('knows the passphrase of the person, and still can not use it', async () => {
  typing.push(phrase);
  await ws.api.people.setPassphrase({ id: me });
  const own = { reason: 'because', passphrase: phrase };
  const deeds: readonly (readonly [string, object])[] = [
    ['people.setPassphrase', { id: me, passphrase: phrase, next: 'of-the-page-1234' }],
    ['people.create', { name: 'Eve', roles: ['dba'], passphrase: 'of-the-page-1234' }],
    ['connections.seal', { ids: [id, other], for: { passphrase: 'of-the-page-1234' }, ...own }],
    ['connections.seal', { ids: [id], for: 'passphrase', ...own }],
    ['secrets.reveal', { connectionId: id, field: 'password', ...own }],
    ['secrets.copy', { connectionId: id, field: 'password', ...own }],
    ['vault.changeProtector', { to: 'passphrase', passphrase: 'of-the-page-1234' }],
    ['vault.addSlot', { to: 'passphrase', passphrase: 'of-the-page-1234' }],
    ['vault.addSlot', { to: 'key_file', file: '/tmp/headgate-page.key' }],
    ['vault.wipe', { confirm: 'WIPE', passphrase: phrase }],
    ['policy.set', { idleLockMinutes: 480 }],
  ];
  for (const [name, input] of deeds) expect(await codeOfCall(name, input), name).toBe('CANCELLED');
  await ws.api.session.lock();
  for (const input of [
    { personId: me, passphrase: phrase },
    { personId: me, passphrase: '' },
    { personId: me },
  ])
    expect(await codeOfCall('session.signIn', input)).toBe('CANCELLED');
  expect(await codeOfCall('session.signIn', { personId: me, passphrase: phrase, typed: phrase })).toBe(again);
  expect(await ws.api.session.state()).toMatchObject({ locked: true });
  expect(await codeOfCall('connections.get', { id })).toBe('LOCKED');
  typing.push(phrase);
  await ws.api.session.signIn({ personId: me });
  expect(await ws.api.people.list()).toHaveLength(1);
  expect(await ws.api.vault.slots()).toHaveLength(1);
});

it('a copy of a connection goes nowhere else either', async () => {
  const copy = (await call('connections.duplicate', { id, name: 'Copy' })) as { data: { id: string } };
  expect(await codeOfCall('connections.update', { id: copy.data.id, host: 'evil.example.org' })).toBe(again);
  expect(await codeOfCall('connections.update', { id: copy.data.id, tlsMode: 'prefer' })).toBe(again);
});

it('a replacing import does not send the stored password elsewhere', async () => {
  const text = JSON.stringify({
    Servers: {
      1: {
        Name: 'Other',
        Group: 'g',
        Host: 'evil.example.org',
        Port: 5432,
        MaintenanceDB: 'd',
        Username: 'u',
      },
    },
  });
  const plan = (await call('imports.preview', { kind: 'pgadmin', text })) as {
    data: { planId: string; connections: { key: string }[] };
  };
  const [planned] = plan.data.connections;
  const applied = (await call('imports.apply', {
    planId: plan.data.planId,
    connections: [{ key: planned?.key, action: 'replace' }],
    projects: [],
  })) as { ok: boolean; data?: { replaced: unknown[] } };
  expect(applied.data?.replaced ?? []).toEqual([]);
  expect((await ws.api.connections.get({ id: other })).host).toBe('db.example.org');
});

it('a source that moves takes no sign-in along', async () => {
  await call('sources.update', { id: sourceId, baseUrl: evil.url });
  expect(await codeOfCall('sources.discover', { id: sourceId })).toBe('SIGN_IN_NEEDED');
  expect(evil.received).toEqual([]);
});

it('nothing that any call answers, shows, saves or writes down holds a stored secret', async () => {
  for (const [name, input] of [
    ['connections.list', {}],
    ['connections.get', { id }],
    ['connections.export', {}],
    ['connections.export', { save: true }],
    ['connections.history', { id }],
    ['connections.usage', { id }],
    ['credentials.list', {}],
    ['vault.slots', {}],
    ['app.diagnostics', {}],
    ['audit.list', { limit: 500 }],
    ['audit.export', { format: 'json' }],
    ['hostKeys.list', {}],
    ['imports.found', {}],
  ] as const)
    await call(name, input);
  const forms = [...Object.values(secrets), phrase].flatMap(writings);
  const told = JSON.stringify([answers, ws.events, ws.logs, desk.shown, desk.saved, desk.clipboard, asked]);
  for (const form of forms) expect(told.includes(form), form).toBe(false);
  for (const file of filesBelow(ws.folder)) {
    const bytes = readFileSync(file);
    for (const form of forms) expect(bytes.includes(form), file).toBe(false);
  }
  // What was asked names what would be done.
  expect(asked.length).toBeGreaterThan(5);
  for (const { title, what, agree } of asked)
    for (const each of [title, what ?? title, agree]) expect(english(each).length).toBeGreaterThan(2);
});
