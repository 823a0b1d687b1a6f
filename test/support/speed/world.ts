import type * as Builders from '../renderer-fixture/builders.ts';
import type * as Described from '../renderer-fixture/described.ts';
import type * as ScenarioFile from '../renderer-fixture/scenario.ts';
import type { Scenario } from '../renderer-fixture/scenario.ts';
import type { busy } from '../renderer-fixture/scenarios.ts';

/** What a workspace is made with, of this checkout or of another one: two builds are told the same world. */
export interface WorldParts {
  readonly builders: typeof Builders;
  readonly base: typeof busy;
  readonly tools: Pick<typeof ScenarioFile, 'uuid' | 'minutes' | 'now'>;
  readonly describedBy: typeof Described.describedBy;
}

/** How much there is of what a workspace holds. */
export interface WorldSize {
  readonly connections: number;
  readonly datasets: number;
  readonly projects: number;
  readonly sources: number;
  readonly columns: number;
  readonly rows: number;
}

/** What the window is to be quick with. */
export const large: WorldSize = {
  ...{ connections: 10_000, datasets: 500, projects: 40, sources: 40 },
  ...{ columns: 3000, rows: 1_000_000 },
};

/** The table of many columns, in the first dataset; its `forms` are many rows. */
export const wideTable = 'form_household_survey';
/** Rows that the page has whole; those behind them are made of them when they are asked for. */
const rowsGiven = 40;

const words = ['Malaria', 'Nutrition', 'Bednets', 'Water points', 'Immunisation', 'Census', 'Referrals'];
const nameOf = (kind: string, n: number): string => `${words[n % words.length]} ${kind} ${n + 1}`;

/** A workspace of that size with a little of everything: late data, failures, what runs and what waits for a review. */
export function largeWorld({ builders, base, tools, describedBy }: WorldParts, size: WorldSize): Scenario {
  const { uuid, minutes } = tools;
  const { connection, credential, dataset, jobOf, linkOf, project, source } = builders;
  const states = ['works', 'works', 'works', 'warns', 'unknown'] as const;
  const places = ['development', 'staging', 'production'] as const;
  const connections = Array.from({ length: size.connections }, (_, n) => {
    const made = connection(n + 1);
    const state = n > 0 && n % 900 === 0 ? ('fails' as const) : (states[n % states.length] ?? 'works');
    return {
      ...made,
      name: n === 0 ? 'Warehouse' : `Tenant ${String(n).padStart(5, '0')}`,
      environment: places[n % places.length] ?? 'production',
      host: `tenant-${n}.db.example.org`,
      folder: `Region ${Math.floor(n / 1000)}`,
      health: { ...made.health, state, ...(state === 'fails' ? { message: 'The server refused.' } : {}) },
      lastTest: null,
    };
  });
  const sources = Array.from({ length: size.sources }, (_, n) =>
    source(n + 1, { name: nameOf('HQ', n), settings: { domain: `space-${n}` } }),
  );
  const projects = Array.from({ length: size.projects }, (_, n) =>
    project(n + 1, {
      name: nameOf('project', n),
      links: Math.ceil(size.datasets / size.projects),
      connectionId: uuid(1, (n % 20) + 1),
      connectionName: connections[n % 20]?.name ?? '',
    }),
  );
  const datasets = Array.from({ length: size.datasets }, (_, n) => {
    const of = projects[n % size.projects];
    const from = sources[(n + Math.floor(n / size.projects)) % size.sources];
    const made = dataset(n + 1, {
      projectId: of?.id ?? '',
      projectName: of?.name ?? '',
      sourceId: from?.id ?? '',
      sourceName: from?.name ?? '',
      connectionId: of?.connectionId ?? '',
      connectionName: of?.connectionName ?? '',
      personId: null,
      schemaName: `data_${String(n).padStart(8, '0')}_commcare`,
      rowCounts: {
        ...{
          forms: n === 0 ? size.rows : 18_412 + n,
          cases: 6_204,
          form_visit: 4_000,
          form_visit__members: 12_000,
        },
        ...(n === 0 ? { [wideTable]: size.rows } : {}),
      },
    });
    if (n % 100 === 7) return { ...made, dataAsOf: minutes(-900), freshUntil: minutes(-600) };
    if (n % 100 === 11)
      return {
        ...made,
        status: 'error' as const,
        error: {
          code: 'SYNC_FAILED' as const,
          kind: 'system' as const,
          message: 'The sync stopped unexpectedly.',
          advice: 'Start the sync again; it continues from the last saved page.',
        },
      };
    return made;
  });
  const jobs = datasets.flatMap((each, n) =>
    n % 100 === 3
      ? jobOf(n + 1, each, {
          ...{ status: 'running', phase: 'reading', finishedAt: null },
          ...{ queuedAt: minutes(-3), startedAt: minutes(-3) },
          tables: [{ dataset: 'forms', fetched: 4_000, total: 18_412, status: 'reading' }],
        })
      : [],
  );
  for (const job of jobs) {
    const of = datasets.find(({ id }) => id === job.datasetId);
    if (of) Object.assign(of, { job });
  }
  const [first] = datasets;
  const columns = Array.from({ length: size.columns }, (_, n) => ({
    name: n === 0 ? 'form_id' : `question_${n}`,
    type: n % 3 === 1 ? 'bigint' : 'text',
    label: n === 0 ? null : `Question ${n} of a long form: how was it?`,
    nullShare: 0.1,
    distinct: 12,
    sourcePath: `form.group_${Math.floor(n / 20)}.question_${n}`,
    description: null,
  }));
  const landed = columns.map(({ name, type, label }) => ({ name, type, comment: label }));
  const rows = Array.from({ length: rowsGiven }, (_, row) =>
    columns.map((_column, at) => (at === 0 ? `form-${row}` : at % 7 === 3 ? null : String((row * at) % 997))),
  );
  const short = columns.slice(0, 8);
  const dictionary = describedBy(
    { schemaName: first?.schemaName ?? '', dataAsOf: first?.dataAsOf ?? null, jobId: null },
    [
      [wideTable, columns] as const,
      ...['forms', 'cases', 'form_visit'].map((name) => [name, short] as const),
    ].map(([name, of]) => ({
      ...{ id: `id of ${name}`, name, dataset: 'forms', rows: 400, description: null },
      ...{ source: 'External: CommCare HQ', columns: of },
    })),
  );
  const given = base();
  return {
    ...given,
    ...{ connections, sources, projects, datasets, jobs, kept: [], audit: [] },
    credentials: sources.map((each, n) =>
      credential(n + 1, { sourceId: each.id, sourceName: each.name, accessExpiresAt: minutes(50) }),
    ),
    links: datasets.map((each) => linkOf(each)),
    tables: Object.fromEntries(
      datasets.map(({ id, rowCounts }) => [
        id,
        Object.entries(rowCounts).map(([name, count]) => ({
          ...{ name, comment: null, rows: count },
          columns: name === wideTable ? landed : landed.slice(0, 8),
        })),
      ]),
    ),
    rows: {
      [wideTable]: { columns: landed, rows, more: true },
      forms: { columns: landed.slice(0, 8), rows: rows.map((row) => row.slice(0, 8)), more: true },
    },
    dictionaries: first ? { [first.id]: dictionary } : {},
    changes: {},
  };
}

/** The same world as if it were now: the clock of a page that is measured is the real one. */
export function asOfNow(world: Scenario, madeAt: number, now: number): string {
  return JSON.stringify(world).replace(/\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}\.\d{3}Z/g, (written) =>
    new Date(Date.parse(written) + now - madeAt).toISOString(),
  );
}
