import type { Param, Said } from '../contract/said.ts';
import type { Values } from './format.ts';

/** How a place that reads sentences writes what is in them. */
export interface Speech {
  /** The text of a message with its parameters; undefined for an id that this catalogue does not have. */
  readonly write: (id: string, values: Values) => string | undefined;
  /** The language that the messages are written in. */
  readonly language: string;
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
  const lists = new Intl.ListFormat(speech.language, { type: 'unit', style: 'short' });
  const choices = new Intl.ListFormat(speech.language, { type: 'disjunction' });
  const quote = (item: string): string => speech.write('list.quoted', { item }) ?? `“${item}”`;
  const write = (value: Param, depth: number): string | number => {
    if (typeof value === 'string' || typeof value === 'number') return value;
    if ('instant' in value) return speech.instant(value.instant);
    if ('eitherQuoted' in value) return choices.format(value.eitherQuoted.map(quote));
    if ('anyOf' in value) return choices.format(value.anyOf);
    if ('sentences' in value) return value.sentences.map((each) => render(each, depth + 1)).join(' ');
    if ('lines' in value) return value.lines.map((each) => render(each, depth + 1)).join('\n');
    if ('quoted' in value) return lists.format(value.quoted.map(quote));
    if ('id' in value) return render(value, depth + 1);
    return lists.format(value.map((item) => String(write(item, depth))));
  };
  const render = ({ id, params = {} }: Said, depth: number): string => {
    if (id === 'plain') return String(params['text'] ?? '');
    if (depth > deepest) throw new RangeError(id);
    const values = Object.entries(params).map(([name, value]) => [name, write(value, depth)] as const);
    const text = speech.write(id, Object.fromEntries(values));
    if (text === undefined) throw new RangeError(id);
    return text;
  };
  return (said) => {
    try {
      return render(said, 0);
    } catch {
      return undefined;
    }
  };
}
