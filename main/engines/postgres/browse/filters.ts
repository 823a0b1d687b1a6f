import type { RowFilter } from '../../../../preload/contract/models.ts';
import { isNumeric } from '../../../../preload/contract/query-values.ts';
import type { Said } from '../../../../preload/contract/said.ts';
import { say } from '../../../../preload/messages/said.ts';
import { badField } from '../../../errors.ts';
import { type BrowsedColumn, own, type Places } from './table.ts';

type Kind = 'number' | 'date' | 'moment' | 'boolean' | 'text' | 'other';

const texts = /^(text|character varying|character|name|citext)\b(?!.*\[\])/;

/** How values of a type are compared. */
export function kindOf(type: string): Kind {
  if (/^(money|oid)\b/.test(type)) return 'other';
  if (isNumeric(type)) return 'number';
  if (type === 'date') return 'date';
  if (/^timestamp\b(?!.*\[\])/.test(type)) return 'moment';
  if (type === 'boolean') return 'boolean';
  return texts.test(type) ? 'text' : 'other';
}

const number = /^[+-]?(\d{1,60}(\.\d{0,60})?|\.\d{1,60})$/;
const dayText = /^(\d{4})-(\d{2})-(\d{2})$/;
const momentText =
  /^(\d{4}-\d{2}-\d{2})[T ]([01]\d|2[0-3]):[0-5]\d(:[0-5]\d(\.\d{1,9})?)?(Z|[+-](0\d|1[0-4])(:?[0-5]\d)?)?$/;

/** Whether there is such a day: a server would refuse the 31st of February with an error of its own. */
function isDay(text: string): boolean {
  const [, year = '', month = '', day = ''] = dayText.exec(text) ?? [];
  if (Number(year) < 1) return false;
  const date = new Date(`${year}-${month}-${day}T00:00:00Z`);
  return !Number.isNaN(date.getTime()) && date.getUTCDate() === Number(day);
}

const isMoment = (text: string): boolean => {
  const [, day = ''] = momentText.exec(text) ?? [];
  return isDay(day);
};

const wanted: Readonly<
  Record<'number' | 'date' | 'moment' | 'boolean', readonly [(text: string) => boolean, () => Said]>
> = {
  number: [(text) => number.test(text), () => say('browse.wantsNumber')],
  date: [isDay, () => say('browse.wantsDay')],
  moment: [(text) => isMoment(text) || isDay(text), () => say('browse.wantsMoment')],
  boolean: [(text) => text === 'true' || text === 'false', () => say('browse.wantsBoolean')],
};

/** What a value of a type is cast to for a comparison with the column. */
function castOf(kind: Kind, type: string): string {
  if (kind === 'number') return 'numeric';
  if (kind === 'moment') return type.includes('without time zone') ? 'timestamp' : 'timestamptz';
  return kind === 'date' || kind === 'boolean' ? kind : 'text';
}

/**
 * A condition for the rows that fit, `true` where nothing is asked; its values are parameters. Fails with INPUT_INVALID, field
 * by field, where a column is not there or a value is none of its type.
 */
export function conditionOf(
  filters: readonly RowFilter[],
  columns: readonly BrowsedColumn[],
  params: Places,
): string {
  const parts = filters.map((filter, at) => {
    const column = columns.find(({ name }) => name === filter.column);
    const path = `filters.${at}`;
    if (column === undefined)
      throw badField(`${path}.column`, say('browse.noColumn', { column: filter.column }));
    return oneCondition(filter, column, params, path);
  });
  return parts.length === 0 ? 'true' : parts.map((part) => `(${part})`).join(' AND ');
}

function oneCondition(filter: RowFilter, column: BrowsedColumn, params: Places, path: string): string {
  const name = own(column.name);
  const kind = kindOf(column.type);
  const isPlain = kind === 'text' || kind === 'other';
  const side = isPlain ? `${name}::text` : name;
  const value = (text: string, at: string): string => {
    // A minus as it is printed is one too.
    const trimmed = isPlain ? text : text.trim().replace(/^−/, '-');
    if (!isPlain) {
      const [fits, why] = wanted[kind];
      if (!fits(trimmed)) throw badField(`${path}.${at}`, why());
    }
    return `${params.put(trimmed)}::${castOf(kind, column.type)}`;
  };
  switch (filter.kind) {
    case 'equals':
      return `${side} = ${value(filter.value, 'value')}`;
    case 'oneOf':
      return `${side} IN (${filter.values.map((each, at) => value(each, `values.${at}`)).join(', ')})`;
    case 'contains':
      return `strpos(lower(${name}::text), lower(${params.put(filter.text)})) > 0`;
    case 'empty':
      return kind === 'text' ? `${name} IS NULL OR ${name}::text = ''` : `${name} IS NULL`;
    case 'filled':
      return kind === 'text' ? `${name} IS NOT NULL AND ${name}::text <> ''` : `${name} IS NOT NULL`;
    case 'range': {
      if (kind === 'boolean') throw badField(`${path}.kind`, say('browse.noRange'));
      const ends = [
        ...(filter.from === null ? [] : [`${side} >= ${value(filter.from, 'from')}`]),
        ...(filter.to === null ? [] : [`${side} <= ${value(filter.to, 'to')}`]),
      ];
      return ends.join(' AND ');
    }
  }
}
