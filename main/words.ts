import { readdirSync, readFileSync } from 'node:fs';
import { type Language, type LanguageChoice, languages } from '../preload/contract/models.ts';
import type { Said } from '../preload/contract/said.ts';
import { createFormatter } from '../preload/messages/format.ts';
import { english, englishMessage } from '../preload/messages/said.ts';
import { createSpeaker } from '../preload/messages/speaker.ts';

/** What words are in, and numbers and times written in: the person's own region where the system names one. */
export interface Spoken {
  readonly language: Language;
  /** As `Intl` takes it. */
  readonly locale: string;
}

/** Turns sentences of the catalogue into text where they leave the main process: menus, messages of the system, a terminal, mail. */
export interface Words {
  /** What is spoken at this moment; the next text may be in another one. */
  spoken(): Spoken;
  /** The sentence in the language of this moment, else in English; never fails. */
  text(said: Said): string;
  /** A number as people of that region write it. */
  number(n: number): string;
  /** The same words in one language, whatever is chosen here: for what is read elsewhere. */
  in(language: Language): Words;
  /** The same words with times written in another way. */
  at(instant: WriteInstant): Words;
}

/** How an ISO instant is written. */
export type WriteInstant = (iso: string, locale: string) => string;

/** As people of this computer write times. */
export const localTime: WriteInstant = (iso, locale) =>
  new Intl.DateTimeFormat(locale, { dateStyle: 'medium', timeStyle: 'medium' }).format(new Date(iso));

/** For what is read where nobody knows the reader's clock: it says which one is meant. */
export const worldTime: WriteInstant = (iso, locale) =>
  new Intl.DateTimeFormat(locale, {
    ...{ year: 'numeric', month: 'short', day: 'numeric', hour: '2-digit', minute: '2-digit' },
    ...{ timeZone: 'UTC', timeZoneName: 'short' },
  }).format(new Date(iso));

/**
 * What a choice comes to on a system that prefers these languages, best first, in any spelling (`fr-CA`, `pt_MZ.UTF-8`). English
 * where it has none of ours, and where what it has is no language (`C`).
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
  return { language: 'en', locale: 'en' };
}

function canonical(tag: string): string | undefined {
  try {
    return Intl.getCanonicalLocales(tag.replace(/[@.].*$/, '').replaceAll('_', '-'))[0];
  } catch {
    return undefined;
  }
}

/** The rooms of a language, as its translator has them; the build puts them at the same place beside what it bundles. */
function translationOf(language: Language): Readonly<Record<string, string>> {
  // English is what the code itself has.
  if (language === 'en') return {};
  const folder = new URL(`../preload/messages/${language}/`, import.meta.url);
  const rooms = readdirSync(folder).filter((name) => name.endsWith('.json'));
  return Object.assign({}, ...rooms.map((room) => JSON.parse(readFileSync(new URL(room, folder), 'utf8'))));
}

function speakerOf(
  { language, locale }: Spoken,
  translated: Readonly<Record<string, string>>,
  instant: WriteInstant,
): (said: Said) => string {
  const formatter = createFormatter(language, locale);
  const speak = createSpeaker({
    write(id, values) {
      const message = Object.hasOwn(translated, id) ? translated[id] : englishMessage(id);
      return message === undefined ? undefined : formatter.format(message, values);
    },
    language,
    instant: (iso) => instant(iso, locale),
  });
  return (said) => speak(said) ?? english(said);
}

/**
 * Words in whatever `current` says at the moment of each text, so that a language that is chosen counts from then on. A
 * language is read from the disk when something is first said in it.
 */
export function createWords(current: () => Spoken, instant: WriteInstant): Words {
  const rooms = new Map<Language, Readonly<Record<string, string>>>();
  const translated = (language: Language): Readonly<Record<string, string>> => {
    const known = rooms.get(language) ?? translationOf(language);
    rooms.set(language, known);
    return known;
  };
  const wordsOf = (spoken: () => Spoken, write: WriteInstant): Words => {
    const speakers = new Map<string, (said: Said) => string>();
    return {
      spoken,
      text(said) {
        const here = spoken();
        const key = `${here.language} ${here.locale}`;
        const speaker = speakers.get(key) ?? speakerOf(here, translated(here.language), write);
        speakers.set(key, speaker);
        return speaker(said);
      },
      number: (n) => new Intl.NumberFormat(spoken().locale).format(n),
      in(language) {
        const here = spoken();
        const fixed = here.language === language ? here : { language, locale: language };
        return wordsOf(() => fixed, write);
      },
      at: (other) => wordsOf(spoken, other),
    };
  };
  return wordsOf(current, instant);
}

/** Sentences in what is spoken at this moment, and which language that is. */
export const writtenIn = ({ spoken, text }: Words, told: readonly Said[]) => ({
  language: spoken().language,
  texts: told.map(text),
});

/** A text as it stands in HTML, between tags and in attributes with quotes. */
export const escaped = (text: string): string =>
  text.replace(/[&<>"']/g, (char) => `&#${char.charCodeAt(0)};`);
