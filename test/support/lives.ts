import { type ChildProcess, spawn } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { pathToFileURL } from 'node:url';
import { expect } from 'vitest';
import { systemClock } from '../../main/clock.ts';
import { parseMark } from '../../main/engines/postgres/ownership.ts';
import type { Clock } from '../../main/host.ts';
import { osProcesses } from '../../main/os-process.ts';
import type { Job, Link } from '../../preload/contract/models.ts';
import { createHqSimulator, type HqSimulator } from '../simulators/commcare-hq/index.ts';
import { createDatabase, type TestDatabase } from './database.ts';
import { ownerHere } from './one-job.ts';
import { rawDb, temporaryFolder } from './parts.ts';
import { createRole, type TestRole } from './roles.ts';
import { syncWorker } from './sync-worker.ts';
import { openWorkspace, type Workspace } from './workspace.ts';

/* One workspace, two databases, two people and somebody else's tables, for sequences of everything that befalls them. */

interface Profile {
  readonly id: string;
  readonly name: string;
  readonly passphrase: string;
}

/** A schema that carries a mark of the workspace. */
interface Marked {
  readonly database: string;
  readonly schema: string;
  readonly dataset: string;
  readonly role: string;
}

/**
 * A clock that can be set, and goes on from there. Threads that begin afterwards have the same one, where
 * `preload` is loaded before anything else; other processes have the system's, as if it was set back before they began.
 */
function movableClock(folder: string): Clock & { readonly preload: string; shift(ms: number): void } {
  const preload = join(folder, 'clock.mjs');
  let off = 0;
  const shift = (ms: number): void => {
    off += ms;
    writeFileSync(preload, `const real = Date.now;\nDate.now = () => real() + ${off};\n`);
  };
  shift(0);
  return { preload, now: () => systemClock.now() + off, sleep: systemClock.sleep, shift };
}

/** The sync worker of this run, with that clock. */
function workerWith(preload: string, folder: string): URL {
  const file = join(folder, 'worker.mjs');
  writeFileSync(
    file,
    `import ${JSON.stringify(pathToFileURL(preload).href)};\nimport ${JSON.stringify(syncWorker().href)};\n`,
  );
  return pathToFileURL(file);
}

export type World = Awaited<ReturnType<typeof createWorld>>;

