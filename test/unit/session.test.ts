import { describe, expect, it } from 'vitest';
import { temporaryFolder } from '../support/parts.ts';
import { done, refused, type Seat, seatIn, withPassphrase, words } from '../support/seat.ts';

const minute = 60_000;

async function fresh<T>(
  work: (seat: Seat) => Promise<T>,
  options: Parameters<typeof seatIn>[1] = {},
): Promise<T> {
  using folder = temporaryFolder();
  await using seat = await seatIn(folder.path, options);
  return await work(seat);
}
const signIn = (seat: Seat, passphrase: string, personId = seat.owner.id) =>
  seat.call('session.signIn', { personId, passphrase });
const codeOf = async (answer: ReturnType<Seat['call']>): Promise<string> => {
  const envelope = await answer;
  return envelope.ok ? 'ok' : envelope.error.code;
};

describe('who sits there at the start', () => {
  it('is the only profile as long as it has no passphrase', () =>
    fresh(async (seat) => {
      expect(await done(seat, 'session.state', {})).toEqual({
        person: seat.owner,
        locked: false,
        profiles: [{ id: seat.owner.id, name: 'Owner' }],
        hasPassphrase: false,
        idleLockMinutes: 15,
        waitUntil: null,
      });
      expect((await refused(seat, 'session.lock', {})).code).toBe('PASSPHRASE_NEEDED');
      // Nothing to lock behind: neither sleep nor time does anything.
      seat.desk.power('suspend');
      await seat.clock.pass(1000 * minute);
      expect((await seat.call('people.list')).ok).toBe(true);
      expect(seat.ended).toEqual([]);
      expect(seat.changes).toEqual([]);
    }));

  it('is nobody once there is a passphrase, and only names are told', async () => {
    using folder = temporaryFolder();
    {
      await using before = await seatIn(folder.path);
      await withPassphrase(before);
      // Whoever set it goes on.
      expect((await before.call('people.list')).ok).toBe(true);
    }
    await using seat = await seatIn(folder.path);
    const state = await done(seat, 'session.state', {});
    expect(state).toMatchObject({ person: null, locked: true, hasPassphrase: false });
    expect(state.profiles).toEqual([{ id: seat.owner.id, name: 'Owner' }]);
    expect((await refused(seat, 'people.list', {})).code).toBe('LOCKED');
    expect((await refused(seat, 'session.touch', {})).code).toBe('LOCKED');
    const open = await done(seat, 'session.signIn', { personId: seat.owner.id, passphrase: words.owner });
    expect(open).toMatchObject({ person: seat.owner, locked: false, hasPassphrase: true });
    expect((await seat.call('people.list')).ok).toBe(true);
    expect(seat.changes.at(-1)).toEqual(open);
    expect(seat.ended).toEqual([]);
  });
});

