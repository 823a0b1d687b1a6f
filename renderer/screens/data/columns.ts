import type { DescribedColumn, LandedTable } from '../../../preload/contract/models.ts';
import { calendarDayOf, clockOf } from '../../format.ts';

/** A column as a person meets it. */
export interface ShownColumn {
  readonly name: string;
  readonly type: string;
  /** The text of its question, or what a person says of it; null where there is only the name. */
  readonly title: string | null;
  /** The language of the title, where the source says which one it is. */
  readonly lang: string | undefined;
  /** Keys, numbers of forms and the record itself: for machines, folded at the end. */
  readonly technical: boolean;
}

const machines =
  /^(raw|overflow|blanks?|_.*|xmlns|domain|app_id|build_id|app_version|commcare_version|device_id|instance_id|doc_type|uiversion|version|type|edited_on|edited_by_user_id|is_phone_submission|initial_processing_complete|problem|archived|resource_uri|server_modified_on|indexed_on|location|.*_uuid|uuid|.*_id|id)$/;
const times =
  /^(received_on|last_modified|server_last_modified|date_modified|date_opened|opened_on|visit_date)$/;

/** Whether a column is of no use to who reads: the record itself, keys, and what programs say of it. */
export function isTechnical(column: {
  readonly name: string;
  readonly type: string;
  readonly label?: string | null;
}): boolean {
  if (column.label != null || times.test(column.name)) return false;
  return (
    machines.test(column.name) || (column.type === 'jsonb' && /^(raw|headgate_.*|_.*)$/.test(column.name))
  );
}

/** Columns in their order, the technical ones behind the others, the record itself at the very end. */
export function arrangeColumns(
  columns: readonly Pick<LandedTable['columns'][number], 'name' | 'type'>[],
  described: ReadonlyMap<string, Pick<DescribedColumn, 'label' | 'lang' | 'note'>>,
): ShownColumn[] {
  const shown = columns.map(({ name, type }): ShownColumn => {
    const known = described.get(name);
    const title = known?.label ?? known?.note?.description?.split('\n', 1)[0] ?? null;
    const lang = known?.label == null ? undefined : known.lang;
    return { name, type, title, lang, technical: isTechnical({ name, type, label: title }) };
  });
  // A table of keys alone has nothing but what is technical.
  const readable = shown.filter(({ technical }) => !technical);
  if (readable.length === 0) return shown.map((column) => ({ ...column, technical: column.name === 'raw' }));
  const isRaw = ({ name, type }: ShownColumn): boolean => name === 'raw' && type === 'jsonb';
  const rest = shown.filter((column) => column.technical && !isRaw(column));
  return [...readable, ...rest, ...shown.filter(isRaw)];
}

const moment =
  /^(\d{4,})-(\d{2})-(\d{2}) (\d{2}):(\d{2}):(\d{2})(?:\.\d+)?([+-]\d{2})(?::?(\d{2}))?(?::\d{2})?$/;

/** A time with its zone as it is on the reader's clock, to the second; anything else as it is. */
export function timeText(value: string): string {
  const found = moment.exec(value);
  if (!found) return value;
  const [, year, month, day, hours, minutes, seconds, zone = '+00', part = '00'] = found;
  const date = new Date(`${year}-${month}-${day}T${hours}:${minutes}:${seconds}${zone}:${part}`);
  if (Number.isNaN(date.getTime())) return value;
  return `${calendarDayOf(date)} ${clockOf(date)}`;
}

export const isMoment = (type: string): boolean => /^timestamp/.test(type) && !type.endsWith('[]');

/** A value as it is read in the grid. */
export function cellText(value: string, type: string): string {
  if (isMoment(type)) return timeText(value).replace(/\.\d+$/, '');
  // Lines of a text would be cut at the first one.
  return value.includes('\n') ? value.replaceAll(/\s*\n\s*/g, ' ⏎ ') : value;
}
