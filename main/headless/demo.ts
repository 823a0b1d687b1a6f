import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { LandedTable, Link } from '../../preload/contract/models.ts';
import { say as sentence } from '../../preload/messages/said.ts';
import { localTarget } from '../engines/engine.ts';
import { withClient } from '../engines/postgres/postgres-client.ts';
import { qualified } from '../engines/postgres/sql.ts';
import { AppError, errorOf } from '../errors.ts';
import { writeOwn } from '../own-file.ts';
import { type EmbeddedPostgres, startEmbeddedPostgres } from '../sample/embedded-postgres.ts';
import { type Login, plainLogin } from '../sample/plain-login.ts';
import { type Console, followJob, reportError, type Session, seconds } from './commands/commands.ts';
import { untilAborted } from './service/signals.ts';
import { table } from './terminal/terminal.ts';

const simulatorStartMs = 20_000;
const domain = 'demo';
const realDomain = 'real-submissions';
const querySeconds = 30;

/** The root of a checkout: the demo's CommCare is the simulator of the tests, run as a process of its own. */
const root = ((): string => {
  // From main/headless/ in the sources, from dist/main/ in the bundle: two folders up either way.
  return join(dirname(fileURLToPath(import.meta.url)), '..', '..');
})();

interface Simulator {
  readonly url: string;
  stop(): void;
}

async function startSimulator(domains: readonly string[]): Promise<Simulator> {
  const script = join(root, 'test', 'simulators', 'commcare-hq', 'serve.ts');
  if (!existsSync(script)) {
    throw new AppError('NOT_FOUND', sentence('command.demoNeedsCheckoutHeadgate'), {
      advice: sentence('command.demoNeedsCheckoutHeadgate.advice'),
    });
  }
  const child: ChildProcess = spawn(
    process.execPath,
    ['--disable-warning=ExperimentalWarning', script, ...domains.flatMap((spec) => ['--domain', spec])],
    { stdio: ['pipe', 'pipe', 'inherit'] },
  );
  const url = await new Promise<string>((resolve, reject) => {
    const timer = setTimeout(
      () => reject(new AppError('INTERNAL', sentence('command.simulatorDidNotStart'))),
      simulatorStartMs,
    );
    let text = '';
    child.stdout?.setEncoding('utf8').on('data', (piece: string) => {
      text += piece;
      const line = text.split('\n')[0];
      if (!text.includes('\n') || line === undefined) return;
      clearTimeout(timer);
      resolve((JSON.parse(line) as { url: string }).url);
    });
    child.once('exit', (code) => {
      clearTimeout(timer);
      reject(new AppError('INTERNAL', sentence('command.simulatorEnded', { code: String(code) })));
    });
  });
  return { url, stop: () => void child.kill('SIGTERM') };
}

/** Where real submissions are, when they are beside the checkout; `HEADGATE_SHARED` says otherwise. */
function realData(): string | null {
  const folder = join(process.env['HEADGATE_SHARED'] ?? join(root, '..', 'shared'), 'data', 'commcare-hq');
  return existsSync(join(folder, 'submissions')) ? folder : null;
}

export interface DemoOptions {
  readonly forms: number;
  readonly cases: number;
  readonly seed: number;
  /** Leaves PostgreSQL and the simulator running until Ctrl-C, so that the window can work with them. */
  readonly keep: boolean;
  readonly dataFolder: string;
  readonly keyFile: string;
  /** What starts this program once more. */
  readonly program: readonly string[];
}

/**
 * From nothing to tables: a PostgreSQL of its own, CommCare HQ's simulator, a workspace made through the calls that
 * the window makes, a sign-in through the real OAuth flow, a sync, and a look at the result.
 */
