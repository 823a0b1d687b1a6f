import { execFileSync } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { describe, expect, it, vi } from 'vitest';
import { matchOf } from '../../main/services/projects/dictionary.ts';
import { createDictionaryIndex } from '../../main/services/projects/dictionary-index.ts';
import type { DictionaryTable } from '../../preload/contract/models.ts';
import { oneJob } from '../support/one-job.ts';
import { instant, rawDb } from '../support/parts.ts';
import { columnWith, publishTables, questionTables, tableWith } from '../support/published-tables.ts';

/** A store with one dataset, `d`, and its index. */
function searching(elapsed: () => number = () => 0) {
  const one = oneJob();
  const index = createDictionaryIndex({ store: one.store, newId: randomUUID, elapsed });
  const { signal } = new AbortController();
  const publish = (tables: readonly DictionaryTable[]) => publishTables(one.store, 'd', tables);
  const bring = () => index.bring([one.store.datasets.get('d')], signal);
  const search = (text: string, among: readonly string[]) => {
    const match = matchOf(text);
    return match === null ? [] : one.store.words.search(among, match, 50);
  };
  const find = (text: string, among = ['d']) =>
    search(text, among).map(({ table, column }) => (column === '' ? table : `${table}.${column}`));
  const say = (table: string, element: string, column: string, description: string | null) => {
    const note = { table, element, description, sensitivity: [], declined: [], told: [] };
    one.store.notes.put({ projectId: 'j', sourceId: 's' }, note, 'p', instant);
    one.store.words.forget('d', table, column);
  };
  return { ...one, index, publish, bring, find, say, [Symbol.dispose]: () => one[Symbol.dispose]() };
}

/** Everything that SQLite keeps on the disk, read by another program so that no lock is lost. */
function bytesOf(folder: string): Buffer {
  rawDbCheckpoint(folder);
  return execFileSync('cat', [join(folder, 'headgate.db')], { maxBuffer: 1024 * 1024 * 1024 });
}
function rawDbCheckpoint(folder: string): void {
  using db = rawDb(join(folder, 'headgate.db'));
  db.pragma('wal_checkpoint(TRUNCATE)');
}

const visits = tableWith('visits', [
  columnWith('age', 'Âge de l’élève'),
  columnWith('water', 'Source d’eau (rivière)'),
  columnWith('malaria', 'क्या घर में मलेरिया हुआ?'),
  columnWith('crianca', 'Idade da CRIANÇA'),
]);

describe('a search', () => {
  it('finds words whatever their accents and case, each perhaps only begun, in any script', async () => {
    using one = searching();
    await one.publish([visits]);
    await one.bring();
    expect(one.find('eleve')).toEqual(['visits.age']);
    expect(one.find('ÉLÈVE Âge')).toEqual(['visits.age']);
    expect(one.find('e\u0301le\u0300ve')).toEqual(['visits.age']);
    expect(one.find('riv')).toEqual(['visits.water']);
    expect(one.find('मलेरिया')).toEqual(['visits.malaria']);
    expect(one.find('मले')).toEqual(['visits.malaria']);
    expect(one.find('crianca idade')).toEqual(['visits.crianca']);
    expect(one.find('age nothing')).toEqual([]);
    // Parts of words are not words.
    expect(one.find('leve')).toEqual([]);
  });

  it('takes nothing that is typed for a language of its own', async () => {
    using one = searching();
    await one.publish([visits]);
    await one.bring();
    for (const text of [
      'age OR water',
      'age AND',
      'NEAR(age water)',
      'question:age',
      '"',
      "'; DROP TABLE people",
      '^age*',
      '(',
      '-age',
      'a"b',
    ])
      expect(() => one.find(text), text).not.toThrow();
    expect(one.find('age OR water')).toEqual([]);
    expect(matchOf('?!')).toBeNull();
    expect(matchOf('a '.repeat(50))?.split(' AND ').length).toBe(12);
  });

  it('has what people say, at once without what they took away, and the better place first', async () => {
    using one = searching();
    await one.publish([
      visits,
      tableWith('cases', [columnWith('z', 'hygiene'), columnWith('hygiene', null)]),
    ]);
    await one.bring();
    expect(one.find('hygiene')).toEqual(['cases.z', 'cases.hygiene']);
    one.say('visits', 'form.age', 'age', 'zebracount');
    await one.bring();
    expect(one.find('zebra')).toEqual(['visits.age']);
    one.say('visits', 'form.age', 'age', null);
    expect(one.find('zebra')).toEqual([]);
    await one.bring();
    expect(one.find('eleve')).toEqual(['visits.age']);
  });

  it('puts what fits equally into the same order always, by dataset and name', async () => {
    using one = searching();
    const same = (id: string) =>
      tableWith(
        id,
        ['c', 'a', 'b'].map((name) => columnWith(name, 'same words', 'x')),
      );
    await one.publish([same('t2'), same('t1')]);
    await one.bring();
    const order = ['t1.a', 't1.b', 't1.c', 't2.a', 't2.b', 't2.c'];
    expect(one.find('same words')).toEqual(order);
    await one.publish([same('t1'), same('t2')]);
    await one.bring();
    expect(one.find('same words')).toEqual(order);
    // Of what somebody may not see nothing is found.
    expect(one.find('same words', ['other'])).toEqual([]);
  });

  it('follows what is published: names that change, tables and columns that go', async () => {
    using one = searching();
    await one.publish([visits, tableWith('gone', [columnWith('x', 'vanishing')])]);
    await one.bring();
    const kept = one.store.words.rows('d', 'visits').map(({ id }) => id);
    await one.publish([{ ...visits, columns: [...visits.columns.slice(0, 3), columnWith('new', 'fresh')] }]);
    await one.bring();
    expect(one.find('vanishing')).toEqual([]);
    expect(one.find('crianca')).toEqual([]);
    expect(one.find('fresh')).toEqual(['visits.new']);
    // What is the same was not written again.
    const now = one.store.words.rows('d', 'visits').map(({ id }) => id);
    expect(now.filter((id) => kept.includes(id)).length).toBe(4);
  });
});

