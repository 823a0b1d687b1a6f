import { describe, expect, it } from 'vitest';
import { createFormatter, type Values } from '../../preload/messages/format.ts';
import { en } from '../../renderer/i18n/en.ts';

const say = (message: string, values: Values = {}) => createFormatter('en', 'en-GB').format(message, values);

describe('messages', () => {
  it('fills in parameters and writes numbers as people do', () => {
    expect(say('Delete {name}?', { name: 'Warehouse' })).toBe('Delete Warehouse?');
    expect(say('{n} rows', { n: 1234567 })).toBe('1,234,567 rows');
  });

  it('chooses plurals, exact numbers first', () => {
    const message = '{count, plural, =0 {none} one {# row} other {# rows}} in {place}';
    expect(say(message, { count: 0, place: 'forms' })).toBe('none in forms');
    expect(say(message, { count: 1, place: 'forms' })).toBe('1 row in forms');
    expect(say(message, { count: 2500, place: 'forms' })).toBe('2,500 rows in forms');
  });

  it('nests branches and selects by word', () => {
    const message = '{kind, select, table {{count, plural, one {# table} other {# tables}}} other {things}}';
    expect(say(message, { kind: 'table', count: 3 })).toBe('3 tables');
    expect(say(message, { kind: 'view', count: 3 })).toBe('things');
  });

  it('counts in the language of the words and writes numbers as the person does', () => {
    const french = createFormatter('fr', 'de-DE');
    expect(french.format('{n, plural, one {# ligne} other {# lignes}}', { n: 0 })).toBe('0 ligne');
    expect(french.format('{n, plural, one {# ligne} other {# lignes}}', { n: 12345 })).toBe('12.345 lignes');
    expect(french.format('{n, plural, other {{m} de #}}', { n: 1000, m: 2000 })).toBe('2.000 de 1.000');
  });

  it('takes what looks like mark-up for text', () => {
    expect(say('from <b> to {x}', { x: '</b>' })).toBe('from <b> to </b>');
  });

  it('never reads a parameter value as a message', () => {
    expect(say('Delete {name}?', { name: '{count, plural, other {x}}' })).toBe(
      'Delete {count, plural, other {x}}?',
    );
  });

  it('says which parameter is missing', () => {
    expect(() => say('Delete {name}?')).toThrow('name');
  });

  it('can render every message of the catalogue', () => {
    for (const [key, message] of Object.entries(en)) {
      const names = [...message.matchAll(/\{(\w+)[,}]/g)].map((match) => match[1] ?? '');
      const values = Object.fromEntries(names.map((name) => [name, 2]));
      expect(say(message, values), key).not.toMatch(/[{}#]/);
    }
  });
});
