import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { inboxCommand } from '../../main/headless/commands/inbox-command.ts';
import type { Lookup } from '../../main/notices/reach.ts';
import { noticeEvents } from '../../preload/contract/models.ts';
import { english } from '../../preload/messages/said.ts';
import { makeCertificate } from '../support/certificates.ts';
import { isSigned, type Listening, startListening } from '../support/listening.ts';
import { startMailbox } from '../support/mailbox.ts';
import { codeOf, inProcess, rawDb, temporaryFolder } from '../support/parts.ts';
import { englishWords } from '../support/words.ts';
import { openWorkspace, type Workspace, type WorkspaceOptions } from '../support/workspace.ts';

/* What is told leaves this computer only where it may, signed, and no more often than is known; over real servers. */

const secret = `signs-${randomUUID()}`;
const path = `/hook/${randomUUID()}`;
const minute = 60_000;

let folder: ReturnType<typeof temporaryFolder>;
let now = 0;
let told: string[];
let ws: Workspace;
let listening: Listening;
/** Past the application, as a health check would write it. */
let file: ReturnType<typeof rawDb>;
let lookup: Lookup;

const open = async (more: WorkspaceOptions = {}): Promise<Workspace> => {
  const { createHeadlessDesk } = await import('../../main/headless/terminal/desk.ts');
  const { systemClock } = await import('../../main/clock.ts');
  const { keptLog } = await import('../support/parts.ts');
  const desk = createHeadlessDesk({
    ...{ screen: process.stderr, input: process.stdin, clock: systemClock, log: keptLog().log },
    words: englishWords,
    saveTo: undefined,
  });
  return openWorkspace({
    folder: folder.path,
    clock: { now: () => now, sleep: systemClock.sleep },
    desk: {
      ...desk,
      notify: (title, text) =>
        void told.push([title, ...(text === null ? [] : [text])].map(english).join(' | ')),
    },
    lookup: (host) => lookup(host),
    ...more,
  });
};

beforeEach(async () => {
  folder = temporaryFolder();
  now = Date.now();
  told = [];
  lookup = async () => [{ address: '127.0.0.1', family: 4 }];
  listening = await startListening();
  ws = await open();
  file = rawDb(join(folder.path, 'headgate.db'));
});
afterEach(async () => {
  await ws[Symbol.asyncDispose]();
  file[Symbol.dispose]();
  await listening[Symbol.asyncDispose]();
  folder[Symbol.dispose]();
});

/** A connection that a project uses. */
async function used(name: string): Promise<string> {
  const { id } = await ws.api.connections.create({
    ...{ name, host: 'db.invalid', database: 'd', user: 'u', password: 'a-password', tlsMode: 'disable' },
  });
  await ws.api.projects.create({ name: `Project of ${name}`, connectionId: id });
  return id;
}
const becomes = (id: string, state: 'works' | 'unreachable'): void => {
  file
    .prepare('UPDATE database_connections SET health_state = ?, health_at = ? WHERE id = ?')
    .run(state, new Date(now).toISOString(), id);
};
const later = async (ms: number): Promise<void> => {
  now += ms;
  // What was looked at stays as it was found, as time goes by only here.
  file.prepare('UPDATE database_connections SET health_at = ?').run(new Date(now).toISOString());
  await ws.app.tick();
};
const hook = (more: object = {}) =>
  ws.api.notices.setWebhook({
    ...{ on: true, url: `http://127.0.0.1:${listening.port}${path}`, secret },
    ...more,
  });
const bodies = () => listening.received.map(({ body }) => JSON.parse(body));

