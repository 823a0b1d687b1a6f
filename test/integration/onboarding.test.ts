import { createServer, type Server, type Socket } from 'node:net';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { ConnectionInput } from '../../preload/contract/models.ts';
import { createDatabase, type TestDatabase } from '../support/database.ts';
import { codeOf, rawDb } from '../support/parts.ts';
import { openWorkspace, type Workspace } from '../support/workspace.ts';

/* How far the first test of a connection came: what moves it, what begins it anew, and what never does. */

let db: TestDatabase;
let ws: Workspace;
/** Takes connections and says nothing. */
let silent: Server;
const waiting: Socket[] = [];
beforeAll(async () => {
  db = await createDatabase();
  ws = await openWorkspace();
  silent = createServer((socket) => void waiting.push(socket.on('error', () => {})));
  await new Promise<void>((done) => silent.listen(0, '127.0.0.1', done));
});
afterAll(async () => {
  for (const socket of waiting) socket.destroy();
  silent.close();
  await ws[Symbol.asyncDispose]();
  await db[Symbol.asyncDispose]();
});

let made = 0;
const input = (more: Partial<ConnectionInput> = {}): ConnectionInput => {
  const { host, port, user, password } = db.postgres;
  made += 1;
  return {
    ...{ name: `c ${made}`, host, port, user, password, database: db.database, tlsMode: 'disable' },
    ...more,
  };
};
const stateOf = async (id: string): Promise<string> => (await ws.api.connections.get({ id })).onboarding;
const countOf = async (onboarding: 'not_started' | 'completed' | 'failed'): Promise<number> =>
  (await ws.api.connections.list({ onboarding })).total;

it('follows the first test, and stays completed whatever later ones find', async () => {
  const { id } = await ws.api.connections.create(input({ password: 'wrong' }));
  expect(await stateOf(id)).toBe('not_started');
  expect(await countOf('not_started')).toBe(1);
  expect((await ws.api.connections.test({ id })).ok).toBe(false);
  expect(await stateOf(id)).toBe('failed');
  expect(await countOf('failed')).toBe(1);
  // Another password leads to the same place.
  await ws.api.connections.update({ id, password: db.postgres.password });
  expect(await stateOf(id)).toBe('failed');
  expect((await ws.api.connections.test({ id })).ok).toBe(true);
  expect(await stateOf(id)).toBe('completed');
  await ws.api.connections.update({ id, password: 'wrong' });
  expect((await ws.api.connections.test({ id })).ok).toBe(false);
  expect(await stateOf(id)).toBe('completed');
  expect(await countOf('completed')).toBe(1);
});

it('begins anew where it leads elsewhere, and not for a name or a limit', async () => {
  const { id } = await ws.api.connections.create(input());
  await ws.api.connections.test({ id });
  await ws.api.connections.update({ id, name: 'renamed', tags: ['x'], readOnly: true });
  expect(await stateOf(id)).toBe('completed');
  await ws.api.connections.update({ id, database: 'another' });
  expect(await stateOf(id)).toBe('not_started');
});

it('is in progress while the test runs, and as before when that is cancelled or cut off', async () => {
  const { port } = silent.address() as { port: number };
  const { id } = await ws.api.connections.create(input({ host: '127.0.0.1', port }));
  const ends = new AbortController();
  const testing = codeOf(() => ws.api.connections.test({ id }, { signal: ends.signal }));
  await expect.poll(() => stateOf(id)).toBe('in_progress');
  ends.abort();
  expect(await testing).toBe('CANCELLED');
  expect(await stateOf(id)).toBe('not_started');
  {
    using store = rawDb(`${ws.folder}/headgate.db`);
    store.prepare("UPDATE database_connections SET onboarding = 'in_progress' WHERE id = ?").run(id);
  }
  // The next process finds it as one that was cut off left it.
  await using again = await openWorkspace({ folder: ws.folder });
  expect((await again.api.connections.get({ id })).onboarding).toBe('not_started');
});

it('is not moved by a test that could not begin, nor by a copy', async () => {
  const { id } = await ws.api.connections.create(input({ state: 'disabled' }));
  expect(await codeOf(() => ws.api.connections.test({ id }))).toBe('CONNECTION_OFF');
  expect(await stateOf(id)).toBe('not_started');
  const from = await ws.api.connections.create(input());
  await ws.api.connections.test({ id: from.id });
  const copy = await ws.api.connections.duplicate({ id: from.id, name: 'copy of it' });
  expect(copy.onboarding).toBe('not_started');
});