export async function demo(session: Session, options: DemoOptions, to: Console): Promise<number> {
  const say = (text: string): void => void (to.json || to.out.write(`${text}\n`));
  const real = realData();
  let postgres: EmbeddedPostgres | null = null;
  let simulator: Simulator | null = null;
  try {
    say('Headgate demo: CommCare data into PostgreSQL, from nothing.\n');
    postgres = await startEmbeddedPostgres({ durable: true });
    const login = await plainLogin(postgres, 'postgres', to.signal);
    say(`✓ PostgreSQL on 127.0.0.1:${postgres.port} (ours, removed afterwards)`);
    simulator = await startSimulator([
      `${domain}:forms=${options.forms},cases=${options.cases},seed=${options.seed}`,
      ...(real === null ? [] : [`${realDomain}:real=${real}`]),
    ]);
    say(`✓ A CommCare HQ on ${simulator.url} (simulator)`);

    const links = await makeWorkspace(
      session,
      login,
      simulator.url,
      real === null ? [domain] : [domain, realDomain],
      say,
    );
    const results: unknown[] = [];
    for (const { name, link } of links) {
      const job = await followJob(session, () => session.api.syncs.start({ linkId: link.id }), to);
      if (job.status !== 'completed') {
        if (job.error) throw errorOf(job.error);
        throw new AppError('INTERNAL', sentence('command.syncNotComplete'));
      }
      const records = job.tables.reduce((sum, progress) => sum + progress.fetched, 0);
      say(`✓ Synced “${name}”: ${records.toLocaleString('en')} records in ${seconds(job).toFixed(1)} s`);
      results.push({ name, schema: link.dataset?.schemaName, job });
    }
    say('');
    for (const { name, link } of links) await describe(session, name, link, say);
    const first = links[0]?.link;
    if (first?.dataset) await exampleQuery(session, login, first.dataset, to.signal, say);
    if (to.json) to.out.write(`${JSON.stringify({ ok: true, data: results })}\n`);
    sayHowToOpen(options, say);
    if (options.keep) {
      if (first) await letAgentIn(session, options, first.projectId, say);
      say('Ctrl-C ends PostgreSQL and the simulator.');
      await untilAborted(to.signal);
    }
    return 0;
  } catch (error) {
    return reportError(error, to);
  } finally {
    simulator?.stop();
    await session.app.close();
    await postgres?.stop();
  }
}

async function makeWorkspace(
  session: Session,
  login: Login,
  sourceUrl: string,
  domains: readonly string[],
  say: (text: string) => void,
): Promise<{ name: string; link: Link }[]> {
  const { api } = session;
  const { host, port, user, password } = login;
  const connection = await api.connections.create({
    name: 'Demo PostgreSQL',
    host,
    port,
    database: 'postgres',
    tlsMode: 'disable',
    user,
    password,
  });
  const tested = await api.connections.test({ id: connection.id });
  if (!tested.ok)
    throw tested.error ? errorOf(tested.error) : new AppError('DB_ERROR', sentence('command.testFailed'));
  say(`✓ Connection tested: ${tested.serverVersion}, ${tested.latencyMs} ms`);
  const project = await api.projects.create({ name: 'Demo', connectionId: connection.id });
  const links: { name: string; link: Link }[] = [];
  for (const name of domains) {
    const source = await api.sources.create({
      name: `CommCare ${name}`,
      sourceType: 'commcare',
      baseUrl: sourceUrl,
      clientId: 'headgate-desktop',
    });
    const credential = await api.credentials.signIn({ sourceId: source.id });
    const { scopes } = await api.sources.discover({ id: source.id });
    const space = scopes.find((candidate) => candidate.value === name);
    if (!space)
      throw new AppError('SOURCE_NO_SUCH_SPACE', sentence('command.simulatorNoProjectSpace', { name }));
    await api.sources.update({ id: source.id, settings: { domain: space.value } });
    say(`✓ Signed in as ${credential.account} (OAuth with PKCE), project space “${space.value}”`);
    const link = await api.links.create({
      projectId: project.id,
      sourceId: source.id,
      credentialMode: 'user',
      syncConfig: { datasets: ['forms', 'cases'] },
    });
    links.push({ name, link });
  }
  return links;
}

/** A table's columns are shown up to this width; the rest is only counted. */
const shownWidth = 88;

async function describe(
  session: Session,
  name: string,
  link: Link,
  say: (text: string) => void,
): Promise<void> {
  if (!link.dataset) return;
  const tables = await session.api.datasets.tables({ id: link.dataset.id });
  say(`“${name}” is in the schema ${link.dataset.schemaName}:`);
  const rows = tables.map(({ name: title, rows: n, columns }) => [
    title,
    n.toLocaleString('en'),
    listColumns(columns),
  ]);
  say(`${table(['table', 'rows', 'columns'], rows)}\n`);
}

