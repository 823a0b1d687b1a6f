import { spawn } from 'node:child_process';
import { randomBytes, randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import manifest from '../../package.json' with { type: 'json' };
import { createClient } from '../../preload/contract/client.ts';
import type { Events } from '../../preload/contract/events.ts';
import type { Method } from '../../preload/contract/method.ts';
import { methods } from '../../preload/contract/methods.ts';
import { type Language, languages } from '../../preload/contract/models.ts';
import { say } from '../../preload/messages/said.ts';
import { type App, createApp } from '../app.ts';
import { systemClock } from '../clock.ts';
import { AppError } from '../errors.ts';
import { createLogger } from '../log.ts';
import { createLogFile } from '../log-file.ts';
import { writeOwn } from '../own-file.ts';
import { joinOwner } from '../owner/client.ts';
import { createRedactor } from '../redact.ts';
import { scriptedBrowser } from '../sample/consent.ts';
import { createSampleServers } from '../sample/servers.ts';
import { protectorFromEnv } from '../vault/from-env.ts';
import { keyFileProtector } from '../vault/key-file.ts';
import type { Words } from '../words.ts';
import { auditCommand } from './commands/audit-command.ts';
import { exportCommand, sealCommand } from './commands/bundle-command.ts';
import {
  type Console,
  callCommand,
  exits,
  reportError,
  type Session,
  searchPathCommand,
  syncCommand,
} from './commands/commands.ts';
import {
  connectionsCommand,
  deletedCommand,
  diagnosticsCommand,
  importCommand,
  testCommand,
} from './commands/dba-commands.ts';
import { dictionaryCommand } from './commands/dictionary-command.ts';
import { healthCommand } from './commands/health-command.ts';
import { inboxCommand } from './commands/inbox-command.ts';
import { mcpCommand } from './commands/mcp-command.ts';
import { proxyCommand } from './commands/proxy-command.ts';
import { queryCommand } from './commands/query-command.ts';
import { signInCommand } from './commands/sign-in-command.ts';
import { vaultCommand } from './commands/vault-commands.ts';
import { demo } from './demo.ts';
import { helpText } from './help.ts';
import {
  createHeadlessHost,
  defaultDataFolder,
  type HeadlessHost,
  type ProtectorChoice,
  terminalWords,
} from './host.ts';
import { agentDesk } from './mcp/agent-desk.ts';
import { createSeating } from './mcp/line.ts';
import { serveAgents, usualPort } from './mcp/serve-agents.ts';
import { serve } from './service/serve.ts';
import { abortOnSignal } from './service/signals.ts';
import { keepAwake, seatFromEnv, signIn } from './sign-in.ts';
import { askHidden } from './terminal/ask.ts';
import { createHeadlessDesk, type SaveTo } from './terminal/desk.ts';
import { secretLines } from './terminal/secret-lines.ts';

const { version } = manifest;
/** Where the package has its PostgreSQL, seen from its command line. */
const packagedPostgres = fileURLToPath(new URL('../../../postgres/', import.meta.url));
const help = helpText(version);

const signInText = (words: Words, url: string): string => `${words.text(say('console.openPage'))}\n  ${url}`;

/** Tells the person the page to open, and opens it where a desktop can. */
async function openInBrowser(words: Words, url: string): Promise<void> {
  process.stderr.write(`${signInText(words, url)}\n`);
  if (!process.stderr.isTTY) return;
  const command = process.platform === 'darwin' ? 'open' : 'xdg-open';
  spawn(command, [url], { stdio: 'ignore', detached: true })
    .once('error', () => {})
    .unref();
}

/** What a command hands out goes to its output, as fast as that takes it. */
const toOutput: SaveTo = async (text) => {
  await pipeline(Readable.from(typeof text === 'string' ? [text] : text), process.stdout, { end: false });
  return null;
};

/** What is removed once it is handed out goes to a file, where it can be known to be on the disk; so do the rows of a query. */
const toFile =
  (file: string | undefined): SaveTo =>
  async (content) => {
    if (file === undefined) throw new AppError('INPUT_INVALID', say('command.sayFileWhereEntries'));
    const path = resolve(file);
    await writeOwn(path, content);
    return path;
  };

const sessionOf = (app: Session['app']): Session => ({
  app,
  api: createClient(
    {
      invoke: (name, input, callId) => app.call(name, input, callId),
      cancel: (callId) => app.cancel(callId),
    },
    randomUUID,
  ),
});

/** `mcp --project NAME`: serves the agent of a token, at whoever owns the workspace, or in this process where nobody does. */
async function serveAgent(folder: string, project: string, values: Values, to: Console): Promise<number> {
  const { language } = to.words.spoken();
  const protector = protectorFromEnv(process.env, randomBytes) ?? 'auto';
  const [desk, clock] = [agentDesk(), systemClock];
  const { signal } = to;
  const seating = createSeating({
    desk,
    join: () => joinOwner({ folder, version, kind: 'agent', desk, clock, signal, random: randomBytes }),
    open: async () => (await openHere(folder, protector, async () => {}, language)).app,
  });
  const { http, origin = [], 'token-file': tokenFile } = values;
  const asked = { project, tokenFile, http, origins: origin };
  await serveAgents({ ...asked, seating, version, env: process.env, process, clock }, to);
  return exits.done;
}

/** Where a command has saved what a window would ask for a file for; undefined for those that save nothing. */
function saveToOf(command: string, first: string | undefined, values: Values): SaveTo | undefined {
  if (command === 'query') return toFile(values.out);
  if (command !== 'audit') return undefined;
  return first === 'trim' ? toFile(values.file) : toOutput;
}

/** Joins whoever owns the workspace, with a seat of this terminal; null where nobody does. */
async function joinSession(
  folder: string,
  saveTo: SaveTo | undefined,
  { signal, words }: Pick<Console, 'signal' | 'words'>,
): Promise<Session | null> {
  const clock = systemClock;
  const log = createLogger({
    sink: createLogFile({ folder, name: 'headgate' }),
    redactor: createRedactor(),
    now: clock.now,
  });
  const desk = createHeadlessDesk({
    ...{ screen: process.stderr, input: process.stdin, clock, log, words, saveTo },
  });
  const joined = await joinOwner({
    ...{ folder, version, kind: 'terminal', desk, clock, signal, random: randomBytes },
  });
  joined?.onEvent((name, payload) => {
    if (name === 'signIn.opened')
      process.stderr.write(`${signInText(words, (payload as Events['signIn.opened']).url)}\n`);
  });
  return joined && sessionOf(joined);
}

async function openHere(
  dataFolder: string,
  protector: ProtectorChoice,
  openUrl: (url: string) => Promise<void>,
  language: Language,
  saveTo?: SaveTo,
): Promise<{ host: HeadlessHost; app: App }> {
  const host = await createHeadlessHost({
    dataFolder,
    version,
    protector,
    // The bundle has the worker beside it; the sources have it in its own folder.
    syncWorker: new URL(
      import.meta.url.endsWith('.ts') ? '../sync/run/worker.ts' : './sync-worker.js',
      import.meta.url,
    ),
    sample: createSampleServers({
      worker: new URL(
        import.meta.url.endsWith('.ts') ? '../../test/simulators/commcare-hq/worker.ts' : './sample-hq.js',
        import.meta.url,
      ),
      // Of the packaged app: `cli/dist/main` has `postgres` three folders up.
      programs: existsSync(packagedPostgres) ? packagedPostgres : undefined,
    }),
    logSink: createLogFile({ folder: dataFolder, name: 'headgate' }),
    openUrl,
    language,
    saveTo,
  });
  return { host, app: await createApp(host) };
}

async function runDemo(values: Record<string, unknown>, to: Console): Promise<number> {
  const number = (name: string, otherwise: number): number => {
    const value = values[name] === undefined ? otherwise : Number(values[name]);
    if (!Number.isInteger(value) || value < 0) throw new RangeError(`--${name} must be a whole number`);
    return value;
  };
  const options = { forms: number('forms', 5000), cases: number('cases', 2000), seed: number('seed', 7) };
  const dataFolder = mkdtempSync(join(tmpdir(), 'headgate-demo-'));
  const keyFile = join(dataFolder, 'vault.key');
  try {
    // A key file of its own: the demo must run where no keychain is, and leave no entry behind where one is.
    const protector = keyFileProtector(keyFile, randomBytes);
    const session = sessionOf(
      (await openHere(dataFolder, protector, scriptedBrowser('allow'), to.words.spoken().language)).app,
    );
    const program = [process.execPath, ...process.argv.slice(1, 2)];
    const kept = { keep: values['keep'] === true, dataFolder, keyFile, program };
    return await demo(session, { ...options, ...kept }, to);
  } finally {
    rmSync(dataFolder, { recursive: true, force: true });
  }
}

async function main(args: string[]): Promise<number> {
  const stop = new AbortController();
  abortOnSignal(process, stop);
  // A reader that went away (`| head`) ends the work in order too, instead of in the middle of a write.
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE') throw error;
    stop.abort();
  });
  let parsed: ReturnType<typeof parse>;
  try {
    parsed = parse(args);
  } catch (error) {
    process.stderr.write(`${(error as Error).message}\n\n${help}`);
    return exits.usage;
  }
  const { values, positionals } = parsed;
  const language = languages.find((each) => each === values.language);
  const words = terminalWords(process.env, () => language ?? 'system');
  if (values.language !== undefined && language === undefined) {
    const text = say('console.noLanguage', { language: values.language, languages: [...languages] });
    process.stderr.write(`${words.text(text)}\n`);
    return exits.usage;
  }
  const to: Console = {
    out: {
      isTTY: process.stdout.isTTY,
      columns: process.stdout.columns,
      write: (text) => process.stdout.write(text),
      async drained() {
        // A reader that went away takes nothing any more.
        await once(process.stdout, 'drain', { signal: stop.signal });
      },
    },
    err: process.stderr,
    json: values.json === true,
    now: () => Date.now(),
    signal: stop.signal,
    words,
  };
  const [command, first] = positionals;
  const spoken = words.spoken().language;
  const inBrowser = (url: string): Promise<void> => openInBrowser(words, url);
  const seat = seatFromEnv(process.env);
  if (values.version) {
    to.out.write(`${version}\n`);
    return 0;
  }
  if (values.help || command === undefined) {
    to.out.write(help);
    return values.help ? 0 : exits.usage;
  }
  try {
    if (command === 'demo') return await runDemo(values, to);
    const folder = typeof values.data === 'string' ? values.data : defaultDataFolder(process.env);
    if (command === 'serve') {
      const protector = protectorFromEnv(process.env, randomBytes) ?? 'auto';
      const open = () => openHere(folder, protector, inBrowser, spoken);
      return await serve({ folder, open, health: values.health, env: process.env, process }, to);
    }
    if (command === 'mcp' && first === undefined) {
      const project = values.project?.at(-1);
      if (project !== undefined) return await serveAgent(folder, project, values, to);
    }
    if (command === 'health')
      return await healthCommand(await joinSession(folder, undefined, to), folder, to);
    const run = commands[command];
    if (!run || (needsArgument.includes(command) && first === undefined)) {
      to.err.write(help);
      return exits.usage;
    }
    // Taken in any case: nothing that is started from here may inherit what is in them.
    const protector = protectorFromEnv(process.env, randomBytes) ?? 'auto';
    // Its answer is what it hands out; what others would have saved needs a dialog.
    const saveTo = saveToOf(command, first, values);
    const session =
      (await joinSession(folder, saveTo, to)) ??
      sessionOf((await openHere(folder, protector, inBrowser, spoken, saveTo)).app);
    const sleep = keepAwake(session);
    try {
      const as = values.as ?? seat.as;
      if (as !== undefined || command !== 'call' || !isOpen(first ?? '')) {
        await signIn(session, {
          as,
          passphrase: async (name) =>
            seat.passphrase ??
            (await askHidden(
              `${words.text(say('console.passphraseOf', { name }))}: `,
              process.stdin,
              process.stderr,
              stop.signal,
            )),
        });
      }
      return await run(session, positionals.slice(1), values, to, seat.passphrase);
    } finally {
      sleep();
      await session.app.close();
    }
  } catch (error) {
    return reportError(error, to);
  }
}

