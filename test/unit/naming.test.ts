import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
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
