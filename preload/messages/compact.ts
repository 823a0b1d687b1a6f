import type { Values } from './format.ts';

/**
 * A message as the window carries it: read and checked when it is built, so that the window needs no parser. A text without
 * parameters is itself; else its parts, in order: text, `[parameter]`, `[parameter, plural forms]`, `[parameter, choices,
 * 1]` for a select, and 0 for the number of the plural around it.
 */
export type Compact = string | readonly Part[];
export type Part =
  | string
  | 0
  | readonly [name: string]
  | readonly [name: string, forms: Forms]
  | readonly [name: string, choices: Forms, select: 1];
type Forms = Readonly<Record<string, Compact>>;

export interface Writer {
  /** The text of a message; throws when a parameter is missing. Numbers are written as people of the locale do. */
  write(message: Compact, values: Values): string;
}

/**
 * Says what `createFormatter` says of the same message, without reading it first.
 *
 * @param language decides plural forms: the language that the messages are written in.
 * @param locale decides how numbers are written.
 */
export function createWriter(language: string, locale: string): Writer {
  const plurals = new Intl.PluralRules(language);
  const numbers = new Intl.NumberFormat(locale);
  const write = (message: Compact, values: Values, counted: string): string => {
    if (typeof message === 'string') return message;
    let text = '';
    for (const part of message) text += typeof part === 'object' ? filled(part, values) : part || counted;
    return text;
  };
  const filled = ([name, forms, select]: Exclude<Part, string | 0>, values: Values): string => {
    const value = values[name];
    if (value === undefined) throw new Error(`the parameter ${name} is missing`);
    if (!forms) return typeof value === 'number' ? numbers.format(value) : value;
    if (select) return write(forms[value] ?? forms['other'] ?? '', values, '');
    const count = Number(value);
    const form = forms[`=${count}`] ?? forms[plurals.select(count)] ?? forms['other'] ?? '';
    return write(form, values, numbers.format(count));
  };
  return { write: (message, values) => write(message, values, '') };
}
