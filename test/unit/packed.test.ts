import { describe, expect, it } from 'vitest';
import { columnNamesOf, createColumnNames, lookUp } from '../../main/sync/shape/names.ts';
import { createShelf, packList, tablesByName } from '../../main/sync/shape/packed.ts';
import type { DictionaryTable } from '../../preload/contract/models.ts';

const table = (at: number): DictionaryTable => ({
  ...{ id: `form/${at}`, name: `table_${at}`, dataset: 'forms', rows: at, description: null, source: 'ün' },
  columns: [
    {
      name: '__proto__',
      type: 'text',
      nullShare: 0.1,
      distinct: 2,
      sourcePath: '__proto__',
      label: '\ud800',
      description: null,
    },
  ],
});

describe('what lies compressed', () => {
  it('is the same again, in its order, by its place and by its name', () => {
    for (const count of [0, 1, 15, 16, 17, 100]) {
      const tables = Array.from({ length: count }, (_, at) => table(at));
      const packed = packList(tables);
      expect([...packed]).toEqual(tables);
      expect(packed.length).toBe(count);
      expect(packed.at(count - 1)).toEqual(tables.at(count - 1));
      expect(packed.at(count)).toBeUndefined();
      const find = tablesByName(packed);
      for (const at of [count - 1, 0]) expect(find(`table_${at}`)).toEqual(tables[at]);
      expect(find('another')).toBeUndefined();
    }
  });

  it('is not read again by whoever asks for the same', () => {
    let reads = 0;
    const shelf = createShelf((text: string) => {
      reads += 1;
      return text.length;
    });
    const [one, two] = [shelf('a'), shelf('bb')];
    expect([one(), one(), two(), two(), one()]).toEqual([1, 1, 2, 2, 1]);
    expect(reads).toBe(3);
  });

  it('reads like plain names of columns, also where JavaScript has such names itself', () => {
    const names = createColumnNames();
    const own = Object.fromEntries([
      ['__proto__', 'proto'],
      ['constructor', 'constructor_'],
    ]);
    names.put('__proto__', own);
    names.put('form/1', { a: 'b' });
    names.put('form/1', { a: 'c' });
    expect([...columnNamesOf({ tables: {}, columns: names.columns })]).toEqual([
      ['__proto__', own],
      ['form/1', { a: 'c' }],
    ]);
    expect(lookUp(lookUp(names.columns, '__proto__') ?? {}, '__proto__')).toBe('proto');
    expect(JSON.parse(JSON.stringify(names.columns))['form/1']).toEqual({ a: 'c' });
    expect(structuredClone(names.columns)['form/1']).toEqual({ a: 'c' });
  });
});
