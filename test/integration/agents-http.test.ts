import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { request as httpRequest, type IncomingMessage } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { agentDesk } from '../../main/headless/mcp/agent-desk.ts';
import {
  type HttpAgents,
  idleMs,
  mostBody,
  mostSessions,
  openHttpAgents,
} from '../../main/headless/mcp/http-port.ts';
import { createSeating, openLine } from '../../main/headless/mcp/line.ts';
import type { AgentGrant, Link } from '../../preload/contract/models.ts';
import { createHqSimulator, type HqSimulator } from '../simulators/commcare-hq/index.ts';
import { bundleProgram } from '../support/bundle.ts';
import { createDatabase, type TestDatabase } from '../support/database.ts';
import { everythingOf, problemOf } from '../support/every-tool.ts';
import { type OfficialClient, officialByHttp, otherByHttp } from '../support/mcp-clients.ts';
import { type MovedClock, movedClock } from '../support/seat.ts';
import { openWorkspace, setUp, syncToEnd, type Workspace } from '../support/workspace.ts';

/* `headgate mcp --http`: what clients get over Streamable HTTP, and who gets nothing. */

const forms = 40;
let db: TestDatabase;
let sim: HqSimulator;
let ws: Workspace;
let link: Link;
let made: { grant: AgentGrant; token: string };
let folder: string;
const cleanups: (() => unknown)[] = [];

beforeAll(async () => {
  db = await createDatabase();
  folder = mkdtempSync(join(tmpdir(), 'headgate-agents-http-'));
  sim = await createHqSimulator({ domains: [{ name: 'http', forms, cases: 12, seed: 5 }] });
  ws = await openWorkspace({ folder });
  link = await setUp(ws.api, {
    ...{ postgres: db.postgres, database: db.database, sourceUrl: sim.url, domain: 'http' },
  });
  expect(await syncToEnd(ws, link)).toMatchObject({ status: 'completed' });
  const { projectId } = link;
  await ws.api.projects.update({ id: projectId, name: 'Read' });
  made = await ws.api.agents.grant({ projectId, name: 'by http' });
});
afterEach(async () => {
  for (const clean of cleanups.splice(0).reverse()) await clean();
});
afterAll(async () => {
  await ws[Symbol.asyncDispose]();
  await sim.close();
  await db[Symbol.asyncDispose]();
  rmSync(folder, { recursive: true, force: true });
});

/** Agents are served as the command does it, by the workspace of this test. */
async function serving(
  more: { token?: string; origins?: string[]; clock?: MovedClock } = {},
): Promise<HttpAgents> {
  const token = more.token ?? made.token;
  const seating = createSeating({ desk: agentDesk(), join: async () => null, open: async () => ws.app });
  const agents = await openHttpAgents({
    ...{ port: 0, token, origins: more.origins ?? [], version: '1', clock: more.clock ?? movedClock() },
    sit: () => openLine(seating, token),
  });
  cleanups.push(() => agents.close());
  return agents;
}
const client = async (url: string, token = made.token): Promise<OfficialClient> => {
  const found = await officialByHttp(url, token);
  cleanups.push(() => found.client.close());
  return found;
};

interface Sent {
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
  readonly path?: string;
}
const hello = JSON.stringify({
  ...{ jsonrpc: '2.0', id: 1, method: 'initialize' },
  params: { protocolVersion: '2025-06-18', capabilities: {}, clientInfo: { name: 'raw', version: '1' } },
});
/** One request as it is said here, without what a client of HTTP adds. */
async function send(
  url: string,
  sent: Sent,
): Promise<{ status: number; head: IncomingMessage; text: string }> {
  const { port } = new URL(url);
  const { method = 'POST', body = method === 'POST' ? hello : '', path = '/mcp' } = sent;
  const headers = {
    ...{ host: `127.0.0.1:${port}`, authorization: `Bearer ${made.token}` },
    ...{ accept: 'application/json, text/event-stream', 'content-type': 'application/json' },
    ...{ 'content-length': String(Buffer.byteLength(body)), ...sent.headers },
  };
  const asked = httpRequest({
    ...{ host: '127.0.0.1', port, path, method, agent: false, setHost: false },
    // What is empty is left out.
    headers: Object.fromEntries(Object.entries(headers).filter(([, value]) => value !== '')),
  });
  // Who is refused may be cut off while it still sends.
  asked.on('error', () => {});
  asked.end(body);
  const [head] = (await once(asked, 'response')) as [IncomingMessage];
  let text = '';
  for await (const piece of head.setEncoding('utf8')) text += piece;
  return { status: head.statusCode ?? 0, head, text };
}