describe('the index', () => {
  it('is built in steps that end in time, and others get their turn between them', async () => {
    // Every look at the clock is a millisecond later.
    let clock = 0;
    using one = searching(() => clock++);
    await one.publish(questionTables(3, 500));
    let [most, steps, turns] = [0, 0, 0];
    const { transaction } = one.store;
    vi.spyOn(one.store, 'transaction').mockImplementation((work) => {
      const before = clock;
      const answer = transaction(work);
      most = Math.max(most, clock - before);
      steps += 1;
      return answer;
    });
    let over = false;
    const turn = (): void => {
      turns += 1;
      if (!over) setImmediate(turn);
    };
    turn();
    await one.bring();
    over = true;
    expect(one.find('question 499')).toContain('form_1.column_499');
    expect(most).toBeLessThanOrEqual(6);
    expect(steps).toBeGreaterThan(25);
    expect(turns).toBeGreaterThan(25);
  });

  it('keeps nothing in the file of what was said and taken away, nor of a dataset that went', async () => {
    using one = searching();
    await one.publish([
      tableWith('visits', [columnWith('age', 'xylophonequestion'), columnWith('b', 'other')]),
    ]);
    one.say('visits', 'form.age', 'age', 'quixoticnote');
    await one.bring();
    expect(one.find('quixotic')).toEqual(['visits.age']);
    expect(bytesOf(one.folder).includes('quixoticnote')).toBe(true);
    one.say('visits', 'form.age', 'age', null);
    expect(bytesOf(one.folder).includes('quixoticnote')).toBe(false);
    await one.bring();
    expect(bytesOf(one.folder).includes('xylophonequestion')).toBe(true);
    while (one.store.words.shed('d') || one.store.dictionaries.shed('d', true));
    one.store.datasets.delete('d');
    const bytes = bytesOf(one.folder);
    expect(bytes.includes('xylophonequestion')).toBe(false);
    using db = rawDb(join(one.folder, 'headgate.db'));
    expect(db.prepare("SELECT v FROM dictionary_search_config WHERE k = 'secure-delete'").pluck().get()).toBe(
      1,
    );
    expect(() =>
      db.exec("INSERT INTO dictionary_search (dictionary_search) VALUES ('integrity-check')"),
    ).not.toThrow();
  });

  it('has every word once where two processes build it at the same time', async () => {
    using one = searching();
    await one.publish(questionTables(4, 60));
    const other = createDictionaryIndex({
      store: one.store,
      newId: randomUUID,
      elapsed: () => performance.now(),
    });
    const dataset = one.store.datasets.get('d');
    const { signal } = new AbortController();
    await Promise.all([one.index.bring([dataset], signal), other.bring([dataset], signal)]);
    await one.bring();
    using db = rawDb(join(one.folder, 'headgate.db'));
    expect(
      db
        .prepare('SELECT count(*), count(DISTINCT table_id || column_name) FROM dictionary_words')
        .raw()
        .get(),
    ).toEqual([4 * 61, 4 * 61]);
  });
});