describe('the webhook', () => {
  it('gets what is the matter once, signed, and that it is over; its address is in the vault', async () => {
    const id = await used('Field');
    const view = await hook();
    expect(view.webhook).toMatchObject({ on: true, origin: `http://127.0.0.1:${listening.port}` });
    expect(JSON.stringify(view)).not.toContain(path);
    becomes(id, 'unreachable');
    await later(minute);
    await later(minute);
    becomes(id, 'works');
    await later(2 * minute);
    await later(minute);
    expect(bodies()).toMatchObject([
      {
        text: 'Field can not be reached',
        notices: [{ event: 'connection_down', isOver: false, connection: 'Field' }],
      },
      {
        text: 'Field works again',
        notices: [{ event: 'connection_up', of: 'connection_down', isOver: true, connection: 'Field' }],
      },
    ]);
    const [first, second] = listening.received;
    expect(first?.path).toBe(path);
    for (const each of listening.received) expect(isSigned(each, secret)).toBe(true);
    expect(isSigned({ ...first, body: second?.body } as never, secret)).toBe(false);
    expect(first?.headers['headgate-message']).toBe(bodies()[0].id);
    // Whoever sits here was told as well, and no word of any secret went out.
    expect(told.map((line) => line.split(' | ')[0])).toEqual([
      'Field can not be reached',
      'Field works again',
    ]);
    const { items } = await ws.api.notices.list();
    expect(items).toMatchObject([{ event: 'connection_down', outcome: 'over', isRead: false }]);
    const out = JSON.stringify([listening.received, told, ws.logs, ws.events]);
    for (const canary of [secret, 'a-password']) expect(out).not.toContain(canary);
    expect(JSON.stringify([ws.logs, ws.events, await ws.api.audit.list()])).not.toContain(path);
  });

  it('has its texts in the language that was chosen for it; what programs go by is in none', async () => {
    const id = await used('Field');
    await hook();
    await ws.api.notices.setWebhook({ on: true, language: 'es' });
    becomes(id, 'unreachable');
    await later(minute);
    await later(minute);
    expect(bodies()).toMatchObject([
      {
        text: 'No se puede llegar a Field',
        notices: [{ event: 'connection_down', text: 'No se puede llegar a Field' }],
      },
    ]);
  });

  it('is tried again with the same id, and follows nobody elsewhere', async () => {
    const elsewhere = await startListening();
    const id = await used('Field');
    await hook();
    for (const location of [
      'http://169.254.169.254/latest/meta-data/',
      `http://127.0.0.1:${elsewhere.port}/`,
    ]) {
      listening.answer = { status: 307, headers: { location } };
      becomes(id, listening.received.length === 0 ? 'unreachable' : 'unreachable');
      await later(10 * minute);
    }
    expect(elsewhere.received).toEqual([]);
    expect((await ws.api.notices.channels()).webhook.last?.problem).toMatch(/leads elsewhere \(307\)/);
    listening.answer = { status: 204 };
    await later(10 * minute);
    await later(10 * minute);
    const ids = new Set(bodies().map((body) => body.id));
    expect(listening.received).toHaveLength(3);
    expect(ids.size).toBe(1);
    expect(new Set(listening.received.map(({ body }) => body)).size).toBe(1);
    expect((await ws.api.notices.channels()).webhook.last?.problem).toBeNull();
    await elsewhere[Symbol.asyncDispose]();
  });

  it('one that never takes it is given up, and what comes later goes out all the same', async () => {
    const id = await used('Field');
    await hook();
    listening.answer = { status: 500 };
    becomes(id, 'unreachable');
    for (let hour = 0; hour < 20; hour += 1) await later(61 * minute);
    expect(listening.received).toHaveLength(12);
    listening.answer = { status: 200 };
    becomes(id, 'works');
    await later(61 * minute);
    expect(bodies().at(-1)).toMatchObject({ notices: [{ event: 'connection_up' }] });
  });

  it('asks no address that its name must not lead to, however it was when it was entered', async () => {
    const url = 'https://hooks.example.org/';
    await hook({ url });
    for (const address of ['169.254.169.254', '10.0.0.7', '127.0.0.1', 'fe80::1']) {
      lookup = async () => [{ address, family: address.includes(':') ? 6 : 4 }];
      expect(await codeOf(() => ws.api.notices.test({ channel: 'webhook' })), address).toBe('NOTICE_ADDRESS');
    }
    expect(await codeOf(() => hook({ url: 'https://10.0.0.7/' }))).toBe('NOTICE_ADDRESS');
    expect(await codeOf(() => hook({ url: 'https://169.254.169.254/', ownNetwork: true }))).toBe(
      'NOTICE_ADDRESS',
    );
    expect(await codeOf(() => hook({ url: undefined, secret: undefined, ownNetwork: true }))).toBe(
      'INPUT_INVALID',
    );
    expect(listening.received).toEqual([]);
  });
});

