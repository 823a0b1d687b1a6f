import { setImmediate as turn, setTimeout as wait } from 'node:timers/promises';
import { DateTime } from 'luxon';
import { systemClock } from '../../main/clock.ts';
import { AppError } from '../../main/errors.ts';
import type { Outcome } from '../../main/sync/job/thread.ts';
import { runSync } from '../../main/sync/run/run.ts';
import type { RunResult, RunSpec } from '../../main/sync/run-spec.ts';
import type { Credential, Dataset, Link, Schedule } from '../../preload/contract/models.ts';
import { plain } from '../../preload/contract/said.ts';
import type { HqSimulator } from '../simulators/commcare-hq/index.ts';
import type { TestDatabase } from './database.ts';
import { directExchange } from './exchanges.ts';
import { keptLog } from './parts.ts';
import { seeded } from './random.ts';
import type { MovedClock } from './seat.ts';
import { openWorkspace, type Workspace } from './workspace.ts';

/* Computers whose time a test moves, and what each of their syncs came to. */

const minute = 60_000;
const hour = 60 * minute;
const day = 24 * hour;

interface Run {
  readonly machine: string;
  readonly jobId: string;
  readonly datasetId: string;
  readonly at: number;
  readonly kind: Outcome['kind'];
}

export interface World extends AsyncDisposable {
  readonly clock: MovedClock;
  readonly db: TestDatabase;
  readonly sim: HqSimulator;
  /** Datasets whose source answers with nothing but errors for now. */
  readonly broken: Set<string>;
  readonly overlaps: string[];
  readonly mostAtOnce: number;
  readonly open: (name: string) => Promise<Workspace>;
  readonly runsOf: (datasetId: string) => readonly Run[];
  readonly runs: readonly Run[];
  /** Every computer's timetable is looked at once, and so much time passes. */
  readonly look: (ms: number) => Promise<void>;
  /** Lets what is under way come to its end. */
  readonly rest: () => Promise<void>;
}

export function worldOf(given: {
  clock: MovedClock;
  db: TestDatabase;
  sim: HqSimulator;
  seed: number;
}): World {
  const { clock, db, sim } = given;
  const random = seeded(given.seed);
  const places: { ws: Workspace }[] = [];
  const runs: Run[] = [];
  const overlaps: string[] = [];
  const broken = new Set<string>();
  const inside = new Map<string, Set<string>>();
  /** What each dataset was published with; gone where its tables are. */
  const published = new Map<string, RunResult>();
  /** Work that takes real time, during which no time may pass here. */
  const real = new Set<Promise<unknown>>();
  let mostAtOnce = 0;
  let looking: Promise<readonly unknown[]> = Promise.resolve([]);

  /** A first read, or one after the tables went, in this thread: everything of it is real. */
  const readForReal = async (spec: RunSpec, token: string, intend: (result: RunResult) => Promise<void>) => {
    let result: RunResult | null = null;
    const end = await runSync(spec, {
      tokens: { current: async () => token, renew: async () => token },
      gate: { enter: async () => 0, refused: () => {}, closed: () => {} },
      ...{ exchange: directExchange(), clock: systemClock, random: () => 0.5, log: keptLog().log },
      onProgress: () => {},
      async intend(told) {
        result = told;
        await intend(told);
      },
      signal: new AbortController().signal,
    });
    if (result !== null) published.set(spec.datasetId, result);
    return end;
  };

  const runIn = (name: string): NonNullable<Parameters<typeof openWorkspace>[0]>['runSync'] => {
    const mine = new Set<string>();
    inside.set(name, mine);
    return async ({ intend }, spec, token, stop) => {
      const { datasetId, jobId } = spec;
      if ([...inside.values()].some((ids) => ids.has(datasetId))) overlaps.push(datasetId);
      mine.add(datasetId);
      mostAtOnce = Math.max(mostAtOnce, mine.size);
      const at = clock.now();
      const over = (outcome: Outcome): Outcome => {
        runs.push({ machine: name, jobId, datasetId, at, kind: outcome.kind });
        return outcome;
      };
      try {
        const known = published.get(datasetId);
        // One look after the other: they share a session.
        looking = looking.then(() => db.query(`SELECT 1 FROM pg_namespace WHERE nspname = '${spec.schema}'`));
        const isThere = (await looking).length > 0 && known !== undefined;
        if (!isThere) {
          const work = readForReal(spec, token, intend);
          real.add(work);
          return over(await work.finally(() => real.delete(work)));
        }
        await clock.sleep((10 + random() * 50) * 1000, stop).catch(() => {});
        if (stop.aborted)
          return over({ kind: 'failed', error: new AppError('CANCELLED', plain('Stopped.')).toWire() });
        const luck = random();
        if (broken.has(datasetId))
          return over({
            kind: 'failed',
            error: new AppError('SOURCE_FAILING', plain('It answers with errors.')).toWire(),
          });
        if (luck < 0.03)
          return over({
            kind: 'failed',
            error: new AppError('DB_LOST', plain('The connection was lost.')).toWire(),
          });
        if (luck < 0.06) return over({ kind: 'waits', until: clock.now() + 20 * minute, progressed: true });
        return over({
          kind: 'published',
          result: { ...known, dataAsOf: new Date(at).toISOString() },
        });
      } finally {
        mine.delete(datasetId);
      }
    };
  };

  /** Nothing is left to be done but to wait for the clock. */
  const settled = async (): Promise<void> => {
    for (let tries = 0; tries < 200; tries += 1) {
      await Promise.allSettled([...real]);
      await turn();
      const busy = places.some(({ ws }, at) => {
        const running = [...inside.values()][at]?.size ?? 0;
        return running < Math.min(3, ws.app.runningSyncs);
      });
      if (!busy && real.size === 0) return;
      await wait(2);
    }
  };

  return {
    ...{ clock, db, sim, broken, overlaps, runs },
    get mostAtOnce() {
      return mostAtOnce;
    },
    runsOf: (datasetId) => runs.filter((run) => run.datasetId === datasetId && run.kind === 'published'),
    async open(name) {
      const ws = await openWorkspace({ clock, runSync: runIn(name) });
      places.push({ ws });
      return ws;
    },
    async look(ms) {
      const over = Promise.all(places.map(({ ws }) => ws.app.tick()));
      let isOver = false;
      void over.then(() => {
        isOver = true;
      });
      const end = clock.now() + ms;
      for (;;) {
        await settled();
        if (isOver && places.every(({ ws }) => ws.app.runningSyncs === 0)) break;
        if (clock.now() >= end) break;
        await Promise.race([over, wait(5)]);
        await clock.pass(Math.min(30_000, end - clock.now()));
      }
      await clock.pass(Math.max(0, end - clock.now()));
    },
    async rest() {
      for (let n = 0; n < 6; n += 1) await this.look(hour);
    },
    async [Symbol.asyncDispose]() {
      for (const { ws } of places) await ws[Symbol.asyncDispose]();
    },
  };
}