describe('a client', () => {
  it('of the makers of the protocol gets every tool, and its seat is given free', async () => {
    const agents = await serving();
    const one = await client(agents.url);
    await everythingOf(one, forms);
    expect([agents.sessions, one.unclear]).toEqual([1, []]);
    await one.close();
    await expect.poll(() => agents.sessions).toBe(0);
  });
  it('of another maker gets the same', async () => {
    const agents = await serving();
    const two = await otherByHttp(agents.url, made.token);
    await everythingOf(two, forms);
    await two.close();
    await expect.poll(() => agents.sessions).toBe(0);
  });
  it('ends at the server what it cancels', async () => {
    const agents = await serving();
    const { client: official } = await client(agents.url);
    const stop = new AbortController();
    const counting = official.callTool(
      { name: 'run_sql', arguments: { sql: 'SELECT count(*) FROM generate_series(1, 20000000000)' } },
      undefined,
      { signal: stop.signal },
    );
    counting.catch(() => {});
    const running = async (): Promise<number> =>
      (
        await db.query(`SELECT 1 FROM pg_stat_activity WHERE state = 'active' AND query_start < now() - interval '0.3 s'
          AND backend_type = 'client backend' AND pid <> pg_backend_pid() AND datname = current_database()`)
      ).length;
    await expect.poll(running).toBeGreaterThan(0);
    stop.abort();
    await expect(counting).rejects.toThrow();
    await expect.poll(running).toBe(0);
  });
  it('whose grant was revoked learns so at its next call, and is served no more', async () => {
    const { grant, token } = await ws.api.agents.grant({ projectId: link.projectId, name: 'short' });
    const agents = await serving({ token });
    const one = await client(agents.url, token);
    expect((await one.use('freshness')).isError).toBeFalsy();
    await ws.api.agents.revoke({ id: grant.id });
    expect(problemOf(await one.use('freshness'))).toMatchObject({ code: 'LOCKED' });
    await expect.poll(() => agents.sessions).toBe(0);
    await expect(one.use('freshness')).rejects.toThrow();
    const again = await send(agents.url, { headers: { authorization: `Bearer ${token}` } });
    expect([again.status, again.head.headers['www-authenticate']]).toEqual([401, expect.any(String)]);
  });
  it('is left when it does nothing for long, and not while it listens', async () => {
    const clock = movedClock();
    const agents = await serving({ clock });
    const listening = await client(agents.url);
    const begun = await send(agents.url, {});
    expect(begun.status).toBe(200);
    const id = String(begun.head.headers['mcp-session-id']);
    await expect.poll(() => agents.sessions).toBe(2);
    clock.jump(idleMs + 1);
    const late = await send(agents.url, {
      headers: { 'mcp-session-id': id },
      body: JSON.stringify({ jsonrpc: '2.0', id: 2, method: 'tools/list' }),
    });
    expect([late.status, agents.sessions]).toEqual([404, 1]);
    expect((await listening.tools()).length).toBe(6);
  });
});

describe('is refused', () => {
  let agents: HttpAgents;
  const page = 'http://localhost:6274';
  const statusOf = async (sent: Sent): Promise<number> => (await send(agents.url, sent)).status;
  const opened = (): Promise<void> =>
    serving({ origins: [page] }).then((served) => {
      agents = served;
    });

  it('who comes by another name, from a page, without the token or with another', async () => {
    await opened();
    const { port } = new URL(agents.url);
    const theirs = await ws.api.agents.grant({ projectId: link.projectId, name: 'somebody else' });
    const refused: [string, Sent, number][] = [
      ['a name that leads here', { headers: { host: `evil.example:${port}` } }, 403],
      ['our address at another port', { headers: { host: '127.0.0.1:1' } }, 403],
      ['a page', { headers: { origin: 'https://evil.example' } }, 403],
      ['a page of this computer that was not named', { headers: { origin: 'http://localhost:1234' } }, 403],
      ['a file', { headers: { origin: 'null' } }, 403],
      [
        'a page that asks whether it may',
        { method: 'OPTIONS', headers: { origin: 'https://evil.example' } },
        403,
      ],
      ['no token', { headers: { authorization: '' } }, 401],
      ['a wrong token', { headers: { authorization: 'Bearer headgate_agent_x' } }, 401],
      ['a token that is longer', { headers: { authorization: `Bearer ${made.token}x` } }, 401],
      ['the token by another scheme', { headers: { authorization: `Basic ${made.token}` } }, 401],
      ['somebody else’s grant', { headers: { authorization: `Bearer ${theirs.token}` } }, 401],
      ['another path', { path: '/' }, 404],
      ['another method', { method: 'PUT' }, 405],
      ['a session that is not there', { headers: { 'mcp-session-id': 'x' } }, 404],
      ['a stream without a session', { method: 'GET' }, 400],
      ['what is no message', { body: '{' }, 400],
      ['a call before the session', { body: '{"jsonrpc":"2.0","id":1,"method":"tools/list"}' }, 400],
    ];
    const got: [string, number][] = [];
    for (const [what, sent] of refused) got.push([what, await statusOf(sent)]);
    expect(got).toEqual(refused.map(([what, , status]) => [what, status]));
    expect(agents.sessions).toBe(0);
    const { text, head } = await send(agents.url, { headers: { authorization: `Bearer ${theirs.token}` } });
    expect(`${text}${JSON.stringify(head.headers)}`).not.toContain('headgate_agent_');
  });

  it('what is too much: a huge body, said or not, and one client more', async () => {
    await opened();
    expect(await statusOf({ body: ' '.repeat(mostBody + 1) })).toBe(413);
    const chunked = { 'content-length': '', 'transfer-encoding': 'chunked' };
    expect(await statusOf({ body: ' '.repeat(mostBody + 1), headers: chunked })).toBe(413);
    for (let n = 0; n < mostSessions; n += 1) expect(await statusOf({})).toBe(200);
    await expect.poll(() => agents.sessions).toBe(mostSessions);
    expect(await statusOf({})).toBe(503);
  });

  it('but not the page of this computer that was named', async () => {
    await opened();
    const asked = await send(agents.url, { method: 'OPTIONS', headers: { origin: page, authorization: '' } });
    expect([asked.status, asked.head.headers['access-control-allow-origin']]).toEqual([204, page]);
    const served = await send(agents.url, { headers: { origin: page } });
    expect([served.status, served.head.headers['access-control-allow-origin']]).toEqual([200, page]);
    expect(await statusOf({ headers: { origin: page, authorization: '' } })).toBe(401);
  });
});

