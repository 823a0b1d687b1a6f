import { describe, expect, it } from 'vitest';
import { shellWords } from '../../main/electron/words.ts';
import { languageChoices } from '../../preload/contract/models.ts';

describe('the words of the desktop shell', () => {
  const english = shellWords('en', []);

  it.each(languageChoices)('are all there in %s', (language) => {
    const words = shellWords(language, ['fr-CM']);
    expect(Object.keys(words)).toEqual(Object.keys(english));
    for (const text of Object.values(words)) expect(text.trim()).not.toBe('');
    if (language !== 'en') expect(words['menu.file']).not.toBe(english['menu.file']);
  });

  it('are those of the first language of the system that there is', () => {
    expect(shellWords('system', ['de-DE', 'pt_MZ.UTF-8', 'fr'])).toBe(shellWords('pt', []));
    expect(shellWords('system', ['C', 'constructor'])).toBe(english);
    expect(shellWords('hi', ['fr'])).toBe(shellWords('hi', []));
  });
});
