import type {
  DictionaryColumn,
  DictionaryNote,
  DictionaryTable,
  Drift,
  Held,
  Job,
  OptionChoices,
} from '../../../preload/contract/models.ts';
import { connection, credential, dataset, jobOf, linkOf, project, source } from './builders.ts';
import { describedBy } from './described.ts';
import { emptyScenario, minutes, type Scenario, uuid } from './scenario.ts';

/*
 * What the sync engine can leave behind for a person: a refresh that is held, jobs that are paused for each reason, a
 * dictionary of thousands of columns, and what changed from refresh to refresh.
 */

const column = (n: number, over: Partial<DictionaryColumn> = {}): DictionaryColumn => ({
  name: `question_${n}`,
  type: (['text', 'bigint', 'date', 'boolean', 'jsonb'] as const)[n % 5] ?? 'text',
  nullShare: (n % 11) / 10,
  distinct: n * 37,
  sourcePath: `form.group_${Math.floor(n / 20)}.question_${n}`,
  label: `Question ${n}`,
  description: null,
  ...over,
});

const known: DictionaryColumn[] = [
  column(0, {
    name: 'form_id',
    type: 'uuid',
    sourcePath: 'id',
    label: null,
    description: 'Identifies the submission; joins to every table of its repeats.',
    nullShare: 0,
    distinct: 18_412,
  }),
  column(1, {
    name: 'received_on',
    type: 'timestamp with time zone',
    sourcePath: 'received_on',
    label: null,
    description: 'When the submission reached CommCare HQ.',
    nullShare: 0,
  }),
  column(2, {
    name: 'muac_mm',
    type: 'bigint',
    sourcePath: 'form.nutrition.muac_mm',
    label: 'Périmètre brachial de l’enfant, en millimètres',
    description:
      'Périmètre brachial de l’enfant, en millimètres — form.nutrition.muac_mm. Text once, whole numbers since.',
    nullShare: 0.0004,
    distinct: 92,
  }),
  column(3, {
    name: 'household_head_name',
    type: 'text',
    sourcePath: 'form.household.head.name',
    label: 'परिवार के मुखिया का पूरा नाम (जैसा कि राशन कार्ड पर लिखा है)',
    nullShare: null,
    distinct: null,
  }),
];

/** So many columns that drawing them all at once would be felt. */
const manyColumns = 3000;

function tables(): DictionaryTable[] {
  const table = (name: string, rows: number, columns: DictionaryColumn[]): DictionaryTable => ({
    id: `id of ${name}`,
    name,
    dataset: 'forms',
    rows,
    description: `Submissions of “${name.replaceAll('_', ' ')}”, one row each.`,
    source: 'External: CommCare HQ (www.commcarehq.org, malaria-ng)',
    columns,
  });
  return [
    table('forms', 18_412, known),
    table('form_household_survey', 4_120, [
      ...known,
      ...Array.from({ length: manyColumns }, (_, n) => column(n + 10)),
    ]),
    ...Array.from({ length: 60 }, (_, n) =>
      table(`form_household_survey_members_of_group_${n}`, n * 131, [
        column(n),
        column(n + 1),
        column(n + 2),
      ]),
    ),
  ];
}

function drift(): Drift[] {
  const change = (n: number, over: Partial<Drift>): Drift => ({
    at: minutes(-60 * 24 * n - 20),
    jobId: uuid(7, n + 1),
    kind: 'column_added',
    table: 'form_household_survey',
    column: 'water_source',
    before: null,
    after: 'text',
    ...over,
  });
  return [
    change(0, { kind: 'column_retyped', column: 'muac_mm', before: 'bigint', after: 'numeric' }),
    change(0, { column: 'water_source_other' }),
    change(0, { kind: 'column_removed', column: 'old_remarks', before: 'text', after: null }),
    change(1, { kind: 'table_added', table: 'form_supervision', column: null, after: null }),
    change(1, { kind: 'table_removed', table: 'form_pilot', column: null, after: null }),
    ...Array.from({ length: 90 }, (_, n) => change(2, { column: `question_${n}` })),
  ];
}

