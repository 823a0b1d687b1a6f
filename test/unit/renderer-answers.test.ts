import { describe, expect, it } from 'vitest';
import { type Change, concerns, createAnswers, gather } from '../../renderer/answers.ts';
import { uuid } from '../support/renderer-fixture/scenario.ts';

const readsFrom = { 'datasets.rows': ['datasets'], 'datasets.list': ['datasets', 'links'] } as const;
const keep = 40;

function create() {
  const asked: string[] = [];
  const planned: (() => void)[] = [];
  const answers = createAnswers({
    ask: (name, input) => {
      asked.push(`${name} ${JSON.stringify(input)}`);
      return Promise.resolve([]);
    },
    toError: () => ({ code: 'INTERNAL', kind: 'system', message: '', advice: '' }),
    ...{ readsFrom, keep },
    later: (act) => planned.push(act),
  });
  return {
    answers,
    asked,
    trim: () => {
      for (const act of planned.splice(0)) act();
    },
  };
}

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
});
