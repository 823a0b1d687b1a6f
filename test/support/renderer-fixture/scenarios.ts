import type { Dataset, Dictionary, LandedRows, LandedTable } from '../../../preload/contract/models.ts';
import {
  connection,
  credential,
  dataset,
  jobOf,
  linkOf,
  outlook,
  project,
  source,
  testOf,
} from './builders.ts';
import { describedBy } from './described.ts';
import { emptyScenario, minutes, type Scenario, uuid } from './scenario.ts';

const columns: LandedTable['columns'] = [
  { name: 'form_id', type: 'uuid', comment: 'id' },
  { name: 'received_on', type: 'timestamp with time zone', comment: 'received_on' },
  { name: 'village', type: 'text', comment: 'form.location.village' },
  { name: 'household_size', type: 'bigint', comment: 'form.household.size' },
  { name: 'nets_given', type: 'bigint', comment: 'form.nets.given' },
  { name: 'consent', type: 'boolean', comment: 'form.consent' },
  { name: 'remarks', type: 'text', comment: 'form.remarks' },
  { name: 'raw', type: 'jsonb', comment: 'The untouched record' },
];

const villages = ['Gidan Rumfa', 'Kwanar Ɗangora', 'Tudun Wada', 'Ɓagwai', 'Sabon Gari'];

function formRows(): LandedRows {
  const rows = Array.from({ length: 50 }, (_, n) => [
    uuid(0, n + 1),
    new Date(Date.parse(minutes(-3)) - n * 1_113_000).toISOString().replace('T', ' ').replace('.000Z', '+00'),
    villages[n % villages.length] ?? '',
    String((n * 7) % 11),
    n % 6 === 4 ? null : String((n * 3) % 5),
    n % 9 === 0 ? null : n % 4 === 0 ? 'f' : 't',
    n % 3 === 0
      ? null
      : n % 7 === 1
        ? 'Head of household was away; neighbour answered and asked us to come back on market day.'
        : '',
    `{"form": {"consent": true, "location": {"village": "${villages[n % villages.length]}"}}}`,
  ]);
  return { columns, rows, more: true };
}

const tables: LandedTable[] = [
  { name: 'forms', comment: 'External: CommCare · malaria-ng · forms', rows: 18_412, columns },
  {
    name: 'cases',
    comment: 'External: CommCare · malaria-ng · cases',
    rows: 6_204,
    columns: columns.slice(0, 4),
  },
  { name: 'forms__households', comment: null, rows: 41_377, columns: columns.slice(0, 5) },
  { name: 'forms__households__nets', comment: null, rows: 83_120, columns: columns.slice(0, 3) },
  { name: 'forms__supervisor_visits', comment: null, rows: 0, columns: columns.slice(0, 3) },
];

const described = ({ schemaName, dataAsOf }: Dataset): Dictionary =>
  describedBy(
    { schemaName, dataAsOf, jobId: uuid(7, 1) },
    tables.map((table) => ({
      id: table.name,
      name: table.name,
      dataset: 'forms',
      rows: table.rows,
      description: table.comment,
      source: 'External: CommCare HQ (www.commcarehq.org, malaria-ng)',
      columns: table.columns.map(({ name, type, comment }, n) => ({
        name,
        type,
        nullShare: n / 10,
        distinct: n * 40,
        sourcePath: comment,
        label: null,
        description: null,
      })),
    })),
  );