const held: Held = {
  at: minutes(-45),
  jobId: uuid(7, 1),
  reasons: [
    {
      code: 'shrunk',
      table: 'forms',
      column: null,
      before: 18_412,
      after: 9_120,
      message: '“forms” would shrink from 18,412 to 9,120 rows.',
    },
    {
      code: 'zero_rows',
      table: 'cases',
      column: null,
      before: 6_204,
      after: 0,
      message: '“cases” would be empty; it has 6,204 rows now.',
    },
    {
      code: 'count_mismatch',
      table: 'forms',
      column: null,
      before: 18_600,
      after: 9_120,
      message: 'The source announced 18,600 records for “forms”, and 9,120 came.',
    },
    {
      code: 'column_gone',
      table: 'form_household_survey',
      column: 'consent_of_the_head_of_household',
      before: null,
      after: null,
      message: 'The column “consent_of_the_head_of_household” of “form_household_survey” would be gone.',
    },
    ...Array.from({ length: 28 }, (_, n) => ({
      code: 'column_gone' as const,
      table: 'form_pilot',
      column: `question_${n}`,
      before: null,
      after: null,
      message: `The column “question_${n}” of “form_pilot” would be gone.`,
    })),
  ],
};

const choices: OptionChoices = {
  app_id: [
    { value: '4c1e0a9be5f14d6e', label: 'Distribution 2026' },
    { value: '9b1d77c0aa214f0e', label: 'Supervision' },
  ],
  xmlns: Array.from({ length: 40 }, (_, n) => ({
    value: `http://openrosa.org/formdesigner/${n}`,
    label: `Distribution 2026 › Household › ${n === 7 ? 'Visite de suivi' : `Form ${n}`}`,
  })),
  case_type: ['household', 'net', 'person'].map((value) => ({ value, label: value })),
  language: ['en', 'fra', 'hin'].map((value) => ({ value, label: value })),
};

/** What people said so far. */
const notes: Readonly<Record<string, DictionaryNote>> = {
  form_household_survey: {
    description: 'One row per household and visit; a household that moved is a new one.',
    ...{ sensitivity: [], declined: [], by: 'Ada Okafor', at: minutes(-60 * 24 * 3) },
  },
};

/** A held refresh, a job paused for each reason, a large dictionary and its changes. */
export function review(): Scenario {
  const under = (n: number, name: string, over: Partial<Job>) => {
    const base = dataset(n, {
      projectId: uuid(4, 1),
      sourceName: name,
      schemaName: `data_7f3a91c2_commcare_${n}`,
      dataAsOf: minutes(-60 * 20 * n),
    });
    const job = jobOf(80 + n, base, {
      status: 'paused',
      phase: 'reading',
      rowCounts: {},
      finishedAt: null,
      queuedAt: minutes(-n * 9),
      startedAt: minutes(-n * 9),
      tables: [
        { dataset: 'forms', fetched: 5000, total: 12_840, status: 'reading' },
        { dataset: 'cases', fetched: 0, total: null, status: 'waiting' },
      ],
      ...over,
    });
    return { ...base, status: 'syncing' as const, job };
  };
  const waiting = dataset(1, {
    held,
    notice: held.reasons.map((reason) => reason.message).join(' '),
    dataAsOf: minutes(-60 * 9),
  });
  const datasets = [
    waiting,
    under(2, 'CommCare HQ', { pausedBy: 'source', waitingUntil: minutes(27) }),
    under(3, 'WASH survey', { pausedBy: 'person' }),
    under(4, 'Supervision', { pausedBy: 'quit' }),
  ];
  const dictionary = describedBy(
    { schemaName: waiting.schemaName, dataAsOf: waiting.dataAsOf, jobId: uuid(7, 2) },
    tables(),
    notes,
  );
  return {
    ...emptyScenario(),
    info: { ...emptyScenario().info, firstRun: false },
    connections: [connection(1, { usedBy: [{ id: uuid(4, 1), name: 'Bednets 2026' }] })],
    sources: datasets.map((each, n) => source(n + 1, { name: each.sourceName })),
    credentials: [credential(1)],
    projects: [project(1, { links: datasets.length })],
    datasets,
    links: datasets.map((each) => linkOf(each)),
    jobs: [
      ...datasets.flatMap((each) => each.job ?? []),
      jobOf(1, waiting, { status: 'held', rowCounts: {}, notice: waiting.notice }),
      jobOf(2, waiting),
      jobOf(3, waiting),
    ],
    dictionaries: { [waiting.id]: dictionary },
    changes: { [waiting.id]: drift() },
    choices,
  };
}