/** `own`: the person's passphrase, where it is in the environment. */
type Run = (
  session: Session,
  args: readonly string[],
  values: Values,
  to: Console,
  own: string | undefined,
) => Promise<number>;
type Values = ReturnType<typeof parse>['values'];

const needsArgument = [
  'sync',
  'sign-in',
  'search-path',
  'dictionary',
  'query',
  'mcp',
  'call',
  'import',
  'audit',
  'vault',
];
/** Commands of a workspace, by name; `demo` brings one of its own. */
const commands: Readonly<Record<string, Run>> = {
  sync: (session, [project = '', source], values, to) =>
    syncCommand(session, { project, source, takeOver: values['take-over'] }, to),
  'sign-in': (session, [source = ''], { user, project }, to) => {
    const ask = secretLines(process.stdin, process.stderr, to);
    return signInCommand(session, source, { user, project: project?.at(-1) }, ask, to);
  },
  export: (session, names, { project, out }, to) =>
    exportCommand(session, names, { projects: project ?? [], out }, to),
  seal: (session, names, { project, 'sign-ins': signIns, for: publicKey, reason, out }, to, own) => {
    const ask = secretLines(process.stdin, process.stderr, to);
    const options = { projects: project ?? [], signIns: signIns === true, publicKey, reason, out, own };
    return sealCommand(session, names, { ...options, passphrase: bundlePassphrase() }, ask, to);
  },
  call: (session, [channel = '', input], _, to) => callCommand(session, channel, input, to),
  'search-path': (session, [project = ''], _, to) => searchPathCommand(session, project, to),
  dictionary: (session, [project = ''], { search, export: format, out }, to) =>
    dictionaryCommand(session, project, { search, export: format, out }, to),
  query: (session, [project = '', sql], { file, format, param, limit, timeout, plan, out }, to) =>
    queryCommand(
      session,
      project,
      sql,
      { file, format, param: param ?? [], limit, timeout, plan: plan === true, out, input: process.stdin },
      to,
    ),
  mcp: (session, [what = '', id], { project, name, refresh, days }, to) =>
    mcpCommand(session, what, { id, project: project?.at(-1), name, refresh: refresh === true, days }, to),
  connections: (session, [search], { deleted }, to) =>
    deleted ? deletedCommand(session, to) : connectionsCommand(session, search, to),
  test: (session, names, _, to) => testCommand(session, names, to),
  import: (session, [kind = '', file], { yes, out }, to) =>
    importCommand(session, kind, file, { yes: yes === true, out, passphrase: bundlePassphrase() }, to),
  inbox: (session, _, { all, read }, to) =>
    inboxCommand(session, { all: all === true, read: read === true }, to),
  diagnostics: (session, _, __, to) => diagnosticsCommand(session, to),
  vault: (session, [what = '', argument], { recovery, protect, file }, to) => {
    const ask = secretLines(process.stdin, process.stderr, to);
    return vaultCommand(session, what, argument, { recovery: recovery === true, protect, file }, ask, to);
  },
  proxy: (session, [what], { user, except }, to) =>
    proxyCommand(session, what, { user, except }, secretLines(process.stdin, process.stderr, to), to),
  audit: (session, [what = '', format], { file, before }, to) =>
    auditCommand(session, what, { format, file, before }, to),
};

