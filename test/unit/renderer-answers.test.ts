import { describe, expect, it } from 'vitest';
import type { CallName } from '../../preload/contract/channels.ts';
import { type Change, concerns, createAnswers, gather, shared } from '../../renderer/answers.ts';
import { uuid } from '../support/renderer-fixture/scenario.ts';

const readsFrom = { 'datasets.rows': ['datasets'], 'datasets.list': ['datasets', 'links'] } as const;
const keep = 40;

const create = (lasting: readonly CallName[] = []) => {
  const asked: string[] = [];
  const planned: (() => void)[] = [];
  const clock = { now: 0 };
  const answers = createAnswers({
    ask: (name, input) => {
      asked.push(`${name} ${JSON.stringify(input)}`);
      return Promise.resolve([]);
    },
    toError: () => ({ code: 'INTERNAL', kind: 'system', message: '', advice: '' }),
    ...{ readsFrom, keep, lasting: new Set(lasting), elapsed: () => clock.now },
    later: (act) => planned.push(act),
  });
  return {
    ...{ answers, asked, clock },
    trim: () => {
      for (const act of planned.splice(0)) act();
    },
  };
};

describe('answers', () => {
  it('stay as many after five hundred changes of screen as after fifty', () => {
    const { answers, trim } = create();
    /** What a screen asks: something for everybody, and something that only it asks. */
    const visit = (n: number): void => {
      const looked = [
        answers.entry('app.info', {}),
        answers.entry('datasets.list', {}),
        answers.entry('datasets.rows', { id: uuid(6, n), table: 'forms' }),
        answers.entry('audit.list', { before: n }),
      ];
      const listener = () => undefined;
      for (const each of looked) each.listeners.add(listener);
      for (const each of looked) each.listeners.delete(listener);
      trim();
    };
    const sizes = [50, 500].map((last) => {
      for (let n = 0; n < last; n += 1) visit(n);
      return answers.size;
    });
    expect(sizes[0]).toBe(sizes[1]);
    expect(sizes[1]).toBeLessThanOrEqual(keep + 1);
  });

  it('keep what somebody looks at, and what was looked at last', () => {
    const { answers, trim } = create();
    const watched = answers.entry('datasets.list', {});
    watched.listeners.add(() => undefined);
    const back = answers.entry('app.info', {});
    for (let n = 0; n < 200; n += 1) {
      answers.entry('audit.list', { before: n });
      trim();
      if (n % 30 === 0) expect(answers.entry('app.info', {})).toBe(back);
    }
    expect(answers.entry('datasets.list', {})).toBe(watched);
    expect(answers.size).toBeLessThanOrEqual(keep + 2);
  });

  it('do not go while a screen is drawn that asks for more than are kept', () => {
    const { answers, trim } = create();
    const ask = (n: number) => answers.entry('audit.list', { before: n });
    const drawn = Array.from({ length: keep * 3 }, (_, n) => ask(n));
    for (const each of drawn) each.listeners.add(() => undefined);
    trim();
    expect(drawn.every((each, n) => ask(n) === each)).toBe(true);
  });

  it('are read anew only where the change may have altered them, and somebody looks', async () => {
    const { answers, asked } = create();
    const look = (n: number) =>
      answers.entry('datasets.rows', { id: uuid(6, n), table: 'forms' }).listeners.add(() => undefined);
    look(1);
    look(2);
    answers.entry('datasets.rows', { id: uuid(6, 3), table: 'forms' });
    answers.changed([{ entity: 'datasets', ids: [uuid(6, 1)] }]);
    await Promise.resolve();
    expect(asked).toEqual([`datasets.rows ${JSON.stringify({ id: uuid(6, 1), table: 'forms' })}`]);
    answers.changed([{ entity: 'links' }]);
    expect(asked).toHaveLength(1);
    answers.changed([{ entity: 'datasets' }]);
    await Promise.resolve();
    expect(asked.slice(1).map((each) => each.includes(uuid(6, 3)))).toEqual([false, false]);
  });

  it('take a change of something they are no list of for one of theirs', () => {
    const one: Change = { entity: 'datasets', ids: [uuid(6, 1)] };
    expect(concerns('datasets.list', {}, one, readsFrom)).toBe(true);
    expect(concerns('datasets.rows', { id: uuid(6, 2) }, one, readsFrom)).toBe(false);
    expect(concerns('datasets.rows', { id: uuid(6, 2) }, { entity: 'datasets' }, readsFrom)).toBe(true);
  });

  it('are told of several changes as one of each kind', () => {
    expect(
      gather([
        { entity: 'datasets', ids: ['a'] },
        { entity: 'syncs', ids: ['j'] },
        { entity: 'datasets', ids: ['b', 'a'] },
        { entity: 'links', ids: ['l'] },
        { entity: 'links' },
        { entity: 'links', ids: ['m'] },
      ]),
    ).toEqual([
      { entity: 'datasets', ids: ['a', 'b'] },
      { entity: 'syncs', ids: ['j'] },
      { entity: 'links' },
    ]);
  });

  it('that last are asked for again when something changed while nobody looked, or after a while', async () => {
    const { answers, asked, clock } = create(['datasets.list']);
    const look = async (name: CallName): Promise<number> => {
      const before = asked.length;
      answers.entry(name, {}).look();
      for (let n = 0; n < 5; n += 1) await Promise.resolve();
      return asked.length - before;
    };
    expect(await look('datasets.list')).toBe(1);
    expect(await look('datasets.list')).toBe(0);
    answers.changed([{ entity: 'credentials' }]);
    expect(await look('datasets.list')).toBe(0);
    answers.changed([{ entity: 'links' }]);
    expect(await look('datasets.list')).toBe(1);
    expect(await look('datasets.list')).toBe(0);
    clock.now = 60_000;
    expect(await look('datasets.list')).toBe(1);
    // One that may be another at any time is asked for by everybody who begins to look.
    expect([await look('audit.list'), await look('audit.list')]).toEqual([1, 1]);
  });

  it('are asked for again after a change that came while they were on their way, and after a failure', async () => {
    const asked: ((fails: boolean) => void)[] = [];
    const answers = createAnswers({
      ask: () =>
        new Promise((resolve, reject) =>
          asked.push((fails) => (fails ? reject(new Error('no')) : resolve([]))),
        ),
      toError: () => ({ code: 'INTERNAL', kind: 'system', message: '', advice: '' }),
      ...{ readsFrom, keep, lasting: new Set<CallName>(['datasets.list']), elapsed: () => 0 },
      later: () => undefined,
    });
    const settle = async () => {
      for (let n = 0; n < 9; n += 1) await Promise.resolve();
    };
    const entry = answers.entry('datasets.list', {});
    entry.look();
    answers.changed([{ entity: 'links' }]);
    asked[0]?.(false);
    await settle();
    expect(asked).toHaveLength(2);
    asked[1]?.(true);
    await settle();
    entry.look();
    expect(asked).toHaveLength(3);
  });
});

