import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { createHqSimulator, type HqSimulator } from '../simulators/commcare-hq/index.ts';
import { bundleProgram } from '../support/bundle.ts';
import { createDatabase, type TestDatabase } from '../support/database.ts';
import { everythingOf, problemOf } from '../support/every-tool.ts';
import { officialByStdio, otherByStdio } from '../support/mcp-clients.ts';
import { runBundled } from '../support/processes.ts';
import { openWorkspace, setUp, syncToEnd } from '../support/workspace.ts';

/* `headgate mcp`: what an agent's client gets, by the clients of two makers. */

let db: TestDatabase;
let sim: HqSimulator;
let folder: string;
let tokenFile: string;
let grantId: string;
let program: Awaited<ReturnType<typeof bundleProgram>>;

beforeAll(async () => {
  program = await bundleProgram('agents');
  db = await createDatabase();
  folder = mkdtempSync(join(tmpdir(), 'headgate-agents-'));
  sim = await createHqSimulator({ domains: [{ name: 'agents', forms: 60, cases: 20, seed: 4 }] });
  const ws = await openWorkspace({ folder });
  const link = await setUp(ws.api, {
    ...{ postgres: db.postgres, database: db.database, sourceUrl: sim.url, domain: 'agents' },
  });
  expect(await syncToEnd(ws, link)).toMatchObject({ status: 'completed' });
  const [project] = await ws.api.projects.list();
  await ws.api.projects.update({ id: project?.id ?? '', name: 'Read' });
  await ws[Symbol.asyncDispose]();
  const made = await headgate('mcp', 'grant', '--project', 'Read', '--name', 'helper', '--json');
  expect(made.code, made.err).toBe(0);
  const { data } = JSON.parse(made.out) as { data: { token: string; grant: { id: string } } };
  grantId = data.grant.id;
  tokenFile = join(folder, 'agent.token');
  writeFileSync(tokenFile, `${data.token}\n`, { mode: 0o600 });
});
afterAll(async () => {
  program.remove();
  await sim.close();
  await db[Symbol.asyncDispose]();
  rmSync(folder, { recursive: true, force: true });
});

const headgate = (...args: string[]) => runBundled(program.file, folder, ...args);

/** What the README tells a client to start, with this workspace's names in the place of the example's. */
const documented = (): string[] => {
  const [, snippet = ''] =
    /```json\n(\{\s*"mcpServers"[\s\S]*?)```/.exec(readFileSync('README.md', 'utf8')) ?? [];
  const { headgate } = (
    JSON.parse(snippet) as { mcpServers: { headgate: { command: string; args: string[] } } }
  ).mcpServers;
  expect(headgate.command).toBe('headgate');
  const names: Readonly<Record<string, string>> = {
    'My project': 'Read',
    '/home/me/.headgate-agent': tokenFile,
  };
  return headgate.args.map((argument) => names[argument] ?? argument);
};

/** What a client starts by its configuration; bundled, as it is installed, on this workspace. */
const start = () => ({
  command: process.execPath,
  args: [program.file, ...documented()],
  env: { ...process.env, HEADGATE_DATA: folder, HEADGATE_KEY_FILE: join(folder, 'vault.key') } as Record<
    string,
    string
  >,
});

it('gives the official client every tool, the dictionary and the prompt', async () => {
  const client = await officialByStdio(start());
  try {
    await everythingOf(client, 60);
    expect(client.unclear).toEqual([]);
  } finally {
    await client.close();
  }
});

it('gives the client of another maker the same', async () => {
  const client = await otherByStdio(start());
  try {
    await everythingOf(client, 60);
  } finally {
    await client.close();
  }
});

it('ends at the server what the client cancels', async () => {
  const { client, close } = await officialByStdio(start());
  try {
    const stop = new AbortController();
    const sleeping = client.callTool(
      { name: 'run_sql', arguments: { sql: 'SELECT count(*) FROM generate_series(1, 20000000000)' } },
      undefined,
      { signal: stop.signal },
    );
    const running = async (): Promise<number> =>
      (
        await db.query(`SELECT 1 FROM pg_stat_activity WHERE state = 'active' AND query_start < now() - interval '0.3 s'
          AND backend_type = 'client backend' AND pid <> pg_backend_pid() AND datname = current_database()`)
      ).length;
    await expect.poll(running, { timeout: 20_000 }).toBeGreaterThan(0);
    stop.abort();
    await expect(sleeping).rejects.toThrow();
    await expect.poll(running, { timeout: 10_000 }).toBe(0);
  } finally {
    await close();
  }
});

it('is told when the Headgate that it reads through is killed, and goes on without it', async () => {
  const serve = spawn(process.execPath, [program.file, 'serve', '--data', folder], {
    env: { ...process.env, HEADGATE_KEY_FILE: join(folder, 'vault.key') },
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  let said = '';
  serve.stderr.setEncoding('utf8').on('data', (text) => (said += text));
  const ended = once(serve, 'exit');
  try {
    await expect.poll(() => said, { timeout: 30_000 }).toContain('keeps its timetable');
    const client = await officialByStdio(start());
    try {
      const counting = client.use('run_sql', { sql: 'SELECT count(*) FROM generate_series(1, 20000000000)' });
      const running = async (): Promise<number> =>
        (
          await db.query(`SELECT 1 FROM pg_stat_activity WHERE state = 'active' AND query_start < now() - interval '0.3 s'
            AND backend_type = 'client backend' AND pid <> pg_backend_pid() AND datname = current_database()`)
        ).length;
      await expect.poll(running).toBeGreaterThan(0);
      serve.kill('SIGKILL');
      expect(problemOf(await counting)).toMatchObject({ code: 'OWNER_UNREACHABLE' });
      await ended;
      expect((await client.use('freshness')).structuredContent).toMatchObject({ sources: [{}] });
      expect(client.unclear).toEqual([]);
    } finally {
      await client.close();
    }
  } finally {
    serve.kill('SIGKILL');
    // What the killed one asked goes on at the server until it notices.
    await db.query(`SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database()
      AND pid <> pg_backend_pid() AND query LIKE 'FETCH%'`);
  }
});

it('serves nobody without a good token that only its owner can read, and nothing once it is revoked', async () => {
  const loose = join(folder, 'loose.token');
  writeFileSync(loose, 'headgate_agent_x');
  chmodSync(loose, 0o644);
  const serve = (file: string, project = 'Read') =>
    headgate('mcp', '--project', project, '--token-file', file);
  const told = await serve(loose);
  expect([told.code, told.out]).toEqual([3, '']);
  chmodSync(loose, 0o600);
  const wrong = await serve(loose);
  expect([wrong.code, wrong.out, wrong.err]).toEqual([4, '', expect.stringContaining('(LOCKED)')]);
  const other = await serve(tokenFile, 'Another');
  expect([other.code, other.out]).toEqual([4, '']);

  const list = await headgate('mcp', 'list');
  expect(list.out).toContain('helper');
  expect((await headgate('mcp', 'revoke', grantId)).code).toBe(0);
  const revoked = await serve(tokenFile);
  expect([revoked.code, revoked.out, revoked.err]).toEqual([4, '', expect.stringContaining('(LOCKED)')]);
});
