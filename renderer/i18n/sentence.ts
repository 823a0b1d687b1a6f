import type { WireError } from '../../preload/contract/errors.ts';
import type { Said } from '../../preload/contract/said.ts';
import { formatMoment } from '../format.ts';
import { locale } from './index.ts';

type Speak = (said: Said) => string | undefined;

/** How sentences of the core are written; nothing until the catalogue, which is a chunk of its own, has come. */
let speak: Speak = ({ id, params }) => (id === 'plain' ? String(params?.['text'] ?? '') : undefined);

/**
 * From now on sentences of the core are written in `language`. `messages` are its translations by id; what they do not have
 * is English. Whoever changes the language waits for it, then draws anew.
 */
export async function speakIn(
  language: string,
  written: string,
  messages: Readonly<Record<string, string>> = {},
): Promise<void> {
  const { createSpeaker, englishMessage } = await import('../../preload/messages/said.ts');
  const instant = (iso: string): string => formatMoment(iso, Date.now());
  const english = createSpeaker({ message: englishMessage, language: 'en', locale: written, instant });
  const message = (id: string): string | undefined =>
    Object.hasOwn(messages, id) ? messages[id] : undefined;
  const own = createSpeaker({ message, language, locale: written, instant });
  speak = (said) => own(said) ?? english(said);
}

/** A sentence of the core as text; `otherwise` where the catalogue is not here yet, or does not have it. */
export function sentence(said: Said | undefined, otherwise = ''): string {
  return (said && speak(said)) ?? otherwise;
}

/** What happened. */
export const messageOf = (error: WireError): string => sentence(error.said, error.message);
/** What to do next; empty where there is nothing to say. */
export const adviceOf = (error: WireError): string => sentence(error.advised, error.advice);

void speakIn('en', locale);