describe('the command', () => {
  let program: Awaited<ReturnType<typeof bundleProgram>>;
  beforeAll(async () => {
    program = await bundleProgram('agents-http');
  });
  afterAll(() => program.remove());

  it('says where it is and no token, serves, and ends in order', async () => {
    const file = join(folder, 'agent.token');
    writeFileSync(file, `${made.token}\n`, { mode: 0o600 });
    const args = ['mcp', '--project', 'Read', '--http', '0', '--token-file', file, '--data', folder];
    const child = spawn(process.execPath, [program.file, ...args], {
      env: { ...process.env, HEADGATE_KEY_FILE: join(folder, 'vault.key') },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    cleanups.push(() => child.kill('SIGKILL'));
    const ended = once(child, 'exit');
    const said = { out: '', err: '' };
    child.stdout.setEncoding('utf8').on('data', (text) => (said.out += text));
    child.stderr.setEncoding('utf8').on('data', (text) => (said.err += text));
    const address = /http:\/\/127\.0\.0\.1:\d+\/mcp/;
    await expect.poll(() => said.err, { timeout: 40_000 }).toMatch(address);
    const url = address.exec(said.err)?.[0] ?? '';
    const one = await client(url);
    const sql = 'SELECT count(*) FROM forms';
    expect((await one.use('run_sql', { sql })).structuredContent).toMatchObject({ rows: [[String(forms)]] });
    // With a client there, and its stream open.
    child.kill('SIGINT');
    expect((await ended)[0]).toBe(0);
    expect(said.out).toBe('');
    expect(said.err).not.toContain('headgate_agent_');
    await expect(fetch(url)).rejects.toThrow();
    // Nor is it in any log, of this process or of the command's own.
    const logs = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((name) =>
      /\.log/.test(name),
    );
    expect(ws.logs.length).toBeGreaterThan(0);
    const written = [...ws.logs, ...logs.map((name) => readFileSync(join(folder, name), 'utf8'))].join('');
    expect(written).not.toContain('headgate_agent_');
  });

  it('refuses an address that is none of this computer’s, and a port that is none', async () => {
    const run = async (...more: string[]): Promise<[unknown, string]> => {
      const child = spawn(process.execPath, [program.file, 'mcp', '--project', 'Read', ...more], {
        env: { ...process.env, HEADGATE_DATA: folder, HEADGATE_KEY_FILE: join(folder, 'vault.key') },
        stdio: ['ignore', 'ignore', 'pipe'],
      });
      let err = '';
      child.stderr.setEncoding('utf8').on('data', (text) => (err += text));
      return [(await once(child, 'close'))[0], err];
    };
    const far = await run('--http', '0', '--origin', 'https://evil.example');
    expect(far).toEqual([3, expect.stringContaining('(INPUT_INVALID)')]);
    const none = await run('--http', '70000');
    expect(none).toEqual([3, expect.stringContaining('(INPUT_INVALID)')]);
  });
});
