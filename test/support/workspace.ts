import { execFileSync } from 'node:child_process';
import { randomBytes, randomUUID } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { type App, type AppParts, createApp } from '../../main/app.ts';
import { createHeadlessHost, type ProtectorChoice } from '../../main/headless/host.ts';
import type { Clock, Desk, Host } from '../../main/host.ts';
import { scriptedBrowser } from '../../main/sample/consent.ts';
import type { EmbeddedPostgres } from '../../main/sample/embedded-postgres.ts';
import { keyFileProtector } from '../../main/vault/key-file.ts';
import type { EventName } from '../../preload/contract/channels.ts';
import { type Client, createClient } from '../../preload/contract/client.ts';
import type { Job, Link } from '../../preload/contract/models.ts';
import { filesBelow, suiteCanary, writings } from './leaks.ts';
import { quickPlace } from './place.ts';
import { syncWorker } from './sync-worker.ts';

export interface Workspace extends AsyncDisposable {
  readonly app: App;
  readonly api: Client;
  readonly folder: string;
  readonly logs: string[];
  readonly events: { name: EventName; payload: unknown }[];
}

export interface WorkspaceOptions {
  readonly folder?: string;
  readonly protector?: ProtectorChoice;
  readonly openUrl?: (url: string) => Promise<void>;
  /** The file that sync workers start from; this run's own unless given. */
  readonly syncWorker?: URL;
  /** The process's own unless given. */
  readonly env?: Readonly<Record<string, string | undefined>>;
  /** The system's unless given. */
  readonly clock?: Clock;
  /** Runs one sync; in a worker thread unless given. */
  readonly runSync?: AppParts['runSync'];
  /** Finds the addresses that messages go to; the system's unless given. */
  readonly lookup?: AppParts['lookup'];
  /** The addresses of the computer on its networks; the system's unless given. */
  readonly addresses?: Host['addresses'];
  /** The terminal's unless given. */
  readonly desk?: Desk;
  /** The servers of the sample workspace; none unless given. */
  readonly sample?: Host['sample'];
  /** As the window's, which is told less; the command line's unless given. */
  readonly kind?: Host['kind'];
}

/** A client of the contract on an app in this process, or at a place of one. */
export function clientOf(app: Pick<App, 'call' | 'cancel'>): Client {
  return createClient(
    {
      invoke: (name, input, callId) => app.call(name, input, callId),
      cancel: (callId) => app.cancel(callId),
    },
    randomUUID,
  );
}

/**
 * Files of SQLite are read by another program: whoever closes one gives up all locks that the process has on it (POSIX),
 * and another app of this process may have the same folder open.
 */
const contentOf = (file: string): Buffer =>
  /\.db(-\w+)?$/.test(file)
    ? execFileSync('cat', ['--', file], { maxBuffer: 1024 * 1024 * 1024 })
    : readFileSync(file);

/** Fails where a secret that the whole suite works with stands in anything that a workspace wrote. */
function insistOnSilence(workspace: Pick<Workspace, 'folder' | 'logs' | 'events'>): void {
  const canary = process.env[suiteCanary];
  // A benchmark runs without the suite around it.
  if (canary === undefined) return;
  const forms = writings(canary);
  const texts: [string, string | Buffer][] = [
    ...filesBelow(workspace.folder).map((file): [string, Buffer] => [file, contentOf(file)]),
    ['the log', workspace.logs.join('')],
    ['an event', JSON.stringify(workspace.events)],
  ];
  for (const [where, text] of texts)
    if (forms.some((form) => text.includes(form)))
      throw new Error(`the database's password stands in ${where}`);
}

/** A real headless application in a folder of its own, removed afterwards unless the folder was given. */
export async function openWorkspace(options: WorkspaceOptions = {}): Promise<Workspace> {
  const folder = options.folder ?? mkdtempSync(join(quickPlace(), 'headgate-test-'));
  const logs: string[] = [];
  const host = await createHeadlessHost({
    dataFolder: folder,
    version: '0.0.0-test',
    protector: options.protector ?? keyFileProtector(join(folder, 'vault.key'), randomBytes),
    syncWorker: options.syncWorker ?? syncWorker(),
    logSink: { write: (line) => void logs.push(line), recent: (most) => logs.join('').slice(-most) },
    openUrl: options.openUrl ?? scriptedBrowser('allow'),
    ...(options.env ? { env: options.env } : {}),
    ...(options.desk ? { desk: options.desk } : {}),
    ...(options.sample ? { sample: options.sample } : {}),
  });
  const app = await createApp(
    {
      ...host,
      ...(options.clock ? { clock: options.clock } : {}),
      ...(options.kind ? { kind: options.kind } : {}),
      ...(options.addresses ? { addresses: options.addresses } : {}),
    },
    {
      ...(options.runSync ? { runSync: options.runSync } : {}),
      ...(options.lookup ? { lookup: options.lookup } : {}),
    },
  );
  const events: Workspace['events'] = [];
  app.onEvent((name, payload) => void events.push({ name, payload }));
  return {
    app,
    api: clientOf(app),
    folder,
    logs,
    events,
    async [Symbol.asyncDispose]() {
      await app.close();
      insistOnSilence({ folder, logs, events });
      if (options.folder === undefined) rmSync(folder, { recursive: true, force: true });
    },
  };
}

export interface Setup {
  readonly postgres: Pick<EmbeddedPostgres, 'host' | 'port' | 'user' | 'password'>;
  readonly database: string;
  readonly sourceUrl: string;
  readonly domain: string;
  readonly clientId?: string;
  readonly tlsCa?: string;
  readonly keepRaw?: boolean;
  readonly datasets?: string[];
  readonly readerRoles?: string[];
  readonly guards?: boolean;
  /** Whose sign-in it is; the person's unless given. */
  readonly credentialMode?: Link['credentialMode'];
  /** For a target that is a superuser's. */
  readonly superuserReason?: string;
}

/** Connection, source, sign-in, project and link, all through the calls of the contract. */
export async function setUp(api: Client, setup: Setup): Promise<Link> {
  const { host, port, user, password } = setup.postgres;
  const tag = randomUUID().slice(0, 8);
  const connection = await api.connections.create({
    name: `target ${tag}`,
    host,
    port,
    database: setup.database,
    tlsMode: 'disable',
    user,
    password,
    superuserReason: setup.superuserReason ?? '',
  });
  const source = await api.sources.create({
    name: `CommCare ${tag}`,
    sourceType: 'commcare',
    baseUrl: setup.sourceUrl,
    clientId: setup.clientId ?? 'headgate-desktop',
    settings: { domain: setup.domain },
    tlsCa: setup.tlsCa ?? null,
  });
  const project = await api.projects.create({ name: `Project ${tag}`, connectionId: connection.id });
  const credentialMode = setup.credentialMode ?? 'user';
  await api.credentials.signIn({
    sourceId: source.id,
    ...(credentialMode === 'project' ? { projectId: project.id } : {}),
  });
  return api.links.create({
    projectId: project.id,
    sourceId: source.id,
    credentialMode,
    syncConfig: {
      datasets: setup.datasets ?? ['forms', 'cases'],
      keepRaw: setup.keepRaw ?? true,
      readerRoles: setup.readerRoles ?? [],
      guards: setup.guards ?? true,
    },
  });
}

/** Starts a sync and waits for its end. */
export async function syncToEnd(workspace: Pick<Workspace, 'app' | 'api'>, link: Link): Promise<Job> {
  const job = await workspace.api.syncs.start({ linkId: link.id });
  return workspace.app.jobEnded(job.id);
}