describe('locking', () => {
  it('is asked for, tells names only, and ends what the person had open', () =>
    fresh(async (seat) => {
      await withPassphrase(seat);
      const state = await done(seat, 'session.lock', {});
      expect(state).toMatchObject({ person: { name: 'Owner', roles: [] }, locked: true });
      expect(seat.changes.at(-1)).toEqual(state);
      expect(seat.ended).toEqual([seat.owner.id]);
      expect((await refused(seat, 'people.list', {})).code).toBe('LOCKED');
      await done(seat, 'session.lock', {});
      expect(seat.ended).toEqual([seat.owner.id]);
      expect(await codeOf(signIn(seat, words.owner))).toBe('ok');
      expect((await seat.call('people.list')).ok).toBe(true);
    }));

  it.each(['lock', 'suspend'] as const)('follows the system: %s', (event) =>
    fresh(async (seat) => {
      await withPassphrase(seat);
      seat.desk.power('resume');
      expect((await seat.call('people.list')).ok).toBe(true);
      seat.desk.power(event);
      expect((await refused(seat, 'people.list', {})).code).toBe('LOCKED');
      expect(seat.changes.at(-1)).toMatchObject({ locked: true });
      expect(seat.entries().at(-1)).toMatchObject({
        person: 'Owner',
        action: 'session.lock',
        details: event,
      });
    }),
  );

  it('comes after the idle time; reading does not put it off, a hand at the keyboard and a change do', () =>
    fresh(async (seat) => {
      await withPassphrase(seat);
      await seat.clock.pass(14 * minute);
      await done(seat, 'session.touch', {});
      await seat.clock.pass(14 * minute);
      await done(seat, 'people.update', { id: seat.owner.id, name: 'Owner' });
      for (let n = 0; n < 14; n += 1) {
        await seat.clock.pass(minute);
        expect((await seat.call('people.list')).ok).toBe(true);
        await done(seat, 'session.state', {});
      }
      expect(seat.ended).toEqual([]);
      await seat.clock.pass(minute);
      // By itself, without anybody calling.
      expect(seat.ended).toEqual([seat.owner.id]);
      expect(seat.changes.at(-1)).toMatchObject({ locked: true });
      expect(seat.entries().at(-1)).toMatchObject({
        person: 'Owner',
        action: 'session.lock',
        details: 'idle',
      });
      expect((await refused(seat, 'people.list', {})).code).toBe('LOCKED');
    }));

  it('is in force with the first call after a sleep in which no timer ran', () =>
    fresh(async (seat) => {
      await withPassphrase(seat);
      seat.clock.jump(15 * minute);
      expect((await refused(seat, 'people.list', {})).code).toBe('LOCKED');
      expect(seat.ended).toEqual([seat.owner.id]);
    }));

  it('comes also when the clock is set back meanwhile', () =>
    fresh(async (seat) => {
      await withPassphrase(seat);
      await seat.clock.pass(5 * minute);
      seat.clock.jump(-24 * 60 * minute);
      expect((await seat.call('people.list')).ok).toBe(true);
      await seat.clock.pass(15 * minute);
      expect((await refused(seat, 'people.list', {})).code).toBe('LOCKED');
    }));

  it('ends what waits for a passphrase to be checked again', () =>
    fresh(async (seat) => {
      await withPassphrase(seat);
      const ada = await done(seat, 'people.create', {
        name: 'Ada',
        roles: ['dba'],
        passphrase: words.ada,
      });
      const change = { id: ada.id, passphrase: words.owner, next: words.new };
      const going = seat.call('people.setPassphrase', change);
      seat.desk.power('lock');
      expect(await codeOf(going)).toBe('LOCKED');
      expect(await codeOf(signIn(seat, words.new, ada.id))).toBe('PASSPHRASE_WRONG');
    }));

  it('follows another idle time at once', () =>
    fresh(async (seat) => {
      await withPassphrase(seat);
      await done(seat, 'policy.set', { idleLockMinutes: 2 });
      expect(seat.changes.at(-1)).toMatchObject({ idleLockMinutes: 2, locked: false });
      await seat.clock.pass(2 * minute);
      expect(seat.ended).toEqual([seat.owner.id]);
    }));

  it('leaves nothing waiting when the application closes', async () => {
    using folder = temporaryFolder();
    const seat = await seatIn(folder.path);
    await withPassphrase(seat);
    expect(seat.clock.sleeping).toBe(1);
    await seat[Symbol.asyncDispose]();
    expect(seat.clock.sleeping).toBe(0);
    seat.desk.power('lock');
  });

  it('gives way to somebody else, whose session then is another one', () =>
    fresh(async (seat) => {
      await withPassphrase(seat);
      const ada = await done(seat, 'people.create', {
        name: 'Ada',
        roles: ['analyst'],
        passphrase: words.ada,
      });
      expect(await codeOf(signIn(seat, words.ada, ada.id))).toBe('ok');
      expect(seat.ended).toEqual([seat.owner.id]);
      expect((await done(seat, 'session.state', {})).person).toEqual({
        id: ada.id,
        name: 'Ada',
        roles: ['analyst'],
      });
      expect((await refused(seat, 'people.delete', { id: seat.owner.id })).code).toBe('PERMISSION_DENIED');
      expect(seat.entries().at(-2)).toMatchObject({ person: 'Ada', action: 'session.signIn', outcome: 'ok' });
    }));
});

