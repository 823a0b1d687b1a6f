import { type Compact, createWriter, type Writer } from '../../preload/messages/compact.ts';
import type { ParamsOf } from '../../preload/messages/format.ts';
import type { en } from './en.ts';
import type { Language, Spoken } from './languages.ts';

export type Key = keyof typeof en;
/** Keys whose message needs no parameter, for tables of names. */
export type PlainKey = { [K in Key]: [ParamsOf<(typeof en)[K]>] extends [never] ? K : never }[Key];
export type Catalogue = Readonly<Record<string, Compact>>;

type File = () => Promise<{ readonly catalogue: Catalogue }>;

/** Each language is two files, complete: what the first drawing says, and the rest. What is not translated yet stands there in English. */
const files: Readonly<Record<Language, { readonly first: File; readonly rest: File }>> = {
  en: { first: () => import('virtual:messages/first-en'), rest: () => import('virtual:messages/rest-en') },
  fr: { first: () => import('virtual:messages/first-fr'), rest: () => import('virtual:messages/rest-fr') },
  es: { first: () => import('virtual:messages/first-es'), rest: () => import('virtual:messages/rest-es') },
  pt: { first: () => import('virtual:messages/first-pt'), rest: () => import('virtual:messages/rest-pt') },
  hi: { first: () => import('virtual:messages/first-hi'), rest: () => import('virtual:messages/rest-hi') },
};

interface Words extends Spoken {
  readonly catalogue: Catalogue;
  /** Whether the rest is there too. */
  readonly isWhole: boolean;
  readonly writer: Writer;
}

/** What the window speaks now. Nothing keeps a text that came of it past the next drawing. */
const now: { words: Words | undefined } = { words: undefined };

function words(): Words {
  if (!now.words) throw new Error('a text was asked for before its language was there');
  return now.words;
}

/**
 * Fetches a language, and from then on every text is in it. The window has to be drawn anew. At the start only what the first
 * drawing says is waited for; what is open later needs all of it.
 */
export async function speak(spoken: Spoken): Promise<void> {
  const { first, rest } = files[spoken.language];
  const isWhole = now.words?.isWhole ?? false;
  const [begun, other] = await Promise.all([first(), isWhole ? rest() : undefined]);
  const catalogue = { ...begun.catalogue, ...other?.catalogue };
  now.words = { ...spoken, catalogue, isWhole, writer: createWriter(spoken.language, spoken.locale) };
}

/** Resolves once every text of the language is there. Whatever is fetched after the first drawing waits for it. */
export async function everyWord(): Promise<void> {
  const before = words();
  if (before.isWhole) return;
  const { catalogue } = await files[before.language].rest();
  // Another language may have been chosen meanwhile: what it lacks is fetched as well.
  if (words().language !== before.language) return everyWord();
  now.words = { ...words(), isWhole: true, catalogue: { ...words().catalogue, ...catalogue } };
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
