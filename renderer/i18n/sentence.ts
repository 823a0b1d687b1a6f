import type { WireError } from '../../preload/contract/errors.ts';
import type { Said } from '../../preload/contract/said.ts';
import type { Compact } from '../../preload/messages/compact.ts';
import { formatMoment } from '../format.ts';
import type { Language, Spoken } from './languages.ts';

/** Sentences of the core, by id, in a language: what is not translated yet stands there in English. */
export type Sentences = Readonly<Record<string, Compact>>;

const files: Readonly<Record<Language, () => Promise<{ readonly sentences: Sentences }>>> = {
  en: () => import('virtual:sentences/said-en'),
  fr: () => import('virtual:sentences/said-fr'),
  es: () => import('virtual:sentences/said-es'),
  pt: () => import('virtual:sentences/said-pt'),
  hi: () => import('virtual:sentences/said-hi'),
};

type Speak = (said: Said) => string | undefined;

/** How sentences of the core are written; nothing until their catalogue, which is a chunk of its own, has come. */
const now: { speak: Speak } = {
  speak: ({ id, params }) => (id === 'plain' ? String(params?.['text'] ?? '') : undefined),
};

/** Fetches the sentences of a language, and from then on they are written in it. The window has to be drawn anew. */
export async function speakSentences({ language, locale }: Spoken): Promise<void> {
  const [{ sentences }, { createSpeaker }, { createWriter }] = await Promise.all([
    files[language](),
    import('../../preload/messages/speaker.ts'),
    import('../../preload/messages/compact.ts'),
  ]);
  const writer = createWriter(language, locale);
  now.speak = createSpeaker({
    write(id, values) {
      const message = Object.hasOwn(sentences, id) ? sentences[id] : undefined;
      return message === undefined ? undefined : writer.write(message, values);
    },
    language,
    instant: (iso) => formatMoment(iso, Date.now()),
  });
}

/** A sentence of the core as text; `otherwise` where the catalogue is not here yet, or does not have it. */
export function sentence(said: Said | undefined, otherwise = ''): string {
  return (said && now.speak(said)) ?? otherwise;
}

/** What happened. */
export const messageOf = (error: WireError): string => sentence(error.said, error.message);
/** What to do next; empty where there is nothing to say. */
export const adviceOf = (error: WireError): string => sentence(error.advised, error.advice);
