import { describe, expect, it } from 'vitest';
import { AppError } from '../../main/errors.ts';
import { plain } from '../../preload/contract/said.ts';
import { dispatchWith, errorOf, everything, id, personWith } from '../support/dispatch.ts';
import { rawDb } from '../support/parts.ts';

describe('a running call', () => {
  const waiting = () => {
    const seen: AbortSignal[] = [];
    const one = dispatchWith((name) => (_, { signal }) => {
      seen.push(signal);
      return new Promise((resolve, reject) => {
        signal.addEventListener('abort', () => {
          if (name === 'vault.rotate') reject(new TypeError('a defect, while it was being cancelled'));
          else if (name === 'connections.delete') resolve({});
          else reject(signal.reason);
        });
      });
    });
    return { ...one, seen };
  };

  it('is cancelled by its id, and no other is', async () => {
    using one = waiting();
    const first = one.call('connections.test', { id }, everything, 'first');
    const second = one.call('connections.test', { id }, everything, 'second');
    one.dispatch.cancel(one.seatOf(everything), 'nobody');
    one.dispatch.cancel(one.seatOf(everything), 'first');
    expect(errorOf(await first)).toMatchObject({ code: 'CANCELLED', kind: 'config' });
    expect(one.seen.map((signal) => signal.aborted)).toEqual([true, false]);
    one.dispatch.cancelAll();
    expect(errorOf(await second).code).toBe('CANCELLED');
    one.dispatch.cancel(one.seatOf(everything), 'first');
    expect(one.entries().map(({ details }) => details)).toEqual(['CANCELLED', 'CANCELLED']);
  });

  it('that was done before it noticed is answered, and one that broke while it stopped is a defect', async () => {
    using one = waiting();
    const done = one.call('connections.delete', { id }, everything, 'done');
    const broke = one.call('vault.rotate', {}, everything, 'broke');
    one.dispatch.cancelAll();
    expect(await done).toEqual({ ok: true, data: {} });
    expect(errorOf(await broke)).toMatchObject({ code: 'INTERNAL', correlationId: expect.any(String) });
  });

  it('keeps its id to itself: a second call with it is refused and does not disturb the first', async () => {
    using one = waiting();
    const first = one.call('connections.test', { id }, everything, 'same');
    const second = errorOf(await one.call('connections.test', { id }, everything, 'same'));
    expect(second).toMatchObject({
      code: 'INPUT_INVALID',
      message: 'A call with this id is already running.',
    });
    expect(one.seen).toHaveLength(1);
    one.dispatch.cancel(one.seatOf(everything), 'same');
    expect(errorOf(await first).code).toBe('CANCELLED');
    const third = one.call('connections.test', { id }, everything, 'same');
    one.dispatch.cancel(one.seatOf(everything), 'same');
    expect(errorOf(await third).code).toBe('CANCELLED');
  });

  it('is not answered behind a lock: what only reads ends, a change runs to its end', async () => {
    let seated = true;
    const seen = new Map<string, AbortSignal>();
    const ends = new Map<string, () => void>();
    using one = dispatchWith(
      (name) =>
        (_, { signal }) =>
          new Promise((resolve, reject) => {
            seen.set(name, signal);
            ends.set(name, () => resolve({}));
            signal.addEventListener('abort', () => reject(signal.reason));
          }),
      { isSeated: () => seated },
    );
    const ada = personWith('dba');
    const reading = one.call('connections.structure', { id }, ada);
    const changing = one.call('connections.delete', { id }, ada);
    const others = one.call('datasets.tables', { id }, everything);
    seated = false;
    one.dispatch.left(one.seatOf(ada));
    expect(errorOf(await reading)).toMatchObject({ code: 'LOCKED' });
    expect([...seen].map(([name, { aborted }]) => [name, aborted])).toEqual([
      ['connections.structure', true],
      ['connections.delete', false],
      ['datasets.tables', false],
    ]);
    ends.get('connections.delete')?.();
    expect(errorOf(await changing)).toMatchObject({ code: 'LOCKED' });
    // What was done is written down as done.
    expect(one.entries().map(({ action, outcome }) => [action, outcome])).toContainEqual([
      'connections.delete',
      'ok',
    ]);
    one.dispatch.cancelAll();
    await others;
  });
});

describe('a log that can not be written', () => {
  const full = (one: ReturnType<typeof dispatchWith>): void => {
    using db = rawDb(`${one.folder}/headgate.db`);
    db.exec("CREATE TRIGGER full BEFORE INSERT ON audit_log BEGIN SELECT RAISE(ABORT, 'disk full'); END");
  };

  it('lets nobody in who was refused', async () => {
    using one = dispatchWith(() => () => {
      throw new Error('reached');
    });
    full(one);
    expect(errorOf(await one.call('vault.rotate', {}, personWith('viewer'))).code).toBe('PERMISSION_DENIED');
    expect(one.lines.join('')).toContain('audit.failed');
  });

  it('makes no change look as if nothing had happened, and none look unrecorded in silence', async () => {
    using one = dispatchWith((name) => () => {
      if (name === 'projects.delete') throw new AppError('IN_USE', plain('in use'));
      return {};
    });
    full(one);
    const done = errorOf(await one.call('connections.delete', { id }));
    expect(done.code).toBe('STORE_UNAVAILABLE');
    expect(done.message).toMatch(/was done, but .* could not be written/);
    expect(errorOf(await one.call('projects.delete', { id })).code).toBe('IN_USE');
    expect(one.lines.filter((line) => line.includes('audit.failed'))).toHaveLength(2);
    // Reading goes on.
    expect(errorOf(await one.call('app.info', {})).code).toBe('INTERNAL');
  });
});
