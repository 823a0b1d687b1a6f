import { createWords, type Words } from '../../main/words.ts';

/** English, with instants as they are: what a terminal without a language says. */
export const englishWords: Words = createWords(
  () => ({ language: 'en', locale: 'en' }),
  (iso) => iso,
);
