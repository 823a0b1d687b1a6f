import { type MessageFormatElement, parse, TYPE } from '@formatjs/icu-messageformat-parser';
import type { Compact, Part } from './compact.ts';

/**
 * Reads a message in ICU MessageFormat for a window that has no parser: `{name}`, plural and select, and `#` within. Throws
 * on what is not valid, and on kinds that no message of the window has so far (dates, skeletons, ordinals, offsets).
 */
export function compile(message: string): Compact {
  return compact(parse(message, { ignoreTag: true }));
}

function compact(elements: readonly MessageFormatElement[]): Compact {
  const parts = elements.map(part);
  if (parts.length === 0) return '';
  const [only] = parts;
  return parts.length === 1 && typeof only === 'string' ? only : parts;
}

function part(element: MessageFormatElement): Part {
  switch (element.type) {
    case TYPE.literal:
      return element.value;
    case TYPE.argument:
      return [element.value];
    case TYPE.pound:
      return 0;
    case TYPE.plural:
      if (element.offset !== 0 || element.pluralType !== 'cardinal') break;
      return [element.value, formsOf(element.options)];
    case TYPE.select:
      return [element.value, formsOf(element.options), 1];
  }
  throw new Error(`a kind of parameter that the window does not know: ${JSON.stringify(element)}`);
}

function formsOf(options: Readonly<Record<string, { value: MessageFormatElement[] }>>) {
  return Object.fromEntries(Object.entries(options).map(([name, { value }]) => [name, compact(value)]));
}
