import { say } from '../../../preload/messages/said.ts';
import { AppError } from '../../errors.ts';
import { blanksOption } from '../blanks.ts';
import type { OptionField, Options } from '../connector.ts';

const ofForms = ['forms', 'form_attachments'] as const;

/** What a person can choose for each link to a project space. */
export const commcareOptions: readonly OptionField[] = [
  {
    name: 'app_id',
    label: 'Applications',
    help: 'Only submissions of these applications.',
    kind: 'list',
    datasets: ofForms,
  },
  {
    name: 'xmlns',
    label: 'Forms',
    help: 'Only submissions of these forms.',
    kind: 'list',
    datasets: ofForms,
  },
  {
    name: 'received_from',
    label: 'Received from',
    help: 'Only submissions that reached CommCare HQ on this day (UTC) or later.',
    kind: 'date',
    datasets: ofForms,
  },
  {
    name: 'received_to',
    label: 'Received until',
    help: 'Only submissions that reached CommCare HQ on this day (UTC) or earlier.',
    kind: 'date',
    datasets: ofForms,
  },
  {
    name: 'include_archived',
    label: 'Archived submissions too',
    help: 'Archived submissions are left out otherwise; the column “archived” tells them apart.',
    kind: 'flag',
    datasets: ofForms,
  },
  {
    name: 'case_type',
    label: 'Case types',
    help: 'Only cases of these types.',
    kind: 'list',
    datasets: ['cases'],
  },
  {
    name: 'modified_from',
    label: 'Modified from',
    help: 'Only cases whose last change reached CommCare HQ on this day (UTC) or later.',
    kind: 'date',
    datasets: ['cases'],
  },
  {
    name: 'modified_to',
    label: 'Modified until',
    help: 'Only cases whose last change reached CommCare HQ on this day (UTC) or earlier.',
    kind: 'date',
    datasets: ['cases'],
  },
  blanksOption(['forms', 'cases']),
  {
    name: 'language',
    label: 'Language of labels',
    help: 'The language, such as “en” or “fra”, that questions are described in; where it is missing, the application’s first.',
    kind: 'text',
    datasets: ['forms'],
  },
];

/** The chosen values of a list option, each once; empty where nothing was chosen. */
export function chosenList(options: Options, name: string): string[] {
  const value = options[name];
  const list = typeof value === 'string' ? [value] : Array.isArray(value) ? (value as readonly string[]) : [];
  return [...new Set(list.map((text) => text.trim()).filter((text) => text !== ''))];
}

/** A text option; empty where nothing was chosen. */
export function chosenText(options: Options, name: string): string {
  const value = options[name];
  return typeof value === 'string' ? value.trim() : '';
}

/** A day option as `YYYY-MM-DD`; null where nothing was chosen. */
export function chosenDay(options: Options, name: string): string | null {
  const day = chosenText(options, name);
  if (day === '') return null;
  if (!/^\d{4}-\d\d-\d\d$/.test(day) || Number.isNaN(Date.parse(`${day}T00:00:00Z`))) {
    throw new AppError('INPUT_INVALID', say('commcare.notDay', { day }), {
      advice: say('commcare.notDay.advice'),
    });
  }
  return day;
}

const hour = 60 * 60 * 1000;

/** The day after a day, `YYYY-MM-DD`. */
export function dayAfter(day: string): string {
  return new Date(Date.parse(`${day}T00:00:00Z`) + 24 * hour).toISOString().slice(0, 10);
}

/**
 * The filters of the form list, one set for each request series. HQ takes one form and one application at a time (of a
 * repeated parameter it takes the last), and a parameter that it does not know gives nothing instead of an error, so
 * only what is written here is ever sent.
 */
export function formFilters(options: Options): Record<string, string>[] {
  const common: Record<string, string> = {};
  const from = chosenDay(options, 'received_from');
  const to = chosenDay(options, 'received_to');
  // Both ends are inclusive, and a zone is refused.
  if (from !== null) common['received_on_start'] = `${from}T00:00:00`;
  if (to !== null) common['received_on_end'] = `${to}T23:59:59.999999`;
  // Its presence counts, not its value: `include_archived=false` would include them too.
  if (options['include_archived'] === true) common['include_archived'] = 'true';
  const each = (name: string): Record<string, string>[] => {
    const chosen = chosenList(options, name);
    return chosen.length === 0 ? [{}] : chosen.map((value) => ({ [name]: value }));
  };
  const forms = each('xmlns');
  return each('app_id').flatMap((app) => forms.map((form) => ({ ...app, ...form, ...common })));
}

/** The filters of the case list, one set for each request series. */
export function caseFilters(options: Options): Record<string, string>[] {
  const common: Record<string, string> = {};
  const from = chosenDay(options, 'modified_from');
  const to = chosenDay(options, 'modified_to');
  if (from !== null) common['server_last_modified.gte'] = from;
  if (to !== null) common['server_last_modified.lt'] = dayAfter(to);
  const types = chosenList(options, 'case_type');
  return types.length === 0 ? [common] : types.map((type) => ({ case_type: type, ...common }));
}