function listColumns(columns: readonly { name: string; type: string }[]): string {
  let text = '';
  for (const [at, column] of columns.entries()) {
    const next = `${at === 0 ? '' : ', '}${column.name} ${short(column.type)}`;
    if (text.length + next.length > shownWidth) return `${text}, … (${columns.length})`;
    text += next;
  }
  return text;
}

const short = (type: string): string =>
  type === 'timestamp with time zone'
    ? 'timestamptz'
    : type === 'timestamp without time zone'
      ? 'timestamp'
      : type;

/** Answers, answered cases and their types: what an analyst asks first. Null when no form is about a case. */
function exampleSql(schema: string, tables: readonly LandedTable[]): string | null {
  const [form] = tables
    .filter((candidate) => candidate.columns.some((column) => column.name === 'case_case_id'))
    .sort((a, b) => b.rows - a.rows);
  if (!form || !tables.some((candidate) => candidate.name === 'cases')) return null;
  return `SELECT f.form_name, c.case_type, count(*) AS submissions,
       count(DISTINCT c.case_id) AS cases, max(f.received_on)::date AS last_on
FROM ${qualified(schema, 'forms')} f
JOIN ${qualified(schema, form.name)} q ON q.form_id = f.id
JOIN ${qualified(schema, 'cases')} c ON c.case_id = q.case_case_id
GROUP BY 1, 2 ORDER BY 3 DESC LIMIT 6`;
}

async function exampleQuery(
  session: Session,
  login: Login,
  dataset: { id: string; schemaName: string },
  signal: AbortSignal,
  say: (text: string) => void,
): Promise<void> {
  const sql = exampleSql(dataset.schemaName, await session.api.datasets.tables({ id: dataset.id }));
  if (sql === null) return;
  const target = localTarget(login, 'postgres');
  await withClient(target, signal, async (client) => {
    await client.query(`SET statement_timeout = '${querySeconds}s'`);
    const result = await client.query<Record<string, string>>(sql);
    say(`Forms joined with cases:\n\n${sql.replace(/^/gm, '    ')}\n`);
    const header = result.fields.map((field) => field.name);
    const rows = result.rows.map((row) => header.map((column) => row[column] ?? ''));
    say(`${table(header, rows)}\n`);
  });
}

function sayHowToOpen(options: DemoOptions, say: (text: string) => void): void {
  const env = `HEADGATE_DATA=${options.dataFolder} HEADGATE_KEY_FILE=${options.keyFile}`;
  if (options.keep) {
    say(
      `The same workspace in the window, while this runs:\n\n    ${env} npm start        # Electron\n    ${env} npm run preview  # Chromium, where there is no Electron binary\n`,
    );
  } else {
    say(
      'The same workspace in the window: run `npm run demo -- --keep`, which leaves PostgreSQL and the simulator running and prints the command.',
    );
  }
}

/** A grant for an agent, whose token goes to a file beside the workspace, and what clients of MCP are told to start. */
async function letAgentIn(
  session: Session,
  { dataFolder, keyFile, program }: DemoOptions,
  projectId: string,
  say: (text: string) => void,
): Promise<void> {
  const { token, grant } = await session.api.agents.grant({
    ...{ projectId, name: 'demo agent', mayRefresh: true, days: 1 },
  });
  const file = join(dataFolder, 'agent.token');
  await writeOwn(file, `${token}\n`);
  const [command = process.execPath, ...args] = program;
  const headgate = {
    command,
    args: [...args, 'mcp', '--project', grant.projectName, '--token-file', file],
    env: { HEADGATE_DATA: dataFolder, HEADGATE_KEY_FILE: keyFile },
  };
  const snippet = JSON.stringify({ mcpServers: { headgate } }, null, 2);
  say(
    `For an agent on this computer, while this runs (MCP; its token is in ${file}):\n\n${snippet.replace(/^/gm, '    ')}\n`,
  );
}
