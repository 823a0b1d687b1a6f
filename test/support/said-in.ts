import type { Language } from '../../renderer/i18n/languages.ts';
import { translationOf } from '../../renderer/messages.config.ts';

/**
 * What a message of the window is in a language, as something to look for: its parameters may be any text. For messages
 * without plural forms; their words are the translators', so a test names the key.
 */
export function saidIn(language: Exclude<Language, 'en'>, key: string): RegExp {
  const text = translationOf(language)[key];
  if (text === undefined || /\{\w+,/.test(text)) throw new Error(`${key} is no plain message`);
  const pieces = text
    .split(/\{\w+\}/)
    .map((piece) => piece.replaceAll("''", "'").replace(/[.*+?^${}()|[\]\\]/g, '\\$&'))
    // What may not break is a space like others to who looks for it.
    .map((piece) => piece.replace(/\s/g, '\\s'));
  return new RegExp(`^${pieces.join('.*')}$`);
}
