import type { DictionaryTable, LandedRows, TableTitle } from '../../../preload/contract/models.ts';
import { dataset, linkOf } from './builders.ts';
import { describedBy } from './described.ts';
import { minutes, type Scenario, uuid } from './scenario.ts';
import { busy } from './scenarios.ts';

type Column = DictionaryTable['columns'][number];

const column = (name: string, type: string, label: string | null, more: Partial<Column> = {}): Column => ({
  ...{
    name,
    type,
    label,
    nullShare: 0.09,
    distinct: 6,
    sourcePath: `form.${name.replaceAll('_', '.')}`,
    description: null,
  },
  ...more,
});

const visit: readonly Column[] = [
  column('form_id', 'text', null, { nullShare: 0, distinct: 1458, sourcePath: 'id' }),
  column('visit_day', 'date', 'Date of visit'),
  column('received_on', 'timestamp with time zone', null, { sourcePath: 'received_on' }),
  column('respondent', 'text', 'Who answers?'),
  column('village', 'text', 'Village'),
  column('water_source', 'text', 'Where does the water come from?', { sourcePath: 'form.water.source' }),
  column(
    'household_size',
    'bigint',
    'Combien de personnes vivent dans le ménage, enfants de moins de cinq ans compris ?',
    { lang: 'fr' },
  ),
  column('consent', 'boolean', 'क्या परिवार ने भाग लेने की सहमति दी?', { lang: 'hi' }),
  column('remarks', 'text', 'Remarks'),
  column('app_id', 'text', null),
  column('build_id', 'text', null),
  column('raw', 'jsonb', null, { sourcePath: null, description: 'the untouched source record' }),
];
const people = [
  'Ravi',
  'فاطمة الزهراء',
  'Aïssatou Ndiaye',
  'सुनीता कुमारी',
  'José Muñoz',
  'Mina',
  "John O'Brien",
  'Zoë',
  'Tadesse Bekele',
];
const villages = ['Ndiobène', 'Bà Rịa', 'Saint-Étienne', 'सीतापुर', 'Rampur', 'Сокольники'];
const water = ['well', 'tap', 'river', null, 'well', 'tap', 'well', 'well', 'tap', 'rain'];

function visits(count: number): LandedRows {
  const start = Date.parse(minutes(-4));
  const rows = Array.from({ length: count }, (_, n) => {
    const at = new Date(start - n * 1_113_000).toISOString();
    return [
      `8f0c9a52-${String(n).padStart(4, '0')}`,
      at.slice(0, 10),
      `${at.slice(0, 10)} ${at.slice(11, 19)}.${String((n * 7919) % 1_000_000).padStart(6, '0')}+00`,
      people[(n * 5) % people.length] ?? '',
      villages[(n * 7) % villages.length] ?? '',
      water[n % water.length] ?? null,
      n % 11 === 3 ? null : String((n * 7) % 11),
      n % 9 === 0 ? null : n % 4 === 0 ? 'false' : 'true',
      n % 3 === 0
        ? null
        : n % 7 === 1
          ? 'Head of household was away;\nneighbour answered and asked us to come back on market day.'
          : '',
      ...['a1b2', 'c3d4'],
      `{"form": {"consent": true, "location": {"village": "${villages[n % villages.length]}"}}}`,
    ];
  });
  return {
    columns: visit.map(({ name, type, label }) => ({ name, type, comment: label })),
    rows,
    more: false,
  };
}

const titles: readonly TableTitle[] = [
  {
    name: 'form_household_visit',
    title: 'Household visit',
    dataset: 'forms',
    rows: 458,
    columns: visit.length,
    filled: 0.9,
    parent: null,
  },
  {
    name: 'form_household_visit_members',
    title: 'members',
    dataset: 'forms',
    rows: 2154,
    columns: 4,
    filled: 0.9,
    parent: 'form_household_visit',
  },
  {
    name: 'form_household_visit_members_doses',
    title: 'doses',
    dataset: 'forms',
    rows: 1554,
    columns: 4,
    filled: 0.9,
    parent: 'form_household_visit_members',
  },
  {
    name: 'form_household_visit_46a33c',
    title: 'Household visit',
    dataset: 'forms',
    rows: 1489,
    columns: 4,
    filled: 0.9,
    parent: null,
  },
  {
    name: 'form_visite_prenatale',
    title: 'Visite prénatale',
    lang: 'fr',
    dataset: 'forms',
    rows: 1479,
    columns: 4,
    filled: 0.9,
    parent: null,
  },
  {
    name: 'form_shishu',
    title: 'शिशु पंजीकरण',
    lang: 'hi',
    dataset: 'forms',
    rows: 1574,
    columns: 4,
    filled: 0.9,
    parent: null,
  },
  { name: 'forms', title: 'Forms', dataset: 'forms', rows: 6000, columns: 4, filled: 0.9, parent: null },
  { name: 'cases', title: 'Cases', dataset: 'cases', rows: 1440, columns: 4, filled: 0.9, parent: null },
  {
    name: 'supervisor_visits',
    title: null,
    dataset: 'forms',
    rows: 0,
    columns: 4,
    filled: 0.9,
    parent: null,
  },
];

