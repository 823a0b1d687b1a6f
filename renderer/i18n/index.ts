import { createFormatter, type ParamsOf } from '../../preload/messages/format.ts';
import { en } from './en.ts';

export type Key = keyof typeof en;
/** Keys whose message needs no parameter, for tables of names. */
export type PlainKey = { [K in Key]: [ParamsOf<(typeof en)[K]>] extends [never] ? K : never }[Key];
type Catalogue = Readonly<Record<Key, string>>;

const catalogue: Catalogue = en;
const language = 'en';

/** The locale of numbers and times is the person's own, even where the words are not translated yet. */
export const locale = usableLocale(typeof navigator === 'undefined' ? [] : navigator.languages);

/**
 * The first language tag that `Intl` takes. Some systems hand out POSIX names (`en-US@posix`), on which every number and
 * date of the window would fail.
 */
export function usableLocale(tags: readonly string[]): string {
  for (const tag of tags) {
    try {
      const [canonical] = Intl.getCanonicalLocales(tag.replace(/[@.].*$/, '').replaceAll('_', '-'));
      if (canonical) return canonical;
    } catch {
      // Not a language tag at all (`C`): the next one.
    }
  }
  return language;
}

type Args<K extends Key> = [ParamsOf<(typeof en)[K]>] extends [never]
  ? []
  : [params: Readonly<Record<ParamsOf<(typeof en)[K]>, string | number>>];

/** The text of a key. The compiler asks for exactly the parameters that the English message names. */
export function t<K extends Key>(key: K, ...args: Args<K>): string {
  return formatter.format(catalogue[key], args[0] ?? {});
}

const formatter = createFormatter(language, locale);

/** For keys that come from data, e.g. the name of an audited call: undefined when the catalogue has none. */
export function maybe(key: string): string | undefined {
  return Object.hasOwn(catalogue, key) ? catalogue[key as Key] : undefined;
}
