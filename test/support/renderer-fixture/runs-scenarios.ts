import type { WireError } from '../../../preload/contract/errors.ts';
import type { Dataset, Job } from '../../../preload/contract/models.ts';
import { connection, credential, dataset, jobOf, linkOf, project, source } from './builders.ts';
import { review } from './review-scenarios.ts';
import { emptyScenario, minutes, type Scenario, uuid } from './scenario.ts';

const answered500: WireError = {
  code: 'SOURCE_FAILING',
  kind: 'transient',
  message: 'www.commcarehq.org has a problem of its own (500).',
  advice: 'CommCare HQ has a problem of its own; it is tried again.',
};

const names: readonly [project: string, source: string][] = [
  ['Bednets 2026', 'Malaria programme'],
  ['Bednets 2026', 'Supervision'],
  ['Nutrition screening', 'Nutrition HQ'],
  ['Water points', 'WASH survey'],
  ['School meals', 'Attendance'],
  ['School meals', 'Deliveries'],
];

const ended = (of: Dataset, n: number, minutesAgo: number, took: number, over: Partial<Job> = {}): Job =>
  jobOf(n, of, {
    queuedAt: minutes(-minutesAgo - 0.05),
    startedAt: minutes(-minutesAgo),
    finishedAt: minutes(-minutesAgo + took),
    tables: [
      { dataset: 'forms', fetched: 18_412, total: 18_412, status: 'done' },
      { dataset: 'cases', fetched: 6204, total: 6204, status: 'done' },
    ],
    ...{ records: 24_616, recordsBefore: 24_616 - ((n * 37) % 410) },
    ...over,
  });

/** A day, and the weeks before it, of six datasets: good runs, and one of every other kind. */
export function runs(): Scenario {
  const datasets = names.map(([projectName, sourceName], n) =>
    dataset(n + 1, {
      ...{ projectName, sourceName, projectId: uuid(4, Math.ceil((n + 1) / 2)) },
      schemaName: `data_7f3a91c2_commcare_${n + 1}`,
      dataAsOf: minutes(-30 - n * 7),
    }),
  );
  const [malaria, supervision, nutrition, wash] = datasets as [
    Dataset,
    Dataset,
    Dataset,
    Dataset,
    ...Dataset[],
  ];
  const jobs: Job[] = [];
  for (const [n, each] of datasets.entries()) {
    const every = [240, 480, 360, 300, 180, 240][n] ?? 240;
    for (let at = 0; at < 60; at += 1) {
      const id = 1000 + n * 100 + at;
      const ago = 40 + n * 23 + at * every;
      const took = 3 + ((n * 5 + at * 3) % 17);
      jobs.push(ended(each, id, ago, took));
    }
  }
  const put = (job: Job): void => {
    jobs.push(job);
  };
  put(
    ended(malaria, 900, 100, 4, {
      status: 'failed',
      error: answered500,
      records: null,
      recordsBefore: null,
      rowCounts: {},
    }),
  );
  put(
    ended(supervision, 901, 200, 2, {
      status: 'cancelled',
      records: null,
      recordsBefore: null,
      rowCounts: {},
      trigger: 'person',
    }),
  );
  put(
    ended(supervision, 902, 330, 12, {
      ...{ status: 'held', rowCounts: {}, records: 14_201, notice: 'It lost rows.' },
      decided: { how: 'accepted', by: 'Ben Okafor', at: minutes(-310) },
    }),
  );
  const heldJob = ended(nutrition, 903, 45, 14, {
    ...{ status: 'held', rowCounts: {}, records: 9120, recordsBefore: 24_616 },
  });
  put(heldJob);
  const held = review().datasets[0]?.held;
  if (held) nutrition.held = { ...held, at: heldJob.finishedAt ?? held.at, jobId: heldJob.id };
  const open = jobOf(904, wash, {
    ...{ status: 'running', phase: 'reading', rowCounts: {}, finishedAt: null, trigger: 'person' },
    ...{ queuedAt: minutes(-0.3), startedAt: minutes(-0.25) },
    tables: [
      { dataset: 'forms', fetched: 2998, total: 6000, status: 'reading' },
      { dataset: 'cases', fetched: 0, total: 900, status: 'waiting' },
    ],
  });
  put(open);
  Object.assign(wash, { status: 'syncing', job: open });
  jobs.sort((a, b) => b.queuedAt.localeCompare(a.queuedAt));
  return {
    ...emptyScenario(),
    info: { ...emptyScenario().info, firstRun: false },
    connections: [connection(1, { usedBy: [{ id: uuid(4, 1), name: 'Bednets 2026' }] })],
    sources: datasets.map((each, n) => source(n + 1, { name: each.sourceName })),
    credentials: [credential(1)],
    projects: [1, 2, 3].map((n) => project(n, { name: names[n * 2 - 1]?.[0] ?? '', links: 2 })),
    datasets,
    links: datasets.map((each) => linkOf(each)),
    jobs,
  };
}

/** So many that nothing may be drawn whole: 500 datasets, and more of the newest runs than a window asks for at once. */
export function manyRuns(): Scenario {
  const base = runs();
  const datasets = Array.from({ length: 500 }, (_, n) =>
    dataset(n + 1, { projectName: `Project ${n % 40}`, sourceName: `Source ${n}`, personId: null }),
  );
  const jobs = Array.from({ length: 6000 }, (_, n) =>
    ended(
      datasets[n % 500] as Dataset,
      n + 1,
      5 + n * 0.4,
      3,
      n % 97 === 0 ? { status: 'failed', error: answered500 } : {},
    ),
  );
  return { ...base, datasets, links: datasets.map((each) => linkOf(each)), jobs };
}
