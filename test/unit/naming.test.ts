import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { dotted, repeatsIn, segmentsIn } from '../../main/sync/shape/names.ts';
import {
  allot,
  cutBytes,
  longestNameBytes,
  schemaName,
  slug,
  stagingSuffix,
} from '../../main/sync/shape/naming.ts';

const bytes = (text: string): number => Buffer.byteLength(text, 'utf8');

describe('slug', () => {
  it.each([
    ['visit_date', 'visit_date'],
    ['timeStart', 'time_start'],
    ['deviceID', 'device_id'],
    ['@case_id', 'case_id'],
    ['#text', 'text'],
    ['Visite prénatale', 'visite_prénatale'],
    ['शिशु पंजीकरण', 'शिशु_पंजीकरण'],
    ['1st visit', '_1st_visit'],
    ['--', ''],
    ['Straße/Ort', 'straße_ort'],
  ])('%s becomes %s', (text, name) => expect(slug(text)).toBe(name));
});

describe('allot', () => {
  it('gives names that need no quotes: reserved words get an underscore, long ones a hash', () => {
    const names = allot(
      [
        { id: 'a', text: 'select' },
        { id: 'b', text: 'x'.repeat(100) },
        { id: 'c', text: 'क'.repeat(60) },
      ],
      {},
    );
    expect(names.get('a')).toBe('select_');
    for (const name of names.values()) expect(bytes(name)).toBeLessThanOrEqual(longestNameBytes);
    expect(names.get('b')).toMatch(/^x+_[0-9a-f]{6}$/);
    expect(names.get('c')).toMatch(/^क+_[0-9a-f]{6}$/);
  });
  it('lets the one that is spelt so have the bare name', () => {
    const names = allot(
      [
        { id: '#type', text: '#type' },
        { id: 'type', text: 'type' },
      ],
      {},
    );
    expect(names.get('type')).toBe('type');
    expect(names.get('#type')).toMatch(/^type_[0-9a-f]{6}$/);
  });
  it('keeps a name once given, whoever comes later', () => {
    const names = allot(
      [
        { id: 'a', text: 'visit' },
        { id: 'z', text: 'visit' },
      ],
      { z: 'visit' },
    );
    expect(names.get('z')).toBe('visit');
    expect(names.get('a')).not.toBe('visit');
  });
  it('keeps the end of a long name readable, and its beginning', () => {
    const form = 'form Quarterly household follow-up questionnaire';
    const group = 'household_members_and_relations';
    const repeats = [
      'children_under_five',
      'pregnant_women',
      'people_who_moved_away_since_the_last_visit_of_the_household',
    ];
    const parent = [...allot([{ id: 'form', text: form }], {}).values()][0] as string;
    const names = allot(
      repeats.map((repeat) => ({ id: repeat, text: [parent, group, repeat].join(' ') })),
      {},
    );
    for (const [repeat, name] of names) {
      expect(bytes(name)).toBeLessThanOrEqual(longestNameBytes);
      expect(name).toMatch(/^form_quarterly_(?:.*_)?[0-9a-f]{6}_/);
      const end = repeat.length < 30 ? repeat : 'last_visit_of_the_household';
      expect(name.endsWith(`_${end}`)).toBe(true);
    }
  });
  it('cuts any long name to one that fits, ends as it did and needs no quotes', () => {
    const word = fc.string({
      unit: fc.constantFrom(...'abcxyz019', 'क', '्', '़', 'é', '名', 'ش', '𐐨'),
      minLength: 1,
      maxLength: 90,
    });
    const words = fc.array(word, { minLength: 1, maxLength: 14 });
    fc.assert(
      fc.property(words, (parts) => {
        const text = parts.join('_');
        const name = allot([{ id: 'a', text }], {}).get('a') as string;
        expect(bytes(name)).toBeLessThanOrEqual(longestNameBytes);
        expect(name.isWellFormed()).toBe(true);
        expect(name).toMatch(/^[_\p{L}][_\p{L}\p{M}\p{N}]*$/u);
        const whole = slug(text);
        if (bytes(whole) > longestNameBytes) {
          const last = whole.split('_').at(-1) as string;
          if (whole.includes('_') && bytes(last) <= 30) expect(name.endsWith(`_${last}`)).toBe(true);
          expect(name).toMatch(/_[0-9a-f]{6}(_|$)/);
        }
      }),
      { seed: 1, numRuns: 2000 },
    );
  });
  it('lets the one that chooses first have the bare name, then the plain one, then the one with more rows', () => {
    const named = (...wishes: Parameters<typeof allot>[0]) => allot(wishes, {});
    const lists = named(
      { id: 'lookup/tables', text: 'lookup tables', rows: 900 },
      { id: 'lookup_tables', text: 'lookup tables', first: true, rows: 2 },
    );
    expect(lists.get('lookup_tables')).toBe('lookup_tables');
    expect(lists.get('lookup/tables')).toMatch(/^lookup_tables_[0-9a-f]{6}$/);
    const types = named(
      { id: 'case/Patient', text: 'case Patient', rows: 100 },
      { id: 'case/patient', text: 'case patient', rows: 50 },
    );
    expect(types.get('case/patient')).toBe('case_patient');
    const shouted = named(
      { id: 'case/PATIENT', text: 'case PATIENT', rows: 1 },
      { id: 'case/Patient', text: 'case Patient', rows: 50 },
    );
    expect(shouted.get('case/Patient')).toBe('case_patient');
    const equal = named({ id: 'b', text: 'B!', rows: 5 }, { id: 'a', text: 'B?', rows: 5 });
    expect(equal.get('a')).toBe('b');
  });
  it('keeps names of before that it would not give today', () => {
    const before = { a: 'select', b: 'x'.repeat(63), c: 'Not A Slug' };
    const wishes = ['a', 'b', 'c', 'd'].map((id) => ({ id, text: 'select', first: id === 'd' }));
    const names = allot(wishes, before);
    for (const [id, name] of Object.entries(before)) expect(names.get(id)).toBe(name);
  });
  it('never gives one name twice, and the same in any order', () => {
    const wishes = fc.uniqueArray(
      fc.record({
        id: fc.string({ minLength: 1 }),
        text: fc.constantFrom('a', 'A', 'a_', '@a', 'ä', 'x'.repeat(70), `${'x'.repeat(70)}y`, ''),
      }),
      { selector: ({ id }) => id },
    );
    fc.assert(
      fc.property(wishes, (items) => {
        const names = allot(items, {}, ['a']);
        expect(new Set(names.values()).size).toBe(items.length);
        expect([...names.values()]).not.toContain('a');
        const reversed = allot([...items].reverse(), {}, ['a']);
        for (const { id } of items) expect(reversed.get(id)).toBe(names.get(id));
      }),
      { seed: 1 },
    );
  });
});

