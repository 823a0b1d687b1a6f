import { describe, expect, it } from 'vitest';
import { languageChoices } from '../../preload/contract/models.ts';
import { type LanguageChoice, languages, spokenFor } from '../../renderer/i18n/languages.ts';

describe('what is spoken', () => {
  it.each([
    [['en-US@posix'], 'en', 'en-US'],
    [['fr_FR.UTF-8'], 'fr', 'fr-FR'],
    [['C', 'hi-IN'], 'hi', 'hi-IN'],
    [['', '*'], 'en', 'en'],
    [[], 'en', 'en'],
    // The first language of the system that the window has; numbers stay those of the region.
    [['de-DE', 'fr-CM', 'en'], 'fr', 'fr-CM'],
    [['pt-MZ'], 'pt', 'pt-MZ'],
    [['es-419', 'es'], 'es', 'es-419'],
    // None of them: English words, with the system's own numbers and dates.
    [['de-DE', 'am-ET'], 'en', 'de-DE'],
  ] as const)('on a system that says %j is %s with %s', (tags, language, locale) => {
    expect(spokenFor('system', tags)).toEqual({ language, locale });
    expect(() => new Intl.NumberFormat(locale)).not.toThrow();
  });

  it.each([
    ['fr', ['en-GB', 'fr-CM'], 'fr-CM'],
    ['fr', ['en-GB'], 'fr'],
    ['en', ['fr-FR'], 'en'],
  ] as const)('is %s where that is chosen, whatever %j says', (choice, tags, locale) => {
    expect(spokenFor(choice, tags)).toEqual({ language: choice, locale });
  });
});

it('the host keeps exactly the choices that the window offers', () => {
  expect(languageChoices).toEqual(['system', ...languages] satisfies LanguageChoice[]);
});
