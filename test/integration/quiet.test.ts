import { connect, createServer, type Server, type Socket } from 'node:net';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { createHqSimulator, type HqSimulator } from '../simulators/commcare-hq/index.ts';
import { createDatabase, type TestDatabase } from '../support/database.ts';
import { openWorkspace, setUp, syncToEnd } from '../support/workspace.ts';

/* What others find in their logs: of a sync that went well the server has nothing to tell, and a failure is told once. */

let db: TestDatabase;
let sim: HqSimulator;
let line: Server;
const open = new Set<Socket>();
/** What the server answered, of each session. */
const answers: Buffer[][] = [];

beforeAll(async () => {
  db = await createDatabase();
  sim = await createHqSimulator({ domains: [{ name: 'demo', forms: 60, cases: 5, seed: 2 }] });
  line = createServer((socket) => {
    const server = connect(db.postgres.port, db.postgres.host);
    const said: Buffer[] = [];
    answers.push(said);
    for (const [one, other] of [
      [socket, server],
      [server, socket],
    ] as const)
      open.add(one.on('error', () => other.destroy()).on('close', () => other.destroy()));
    server.on('data', (piece: Buffer) => void said.push(piece));
    server.pipe(socket);
    socket.pipe(server);
  });
  await new Promise<void>((done) => line.listen(0, '127.0.0.1', done));
});
afterAll(async () => {
  for (const socket of open) socket.destroy();
  await new Promise((done) => line.close(done));
  await sim.close();
  await db[Symbol.asyncDispose]();
});

/** Errors and warnings among the answers: the same lines stand in the server's log (protocol, "Error and Notice Message Fields"). */
const complaints = (): string[] =>
  answers.flatMap((said) =>
    [
      ...Buffer.concat(said)
        .toString('latin1')
        .matchAll(/V((?:ERROR|FATAL|PANIC|WARNING)\0C\w{5}\0M[^\0]*)/g),
    ].map(([, text = '']) => text.replaceAll('\0', ' ')),
  );

it('a sync that goes well leaves no error and no warning in the log of the server; one that fails is told once', async () => {
  await using ws = await openWorkspace();
  const { port } = line.address() as { port: number };
  const made = await setUp(ws.api, {
    ...{ postgres: { ...db.postgres, port }, database: db.database, sourceUrl: sim.url, domain: 'demo' },
    datasets: ['forms', 'cases'],
  });
  for (const edited of [[], [1, 2]]) {
    sim.domain('demo').edit('form', edited);
    expect(await syncToEnd(ws, made)).toMatchObject({ status: 'completed' });
  }
  expect(answers.length).toBeGreaterThan(2);
  expect(complaints()).toEqual([]);

  sim.domain('demo').refuse('subscription');
  expect(await syncToEnd(ws, made)).toMatchObject({ status: 'failed' });
  // The thread of it has ended by the time that another one has done its work.
  sim.domain('demo').refuse(null);
  expect(await syncToEnd(ws, made)).toMatchObject({ status: 'completed' });
  const failures = ws.logs
    .join('')
    .split('\n')
    .filter((each) => each.includes('"sync.failed"'));
  expect(failures).toHaveLength(1);
  expect(failures[0]).toContain('SOURCE_FORBIDDEN');
});