describe('a person', () => {
  const quietUntil = (ms: number) => {
    const time = (at: number): string => new Date(at).toISOString().slice(11, 16);
    return { from: time(now - 60 * minute), to: time(now + ms), zone: 'UTC' };
  };

  it('is told after quiet hours in one message, but not of what is over by then', async () => {
    const ids = await Promise.all(['Field', 'Ministry', 'Archive'].map(used));
    await ws.api.notices.setPreferences({ quietHours: quietUntil(60 * minute) });
    for (const id of ids) becomes(id, 'unreachable');
    await later(minute);
    becomes(ids[2] as string, 'works');
    await later(10 * minute);
    expect(told).toEqual([]);
    expect(await ws.api.notices.list()).toMatchObject({ unread: 3 });
    await later(60 * minute);
    expect(told).toHaveLength(1);
    expect(told[0]).toMatch(/can not be reached, and 1 more \| (Field|Ministry) can not be reached$/);
    await later(60 * minute);
    expect(told).toHaveLength(1);
  });

  it('chooses what is told on which way, and reads the inbox', async () => {
    const id = await used('Field');
    const none = Object.fromEntries(noticeEvents.map((event) => [event, []])) as never;
    await ws.api.notices.setPreferences({ channels: none });
    expect(
      await codeOf(() =>
        ws.api.notices.setPreferences({ channels: { ...(none as object), held: ['email'] } as never }),
      ),
    ).toBe('INPUT_INVALID');
    becomes(id, 'unreachable');
    await later(minute);
    expect(told).toEqual([]);
    const { unread, items } = await ws.api.notices.list();
    expect(unread).toBe(1);
    expect(await ws.api.notices.read({ ids: [items[0]?.id ?? ''] })).toEqual({ unread: 0 });
    expect((await ws.api.notices.list({ onlyOpen: true })).items).toMatchObject([{ isRead: true }]);
    expect(ws.events).toContainEqual({ name: 'store.changed', payload: { entity: 'notices' } });
  });
});

it('each sees what concerns them, reads it for themselves, and no longer what their roles do not show', async () => {
  const words = 'a-long-canary-passphrase';
  const owner = (await ws.api.app.info()).person;
  await ws.api.people.setPassphrase({ id: owner.id, next: words });
  const add = (name: string, role: 'dba' | 'project_admin' | 'analyst') =>
    ws.api.people.create({ name, roles: [role], passphrase: words });
  const [dba, admin, analyst] = [
    await add('Dana', 'dba'),
    await add('Pat', 'project_admin'),
    await add('Ana', 'analyst'),
  ];
  const as = async <T>(personId: string, work: () => Promise<T>): Promise<T> => {
    await ws.api.session.signIn({ personId, passphrase: words });
    try {
      return await work();
    } finally {
      await ws.api.session.signIn({ personId: owner.id, passphrase: words });
    }
  };
  const unread = async () => (await ws.api.notices.list()).unread;
  const id = await used('Field');
  becomes(id, 'unreachable');
  await later(minute);
  // Nothing of a project is read over it yet, so it is a matter of DBAs.
  expect(await as(dba.id, unread)).toBe(1);
  expect(await as(admin.id, unread)).toBe(0);
  expect(await as(analyst.id, unread)).toBe(0);
  expect(await as(dba.id, () => ws.api.notices.readAll())).toEqual({ unread: 0 });
  expect(await unread()).toBe(1);
  // An id that is somebody else's is passed over.
  const [item] = (await ws.api.notices.list()).items;
  await as(analyst.id, () => ws.api.notices.read({ ids: [item?.id ?? ''] }));
  expect(await unread()).toBe(1);
  await ws.api.people.update({ id: dba.id, roles: ['viewer'] });
  expect((await as(dba.id, () => ws.api.notices.list())).items).toEqual([]);
  for (const work of [() => ws.api.notices.channels(), () => hook()])
    expect(await as(admin.id, () => codeOf(work))).toBe('PERMISSION_DENIED');
  // Who comes to it later finds what still goes on.
  await ws.api.people.update({ id: analyst.id, roles: ['dba'] });
  await later(minute);
  expect(await as(analyst.id, unread)).toBe(1);
});