describe('guessing', () => {
  it('is slowed down after three, without looking at what is entered', () =>
    fresh(async (seat) => {
      await withPassphrase(seat);
      await done(seat, 'session.lock', {});
      for (const n of [1, 2, 3]) expect(await codeOf(signIn(seat, `wrong ${n}`))).toBe('PASSPHRASE_WRONG');
      const waits: number[] = [];
      for (let n = 0; n < 12; n += 1) {
        // The right one is not looked at either.
        expect(await codeOf(signIn(seat, words.owner))).toBe('TOO_MANY_TRIES');
        const { waitUntil } = await done(seat, 'session.state', {});
        const wait = Date.parse(waitUntil as string) - seat.clock.now();
        waits.push(wait / 1000);
        const error = await refused(seat, 'session.signIn', { personId: seat.owner.id, passphrase: 'x' });
        expect(error.message).toContain(waitUntil as string);
        await seat.clock.pass(wait - 1);
        expect(await codeOf(signIn(seat, words.owner))).toBe('TOO_MANY_TRIES');
        await seat.clock.pass(1);
        expect(await codeOf(signIn(seat, 'wrong again'))).toBe('PASSPHRASE_WRONG');
      }
      expect(waits).toEqual([2, 4, 8, 16, 32, 64, 128, 256, 512, 900, 900, 900]);
      await seat.clock.pass(900_000);
      expect(await codeOf(signIn(seat, words.owner))).toBe('ok');
      // And begins anew.
      await done(seat, 'session.lock', {});
      expect(await codeOf(signIn(seat, 'wrong'))).toBe('PASSPHRASE_WRONG');
      expect(await codeOf(signIn(seat, words.owner))).toBe('ok');
    }));

  it('goes on where it was after a restart', async () => {
    using folder = temporaryFolder();
    {
      await using seat = await seatIn(folder.path);
      await withPassphrase(seat);
      await done(seat, 'session.lock', {});
      for (const n of [1, 2, 3, 4]) await signIn(seat, `wrong ${n}`);
    }
    await using seat = await seatIn(folder.path);
    expect(await codeOf(signIn(seat, words.owner))).toBe('TOO_MANY_TRIES');
    expect((await done(seat, 'session.state', {})).waitUntil).not.toBeNull();
    await seat.clock.pass(2000);
    expect(await codeOf(signIn(seat, words.owner))).toBe('ok');
  });

  it('is not faster with many at the same moment', () =>
    fresh(async (seat) => {
      await withPassphrase(seat);
      await done(seat, 'session.lock', {});
      const codes = await Promise.all(
        Array.from({ length: 40 }, (_, n) => codeOf(signIn(seat, `guess ${n}`))),
      );
      expect(codes.filter((code) => code === 'PASSPHRASE_WRONG')).toHaveLength(3);
      expect(codes.filter((code) => code === 'TOO_MANY_TRIES')).toHaveLength(37);
    }));

  it('is not faster in two processes, nor by ending one in time', async () => {
    using folder = temporaryFolder();
    await using one = await seatIn(folder.path);
    await withPassphrase(one);
    await done(one, 'session.lock', {});
    await using two = await seatIn(folder.path, { clock: one.clock });
    const codes = await Promise.all(
      Array.from({ length: 12 }, (_, n) => codeOf(signIn(n % 2 === 0 ? one : two, `guess ${n}`))),
    );
    expect(codes.filter((code) => code === 'PASSPHRASE_WRONG')).toHaveLength(3);
    // Counted before it is looked at.
    expect(one.store.people.tries(one.owner.id).failures).toBe(3);
  });

  it('does not last longer than it ever does when the clock is set back', () =>
    fresh(async (seat) => {
      await withPassphrase(seat);
      await done(seat, 'session.lock', {});
      for (const n of [1, 2, 3]) await signIn(seat, `wrong ${n}`);
      seat.store.people.setTries(seat.owner.id, { failures: 20, waitUntil: '2099-01-01T00:00:00.000Z' });
      const { waitUntil } = await done(seat, 'session.state', {});
      expect(Date.parse(waitUntil as string) - seat.clock.now()).toBe(900_000);
      await seat.clock.pass(899_000);
      expect(await codeOf(signIn(seat, words.owner))).toBe('TOO_MANY_TRIES');
      await seat.clock.pass(1000);
      expect(await codeOf(signIn(seat, words.owner))).toBe('ok');
    }));

  it('is the same as ever when the clock is set back after a few', () =>
    fresh(async (seat) => {
      await withPassphrase(seat);
      await done(seat, 'session.lock', {});
      for (const n of [1, 2, 3]) await signIn(seat, `wrong ${n}`);
      seat.clock.jump(-24 * 60 * minute);
      expect(await codeOf(signIn(seat, words.owner))).toBe('TOO_MANY_TRIES');
      await seat.clock.pass(2000);
      expect(await codeOf(signIn(seat, words.owner))).toBe('ok');
    }));

  it('at somebody who does not exist is answered, counted and costs the same', () =>
    fresh(async (seat) => {
      await withPassphrase(seat);
      await done(seat, 'session.lock', {});
      const stranger = '6f9619ff-8b86-4d01-b42d-00cf4fc964ff';
      const of = (personId: string) => refused(seat, 'session.signIn', { personId, passphrase: 'wrong' });
      for (let n = 0; n < 3; n += 1) expect(await of(stranger)).toEqual(await of(seat.owner.id));
      expect((await of(stranger)).code).toBe('TOO_MANY_TRIES');
      expect((await of(seat.owner.id)).code).toBe('TOO_MANY_TRIES');
    }));

  it('at somebody who does not exist takes as long', () =>
    fresh(
      async (seat) => {
        await withPassphrase(seat);
        await done(seat, 'session.lock', {});
        const took = async (personId: string): Promise<number> => {
          const begin = performance.now();
          await seat.call('session.signIn', { personId, passphrase: 'wrong' });
          return performance.now() - begin;
        };
        const known = await took(seat.owner.id);
        const unknown = await took('6f9619ff-8b86-4d01-b42d-00cf4fc964ff');
        // Both derive a key; without that the second would take a hundredth.
        expect(unknown).toBeGreaterThan(known / 4);
      },
      { passphraseCost: { ln: 14, r: 8, p: 1 } },
    ));

  it('ends with a new passphrase from somebody who may set it', () =>
    fresh(async (seat) => {
      await withPassphrase(seat);
      const ada = await done(seat, 'people.create', {
        name: 'Ada',
        roles: ['viewer'],
        passphrase: words.ada,
      });
      for (const n of [1, 2, 3, 4]) await signIn(seat, `wrong ${n}`, ada.id);
      await done(seat, 'people.setPassphrase', { id: ada.id, passphrase: words.owner, next: words.new });
      expect(await codeOf(signIn(seat, words.new, ada.id))).toBe('ok');
    }));
});

it('no passphrase is kept, told or logged as it is', async () => {
  using folder = temporaryFolder();
  await using seat = await seatIn(folder.path);
  await withPassphrase(seat);
  await signIn(seat, 'pass-canary-wrong');
  await signIn(seat, words.owner);
  const stored = seat.store.people.passphrase(seat.owner.id) as string;
  expect(stored).toMatch(/^\$scrypt\$ln=4,r=1,p=1\$[A-Za-z0-9+/]{22}\$[A-Za-z0-9+/]{43}$/);
  const everywhere = [
    ...seat.lines,
    JSON.stringify(seat.entries()),
    JSON.stringify(seat.changes),
    stored,
  ].join('');
  expect(everywhere).not.toContain(words.owner);
  expect(everywhere).not.toContain('pass-canary-wrong');
});