/** Taken out of the environment, so that nothing started from here inherits it. */
function bundlePassphrase(): string | undefined {
  const passphrase = process.env['HEADGATE_BUNDLE_PASSPHRASE'];
  delete process.env['HEADGATE_BUNDLE_PASSPHRASE'];
  return passphrase === '' ? undefined : passphrase;
}

/** Calls like `session.state` that are answered without signing in. */
const isOpen = (channel: string): boolean => {
  const known: Readonly<Record<string, Method>> = methods;
  return known[channel]?.open === true;
};

/** `--http` alone means the usual port. */
const withPort = (args: readonly string[]): string[] =>
  args.flatMap((argument, at) =>
    argument === '--http' && !/^\d+$/.test(args[at + 1] ?? '') ? [`--http=${usualPort}`] : [argument],
  );

function parse(args: string[]) {
  return parseArgs({
    args: withPort(args),
    allowPositionals: true,
    options: {
      json: { type: 'boolean' },
      language: { type: 'string' },
      data: { type: 'string' },
      as: { type: 'string' },
      forms: { type: 'string' },
      cases: { type: 'string' },
      seed: { type: 'string' },
      keep: { type: 'boolean' },
      deleted: { type: 'boolean' },
      yes: { type: 'boolean' },
      all: { type: 'boolean' },
      read: { type: 'boolean' },
      recovery: { type: 'boolean' },
      protect: { type: 'string' },
      file: { type: 'string' },
      before: { type: 'string' },
      out: { type: 'string' },
      search: { type: 'string' },
      format: { type: 'string' },
      param: { type: 'string', multiple: true },
      limit: { type: 'string' },
      timeout: { type: 'string' },
      plan: { type: 'boolean' },
      name: { type: 'string' },
      refresh: { type: 'boolean' },
      days: { type: 'string' },
      'token-file': { type: 'string' },
      http: { type: 'string' },
      origin: { type: 'string', multiple: true },
      export: { type: 'string' },
      'take-over': { type: 'string' },
      user: { type: 'string' },
      except: { type: 'string' },
      project: { type: 'string', multiple: true },
      'sign-ins': { type: 'boolean' },
      for: { type: 'string' },
      reason: { type: 'string' },
      health: { type: 'string' },
      help: { type: 'boolean', short: 'h' },
      version: { type: 'boolean' },
    },
  });
}

// Whatever ends this before its time is no success.
process.exitCode = exits.defect;
process.exitCode = await main(process.argv.slice(2));
