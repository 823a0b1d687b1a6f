import type { DatasetSpec, RecordShape } from '../connector.ts';
import type { ListSpec } from './lists.ts';
import { listShape, visitsShape } from './shapes.ts';

/** Page of lists with short rows: the largest that CommCare Connect gives (§ export API: 5,000, above is clamped). */
const largestPage = 5000;
/** A visit carries a whole form: smaller pages, so that four of them at once stay small too. */
const largestVisitPage = 2000;

/** How a dataset's records are asked for. */
export type Reading =
  | { readonly from: 'list'; readonly list: ListSpec }
  /** One list that belongs to no opportunity. */
  | { readonly from: 'one list'; readonly list: ListSpec }
  | { readonly from: 'details' }
  | { readonly from: 'labs' }
  | { readonly from: 'everything'; readonly part: 'organizations' | 'programs' };

export interface ConnectDataset {
  readonly spec: DatasetSpec;
  readonly reading: Reading;
}

const spec = (name: string, label: string, description: string, shape: RecordShape): DatasetSpec => ({
  name,
  label,
  description,
  shape,
});

/** Fields that stay whole, as one jsonb column each. */
const keeping = (fields: readonly string[], shape: RecordShape): RecordShape => ({
  ...shape,
  pin: (path) => (path.length === 1 && fields.includes(path[0] as string) ? 'json' : shape.pin(path)),
});

/** A list of each opportunity whose rows show their id; the fields in `whole` stay one column each. */
function withId(
  name: string,
  label: string,
  description: string,
  keyName: string,
  whole: readonly string[] = [],
): ConnectDataset {
  const list: ListSpec = {
    path: (opportunity) => `/export/opportunity/${opportunity}/${name}/`,
    noun: label.toLowerCase(),
    largestPage,
    showsId: true,
  };
  return {
    spec: spec(name, label, description, keeping(whole, listShape(name, 'id', keyName))),
    reading: { from: 'list', list },
  };
}

/** A list of each opportunity whose rows do not show their id. `segment` is its name in the path. */
function withoutId(
  name: string,
  segment: string,
  label: string,
  description: string,
  keyFields?: readonly string[],
): ConnectDataset {
  const list: ListSpec = {
    path: (opportunity) => `/export/opportunity/${opportunity}/${segment}/`,
    noun: label.toLowerCase(),
    largestPage,
    showsId: false,
    ...(keyFields === undefined ? {} : { keyFields }),
  };
  // The key is ours, so its column must not be one of the source's own.
  const shape = listShape(name, 'row_key', 'row_key');
  return { spec: spec(name, label, description, shape), reading: { from: 'list', list } };
}

const visits: ConnectDataset = {
  spec: {
    // What the list of opportunities counts as their visits need not be what the list of visits shows.
    roughTotal: true,
    hasBlanks: true,
    ...spec(
      'user_visits',
      'User visits',
      'Every visit: one table for all, one per form with its questions, one per repeat group. Answers are those that were sent first, also where the form was edited later. A form that counted as several visits has its answers in each of them: count forms by form_id, or sums are too large.',
      visitsShape,
    ),
  },
  reading: {
    from: 'list',
    list: {
      path: (opportunity) => `/export/opportunity/${opportunity}/user_visits/`,
      noun: 'user visits',
      largestPage: largestVisitPage,
      showsId: true,
    },
  },
};

/** Everything that can be read, in the order in which a person thinks of it. */
export const connectDatasets: readonly ConnectDataset[] = [
  {
    spec: spec(
      'opportunities',
      'Opportunities',
      'Every opportunity with its apps, dates and budget.',
      listShape(
        'opportunities',
        'id',
        'opportunity_id',
        [
          { path: 'name', type: 'text' },
          { path: 'organization', type: 'text' },
          { path: 'is_active', type: 'boolean' },
        ],
        ['organization'],
      ),
    ),
    reading: { from: 'details' },
  },
  {
    spec: spec(
      'organizations',
      'Organisations',
      'The organisations that this account belongs to.',
      listShape('organizations', 'slug', 'organization', [{ path: 'name', type: 'text' }], []),
    ),
    reading: { from: 'everything', part: 'organizations' },
  },
  {
    spec: spec(
      'programs',
      'Programs',
      'The programs of these organisations.',
      // A list of texts: one column rather than a table.
      keeping(['watchers'], listShape('programs', 'id', 'program', [{ path: 'name', type: 'text' }], [])),
    ),
    reading: { from: 'everything', part: 'programs' },
  },
  withoutId(
    'user_data',
    'user_data',
    'Workers',
    'Everybody who was invited to an opportunity, and how far they got.',
    ['username'],
  ),
  visits,
  withoutId(
    'completed_works',
    'completed_works',
    'Completed works',
    'Units of work that are paid for, with their status.',
    ['username', 'entity_id', 'payment_unit_id'],
  ),
  withoutId('payments', 'payment', 'Payments', 'Payments to workers and organisations.'),
  withoutId('invoices', 'invoice', 'Invoices', 'Invoices of the opportunities.', ['invoice_number']),
  withoutId('assessments', 'assessment', 'Assessments', 'Results of the tests in the learning app.'),
  withoutId(
    'completed_modules',
    'completed_module',
    'Completed modules',
    'Learning modules that were finished.',
  ),
  withId('task_types', 'Task types', 'Kinds of tasks that can be given.', 'task_type'),
  withId('assigned_tasks', 'Assigned tasks', 'Tasks that were given to workers.', 'assigned_task'),
  withId('audit_reports', 'Audit reports', 'Audits of visits.', 'audit_report'),
  withId(
    'audit_report_entries',
    'Audit report entries',
    'What was found in each audit.',
    'audit_report_entry',
  ),
  withId('work_area_groups', 'Work area groups', 'Groups of areas that workers cover.', 'work_area_group'),
  // GeoJSON, which PostGIS and maps take as it is.
  withId('work_areas', 'Work areas', 'Areas that workers cover.', 'work_area', ['centroid', 'boundary']),
  {
    spec: {
      onRequest: true,
      ...spec(
        'llo_entities',
        'LLO entities',
        'Locally led organisations. Only accounts of the makers of CommCare Connect may read them.',
        listShape('llo_entities', 'id', 'llo_entity', [{ path: 'name', type: 'text' }], []),
      ),
    },
    reading: {
      from: 'one list',
      list: { path: () => '/export/llo_entity/', noun: 'LLO entities', largestPage, showsId: true },
    },
  },
  {
    spec: {
      onRequest: true,
      ...spec(
        'labs_records',
        'Labs records',
        'What experiments keep beside the visits.',
        // Each experiment has a form of its own: as columns they would be hundreds, mostly empty.
        keeping(['data'], listShape('labs_records', 'id', 'labs_record')),
      ),
    },
    reading: { from: 'labs' },
  },
];

/** Datasets that are read opportunity by opportunity. */
export const opportunityDatasets: readonly string[] = connectDatasets
  .filter(({ reading }) => reading.from === 'list' || reading.from === 'details' || reading.from === 'labs')
  .map((dataset) => dataset.spec.name);