type Told = Dataset & {
  readonly schedule: Schedule;
  readonly keepIdleHours: number | null;
  readonly times: number;
};

/** One computer with a workspace of its own; its first person is everything. */
export interface Machine {
  readonly ws: Workspace;
  readonly api: Workspace['api'];
  readonly datasets: number;
  readonly signIns: number;
  /** What ran and is not told of as it was in the list of jobs, or the other way round. */
  readonly unaccounted: readonly string[];
  readonly addProject: (of: {
    readonly schedule: Schedule;
    readonly keepIdleHours: number | null;
    readonly mode: Link['credentialMode'];
  }) => Promise<Link>;
  /** Somebody who reads the source of a link with an account of their own. */
  readonly addPerson: (name: string, link: Link) => Promise<void>;
  /** The first person asks for the search path of a link's project, as whoever is about to read does. */
  readonly use: (link: Link) => Promise<void>;
  /** Compares what ran since the last time with what the jobs say. */
  readonly account: () => Promise<void>;
  readonly all: () => Promise<readonly Told[]>;
  /** What its people were told of: what lasts, but for tables that go for want of use, and what is over. */
  readonly notices: () => Promise<{ open: readonly string[]; ended: readonly string[] }>;
  readonly credentials: () => Promise<readonly Credential[]>;
  /** Renews every sign-in once; how many were. */
  readonly renewAll: () => Promise<number>;
}

const words = 'correct horse battery';