/** The world that a sequence of lives changes, with what must be true of it after every step. */
export async function createWorld() {
  const databases: readonly TestDatabase[] = [await createDatabase(), await createDatabase()];
  const [home, other] = databases as [TestDatabase, TestDatabase];
  const sim: HqSimulator = await createHqSimulator({
    domains: [{ name: 'demo', forms: 12, cases: 2, seed: 4 }],
  });
  const sync: TestRole = await createRole(home);
  const ana: TestRole = await createRole(home, '', { prefix: 'ana' });
  for (const role of [sync, ana])
    await other.query(`GRANT CREATE ON DATABASE ${other.database} TO ${role.name}`);
  for (const db of databases) await db.query(`CREATE SCHEMA mine AUTHORIZATION ${ana.name}`);
  const folder = temporaryFolder();
  const clock = movableClock(folder.path);
  const worker = workerWith(clock.preload, folder.path);
  const env = { HEADGATE_PERSON_PASSPHRASE: 'the owner of it all', HEADGATE_PERSON: 'Owner' };
  const open = (): Promise<Workspace> => openWorkspace({ folder: folder.path, clock, syncWorker: worker });
  let ws = await open();
  /** Apps that were dropped without being closed. */
  const dropped: Workspace[] = [];
  const children: ChildProcess[] = [];
  /** Relations of somebody else's: where, and by which name. */
  const foreign: { readonly db: TestDatabase; readonly name: string; readonly drop: string }[] = [];

  const own = (await ws.api.session.state()).person;
  if (own === null) throw new Error('nobody is signed in');
  await ws.api.people.update({ id: own.id, name: env.HEADGATE_PERSON });
  await ws.api.people.setPassphrase({ id: own.id, next: env.HEADGATE_PERSON_PASSPHRASE });
  const owner: Profile = { ...own, name: env.HEADGATE_PERSON, passphrase: env.HEADGATE_PERSON_PASSPHRASE };
  let second: Profile | null = null;
  let present = owner;
  const connections: string[] = [];
  for (const database of [home.database, home.database, other.database])
    connections.push((await ws.api.connections.create(sync.input({ database }))).id);
  const source = await ws.api.sources.create({
    ...{ name: 'HQ', sourceType: 'commcare', baseUrl: sim.url, clientId: 'headgate-desktop' },
    settings: { domain: 'demo' },
  });
  const project = await ws.api.projects.create({ name: 'Project', connectionId: connections[0] ?? '' });
  await ws.api.credentials.signIn({ sourceId: source.id });
  await ws.api.credentials.signIn({ sourceId: source.id, projectId: project.id });

  const signIn = (who: Profile): Promise<unknown> =>
    ws.api.session.signIn({ personId: who.id, passphrase: who.passphrase });
  const as = async (who: Profile): Promise<void> => {
    if (present.id === who.id) return;
    await signIn(who);
    present = who;
  };
  const rows = <T>(sql: string, ...values: unknown[]): T[] => {
    using file = rawDb(join(folder.path, 'headgate.db'));
    return file.prepare(sql).all(...values) as T[];
  };
  const run = (sql: string, ...values: unknown[]): void => {
    using file = rawDb(join(folder.path, 'headgate.db'));
    file.prepare(sql).run(...values);
  };
  const link = async (): Promise<Link | undefined> =>
    (await ws.api.links.list({ projectId: project.id })).find(({ projectId }) => projectId === project.id);
  const databaseOf = (connectionId: string): TestDatabase =>
    connections.indexOf(connectionId) === 2 ? other : home;

  /** Brings the dataset of a link of whoever is signed in to `completed`, as a person would who starts it again. */
  const syncs = async (one: Link): Promise<Job> => {
    sim.faults.clear();
    let last: Job | null = null;
    for (let n = 0; n < 3 && last?.status !== 'completed'; n += 1) {
      const job = await ws.api.syncs.start({ linkId: one.id });
      // It may still wait for an answer that never comes.
      if (ws.app.runningSyncs > 0 && job.status === 'running') {
        await ws.api.syncs.pause({ id: job.id });
        await ws.api.syncs.resume({ id: job.id });
      }
      last = await ws.app.jobEnded(job.id);
    }
    if (last?.status !== 'completed')
      throw new Error(`stuck: ${last?.status} ${JSON.stringify(last?.error ?? last)}`);
    return last;
  };

  const marked = async (): Promise<Marked[]> => {
    const [{ id: workspace } = { id: '' }] = rows<{ id: string }>('SELECT id FROM workspace');
    const found: Marked[] = [];
    for (const { query, database } of databases) {
      const schemas = await query(
        `SELECT nspname, obj_description(oid, 'pg_namespace') AS comment FROM pg_namespace`,
      );
      for (const { nspname, comment } of schemas) {
        const mark = parseMark(comment ?? null);
        if (mark?.workspace !== workspace || mark.role === 'catalogue') continue;
        found.push({ database, schema: nspname ?? '', dataset: mark.dataset, role: mark.role });
      }
    }
    return found;
  };

  return {
    ...{ sim, home, other, sync, ana, owner, project, source, connections, folder: folder.path },
    ...{ as, rows, run, link, syncs, marked, databaseOf, foreign, databases },
    get ws() {
      return ws;
    },
    get second() {
      return second;
    },
    /** The clock of this computer is set; what locks itself by it is opened again. */
    async setClock(byMs: number): Promise<void> {
      clock.shift(byMs);
      await signIn(present);
    },
    async addPerson(): Promise<void> {
      await as(owner);
      const words = { name: 'Ada', passphrase: 'a second one here' };
      const made = await ws.api.people.create({ ...words, roles: ['dba', 'project_admin', 'analyst'] });
      second = { ...made, ...words };
      await as(second);
      await ws.api.credentials.signIn({ sourceId: source.id });
    },
    async removePerson(): Promise<void> {
      if (second === null) return;
      await as(owner);
      await ws.api.people.delete({ id: second.id });
      second = null;
    },
    /** The app is opened anew; the one before is closed, or dropped where it stands. */
    async reopen(close: boolean): Promise<void> {
      if (close) await ws[Symbol.asyncDispose]();
      else dropped.push(ws);
      ws = await open();
      await signIn(present);
    },
    /** The sync of the present link begins and stays at the source's first answer. */
    async reads(one: Link): Promise<Job> {
      sim.faults.add({ match: 'form', kind: 'hang', times: 'always' });
      const before = sim.stats.requests['form'] ?? 0;
      // Not the newest by its time: the clock may have been set back since.
      const known = await ws.api.syncs.list({ limit: 50 });
      const job = await ws.api.syncs.start({ linkId: one.id });
      // It is read already: it was left so by the step before.
      const was = known.find(({ id }) => id === job.id);
      if (was?.status === 'running' && ws.app.runningSyncs > 0) return job;
      const asked = (): string => {
        const now = rows('SELECT * FROM sync_jobs WHERE id = ?', job.id);
        return (sim.stats.requests['form'] ?? 0) > before ? 'asked' : JSON.stringify(now);
      };
      await expect.poll(asked, { timeout: 15_000 }).toBe('asked');
      return job;
    },
    /** A process of its own on the same workspace. */
    child(...args: string[]): ChildProcess & { readonly ended: Promise<string>; said(): string } {
      const child = spawn(
        process.execPath,
        ['--no-warnings', 'main/headless/index.ts', ...args, '--data', folder.path],
        {
          env: { ...process.env, ...env, HEADGATE_KEY_FILE: join(folder.path, 'vault.key') },
          stdio: ['ignore', 'pipe', 'pipe'],
        },
      );
      children.push(child);
      let said = '';
      for (const stream of [child.stdout, child.stderr])
        stream.setEncoding('utf8').on('data', (text: string) => {
          said += text;
        });
      const ended = new Promise<string>((resolve) => {
        child.once('exit', (code) => resolve(code === 0 ? '' : `exit ${code}: ${said}`));
      });
      return Object.assign(child, { ended, said: () => said });
    },
    /** The open job belongs to a process that was killed; another program has its number now. */
    async reusePid(job: Job): Promise<void> {
      await ws.api.syncs.pause({ id: job.id });
      const program = spawn('sleep', ['300']);
      children.push(program);
      const pid = program.pid ?? 0;
      const start = (osProcesses.startOf(pid) ?? 1) - 1;
      run(
        "UPDATE sync_jobs SET status = 'running', paused_by = NULL, owner = ? WHERE id = ? AND finished_at IS NULL",
        ...[JSON.stringify(ownerHere({ pid, start })), job.id],
      );
    },
    /** Does something of which the last step, in the store, never happens: as whatever ends the process just before it. */
    async cutBefore(table: string, work: () => Promise<unknown>): Promise<void> {
      run(`CREATE TRIGGER cut BEFORE DELETE ON ${table} BEGIN SELECT RAISE(ABORT, 'cut off'); END`);
      const failed = await work().then(
        () => false,
        () => true,
      );
      run('DROP TRIGGER cut');
      expect(failed, 'was to be cut off').toBe(true);
    },
    /** What must be true whatever happened. */
    async insist(): Promise<void> {
      const known = rows<{ id: string; schema: string; connection: string }>(
        `SELECT d.id, d.schema_name AS schema, p.connection_id AS connection FROM materialised_datasets d
           JOIN project_data_sources l ON l.id = d.link_id JOIN projects p ON p.id = l.project_id
         UNION ALL SELECT id, schema_name, connection_id FROM kept_schemas`,
      );
      for (const { database, schema, dataset, role } of await marked()) {
        const name = role === 'staging' ? schema.slice(0, -'__staging'.length) : schema;
        const of = known.find(
          (one) =>
            one.id === dataset && one.schema === name && databaseOf(one.connection).database === database,
        );
        if (!of) throw new Error(`nobody knows of ${role} ${schema} of ${dataset} in ${database}`);
      }
      for (const { db, name } of foreign) {
        const [row] = await db.query('SELECT to_regclass($1) AS there', [name]);
        if (row?.['there'] == null) throw new Error(`${name} of ${ana.name} is gone`);
      }
    },
    async [Symbol.asyncDispose](): Promise<void> {
      for (const child of children) child.kill('SIGKILL');
      await Promise.all([ws, ...dropped].map((one) => one[Symbol.asyncDispose]()));
      await wait(0);
      folder[Symbol.dispose]();
      await sim.close();
      for (const db of databases) await db[Symbol.asyncDispose]();
    },
  };
}
