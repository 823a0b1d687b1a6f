import { describe, expect, it } from 'vitest';
import { commcare } from '../../main/connectors/commcare/index.ts';
import type { Connector } from '../../main/connectors/connector.ts';
import { allConnectors, connectorFor } from '../../main/connectors/registry.ts';
import { checkOptions } from '../../main/services/options.ts';
import { methods } from '../../preload/contract/methods.ts';
import { codeOf } from '../support/parts.ts';

const field = (name: string, kind: 'flag' | 'list' | 'date' | 'text') => ({
  name,
  label: `The ${name}`,
  help: '',
  kind,
  datasets: ['forms'],
});
const connector: Connector = {
  ...commcare,
  options: [field('all', 'flag'), field('ids', 'list'), field('from', 'date'), field('language', 'text')],
};

describe('options of a link', () => {
  it.each([
    {},
    { all: true },
    { ids: [] },
    { ids: ['a'] },
    { from: '2024-02-29' },
    { language: 'fr', all: false },
  ])('%j fit', async (options) => {
    expect(await codeOf(() => checkOptions(connector, options))).toBe('did not fail');
  });

  it.each([
    [{ other: true }, 'has no option “other”. Options: all, ids, from, language.'],
    [{ all: 'true' }, 'The option “The all” must be true or false.'],
    [{ ids: 'a' }, 'must be a list'],
    [{ from: '2024-02-30' }, 'must be a day like 2026-01-31'],
    [{ from: '24-2-3' }, 'must be a day'],
    [{ from: ['2024-01-01'] }, 'must be a day'],
    [{ language: true }, 'must be a text'],
  ])('%j are refused, with what is wrong', (options, message) => {
    expect(() => checkOptions(connector, options)).toThrow(message);
  });

  it('are bounded by the contract', () => {
    const link = methods['links.create'].input;
    const id = '6f9619ff-8b86-4d01-b42d-00cf4fc964ff';
    const withOptions = (options: unknown) =>
      link.safeParse({ projectId: id, sourceId: id, syncConfig: { datasets: ['forms'], options } }).success;
    expect(withOptions({ a: 'x', b: ['y'], c: false })).toBe(true);
    expect(withOptions({ a: 5 })).toBe(false);
    expect(withOptions({ a: 'x'.repeat(2001) })).toBe(false);
    expect(withOptions({ a: Array.from({ length: 501 }, () => 'x') })).toBe(false);
    expect(withOptions(Object.fromEntries(Array.from({ length: 51 }, (_, at) => [`o${at}`, true])))).toBe(
      false,
    );
  });
});

describe('kinds of sources', () => {
  it('are those of the registry, each with a name of its own that the contract takes', () => {
    const types = allConnectors.map(({ type }) => type);
    expect(new Set(types).size).toBe(types.length);
    for (const type of types) expect(connectorFor(type).type).toBe(type);
    const source = { name: 'n', baseUrl: 'https://hq.org', clientId: 'c' };
    const takes = (sourceType: string) =>
      methods['sources.create'].input.safeParse({ ...source, sourceType }).success;
    for (const type of types) expect(takes(type)).toBe(true);
    for (const type of ['', 'Commcare', '1x', 'a-b', 'a'.repeat(42)]) expect(takes(type)).toBe(false);
  });

  it('that are not there are refused by name', () => {
    expect(() => connectorFor('odk')).toThrow(
      expect.objectContaining({ code: 'INPUT_INVALID', advice: expect.stringContaining('commcare') }),
    );
  });
});
