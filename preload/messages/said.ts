import type { Param, Said } from '../contract/said.ts';
import { sentences } from './en/index.ts';
import { createFormatter, type ParamsOf } from './format.ts';
import { createSpeaker } from './speaker.ts';

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

/** Sentences, or parts of a text, that are told one below the other. */
export function below(lines: readonly Said[]): Said {
  const [only] = lines;
  return lines.length === 1 && only ? only : say('common.several', { all: { lines } });
}

/** The message of an id; undefined for one that the catalogue does not have. */
export const englishMessage = (id: string): string | undefined =>
  Object.hasOwn(sentences, id) ? (sentences as Readonly<Record<string, string>>)[id] : undefined;

const formatter = createFormatter('en', 'en');

const speakEnglish = createSpeaker({
  write(id, values) {
    const message = englishMessage(id);
    return message === undefined ? undefined : formatter.format(message, values);
  },
  language: 'en',
  instant: (iso) => iso,
});

/** The sentence as logs, stack traces, commands and agents have it; the id of one that is not known. */
export function english(said: Said): string {
  return speakEnglish(said) ?? said.id;
}