describe('a path', () => {
  it('is read back as it was written, whatever its segments are', () => {
    const segment = fc.oneof(
      fc.string(),
      fc.constantFrom('', '.', '\\', 'a.b', 'c\\d', 'a\0b', '\ud800', '\\u0000', '💧'),
    );
    fc.assert(
      fc.property(fc.array(segment, { minLength: 1, maxLength: 4 }), (segments) => {
        expect(segmentsIn(dotted(segments))).toEqual(segments);
      }),
      { seed: 1 },
    );
  });
  it('of a repeat is found in the names of tables', () => {
    const tables = {
      forms: 'forms',
      'form/a|b': 'form_a',
      'form/a|b|kids': 'kids',
      'form/a|b|kids.toys': 'toys',
    };
    expect([...repeatsIn(tables)]).toEqual([['form/a|b', [['kids'], ['kids', 'toys']]]]);
  });
});

describe('schema names', () => {
  it('follow the pattern and never collide', () => {
    const taken = new Set<string>();
    const make = (owner: string): string => {
      const name = schemaName(owner, 'commcare', (candidate) => taken.has(candidate));
      taken.add(name);
      return name;
    };
    expect(make('1a2b3c4d-0000-4000-8000-000000000000')).toBe('data_1a2b3c4d_commcare');
    // Two sources of one project, and another owner whose short id is the same.
    expect(make('1a2b3c4d-0000-4000-8000-000000000000')).toBe('data_1a2b3c4d_commcare_2');
    expect(make('1a2b3c4d-ffff-4fff-8fff-ffffffffffff')).toBe('data_1a2b3c4d_commcare_3');
    for (const name of taken) expect(bytes(name + stagingSuffix)).toBeLessThanOrEqual(longestNameBytes);
  });
  it('cutting never splits a character', () => {
    expect(cutBytes('ab💧', 5)).toBe('ab');
    expect(cutBytes('ab💧', 6)).toBe('ab💧');
  });
});
