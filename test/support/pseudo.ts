import { type MessageFormatElement, parse, TYPE } from '@formatjs/icu-messageformat-parser';
import type { Plugin } from 'vite';
import { compile } from '../../preload/messages/compile.ts';
import { en } from '../../renderer/i18n/en.ts';

const accents: Readonly<Record<string, string>> = Object.fromEntries(
  [...'abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ'].map((letter, at) => [
    letter,
    [...'àƀçđéƒĝĥîĵķļɱñöþǫŕšţûṽŵẋýžÀƁÇĐÉƑĜĤÎĴĶĻṀÑÖÞǪŔŠŢÛṼŴẊÝŽ'][at] ?? letter,
  ]),
);
const accented = (text: string): string => text.replace(/[A-Za-z]/g, (letter) => accents[letter] ?? letter);

function written(element: MessageFormatElement): string {
  if (element.type === TYPE.literal) return accented(element.value);
  if (element.type === TYPE.argument) return `{${element.value}}`;
  if (element.type === TYPE.pound) return '#';
  if (element.type !== TYPE.plural && element.type !== TYPE.select) throw new Error('no such kind is in use');
  const kind = element.type === TYPE.plural ? 'plural' : 'select';
  const branches = Object.entries(element.options).map(
    ([name, { value }]) => `${name} {${value.map(written).join('')}}`,
  );
  return `{${element.value}, ${kind}, ${branches.join(' ')}}`;
}

/**
 * A message as no language has it: letters with accents, 40 % longer, in brackets. What is seen without them was not taken
 * from the catalogue; what does not fit will not in some language either. Parameters and their kinds stay.
 */
export function pseudo(message: string): string {
  const text = parse(message, { ignoreTag: true }).map(written).join('');
  const letters = message.replace(/\{\w+, \w+,|[^A-Za-z]/g, '').length;
  return `⟦${text}${'~'.repeat(Math.max(1, Math.ceil(letters * 0.4)))}⟧`;
}

/** For a build of the window whose English is the pseudo-locale. */
export function pseudoMessages(): Plugin {
  const id = '\0pseudo';
  return {
    name: 'pseudo-locale',
    enforce: 'pre',
    resolveId: (wanted) => (wanted === 'virtual:messages/en' ? id : undefined),
    load(wanted) {
      if (wanted !== id) return undefined;
      const catalogue = Object.fromEntries(
        Object.entries(en).map(([key, message]) => [key, compile(pseudo(message))]),
      );
      return `export const catalogue = ${JSON.stringify(catalogue)};`;
    },
  };
}
