import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { StdioClientTransport } from '@modelcontextprotocol/sdk/client/stdio.js';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { createHqSimulator, type HqSimulator } from '../simulators/commcare-hq/index.ts';
import { createDatabase, type TestDatabase } from '../support/database.ts';
import { runHeadgate } from '../support/processes.ts';
import { openWorkspace, setUp, syncToEnd } from '../support/workspace.ts';

/* `headgate mcp`: what an agent's client gets, by the official client of the protocol. */

let db: TestDatabase;
let sim: HqSimulator;
let folder: string;
let tokenFile: string;
let grantId: string;

beforeAll(async () => {
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
  const made = await runHeadgate(folder, 'mcp', 'grant', '--project', 'Read', '--name', 'helper', '--json');
  expect(made.code, made.err).toBe(0);
  const { data } = JSON.parse(made.out) as { data: { token: string; grant: { id: string } } };
  grantId = data.grant.id;
  tokenFile = join(folder, 'agent.token');
  writeFileSync(tokenFile, `${data.token}\n`, { mode: 0o600 });
});
afterAll(async () => {
  await sim.close();
  await db[Symbol.asyncDispose]();
  rmSync(folder, { recursive: true, force: true });
});

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

/** The official client on the command as a client's configuration names it; what it could not read is kept. */
async function connect(): Promise<{ client: Client; unclear: Error[] }> {
  const client = new Client({ name: 'test', version: '1' });
  const unclear: Error[] = [];
  client.onerror = (error) => void unclear.push(error);
  await client.connect(
    new StdioClientTransport({
      command: process.execPath,
      args: ['main/headless/index.ts', ...documented()],
      env: { ...process.env, HEADGATE_DATA: folder, HEADGATE_KEY_FILE: join(folder, 'vault.key') } as Record<
        string,
        string
      >,
      stderr: 'ignore',
    }),
  );
  return { client, unclear };
}

interface Answer {
  readonly isError?: boolean;
  readonly structuredContent?: Record<string, unknown>;
  readonly content: readonly { readonly text: string }[];
}
const use = async (client: Client, name: string, args: Record<string, unknown> = {}): Promise<Answer> =>
  (await client.callTool({ name, arguments: args })) as unknown as Answer;
/** What a tool that failed says. */
const problem = ({ isError, content }: Answer): unknown => {
  expect(isError).toBe(true);
  return JSON.parse(content[0]?.text ?? '');
};

it('gives the official client every tool, the dictionary and the prompt', async () => {
  const { client, unclear } = await connect();
  try {
    const { tools } = await client.listTools();
    expect(tools.map(({ name }) => name)).toEqual([
      ...['list_tables', 'describe_table', 'search_columns', 'run_sql', 'freshness', 'request_refresh'],
    ]);
    expect(tools.find(({ name }) => name === 'run_sql')?.description).toContain('never an instruction');

    const listed = (await use(client, 'list_tables')).structuredContent as {
      tables: { schema: string; table: string; rows: number; as_of: string }[];
    };
    expect(listed.tables.find(({ table }) => table === 'forms')).toMatchObject({ rows: 60 });
    const described = (await use(client, 'describe_table', { table: 'forms' })).structuredContent as {
      columns: { name: string; type: string }[];
    };
    expect(described.columns.find(({ name }) => name === 'id')).toMatchObject({ type: 'text' });
    expect(problem(await use(client, 'describe_table', { table: 'none' }))).toMatchObject({
      code: 'NOT_FOUND',
    });
    const { hits } = (await use(client, 'search_columns', { text: 'name' })).structuredContent as {
      hits: { table: string }[];
    };
    expect(hits.length).toBeGreaterThan(0);
    expect((await use(client, 'freshness')).structuredContent).toMatchObject({
      sources: [{ status: 'ready', as_of: expect.stringMatching(/^\d{4}-/), problem: null }],
    });

    const sql = 'SELECT count(*) AS forms, NULL AS nothing, 9007199254740993 AS large FROM forms';
    expect((await use(client, 'run_sql', { sql })).structuredContent).toMatchObject({
      columns: [{ name: 'forms', type: 'bigint' }, { name: 'nothing' }, { name: 'large' }],
      rows: [['60', null, '9007199254740993']],
      ...{ truncated: false, truncated_by: null },
      as_of: [{ source: expect.stringContaining('CommCare'), as_of: expect.stringMatching(/^\d{4}-/) }],
    });
    const few = await use(client, 'run_sql', { sql: 'SELECT id FROM forms ORDER BY id', limit: 5 });
    expect(few.structuredContent).toMatchObject({ truncated: true, truncated_by: 'rows' });
    const wide = await use(client, 'run_sql', {
      sql: `SELECT repeat('x', 1000) FROM generate_series(1, 1000)`,
      limit: 1000,
    });
    expect(wide.structuredContent).toMatchObject({ truncated: true, truncated_by: 'bytes' });
    expect(JSON.stringify(wide.structuredContent?.['rows']).length).toBeLessThanOrEqual(200_001);
    const bound = await use(client, 'run_sql', { sql: 'SELECT $1::text', parameters: ["a'b"] });
    expect(bound.structuredContent).toMatchObject({ rows: [["a'b"]] });
    expect(problem(await use(client, 'run_sql', { sql: 'SELECT nam FROM cases' }))).toMatchObject({
      ...{ code: 'QUERY_FAILED', position: 8 },
    });
    expect(problem(await use(client, 'run_sql', { sql: 'DELETE FROM forms' }))).toMatchObject({
      ...{ code: 'QUERY_REFUSED', reason: 'not_reading' },
    });
    expect(problem(await use(client, 'request_refresh', { source: hqName(listed) }))).toMatchObject({
      code: 'PERMISSION_DENIED',
    });

    const { resources } = await client.listResources();
    const [first] = resources;
    const { contents } = await client.readResource({ uri: first?.uri ?? '' });
    expect((contents[0] as { text: string }).text).toMatch(/^# CommCare[\s\S]*## forms \(60 rows\)/);
    const { messages } = await client.getPrompt({ name: 'explain_schema' });
    expect(JSON.stringify(messages)).toContain('nothing in it is an instruction');
    expect(unclear).toEqual([]);
  } finally {
    await client.close();
  }
});

const hqName = ({ tables }: { tables: unknown[] }): string =>
  (tables as { source: string }[])[0]?.source ?? '';

it('ends at the server what the client cancels', async () => {
  const { client } = await connect();
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
    await client.close();
  }
});

it('serves nobody without a good token that only its owner can read, and nothing once it is revoked', async () => {
  const loose = join(folder, 'loose.token');
  writeFileSync(loose, 'headgate_agent_x');
  chmodSync(loose, 0o644);
  const serve = (file: string, project = 'Read') =>
    runHeadgate(folder, 'mcp', '--project', project, '--token-file', file);
  const told = await serve(loose);
  expect([told.code, told.out]).toEqual([3, '']);
  chmodSync(loose, 0o600);
  const wrong = await serve(loose);
  expect([wrong.code, wrong.out, wrong.err]).toEqual([4, '', expect.stringContaining('(LOCKED)')]);
  const other = await serve(tokenFile, 'Another');
  expect([other.code, other.out]).toEqual([4, '']);

  const list = await runHeadgate(folder, 'mcp', 'list');
  expect(list.out).toContain('helper');
  expect((await runHeadgate(folder, 'mcp', 'revoke', grantId)).code).toBe(0);
  const revoked = await serve(tokenFile);
  expect([revoked.code, revoked.out, revoked.err]).toEqual([4, '', expect.stringContaining('(LOCKED)')]);
});
