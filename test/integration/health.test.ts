import { randomBytes, randomUUID } from 'node:crypto';
import { connect as connectTcp, createServer, type Server, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type App, createApp } from '../../main/app.ts';
import { createHeadlessHost } from '../../main/headless/host.ts';
import { keyFileProtector } from '../../main/vault/key-file.ts';
import type { Client } from '../../preload/contract/client.ts';
import { english } from '../../preload/messages/said.ts';
import { createDatabase, type TestDatabase } from '../support/database.ts';
import { createRole } from '../support/roles.ts';
import { syncWorker } from '../support/sync-worker.ts';
import { clientOf } from '../support/workspace.ts';

/* Connections in use are looked at in the background; a change of state is told once, and so is the recovery. */

let db: TestDatabase;
let app: App;
let api: Client;
let now = Date.now();
const told: string[] = [];
const turns: unknown[] = [];

beforeAll(async () => {
  db = await createDatabase();
  const folder = join(tmpdir(), `headgate-health-${randomUUID()}`);
  const base = await createHeadlessHost({
    dataFolder: folder,
    version: '0',
    protector: keyFileProtector(join(folder, 'vault.key'), randomBytes),
    syncWorker: syncWorker(),
    logSink: { write: () => {} },
    openUrl: async () => {},
  });
  app = await createApp({
    ...base,
    clock: { now: () => now, sleep: (ms, signal) => base.clock.sleep(Math.min(ms, 5), signal) },
    desk: { ...base.desk, notify: (title) => void told.push(english(title)) },
  });
  app.onEvent((name, payload) => {
    if (name === 'connection.changedState') turns.push(payload);
  });
  api = clientOf(app);
});
afterAll(async () => {
  await app.close();
  await db[Symbol.asyncDispose]();
});

/** A way to the database that can be cut and mended. */
function door(port: number) {
  const open = new Set<Socket>();
  let server: Server | null = null;
  let at = 0;
  return {
    async mend(): Promise<number> {
      const made = createServer((socket) => {
        const on = connectTcp(port, '127.0.0.1');
        for (const each of [socket, on]) {
          open.add(each);
          each
            .on('error', () => {})
            .on('close', () => {
              socket.destroy();
              on.destroy();
            });
        }
        socket.pipe(on).pipe(socket);
      });
      server = made;
      await new Promise<void>((done) => made.listen(at, '127.0.0.1', done));
      at = (made.address() as { port: number }).port;
      return at;
    },
    async cut(): Promise<void> {
      for (const socket of open) socket.destroy();
      await new Promise<void>((done) => (server ? server.close(() => done()) : done()));
    },
  };
}

it('writes checks down, tells each change once, also the recovery, and one message when everything is away', async () => {
  const role = await createRole(db);
  const way = door(db.postgres.port);
  const port = await way.mend();
  const made = await Promise.all(
    Array.from({ length: 5 }, (_, index) =>
      api.connections.create(role.input({ name: `Way ${index}`, port })),
    ),
  );
  const [first] = made;
  const id = first?.id as string;
  const state = async () => (await api.connections.get({ id })).health.state;
  const checks = async () => (await api.connections.history({ id })).checks.length;
  await api.projects.create({ name: 'One', connectionId: id });
  /** One round, as a minute of the timetable that is due makes it: until every connection in use was looked at. */
  const round = async (): Promise<void> => {
    now += 6 * 60_000;
    const at = new Date(now).toISOString();
    app.startTimetable();
    const late = async (): Promise<number> => {
      const { items } = await api.connections.list();
      return items.filter(({ usedBy, health }) => usedBy.length > 0 && health.checkedAt !== at).length;
    };
    await expect.poll(late).toBe(0);
    // The next one begins only when this one has told what it found.
    await new Promise((done) => setImmediate(done));
  };

  await round();
  expect(await state()).toBe('works');
  expect((await api.connections.get({ id })).health.latencyMs).toBeGreaterThan(0);
  // The others belong to no project: nobody looks at them.
  expect((await api.connections.get({ id: made[1]?.id as string })).health.state).toBe('unknown');
  expect(told).toEqual([]);

  await db.query(`ALTER ROLE ${role.name} NOLOGIN`);
  await round();
  await round();
  expect(await state()).toBe('fails');
  await expect.poll(() => told.splice(0)).toEqual(['Way 0 refuses to let Headgate in']);
  await db.query(`ALTER ROLE ${role.name} LOGIN`);
  await round();
  await expect.poll(() => told.splice(0)).toEqual(['Way 0 works again']);

  for (const each of made.slice(1))
    await api.projects.create({ name: `P ${each.id}`, connectionId: each.id });
  await round();
  await way.cut();
  await round();
  await expect.poll(() => told.splice(0)).toEqual(['5 connections stopped answering']);
  await round();
  await way.mend();
  await round();
  await expect.poll(() => told.splice(0)).toEqual(['5 connections work again']);
  const { changes } = await api.connections.history({ id });
  expect(changes.map(({ from, to }) => `${from} ${to}`)).toEqual([
    'unreachable works',
    'works unreachable',
    'fails works',
    'works fails',
  ]);
  await expect.poll(() => turns.length).toBe(12);

  await api.policy.set({ healthMinutes: 0 });
  const before = await checks();
  now += 60 * 60_000;
  app.startTimetable();
  await new Promise((done) => setTimeout(done, 150));
  expect(await checks()).toBe(before);
  await way.cut();
});