it('on the command line the inbox says what goes on, and is read when that is asked for', async () => {
  const id = await used('Field');
  becomes(id, 'unreachable');
  await later(minute);
  let out = '';
  const screen = {
    write(text: string) {
      out += text;
    },
  };
  const session = { app: ws.app, api: ws.api } as unknown as Parameters<typeof inboxCommand>[0];
  const to = { out: screen, err: screen, json: false, words: englishWords } as unknown as Parameters<
    typeof inboxCommand
  >[2];
  const run = async (all: boolean, read: boolean): Promise<string> => {
    out = '';
    expect(await inboxCommand(session, { all, read }, to)).toBe(0);
    return out;
  };
  expect(await run(false, true)).toMatch(/new +going on +\S+ +Field can not be reached\n1 unread/);
  expect(await run(false, false)).toMatch(/Field can not be reached\n0 unread/);
  becomes(id, 'works');
  await later(2 * minute);
  expect(await run(false, false)).toBe('Nothing is the matter.\n');
  expect(await run(true, false)).toMatch(/over +\S+ +Field works again/);
});

describe('mail', () => {
  const login = { user: 'headgate', password: `mail-${randomUUID()}` };
  const ca = makeCertificate('Office CA', { ca: true });
  const identity = makeCertificate('mail', { names: ['localhost'], issuer: ca });
  const over = (port: number, more: object = {}) =>
    ws.api.notices.setEmail({
      ...{ on: true, host: 'localhost', port, security: 'starttls', from: 'headgate@example.org' },
      ...{ ...login, tlsCa: ca.cert },
      ...more,
    } as Parameters<typeof ws.api.notices.setEmail>[0]);
  const byMail = () =>
    ws.api.notices.setPreferences({
      email: 'ada@example.org',
      channels: Object.fromEntries(noticeEvents.map((event) => [event, ['email']])) as never,
    });

  it('goes over STARTTLS with a certificate that is trusted, and says nothing but names and sentences', async () => {
    await using mailbox = await startMailbox(identity, login);
    const id = await used('Field\r\nBcc: evil@example.org');
    await over(mailbox.port);
    await byMail();
    becomes(id, 'unreachable');
    await later(minute);
    await later(minute);
    expect(mailbox.mails).toMatchObject([
      { from: 'headgate@example.org', to: ['ada@example.org'], secure: true },
    ]);
    const [{ text } = { text: '' }] = mailbox.mails;
    expect(text).toMatch(/^Subject: Headgate: Field Bcc: evil@example.org can not be reached/m);
    expect(text).not.toMatch(/^Bcc:/m);
    expect(text).toMatch(/^Auto-Submitted: auto-generated/m);
    expect(text).toContain('Open Connections to see why');
    expect(told).toEqual([]);
    for (const canary of [login.password, 'a-password', 'db.invalid']) expect(text).not.toContain(canary);
    const out = JSON.stringify([
      ws.logs,
      ws.events,
      await ws.api.audit.list(),
      await ws.api.notices.channels(),
    ]);
    expect(out).not.toContain(login.password);
  });

  it('is in the language of whoever reads it, which a language that they choose for the window changes too', async () => {
    await using mailbox = await startMailbox(identity, login);
    const id = await used('Field');
    await over(mailbox.port);
    await byMail();
    await ws.api.notices.setPreferences({ language: 'fr' });
    /** A mail as it is read: its body is sent as base64 or quoted-printable. */
    const readMail = (text: string): string => {
      const [head = '', ...rest] = text.split('\r\n\r\n');
      const body = rest.join('\r\n\r\n');
      const bytes = /encoding: base64/i.test(head)
        ? Buffer.from(body, 'base64')
        : Buffer.from(
            body
              .replaceAll('=\r\n', '')
              .replace(/=([0-9A-F]{2})/g, (_, hex) => String.fromCharCode(Number.parseInt(hex, 16))),
            'latin1',
          );
      return `${head}\n\n${bytes.toString('utf8')}`;
    };
    const texts = () => mailbox.mails.map(({ text }) => readMail(text));
    becomes(id, 'unreachable');
    await later(minute);
    await later(minute);
    expect(texts()[0]).toMatch(/^Content-Language: fr/m);
    expect(texts()[0]).toContain('Impossible de joindre Field');
    expect(texts()[0]).toContain('Ouvrez Connexions pour voir pourquoi, et que faire.');
    await ws.api.app.setLanguage({ language: 'hi' });
    expect(await ws.api.notices.preferences()).toMatchObject({ language: 'hi' });
    becomes(id, 'works');
    await later(2 * minute);
    await later(minute);
    expect(texts()[1]).toContain('Field फिर काम कर रहा है');
    // Why one was not sent is kept as a sentence, for whoever reads the settings in another language.
    await mailbox[Symbol.asyncDispose]();
    becomes(id, 'unreachable');
    await later(minute);
    await later(minute);
    expect((await ws.api.notices.channels()).email.last).toMatchObject({
      problem: expect.stringContaining('localhost'),
      said: { id: expect.stringMatching(/^notices\./) },
    });
  });

  it('shows its password to nobody without TLS that is trusted', async () => {
    await using open = await startMailbox(identity, login, {
      disabledCommands: ['STARTTLS'],
      allowInsecureAuth: true,
    });
    await byMail();
    await over(open.port);
    expect(await codeOf(() => ws.api.notices.test({ channel: 'email' }))).toBe('NOTICE_NOT_SENT');
    await using false_ = await startMailbox(makeCertificate('mail', { names: ['localhost'] }), login);
    await over(false_.port);
    await expect(ws.api.notices.test({ channel: 'email' })).rejects.toThrow(
      'The certificate of localhost is not trusted here.',
    );
    await using wrongName = await startMailbox(
      makeCertificate('mail', { names: ['other.example.org'], issuer: ca }),
      login,
    );
    await over(wrongName.port);
    expect(await codeOf(() => ws.api.notices.test({ channel: 'email' }))).toBe('NOTICE_NOT_SENT');
    for (const each of [open, false_, wrongName]) expect([each.logins, each.mails]).toEqual([[], []]);
    expect(await codeOf(() => over(25, { host: 'mail.example.org', security: 'none' }))).toBe(
      'NOTICE_ADDRESS',
    );
    // The stored password stays with its server.
    expect(await codeOf(() => over(open.port + 1, { password: undefined }))).toBe('INPUT_INVALID');
  });

  it('says what was the matter with a wrong password', async () => {
    await using mailbox = await startMailbox(identity, login);
    await byMail();
    await over(mailbox.port, { password: 'wrong-canary-1' });
    await expect(ws.api.notices.test({ channel: 'email' })).rejects.toThrow(
      'localhost does not accept this user and password.',
    );
    await over(mailbox.port);
    await ws.api.notices.test({ channel: 'email' });
    expect(mailbox.mails).toHaveLength(1);
    expect(JSON.stringify(ws.logs)).not.toContain('wrong-canary-1');
  });
});

it('a process that is killed between finding something and telling it has it told after the restart, once', async () => {
  const id = await used('Field');
  await hook({ url: `http://hooks.localhost:${listening.port}${path}` });
  await ws[Symbol.asyncDispose]();
  becomes(id, 'unreachable');
  const killed = inProcess(
    `import { openWorkspace } from 'test/support/workspace.ts';
     const ws = await openWorkspace({
       folder: ${JSON.stringify(folder.path)},
       // The message is in the store, and on its way; nothing of it has left.
       lookup: () => process.kill(process.pid, 'SIGKILL'),
     });
     await ws.app.tick();`,
  );
  await expect(killed).rejects.toMatchObject({ signal: 'SIGKILL' });
  expect(listening.received).toEqual([]);
  expect(file.prepare("SELECT state FROM notice_messages WHERE channel = 'webhook'").pluck().all()).toEqual([
    'waiting',
  ]);
  now = Date.now();
  ws = await open();
  await later(2 * minute);
  await later(2 * minute);
  expect(bodies()).toMatchObject([{ notices: [{ event: 'connection_down', connection: 'Field' }] }]);
});
