import { type MessageFormatElement, parse, TYPE } from '@formatjs/icu-messageformat-parser';
import { type Formatters, formatToParts } from 'intl-messageformat';

type Trim<S extends string> = S extends ` ${infer R}` ? Trim<R> : S;
type Word<S extends string> = S extends `${string}${' ' | '#' | '{'}${string}` | '' ? never : S;
type Name<P extends string> = P extends `${infer N},${string}` ? Word<Trim<N>> : Word<P>;

/** The parameter names in a message. Words in a plural branch contain a space or `#`, which tells them apart. */
export type ParamsOf<S extends string> = S extends `${string}{${infer P}}${infer Rest}`
  ? Name<P> | ParamsOf<Rest>
  : never;

export type Values = Readonly<Record<string, string | number>>;

export interface Formatter {
  /**
   * The text of a message in ICU MessageFormat: `{name}`, plural, selectordinal, select, number, date, time. A number for
   * `{name}` is written as people of the locale write numbers. Throws when a parameter is missing or the message is not
   * valid; a `<` is a `<`, no mark-up.
   */
  format(message: string, values: Values): string;
}

/**
 * @param language decides plural forms: the language that the messages are written in.
 * @param locale decides how numbers and dates are written; it may be another one, where words are not translated.
 */
export function createFormatter(language: string, locale: string): Formatter {
  const numbers = new Map<string, Intl.NumberFormat>();
  const kept = <T>(cache: Map<string, T>, key: string, make: () => T): T => {
    const known = cache.get(key);
    if (known !== undefined) return known;
    const made = make();
    cache.set(key, made);
    return made;
  };
  const plurals = new Map<string, Intl.PluralRules>();
  const formatters: Formatters = {
    getNumberFormat: (_, options) =>
      kept(numbers, JSON.stringify(options ?? {}), () => new Intl.NumberFormat(locale, options)),
    getDateTimeFormat: (_, options) => new Intl.DateTimeFormat(locale, options),
    getPluralRules: (_, options) =>
      kept(plurals, JSON.stringify(options ?? {}), () => new Intl.PluralRules(language, options)),
  };
  // Messages come from catalogues, so there are only so many of them.
  const parsed = new Map<string, readonly MessageFormatElement[]>();
  return {
    format(message, values) {
      const elements = kept(parsed, message, () => parse(message, { ignoreTag: true }));
      const parts = formatToParts<never>(
        elements.map((element) => numbersWritten(element, values)),
        locale,
        formatters,
        { number: {}, date: {}, time: {} },
        values,
        undefined,
        message,
      );
      return parts.map(({ value }) => value).join('');
    },
  };
}

/** `{name}` of a number becomes `{name, number}`: the library writes it without the locale's separators otherwise. */
function numbersWritten(element: MessageFormatElement, values: Values): MessageFormatElement {
  if (element.type === TYPE.argument && typeof values[element.value] === 'number')
    return { type: TYPE.number, value: element.value };
  if (element.type !== TYPE.plural && element.type !== TYPE.select) return element;
  const options = Object.fromEntries(
    Object.entries(element.options).map(([name, option]) => [
      name,
      { ...option, value: option.value.map((each) => numbersWritten(each, values)) },
    ]),
  );
  return { ...element, options };
}