describe('an answer that is taken over', () => {
  const before = {
    items: [
      { id: 'a', tags: ['x'], of: { n: 1 } },
      { id: 'b', tags: [], of: { n: 2 } },
    ],
    total: 2,
  };

  it('is the one before where nothing changed', () => {
    expect(shared(before, structuredClone(before))).toBe(before);
    expect(shared([['1', null]], [['1', null]])).toEqual([['1', null]]);
  });

  it('keeps what did not change, wherever it stands now', () => {
    const after = structuredClone(before);
    after.items.unshift({ id: 'c', tags: [], of: { n: 3 } });
    const [c, a, b] = (shared(before, after) as typeof before).items;
    expect(c).toEqual({ id: 'c', tags: [], of: { n: 3 } });
    expect([a, b]).toEqual(before.items);
    expect(a).toBe(before.items[0]);
    expect(b).toBe(before.items[1]);
  });

  it('is always equal to what came, whatever was before', () => {
    const values = [
      ...[undefined, null, 0, Number.NaN, '', 'a', [], [1], [1, 2], {}, { a: 1 }, { a: undefined }],
      ...[
        { id: 'a' },
        [{ id: 'a' }],
        [{ id: 'a' }, { id: 'a', n: 1 }],
        [{ id: 'b' }, { id: 'a' }],
        [[]],
        [null],
      ],
      ...[{ a: { b: [1] } }, { a: { b: [1], c: null } }, before],
    ];
    for (const one of values)
      for (const other of values) expect(shared(one, structuredClone(other))).toStrictEqual(other);
  });

  it('is drawn anew only where it changed', async () => {
    const answers = createAnswers({
      ask: () => Promise.resolve(structuredClone(before)),
      toError: () => ({ code: 'INTERNAL', kind: 'system', message: '', advice: '' }),
      ...{ readsFrom, keep, lasting: new Set<CallName>(['datasets.list']), elapsed: () => 0 },
      later: () => undefined,
    });
    const entry = answers.entry('datasets.list', {});
    let told = 0;
    entry.listeners.add(() => {
      told += 1;
    });
    entry.look();
    for (let n = 0; n < 5; n += 1) await Promise.resolve();
    const first = told;
    entry.load();
    for (let n = 0; n < 5; n += 1) await Promise.resolve();
    expect([first > 0, told - first]).toEqual([true, 0]);
  });
});
