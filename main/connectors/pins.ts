import type { PinnedType } from './connector.ts';

/**
 * Ids are text wherever they stand. HQ's ids are UUIDs in some places and bare hex or numbers in others; if each
 * column chose its own type, joining forms with cases would fail with "operator does not exist: uuid = text".
 */
const idName = /^@?(?:.*_)?id$|^(?:userID|instanceID|deviceID|deprecatedID|.*Id)$/;
/** Phone numbers are no quantities: they have leading zeros in one country and none in the next. */
const phoneName = /(?:^|_)(?:phone|mobile|msisdn|telephone|whatsapp)(?:_?(?:no|num|number))?\d*$/i;

export function pinIds(path: readonly string[]): PinnedType | undefined {
  const last = path.at(-1) ?? '';
  if (idName.test(last) || phoneName.test(last)) return 'text';
  // The text of a case index is the id of the case it points to: `case.index.parent.#text`.
  return last === '#text' && path.at(-3) === 'index' ? 'text' : undefined;
}
