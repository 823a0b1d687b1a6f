import type { PinnedType, RecordShape } from '../connector.ts';
import { documentOf } from '../document.ts';
import { markOf } from '../marked.ts';
import { closing, pinIds } from '../pins.ts';

const nothing = documentOf({});
const formPart = new Set(['form_json']);
/** What the header of a form says is in `user_visits` for every visit; a form's own table begins with its questions. */
const formHeader = new Set(['#type', '@name', '@uiVersion', '@version', '@xmlns']);

/** Fields that hold the id of something else without being called so. */
const references = new Set([
  'audit_report',
  'completed_work',
  'deliver_unit',
  'opportunity',
  'opportunity_access',
  'payment_unit',
  'program',
  'task_type',
  'work_area_group',
]);

/** As in CommCare HQ, with which these tables are joined: ids are text wherever they stand. */
export function pinConnect(path: readonly string[]): PinnedType | undefined {
  return path.length === 1 && references.has(path[0] as string) ? 'text' : pinIds(path);
}

type Columns = RecordShape['columns'];
const opportunityColumn: Columns = [{ path: 'opportunity_id', type: 'text' }];

/** A list that is one table; what only the request knew (the opportunity) is a column like the others. */
export function listShape(
  table: string,
  key: string,
  keyName: string,
  columns: Columns = opportunityColumn,
  indexes: readonly string[] = ['opportunity_id'],
): RecordShape {
  return {
    key,
    keyName,
    columns,
    parts(record) {
      const mark = markOf(record);
      const extra = Object.fromEntries(mark.keys().map((name) => [name, mark.get(name)]));
      return [{ table, label: table.replaceAll('_', ' '), value: record, extra }];
    },
    pin: pinConnect,
    indexes,
  };
}

/**
 * Visits: `user_visits` has what every visit has; each form that was filled in (told apart by its xmlns, never by its
 * name) has a table of its questions, as CommCare HQ's forms have.
 */
export const visitsShape: RecordShape = {
  key: 'id',
  keyName: 'visit_id',
  columns: [
    { path: 'opportunity_id', type: 'text' },
    { path: 'username', type: 'text' },
    { path: 'visit_date', type: 'timestamptz' },
    { path: 'status', type: 'text' },
    { path: 'review_status', type: 'text' },
    { path: 'entity_id', type: 'text' },
    { path: 'flagged', type: 'boolean' },
    { path: 'form_id', type: 'text' },
    { path: 'form_name', type: 'text' },
    { path: 'xmlns', type: 'text' },
  ],
  parts(record) {
    const forwarded = record.get('form_json');
    const inner = forwarded?.get('form');
    const form = inner?.kind === 'object' ? inner : nothing;
    const metadata = forwarded?.get('metadata');
    const xmlns = form.get('@xmlns');
    const name = form.get('@name') ?? form.get('#type');
    const extra = {
      form_id: forwarded?.get('id'),
      form_name: name,
      xmlns,
      domain: forwarded?.get('domain'),
      app_id: forwarded?.get('app_id'),
      build_id: forwarded?.get('build_id'),
      received_on: forwarded?.get('received_on'),
      time_start: metadata?.get('timeStart'),
      time_end: metadata?.get('timeEnd'),
      app_build_version: metadata?.get('app_build_version'),
    };
    const id = xmlns?.text() ?? '';
    return [
      { table: 'user_visits', label: 'user visits', value: record, skip: formPart, extra },
      {
        table: `visit_form/${id}`,
        label: `visit form ${name?.text() || id}`,
        value: form,
        skip: formHeader,
      },
    ];
  },
  pin: pinConnect,
  flag: closing,
  indexes: ['opportunity_id', 'visit_date', 'entity_id'],
};
