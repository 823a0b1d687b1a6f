import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import {
  callCommand,
  type Exit,
  exits,
  reportError,
  startsJob,
  syncCommand,
  worse,
} from '../../main/headless/commands/commands.ts';
import { osProcesses } from '../../main/os-process.ts';
import { type CallName, callNames } from '../../preload/contract/channels.ts';
import { methods } from '../../preload/contract/methods.ts';
import { job, type Link } from '../../preload/contract/models.ts';
import { createHqSimulator, type HqSimulator } from '../simulators/commcare-hq/index.ts';
import { type KeptConsole, keptConsole } from '../support/console.ts';
import { createDatabase, type TestDatabase } from '../support/database.ts';
import { ownerHere } from '../support/one-job.ts';
import { rawDb } from '../support/parts.ts';
import { openWorkspace, setUp, type Workspace } from '../support/workspace.ts';

/* A line of cron looks at the exit code and at nothing else: each is in one table, and each is provoked here. */

let db: TestDatabase;
let sim: HqSimulator;
let ws: Workspace;
let made: Link;
let project: string;

beforeAll(async () => {
  db = await createDatabase();
  sim = await createHqSimulator({ domains: [{ name: 'exits', forms: 60, cases: 2, seed: 4 }] });
  ws = await openWorkspace();
  made = await setUp(ws.api, {
    ...{ postgres: db.postgres, database: db.database, sourceUrl: sim.url, domain: 'exits' },
    ...{ datasets: ['forms'], keepRaw: false },
  });
  project = (await ws.api.projects.list())[0]?.name ?? '';
});
afterAll(async () => {
  await ws[Symbol.asyncDispose]();
  await sim.close();
  await db[Symbol.asyncDispose]();
});
afterEach(() => sim.faults.clear());

/** What the whole program answers, errors included, without starting one. */
const run = (work: Promise<Exit>, to: KeptConsole): Promise<Exit> =>
  work.catch((error: unknown) => reportError(error, to));
const sync = (to = keptConsole(), name = project): Promise<Exit> =>
  run(syncCommand(ws, { project: name, source: undefined, takeOver: undefined }, to), to);
const call = (name: CallName, input: object, to = keptConsole()): Promise<Exit> =>
  run(callCommand(ws, name, JSON.stringify(input), to), to);
const openJob = async () => (await ws.api.datasets.list())[0]?.job ?? null;
/** A sync that stands still at its source. */
async function standing(to = keptConsole()): Promise<{ code: Promise<Exit>; id: string }> {
  sim.faults.add({ match: 'form', kind: 'hang', times: 'always' });
  const before = sim.stats.requests['form'] ?? 0;
  const code = sync(to);
  await expect.poll(() => sim.stats.requests['form'] ?? 0, { timeout: 15_000 }).toBeGreaterThan(before);
  return { code, id: (await openJob())?.id ?? '' };
}
const clear = async (id: string): Promise<unknown> => ws.api.syncs.cancel({ id });

