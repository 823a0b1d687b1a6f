import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { StdioClientTransport } from '@modelcontextprotocol/sdk/client/stdio.js';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { bundle } from '../support/bundle.ts';

/* An agent session from nothing: the demo, what it prints for clients of MCP, and an answer out of two tables. */

// Two folders below the checkout, as what is built lies: the demo finds its simulator from there.
const folder = join(import.meta.dirname, '../..', 'node_modules', `.headgate-agent-demo-${process.pid}`);
let demo: ChildProcess | null = null;
beforeAll(async () => {
  mkdirSync(folder, { recursive: true });
  await bundle({ headgate: 'main/headless/index.ts', 'sync-worker': 'main/sync/run/worker.ts' }, folder);
});
afterAll(() => {
  demo?.kill('SIGKILL');
  rmSync(folder, { recursive: true, force: true });
});

interface Printed {
  readonly command: string;
  readonly args: string[];
  readonly env: Record<string, string>;
}
/** The configuration in what the demo has printed so far; null until it is whole. */
function printed(text: string): Printed | null {
  const [snippet] = /^ {4}\{\n {6}"mcpServers"[\s\S]*?^ {4}\}$/m.exec(text) ?? [];
  if (snippet === undefined) return null;
  return (JSON.parse(snippet) as { mcpServers: { headgate: Printed } }).mcpServers.headgate;
}
interface Listed {
  readonly schema: string;
  readonly table: string;
  readonly rows: number;
  readonly columns: number;
}

it('goes from nothing to an answer out of two tables, by exactly the command that the demo prints', async () => {
  const child = spawn(
    process.execPath,
    [join(folder, 'headgate.js'), 'demo', '--keep', '--forms', '80', '--cases', '30'],
    {
      stdio: ['ignore', 'pipe', 'pipe'],
      // Without real submissions, wherever the tests run.
      env: { ...process.env, HEADGATE_SHARED: '/nonexistent' },
    },
  );
  demo = child;
  const ended = new Promise<number | null>((resolve) => child.once('exit', resolve));
  let said = '';
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding('utf8').on('data', (piece: string) => (said += piece));
  const isReady = () => child.exitCode !== null || said.includes('Ctrl-C ends PostgreSQL');
  await expect.poll(isReady, { timeout: 120_000 }).toBe(true);
  const start = printed(said);
  if (start === null) throw new Error(`nothing was printed for an agent:\n${said}`);

  const tokenFile = start.args.at(-1) ?? '';
  expect(statSync(tokenFile).mode & 0o777).toBe(0o600);
  const token = readFileSync(tokenFile, 'utf8').trim();
  expect(token).toMatch(/^headgate_agent_[\w-]{43}$/);
  expect(said).toContain(tokenFile);
  expect(said).not.toContain('headgate_agent_');
  expect(said).not.toContain(readFileSync(start.env['HEADGATE_KEY_FILE'] ?? '', 'utf8').trim());

  const client = new Client({ name: 'from nothing', version: '1' });
  await client.connect(new StdioClientTransport({ ...start, stderr: 'ignore' }));
  const use = async (name: string, args: Record<string, unknown> = {}) => {
    const { isError, structuredContent, content } = await client.callTool({ name, arguments: args });
    expect(isError, JSON.stringify(content)).toBeFalsy();
    return structuredContent as never;
  };
  try {
    const { tables } = (await use('list_tables')) as { tables: Listed[] };
    const cases = tables.find(({ table }) => table === 'cases');
    expect(cases).toMatchObject({ rows: 30 });
    expect(tables.find(({ table }) => table === 'forms')).toMatchObject({ rows: 80 });
    const columnsOf = async ({ table, schema }: Listed): Promise<string[]> =>
      ((await use('describe_table', { table, schema })) as { columns: { name: string }[] }).columns.map(
        ({ name }) => name,
      );
    expect(await columnsOf(cases as Listed)).toContain('case_id');
    // The first table of a form whose columns say that it is about a case.
    let about: Listed | undefined;
    for (const table of tables.filter((each) => !['cases', 'forms'].includes(each.table)))
      if ((await columnsOf(table)).includes('case_case_id')) about ??= table;
    if (about === undefined) throw new Error('no form is about a case');
    const joined = (await use('run_sql', {
      sql: `SELECT c.case_type, count(*) AS submissions, count(DISTINCT c.case_id) AS cases
        FROM "${about.schema}"."${about.table}" f JOIN "${about.schema}".cases c ON c.case_id = f.case_case_id
        GROUP BY 1 ORDER BY 2 DESC, 1`,
    })) as { columns: { name: string }[]; rows: string[][]; truncated: boolean };
    expect(joined.columns.map(({ name }) => name)).toEqual(['case_type', 'submissions', 'cases']);
    expect(joined.truncated).toBe(false);
    expect(joined.rows.length).toBeGreaterThan(0);
    const sum = joined.rows.reduce((total, [, submissions]) => total + Number(submissions), 0);
    expect(sum).toBeGreaterThan(0);
    expect(sum).toBeLessThanOrEqual(about.rows);
  } finally {
    await client.close();
  }
  child.kill('SIGINT');
  expect(await ended).toBe(0);
  // With the demo goes everything that it made.
  expect(existsSync(tokenFile)).toBe(false);
}, 180_000);
