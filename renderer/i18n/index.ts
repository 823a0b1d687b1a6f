import { type Compact, createWriter, type Writer } from '../../preload/messages/compact.ts';
import type { ParamsOf } from '../../preload/messages/format.ts';
import type { en } from './en.ts';
import type { Language, Spoken } from './languages.ts';

export type Key = keyof typeof en;
/** Keys whose message needs no parameter, for tables of names. */
export type PlainKey = { [K in Key]: [ParamsOf<(typeof en)[K]>] extends [never] ? K : never }[Key];
export type Catalogue = Readonly<Record<string, Compact>>;

/** Each language is a file of its own, complete: what is not translated yet stands there in English. */
const files: Readonly<Record<Language, () => Promise<{ readonly catalogue: Catalogue }>>> = {
  en: () => import('virtual:messages/en'),
  fr: () => import('virtual:messages/fr'),
  es: () => import('virtual:messages/es'),
  pt: () => import('virtual:messages/pt'),
  hi: () => import('virtual:messages/hi'),
};

interface Words extends Spoken {
  readonly catalogue: Catalogue;
  readonly writer: Writer;
}

/** What the window speaks now. Nothing keeps a text that came of it past the next drawing. */
const now: { words: Words | undefined } = { words: undefined };

function words(): Words {
  if (!now.words) throw new Error('a text was asked for before its language was there');
  return now.words;
}

/** Fetches a language, and from then on every text is in it. The window has to be drawn anew. */
export async function speak(spoken: Spoken): Promise<void> {
  const { catalogue } = await files[spoken.language]();
  now.words = { ...spoken, catalogue, writer: createWriter(spoken.language, spoken.locale) };
}

/** The locale of numbers, dates and lists. */
export const locale = (): string => words().locale;

/** Something that is made once for each locale, such as a format of numbers. */
export function perLocale<T>(make: (locale: string) => T): () => T {
  let made: { readonly locale: string; readonly it: T } | undefined;
  return () => {
    const wanted = locale();
    if (made?.locale !== wanted) made = { locale: wanted, it: make(wanted) };
    return made.it;
  };
}

type Args<K extends Key> = [ParamsOf<(typeof en)[K]>] extends [never]
  ? []
  : [params: Readonly<Record<ParamsOf<(typeof en)[K]>, string | number>>];

/** The text of a key. The compiler asks for exactly the parameters that the English message names. */
export function t<K extends Key>(key: K, ...args: Args<K>): string {
  const { catalogue, writer } = words();
  return writer.write(catalogue[key] ?? key, args[0] ?? {});
}

/** For keys that come from data, e.g. the name of an audited call: undefined when the catalogue has none. */
export function maybe(key: string): string | undefined {
  const { catalogue, writer } = words();
  const message = Object.hasOwn(catalogue, key) ? catalogue[key] : undefined;
  return message === undefined ? undefined : writer.write(message, {});
}