/** How each exit code comes about. */
const provoked: Record<Exit, () => Promise<Exit>> = {
  [exits.done]: () => sync(),
  async [exits.defect]() {
    // Closed under it: what a defect is like.
    const gone = await openWorkspace();
    await gone.app.close();
    const to = keptConsole();
    const code = await run(callCommand(gone, 'projects.list', '{}', to), to);
    expect(to.said.err).toContain('(INTERNAL)');
    return code;
  },
  [exits.usage]: () => sync(keptConsole(), 'no such project'),
  async [exits.config]() {
    sim.domain('exits').refuse('subscription');
    const to = keptConsole();
    const code = await sync(to);
    sim.domain('exits').refuse(null);
    expect(to.said.err).toContain('(SOURCE_FORBIDDEN)');
    return code;
  },
  async [exits.denied]() {
    await using locked = await openWorkspace();
    const [owner] = await locked.api.people.list();
    await locked.api.people.setPassphrase({ id: owner?.id ?? '', next: 'correct horse battery' });
    await locked.api.session.lock();
    const to = keptConsole();
    return run(callCommand(locked, 'projects.list', '{}', to), to);
  },
  async [exits.transient]() {
    const { code, id } = await standing();
    await ws.api.syncs.pause({ id });
    await code;
    const child = runElsewhere(id);
    const to = keptConsole();
    const refused = await call('syncs.pause', { id }, to);
    expect(to.said.err).toContain('(DATASET_BUSY)');
    child.kill('SIGKILL');
    await new Promise((resolve) => child.once('exit', resolve));
    await clear(id);
    return refused;
  },
  async [exits.held]() {
    const domain = sim.domain('exits');
    const most = Array.from({ length: 50 }, (_, at) => domain.id('form', at));
    domain.vanish('form', most);
    const to = keptConsole();
    const code = await sync(to);
    expect(to.said.err).toContain('would shrink from 60 to 10 rows');
    // The printed call publishes it, and ends when it has.
    const [, accept = ''] = /datasets\.accept '(.*)'/.exec(to.said.err) ?? [];
    expect(await call('datasets.accept', JSON.parse(accept))).toBe(exits.done);
    return code;
  },
  async [exits.paused]() {
    const to = keptConsole();
    const { code, id } = await standing(to);
    await ws.api.syncs.pause({ id });
    const ended = await code;
    expect(to.said.err).toContain('paused by a person; what is read stays');
    await clear(id);
    return ended;
  },
  async [exits.unfinished]() {
    const { code, id } = await standing();
    await ws.api.syncs.pause({ id });
    await code;
    const child = runElsewhere(id);
    const stop = new AbortController();
    const to = keptConsole({ signal: stop.signal });
    const waiting = sync(to);
    await expect.poll(() => to.said.err).toContain(`process ${child.pid} on`);
    // Ctrl-C: the sync is another's to cancel, so only the waiting ends.
    stop.abort('SIGINT');
    const ended = await waiting;
    expect(to.said.err).toContain('the sync goes on in another process');
    child.kill('SIGKILL');
    await new Promise((resolve) => child.once('exit', resolve));
    await clear(id);
    return ended;
  },
  async [exits.cancelled]() {
    const stop = new AbortController();
    const { code } = await standing(keptConsole({ signal: stop.signal }));
    stop.abort('SIGINT');
    return code;
  },
};

/** As if another process, which lives, ran this job. */
function runElsewhere(id: string) {
  const child = spawn('sleep', ['60']);
  const pid = child.pid ?? 0;
  const owner = ownerHere({ pid, start: osProcesses.startOf(pid) ?? 0 });
  using file = rawDb(join(ws.folder, 'headgate.db'));
  file
    .prepare("UPDATE sync_jobs SET status = 'running', paused_by = NULL, owner = ? WHERE id = ?")
    .run(JSON.stringify(owner), id);
  return child;
}

/** The table of the README: the numbers in its first column. */
const documented = (): number[] => {
  const readme = readFileSync(join(import.meta.dirname, '../../README.md'), 'utf8');
  const [, table = ''] = /\| Exit code \|.*\n\|[-|]+\|\n((?:\|.*\n)+)/.exec(readme) ?? [];
  return table
    .trim()
    .split('\n')
    .map((line) => Number(line.split('|')[1]));
};

describe('every exit code', () => {
  it('is in the one table of the README, and has a way here', () => {
    const numbers = Object.values(exits).sort((a, b) => a - b);
    expect(documented()).toEqual(numbers);
    expect(Object.keys(provoked).map(Number)).toEqual(numbers);
  });

  it.each(Object.entries(exits))('%s is %i', async (_, code) => {
    expect(await provoked[code]()).toBe(code);
  });
});

it('of several ends the gravest counts, and nothing makes up for what was not published', () => {
  const all = Object.values(exits);
  for (const code of all) expect([worse(exits.done, code), worse(code, exits.done)]).toEqual([code, code]);
  expect(worse(exits.transient, exits.config)).toBe(exits.config);
  expect(worse(exits.paused, exits.defect)).toBe(exits.defect);
});

it('a signal between two sources is not the success of the first', async () => {
  const stop = new AbortController();
  const to = keptConsole({ signal: stop.signal });
  stop.abort('SIGTERM');
  expect(await sync(to)).toBe(exits.paused);
  expect(to.said.err).toContain(`Not begun any more: ${made.sourceName}`);
});

it('every call that answers with a job that goes on is followed to its end', () => {
  const answersJob = callNames.filter((name) => methods[name].output === job);
  // These two have done what was asked when they answer.
  expect(answersJob.filter((name) => !['syncs.pause', 'syncs.cancel'].includes(name)).sort()).toEqual(
    [...startsJob].sort(),
  );
});