/** A normal day with something running, something waiting and most things fine. */
export function busy(): Scenario {
  const fine = dataset(1);
  const runningBase = dataset(2, {
    projectName: 'Nutrition screening',
    sourceName: 'Nutrition HQ',
    schemaName: 'data_b01d44e0_commcare',
    personId: null,
    dataAsOf: minutes(-375),
  });
  const running = {
    ...runningBase,
    status: 'syncing' as const,
    job: jobOf(90, runningBase, {
      status: 'running',
      phase: 'reading',
      trigger: 'person',
      finishedAt: null,
      queuedAt: minutes(-2),
      startedAt: minutes(-2),
      rowCounts: {},
      tables: [
        { dataset: 'forms', fetched: 450, total: 1200, status: 'reading' },
        { dataset: 'cases', fetched: 2310, total: null, status: 'reading' },
      ],
    }),
  };
  const waitingBase = dataset(3, {
    projectName: 'Water points',
    sourceName: 'WASH survey',
    schemaName: 'data_c9e1005a_commcare',
    dataAsOf: minutes(-60 * 26),
  });
  const waiting = {
    ...waitingBase,
    status: 'syncing' as const,
    job: jobOf(91, waitingBase, {
      status: 'running',
      phase: 'reading',
      finishedAt: null,
      queuedAt: minutes(-9),
      startedAt: minutes(-9),
      rowCounts: {},
      waitingUntil: minutes(1.4),
      tables: [{ dataset: 'forms', fetched: 5000, total: 12_840, status: 'reading' }],
    }),
  };
  const late = dataset(4, {
    projectId: uuid(4, 1),
    sourceName: 'Supervision',
    schemaName: 'data_7f3a91c2_commcare_2',
    dataAsOf: minutes(-60 * 31),
    outlook: outlook(minutes(-60 * 7)),
    rowCounts: { forms: 902 },
  });
  const datasets = [fine, running, waiting, late];
  const projects = [
    project(1, { links: 2 }),
    project(2, { name: 'Nutrition screening', dbSchema: 'nutrition' }),
    project(3, {
      name: 'Water points',
      connectionId: uuid(1, 2),
      connectionName: 'Staging warehouse',
      environment: 'staging',
    }),
  ];
  const warning =
    'The user can not create schemas in this database. Ask a DBA for: GRANT CREATE ON DATABASE staging TO headgate;';
  return {
    ...emptyScenario(),
    info: {
      ...emptyScenario().info,
      firstRun: false,
      vault: { ...emptyScenario().info.vault, secrets: 9, keyVersion: 3 },
    },
    connections: [
      connection(1, {
        description: 'Reporting database of the regional office',
        usedBy: [
          { id: uuid(4, 1), name: 'Bednets 2026' },
          { id: uuid(4, 2), name: 'Nutrition screening' },
        ],
      }),
      connection(2, {
        name: 'Staging warehouse',
        environment: 'staging',
        host: 'staging.db.example.org',
        database: 'staging',
        usedBy: [{ id: uuid(4, 3), name: 'Water points' }],
        health: {
          state: 'warns',
          since: minutes(-60 * 9),
          checkedAt: minutes(-4),
          latencyMs: 131,
          message: null,
        },
        lastTest: testOf({
          at: minutes(-4),
          latencyMs: 131,
          serverVersion: 'PostgreSQL 16.6',
          warnings: [warning],
          fixSql: 'GRANT CREATE ON DATABASE staging TO headgate;',
        }),
      }),
      connection(3, {
        name: 'Laptop',
        environment: 'development',
        host: '127.0.0.1',
        port: 54_329,
        database: 'playground',
        tlsMode: 'disable',
        health: { state: 'unknown', since: null, checkedAt: null, latencyMs: null, message: null },
        lastTest: null,
      }),
    ],
    sources: [
      source(1, { usedBy: [{ id: uuid(4, 1), name: 'Bednets 2026' }] }),
      source(2, {
        name: 'Nutrition HQ',
        settings: { domain: 'nutrition-screening' },
        credential: credential(2, { sourceName: 'Nutrition HQ' }),
        usedBy: [{ id: uuid(4, 2), name: 'Nutrition screening' }],
      }),
      source(3, {
        name: 'WASH survey',
        baseUrl: 'https://eu.commcarehq.org',
        settings: { domain: 'wash-survey', app_id: '4c1e0a9be5f14d6e' },
        credential: credential(3, { sourceName: 'WASH survey' }),
        usedBy: [{ id: uuid(4, 3), name: 'Water points' }],
      }),
      source(4, { name: 'Supervision', settings: {}, usedBy: [{ id: uuid(4, 1), name: 'Bednets 2026' }] }),
    ],
    pace: [
      { sourceId: uuid(2, 1), limits: [{ seconds: 60, requests: 118 }], waitsUntil: null },
      { sourceId: uuid(2, 2), limits: [], waitsUntil: null },
      {
        ...{ sourceId: uuid(2, 3), waitsUntil: null },
        limits: [
          { seconds: 1, requests: 4 },
          { seconds: 3600, requests: 2900 },
        ],
      },
    ],
    credentials: [
      credential(1),
      credential(2, {
        sourceName: 'Nutrition HQ',
        projectId: uuid(4, 2),
        projectName: 'Nutrition screening',
        personId: null,
        account: 'service.nutrition@example.org',
        signedInBy: { id: null, name: 'Femi Adeyemi' },
      }),
      credential(3, { sourceName: 'WASH survey', lastUsedAt: null }),
    ],
    projects,
    datasets,
    links: datasets.map((each) => linkOf(each)),
    jobs: [
      running.job,
      waiting.job,
      jobOf(1, fine),
      jobOf(2, late, {
        notice: 'The project space has no cases; the table “cases” is empty.',
        trigger: 'person',
        rowCounts: { forms: 902 },
      }),
      jobOf(3, fine, {
        status: 'failed',
        rowCounts: {},
        error: {
          code: 'SOURCE_UNREACHABLE',
          kind: 'transient',
          message: 'www.commcarehq.org did not answer within 30 seconds.',
          advice: 'Check the network and the address of the source, then try again.',
        },
      }),
      jobOf(4, fine, { status: 'cancelled', rowCounts: {}, trigger: 'person' }),
    ],
    tables: { [fine.id]: tables, [late.id]: tables.slice(0, 1) },
    rows: { forms: formRows() },
    dictionaries: { [fine.id]: described(fine) },
    audit: audit(),
  };
}

function audit(): Scenario['audit'] {
  const actions = [
    ['syncs.start', 'Nutrition screening · Nutrition HQ', 'ok', ''],
    ['connections.test', 'Warehouse', 'ok', '24 ms'],
    ['credentials.signIn', 'WASH survey', 'ok', 'asha.rao@example.org'],
    ['connections.delete', 'Warehouse', 'refused', 'IN_USE: Bednets 2026, Nutrition screening'],
    ['connections.test', 'Laptop', 'failed', 'DB_REFUSED'],
    ['vault.rotate', 'Vault', 'ok', 'key version 3, 9 secrets'],
    ['token.renewed', 'Malaria programme', 'ok', ''],
    ['links.create', 'Bednets 2026 · Malaria programme', 'ok', ''],
  ] as const;
  return Array.from({ length: 24 }, (_, n) => {
    const [action, subject, outcome, details] = actions[n % actions.length] ?? actions[0];
    return {
      seq: 400 - n,
      at: minutes(-n * 47 - 2),
      person: n % 5 === 2 ? 'Timetable' : 'Asha Rao',
      action,
      subject,
      outcome,
      details,
    };
  });
}