export async function machineOf(world: World, name: string): Promise<Machine> {
  const { db, sim } = world;
  const ws = await world.open(name);
  const { api } = ws;
  const { host, port, user, password } = db.postgres;
  const connection = await api.connections.create({
    ...{ name: 'target', host, port, database: db.database, tlsMode: 'disable', user, password },
  });
  const source = await api.sources.create({
    ...{ name: 'HQ', sourceType: 'commcare', baseUrl: sim.url, clientId: 'headgate-desktop' },
    settings: { domain: 'small' },
  });
  const people = [(await api.app.info()).person.id];
  await api.people.setPassphrase({ id: people[0] as string, next: words });
  const enter = (id: string) => api.session.signIn({ personId: id, passphrase: words });
  await enter(people[0] as string);
  const links: Link[] = [];
  const unaccounted: string[] = [];
  const known = new Set<string>();
  let accounted = 0;
  let [datasets, signIns] = [0, 0];

  const begin = async (link: Link): Promise<void> => {
    const mode = link.credentialMode;
    await api.credentials.signIn({
      sourceId: source.id,
      ...(mode === 'project' ? { projectId: link.projectId } : {}),
    });
    signIns += 1;
    await api.syncs.start({ linkId: link.id });
    datasets += 1;
  };
  /** As each person in turn, and as the first one in the end. */
  const asEach = async <T>(work: () => Promise<readonly T[]>): Promise<T[]> => {
    const all: T[] = [];
    for (const id of [...people.slice(1), people[0] as string]) {
      await enter(id);
      all.push(...(await work()));
    }
    return all;
  };
  const byId = <T extends { id: string }>(all: readonly T[]): T[] => [
    ...new Map(all.map((each) => [each.id, each])).values(),
  ];

  return {
    ws,
    api,
    unaccounted,
    get datasets() {
      return datasets;
    },
    get signIns() {
      return signIns;
    },
    async addProject({ schedule, keepIdleHours, mode }) {
      const project = await api.projects.create({
        name: `Project ${links.length}`,
        connectionId: connection.id,
      });
      const link = await api.links.create({
        ...{ projectId: project.id, sourceId: source.id, schedule, keepIdleHours, credentialMode: mode },
        syncConfig: { datasets: ['forms'] },
      });
      links.push(link);
      await begin(link);
      return link;
    },
    async addPerson(person, link) {
      const { id } = await api.people.create({ name: person, roles: ['analyst'], passphrase: words });
      people.push(id);
      await enter(id);
      await begin(link);
      await enter(people[0] as string);
    },
    async use({ projectId }) {
      await enter(people[0] as string);
      await api.projects.searchPath({ projectId });
    },
    async account() {
      const jobs = new Map((await asEach(() => api.syncs.list({ limit: 500 }))).map((job) => [job.id, job]));
      const ended = { published: 'completed', failed: 'failed' } as const;
      for (const { machine, jobId, kind } of world.runs.slice(accounted)) {
        if (machine !== name) continue;
        known.add(jobId);
        const { status } = jobs.get(jobId) ?? { status: 'gone' };
        // One that waited has gone on, and is told of by its last run.
        if (kind !== 'waits' && kind !== 'held' && status !== ended[kind])
          unaccounted.push(`${jobId} ${kind} and is ${status}`);
      }
      accounted = world.runs.length;
      for (const { id, status } of jobs.values())
        if (status === 'completed' && !known.has(id)) unaccounted.push(`${id} is ${status} and never ran`);
    },
    all: async () =>
      byId(await asEach(() => api.datasets.list())).map((dataset) => {
        const link = links.find(({ id }) => id === dataset.linkId) as Link;
        const times = world.runsOf(dataset.id).length;
        return { ...dataset, schedule: link.schedule, keepIdleHours: link.keepIdleHours, times };
      }),
    async notices() {
      const all = byId(await asEach(async () => (await api.notices.list({ limit: 500 })).items));
      const said = ({ event, subject }: (typeof all)[number]): string => `${event} ${subject.project}`;
      return {
        open: all.filter(({ event, closedAt }) => closedAt === null && event !== 'expiring_data').map(said),
        ended: all.filter(({ closedAt }) => closedAt !== null).map(said),
      };
    },
    credentials: async () => byId(await asEach(() => api.credentials.list())),
    async renewAll() {
      await enter(people[0] as string);
      await ws.app.tick();
      const turn = (await api.timetable.get({})).jobs.find(({ name }) => name === 'tokens');
      return turn?.count ?? 0;
    },
  };
}

/** The planned times of a schedule by the clock, in order. */
export function plannedTimes(schedule: Schedule & { kind: 'at' }, from: number, to: number): number[] {
  const { time, zone, weekdays } = schedule;
  const [hour = 0, minutes = 0] = time.split(':').map(Number);
  const times: number[] = [];
  for (
    let at = DateTime.fromMillis(from, { zone }).startOf('day');
    at.toMillis() < to;
    at = at.plus({ days: 1 })
  )
    if (weekdays.includes(at.weekday)) times.push(at.set({ hour, minute: minutes }).toMillis());
  return times.filter((at) => at >= from && at < to);
}

/**
 * The planned times that no run followed before the next one was due; of one that goes by hours, the moments after which
 * there was none for a day and a half: its own time, a night, and a failure with its retries.
 */
export function missedTimes(
  runs: readonly { readonly at: number }[],
  schedule: Schedule,
  from: number,
  to: number,
): string[] {
  const iso = (at: number): string => new Date(at).toISOString();
  if (schedule.kind === 'at') {
    const times = plannedTimes(schedule, from, to);
    return times
      .slice(0, -1)
      .filter((time, n) => !runs.some(({ at }) => at >= time && at < (times[n + 1] as number)))
      .map(iso);
  }
  const longest = schedule.hours * hour + day / 2;
  const all = [from, ...runs.map(({ at }) => at).filter((at) => at > from && at < to), to];
  return all.slice(1).flatMap((at, n) => (at - (all[n] as number) > longest ? [iso(all[n] as number)] : []));
}
