import { type MessageFormatElement, parse, TYPE } from '@formatjs/icu-messageformat-parser';
import type { Plugin } from 'vite';
import { compile } from '../../preload/messages/compile.ts';
import { en } from '../../renderer/i18n/en.ts';
import { inParts } from '../../renderer/messages.config.ts';

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
  const id = '\0pseudo-';
  const part = /^virtual:messages\/(first|rest)-en$/;
  return {
    name: 'pseudo-locale',
    enforce: 'pre',
    resolveId: (wanted) => part.exec(wanted)?.[1]?.replace(/^/, id),
    load(wanted) {
      if (!wanted.startsWith(id)) return undefined;
      const keys = inParts(en)[wanted === `${id}first` ? 'first' : 'rest'];
      const catalogue = Object.fromEntries(
        keys.map((key) => [key, compile(pseudo((en as Readonly<Record<string, string>>)[key] ?? ''))]),
      );
      return `export const catalogue = ${JSON.stringify(catalogue)};`;
    },
  };
}
