/** The languages of the window, each by its own name. One is offered here once it is complete. */
export const languageNames = {
  en: 'English',
  fr: 'Français',
  es: 'Español',
  pt: 'Português',
  hi: 'हिन्दी',
} as const;

export type Language = keyof typeof languageNames;
export const languages = Object.keys(languageNames) as readonly Language[];

/** What a person can choose: one of the languages, or the one that the system speaks. */
export type LanguageChoice = Language | 'system';

/** Languages that translators work on; they are checked as far as they go, and offered to nobody. */
export const prepared = ['sw'] as const;

/** What words and numbers are written in. */
export interface Spoken {
  readonly language: Language;
  /** Of numbers, dates and lists: the person's own region where the system names one. */
  readonly locale: string;
}

/**
 * What a choice comes to on a system that prefers these language tags, best first. A system that has none of the languages
 * gets English words, with numbers and dates of its own locale.
 */
export function spokenFor(choice: LanguageChoice, tags: readonly string[]): Spoken {
  const locales = tags.flatMap((tag) => canonical(tag) ?? []);
  const speaks = (language: string, locale: string): boolean => new Intl.Locale(locale).language === language;
  if (choice !== 'system')
    return { language: choice, locale: locales.find((each) => speaks(choice, each)) ?? choice };
  for (const locale of locales) {
    const language = languages.find((each) => speaks(each, locale));
    if (language) return { language, locale };
  }
  return { language: 'en', locale: locales[0] ?? 'en' };
}

/**
 * A language tag as `Intl` takes it. Some systems hand out POSIX names (`en-US@posix`), on which every number and date of
 * the window would fail; what is no tag at all (`C`) is nothing.
 */
function canonical(tag: string): string | undefined {
  try {
    return Intl.getCanonicalLocales(tag.replace(/[@.].*$/, '').replaceAll('_', '-'))[0];
  } catch {
    return undefined;
  }
}
