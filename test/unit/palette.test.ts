import { describe, expect, it } from 'vitest';
import type { Dataset } from '../../preload/contract/models.ts';
import { actionEntries } from '../../renderer/palette/entries.ts';
import { rank } from '../../renderer/palette/rank.ts';
import { createKeys, goLetters, type Press } from '../../renderer/palette/shortcuts.ts';
import { screens } from '../../renderer/screens/index.ts';
import { dataset } from '../support/renderer-fixture/builders.ts';
import { uuid } from '../support/renderer-fixture/scenario.ts';

const thing = (title: string, detail = '') => ({ id: title, title, detail });
const found = (titles: readonly string[], text: string, most = 10): string[] =>
  rank(
    titles.map((title) => thing(title)),
    text,
    most,
  ).map(({ title }) => title);

describe('what is found', () => {
  it('begins with what begins so, then the start of a word, then the middle of one', () => {
    expect(found(['Rainwater', 'Clean water', 'Water points', 'Fuel'], 'wat')).toEqual([
      'Water points',
      'Clean water',
      'Rainwater',
    ]);
  });

  it('is found whatever the accents and the case, and in scripts that have neither', () => {
    expect(found(['Électricité', 'Eau'], 'electricite')).toEqual(['Électricité']);
    expect(found(['आप कहाँ रहते हैं?', 'उम्र'], 'कहाँ')).toEqual(['आप कहाँ रहते हैं?']);
  });

  it('has each of the words that were typed, in any order', () => {
    expect(found(['Bednets 2026 – Malaria', 'Bednets 2025 – Water'], 'malaria bed')).toEqual([
      'Bednets 2026 – Malaria',
    ]);
    expect(found(['Bednets'], 'bednets nutrition')).toEqual([]);
  });

  it('is found by what it is part of, after what is called so', () => {
    const all = [thing('forms', 'Bednets'), thing('Bednets')];
    expect(rank(all, 'bednets', 5).map(({ title }) => title)).toEqual(['Bednets', 'forms']);
  });

  it('is no more than is wanted, and all of it where nothing was typed', () => {
    expect(found(['a1', 'a2', 'a3'], 'a', 2)).toEqual(['a1', 'a2']);
    expect(found(['a1', 'b2'], '  ')).toEqual(['a1', 'b2']);
  });

  it('takes signs of patterns for signs', () => {
    expect(found(['100 % (all)', 'all'], '% (')).toEqual(['100 % (all)']);
  });
});

describe('the shortcuts', () => {
  const press = (key: string, change: Partial<Press> = {}): Press => ({
    ...{ key, ctrl: false, meta: false, shift: false, alt: false, typing: false, asking: false, at: 0 },
    ...change,
  });
  const keys = (options: { mac?: boolean; singles?: boolean } = {}) =>
    createKeys({ mac: options.mac ?? false, singles: () => options.singles ?? true });

  it('with Ctrl count everywhere, with ⌘ on a Mac, and not with both', () => {
    expect(keys().press(press('k', { ctrl: true, typing: true }))).toEqual({ kind: 'palette' });
    expect(keys({ mac: true }).press(press('k', { meta: true }))).toEqual({ kind: 'palette' });
    expect(keys({ mac: true }).press(press('k', { ctrl: true }))).toBeNull();
    expect(keys().press(press('k', { ctrl: true, meta: true }))).toBeNull();
    expect(keys().press(press('L', { ctrl: true, shift: true }))).toEqual({ kind: 'lock' });
  });

  it('of two keys lead to a screen, when the second comes soon', () => {
    const some = keys();
    expect(some.press(press('g', { at: 100 }))).toBeNull();
    expect(some.press(press('c', { at: 900 }))).toEqual({ kind: 'screen', path: 'connections' });
    some.press(press('g', { at: 1000 }));
    expect(some.press(press('c', { at: 4000 }))).toBeNull();
    // Any other key ends it.
    some.press(press('g', { at: 5000 }));
    some.press(press('x', { at: 5100 }));
    expect(some.press(press('c', { at: 5200 }))).toBeNull();
  });

  it('lead to screens that there are, each to its own', () => {
    const paths = Object.values(goLetters);
    expect(new Set(paths).size).toBe(paths.length);
    for (const path of paths) expect(screens.map((screen) => screen.path)).toContain(path);
  });

  it('never take a letter from what somebody types, nor act under a question', () => {
    for (const key of ['?', '/', 'g']) {
      expect(keys().press(press(key, { typing: true }))).toBeNull();
      expect(keys().press(press(key, { asking: true }))).toBeNull();
    }
    expect(keys().press(press('k', { ctrl: true, asking: true }))).toBeNull();
    const some = keys();
    some.press(press('g'));
    expect(some.press(press('c', { typing: true }))).toBeNull();
  });

  it('of a single key can be switched off; the others stay', () => {
    const some = keys({ singles: false });
    expect(some.press(press('?', { shift: true }))).toBeNull();
    some.press(press('g'));
    expect(some.press(press('c'))).toBeNull();
    expect(some.press(press('k', { ctrl: true }))).toEqual({ kind: 'palette' });
  });
});

it('offers a sync only where it throws nothing away and can succeed', () => {
  const access = { may: () => true, reason: () => undefined };
  const fine = { ...dataset(1), job: null, held: null, signIn: 'valid' as const };
  const offered = (change: Partial<Dataset>): boolean =>
    actionEntries(access, [{ ...fine, ...change }], false).some(({ act }) => act.kind === 'sync');
  expect(offered({})).toBe(true);
  // It is for whoever reviews it.
  expect(offered({ held: { jobId: uuid(9, 1), reasons: [] } as unknown as Dataset['held'] })).toBe(false);
  expect(offered({ signIn: 'expired' })).toBe(false);
});
