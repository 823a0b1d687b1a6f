import { expect, it } from 'vitest';
import { usableLocale } from '../../renderer/i18n/index.ts';

it.each([
  [['en-US@posix'], 'en-US'],
  [['fr_FR.UTF-8'], 'fr-FR'],
  [['C', 'hi-IN'], 'hi-IN'],
  [['', '*'], 'en'],
  [[], 'en'],
])('%j becomes %s', (tags, locale) => {
  expect(usableLocale(tags)).toBe(locale);
  expect(() => new Intl.NumberFormat(usableLocale(tags))).not.toThrow();
});
