import type { PinnedType, RecordShape } from './connector.ts';

/**
 * Ids are text wherever they stand. HQ's ids are UUIDs in some places and bare hex or numbers in others; if each
 * column chose its own type, joining forms with cases would fail with "operator does not exist: bigint = text". The same
 * for lists of ids in one text, as `@ids` of a repeat.
 */
const idName = /^@?(?:.*[-_])?ids?$|^(?:userID|instanceID|deviceID|deprecatedID|.*Ids?)$/;
/** Phone numbers are no quantities: they have leading zeros in one country and none in the next. */
const phoneName = /(?:^|_)(?:phone|mobile|msisdn|telephone|whatsapp)(?:_?(?:no|num|number))?\d*$/i;

export function pinIds(path: readonly string[]): PinnedType | undefined {
  const last = path.at(-1) ?? '';
  if (idName.test(last) || phoneName.test(last)) return 'text';
  // The text of a case index is the id of the case it points to: `case.index.parent`, or `case.index.parent.#text`.
  const index = last === '#text' ? path.at(-3) : path.at(-2);
  return index === 'index' ? 'text' : undefined;
}

/**
 * A form closes a case by an element that is empty: where a case block, which is known by its `@case_id`, has it at all,
 * the case is closed.
 */
export const closing: NonNullable<RecordShape['flag']> = { name: 'close', beside: '@case_id' };