/** Tables as an analyst meets them: titles, questions in several languages, empty values, a late dataset and one that is gone. */
export function browsing(): Scenario {
  const base = busy();
  const rowCounts = Object.fromEntries(titles.map(({ name, rows }) => [name, rows]));
  const fine = dataset(1, { rowCounts, dataAsOf: minutes(-4), freshUntil: minutes(120), job: null });
  const late = dataset(2, {
    ...{ projectName: 'Water points', sourceName: 'WASH survey', schemaName: 'data_b01d44e0_commcare' },
    ...{
      rowCounts: { forms: 41_377 },
      dataAsOf: minutes(-60 * 40),
      freshUntil: minutes(-60 * 16),
      personId: null,
    },
  });
  const gone = dataset(3, {
    ...{ projectName: 'School meals', sourceName: 'Old survey', schemaName: 'data_c01d44e0_commcare' },
    ...{ status: 'expired' as const, dataAsOf: minutes(-60 * 400), rowCounts: { forms: 12 } },
  });
  const datasets = [fine, late, gone];
  const describe = (id: string, schemaName: string, names: readonly TableTitle[]) =>
    describedBy(
      { schemaName, dataAsOf: minutes(-4), jobId: id },
      names.map(({ name, rows }) => ({
        ...{ id: name, name, dataset: 'forms', rows, description: null },
        source: 'External: CommCare HQ (www.commcarehq.org, malaria-ng)',
        columns: name === 'form_household_visit' ? [...visit] : visit.slice(0, 4),
      })),
      {
        'form_household_visit.village': {
          ...{
            description: 'The village as the health post writes it',
            sensitivity: [],
            declined: [],
            by: 'Asha Rao',
            at: minutes(-90),
          },
        },
      },
    );
  const lateTitles = [
    { name: 'forms', title: 'Forms', dataset: 'forms', rows: 41_377, columns: 4, filled: 0.9, parent: null },
  ];
  const short = visits(60);
  return {
    ...base,
    datasets,
    links: datasets.map((each) => linkOf(each)),
    tables: Object.fromEntries(datasets.map(({ id }) => [id, []])),
    rows: {
      form_household_visit: visits(458),
      forms: {
        columns: short.columns.slice(0, 4),
        rows: short.rows.map((row) => row.slice(0, 4)),
        more: true,
      },
      form_household_visit_members: {
        columns: short.columns.slice(0, 4),
        rows: short.rows.map((row) => row.slice(0, 4)),
        more: true,
      },
    },
    titles: { [fine.id]: [...titles], [late.id]: lateTitles, [gone.id]: lateTitles },
    dictionaries: {
      [fine.id]: describe(uuid(7, 1), fine.schemaName, titles),
      [late.id]: describe(uuid(7, 2), late.schemaName, lateTitles),
      [gone.id]: describe(uuid(7, 3), gone.schemaName, lateTitles),
    },
    changes: { ...base.changes },
  };
}

/** A table of a million rows, and one of three thousand columns. */
export function browsingHuge(): Scenario {
  const base = browsing();
  const [first] = base.datasets;
  if (!first) return base;
  const wide: readonly Column[] = Array.from({ length: 3000 }, (_, n) =>
    column(
      n === 0 ? 'case_id' : `answer_${n}`,
      n % 3 === 1 ? 'bigint' : 'text',
      n === 0 ? null : `Question ${n} of a very long form?`,
    ),
  );
  const large = { ...visits(200), more: true };
  const rowCounts = { ...first.rowCounts, form_household_visit: 1_000_000, form_wide: 400 };
  const wideRows = Array.from({ length: 400 }, (_, row) =>
    wide.map((_each, at) => (at === 0 ? `case-${row}` : at % 7 === 3 ? null : `${(row * at) % 997}`)),
  );
  const known = base.dictionaries[first.id];
  const more = describedBy({ schemaName: first.schemaName, dataAsOf: first.dataAsOf, jobId: null }, [
    {
      id: 'form_wide',
      name: 'form_wide',
      dataset: 'forms',
      rows: 400,
      description: null,
      source: 'External: CommCare HQ',
      columns: [...wide],
    },
  ]);
  return {
    ...base,
    datasets: base.datasets.map((each) => (each.id === first.id ? { ...each, rowCounts } : each)),
    rows: {
      ...base.rows,
      form_household_visit: large,
      form_wide: {
        columns: wide.map(({ name, type }) => ({ name, type, comment: null })),
        rows: wideRows,
        more: false,
      },
    },
    titles: {
      ...base.titles,
      [first.id]: [
        ...titles,
        {
          name: 'form_wide',
          title: 'Census',
          dataset: 'forms',
          rows: 400,
          columns: 3000,
          filled: 0.9,
          parent: null,
        },
      ],
    },
    dictionaries: known
      ? { ...base.dictionaries, [first.id]: { ...known, tables: [...known.tables, ...more.tables] } }
      : base.dictionaries,
  };
}

/** The database does not answer. */
export const browsingGone = (): Scenario => ({
  ...browsing(),
  rowsFail: {
    code: 'DB_REFUSED',
    message: 'db.example.org:5432 can not be reached or cut the connection (ECONNREFUSED).',
  },
});
