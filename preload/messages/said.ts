import type { Param, Said } from '../contract/said.ts';
import { sentences } from './en/index.ts';
import { createFormatter, type ParamsOf } from './format.ts';

type Sentences = typeof sentences;
export type SentenceId = keyof Sentences;

type Args<K extends SentenceId> = [ParamsOf<Sentences[K]>] extends [never]
  ? []
  : [params: Readonly<Record<ParamsOf<Sentences[K]>, Param>>];

/** A sentence of the catalogue. The compiler asks for exactly the parameters that the English message names. */
export function say<K extends SentenceId>(id: K, ...args: Args<K>): Said {
  const [params] = args;
  return params === undefined ? { id } : { id, params };
}

/** Sentences that are told one behind the other. */
export function several(sentences: readonly Said[]): Said {
  const [only] = sentences;
  return sentences.length === 1 && only ? only : say('common.several', { all: { sentences } });
}

/** How a place that reads sentences writes what is in them. */
export interface Speech {
  /** The message of an id in ICU MessageFormat; undefined for one that this catalogue does not have. */
  readonly message: (id: string) => string | undefined;
  /** The language that the messages are written in. */
  readonly language: string;
  /** Decides how numbers are written. */
  readonly locale: string;
  /** Writes an ISO instant. */
  readonly instant: (iso: string) => string;
}

/** A sentence in a sentence in a sentence: nobody means more, and what comes from elsewhere has an end. */
const deepest = 8;

/**
 * Turns what was said into text. Answers undefined for a sentence that the catalogue does not have, or whose parameters do
 * not fit its message, as between two versions: whoever asks has something else to show then.
 */
export function createSpeaker(speech: Speech): (said: Said) => string | undefined {
  const formatter = createFormatter(speech.language, speech.locale);
  const lists = new Intl.ListFormat(speech.language, { type: 'unit', style: 'short' });
  const choices = new Intl.ListFormat(speech.language, { type: 'disjunction' });
  const quote = (item: string): string =>
    formatter.format(speech.message('list.quoted') ?? '“{item}”', { item });
  const write = (value: Param, depth: number): string | number => {
    if (typeof value === 'string' || typeof value === 'number') return value;
    if ('instant' in value) return speech.instant(value.instant);
    if ('eitherQuoted' in value) return choices.format(value.eitherQuoted.map(quote));
    if ('anyOf' in value) return choices.format(value.anyOf);
    if ('sentences' in value) return value.sentences.map((each) => render(each, depth + 1)).join(' ');
    if ('quoted' in value) return lists.format(value.quoted.map(quote));
    if ('id' in value) return render(value, depth + 1);
    return lists.format(value.map((item) => String(write(item, depth))));
  };
  const render = ({ id, params = {} }: Said, depth: number): string => {
    if (id === 'plain') return String(params['text'] ?? '');
    const message = speech.message(id);
    if (message === undefined || depth > deepest) throw new RangeError(id);
    const values = Object.entries(params).map(([name, value]) => [name, write(value, depth)] as const);
    return formatter.format(message, Object.fromEntries(values));
  };
  return (said) => {
    try {
      return render(said, 0);
    } catch {
      return undefined;
    }
  };
}

/** The message of an id; undefined for one that the catalogue does not have. */
export const englishMessage = (id: string): string | undefined =>
  Object.hasOwn(sentences, id) ? (sentences as Readonly<Record<string, string>>)[id] : undefined;

const speakEnglish = createSpeaker({
  message: englishMessage,
  language: 'en',
  locale: 'en',
  instant: (iso) => iso,
});

/** The sentence as logs, stack traces, commands and agents have it; the id of one that is not known. */
export function english(said: Said): string {
  return speakEnglish(said) ?? said.id;
}
