import type { PinnedType } from '../connector.ts';

/**
 * Ids are text wherever they stand. HQ's ids are UUIDs in some places and bare hex or numbers in others; if each
 * column chose its own type, joining forms with cases would fail with "operator does not exist: uuid = text".
 */
const idName = /^@?(?:.*_)?id$|^(?:userID|instanceID|deviceID|deprecatedID|.*Id)$/;

export function pinIds(path: readonly string[]): PinnedType | undefined {
  const last = path.at(-1) ?? '';
  return idName.test(last) ? 'text' : undefined;
}
