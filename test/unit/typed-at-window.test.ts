import { describe, expect, it } from 'vitest';
import { temporaryFolder } from '../support/parts.ts';
import { done, refused, type Seat, seatIn, words } from '../support/seat.ts';

/*
 * What people prove themselves with, as a window asks for it: outside the page, whatever the page sends. A person at a desk
 * types what the test says.
 */

async function atWindow(work: (seat: Seat) => Promise<void>): Promise<void> {
  using folder = temporaryFolder();
  await using seat = await seatIn(folder.path, { kind: 'electron' });
  await work(seat);
}
/** A workspace whose first profile has a passphrase, typed at its desk. */
const guarded = (work: (seat: Seat) => Promise<void>): Promise<void> =>
  atWindow(async (seat) => {
    seat.desk.typing = [words.owner];
    await done(seat, 'people.setPassphrase', { id: seat.owner.id });
    await work(seat);
  });
const signIn = (seat: Seat) => ({ personId: seat.owner.id, passphrase: words.owner });
const last = (seat: Seat, count: number) =>
  seat
    .entries()
    .slice(-count)
    .map(({ person, action, outcome, details }) => [person, action, outcome, details]);

describe('at the door', () => {
  it('what a page sends opens nothing; the person is asked, and told what was wrong until it is right', () =>
    guarded(async (seat) => {
      await done(seat, 'session.lock', {});
      expect((await refused(seat, 'session.signIn', signIn(seat))).code).toBe('CANCELLED');
      expect(await done(seat, 'session.state', {})).toMatchObject({ locked: true });
      seat.desk.asked.length = 0;
      seat.desk.typing = ['wrong canary 1', 'wrong canary 2', words.owner];
      expect(await done(seat, 'session.signIn', { personId: seat.owner.id })).toMatchObject({
        locked: false,
      });
      expect(seat.desk.asked).toHaveLength(3);
      expect(seat.desk.asked[0]).toBe('Unlock Headgate Profile: Owner Your passphrase ');
      expect(seat.desk.asked[1]).toContain('This is not the passphrase of this profile. Check the keyboard');
      // Each wrong one is in the log, as if the call had been made anew.
      expect(last(seat, 3)).toEqual([
        ['Owner', 'session.signIn', 'refused', 'PASSPHRASE_WRONG'],
        ['Owner', 'session.signIn', 'refused', 'PASSPHRASE_WRONG'],
        ['Owner', 'session.signIn', 'ok', ''],
      ]);
      const told = JSON.stringify([seat.lines, seat.entries(), seat.events, seat.changes]);
      for (const typed of ['wrong canary', words.owner]) expect(told).not.toContain(typed);
    }));

  it('too many wrong ones end the asking, and none is asked for before the wait is over', () =>
    guarded(async (seat) => {
      await done(seat, 'session.lock', {});
      seat.desk.typing = ['one', 'two', 'three', words.owner];
      seat.desk.asked.length = 0;
      const error = await refused(seat, 'session.signIn', { personId: seat.owner.id });
      expect(error).toMatchObject({ code: 'TOO_MANY_TRIES', message: expect.stringMatching(/\d{4}-.*Z\.$/) });
      expect(seat.desk.asked[3]).toMatch(/The next one is looked at after \d{4}-\d\d-\d\dT[\d:.]+Z\./);
      expect((await refused(seat, 'session.signIn', signIn(seat))).code).toBe('TOO_MANY_TRIES');
      expect(seat.desk.asked).toHaveLength(4);
      await seat.clock.pass(2000);
      seat.desk.typing = [words.owner];
      await done(seat, 'session.signIn', { personId: seat.owner.id });
    }));

  it('nobody is asked for a profile that is not there, or is none to sign in to', () =>
    guarded(async (seat) => {
      seat.desk.asked.length = 0;
      const personId = '6f9619ff-8b86-4d01-b42d-00cf4fc964ff';
      expect((await refused(seat, 'session.signIn', { personId })).code).toBe('PASSPHRASE_WRONG');
      expect(seat.desk.asked).toEqual([]);
    }));

  it('a page can not fill the log by asking for what nobody types', () =>
    guarded(async (seat) => {
      await done(seat, 'session.lock', {});
      const before = seat.entries().length;
      for (let times = 0; times < 5; times += 1)
        expect((await refused(seat, 'session.signIn', signIn(seat))).code).toBe('CANCELLED');
      expect(seat.entries()).toHaveLength(before + 1);
    }));

  it('a lock that comes while somebody types takes the question away, and leaves nothing done', () =>
    guarded(async (seat) => {
      const asked = seat.desk.askTyped;
      const own = { id: seat.owner.id };
      // Whatever was typed by then.
      for (const answer of [null, words.owner]) {
        seat.desk.askTyped = (_, signal) =>
          new Promise((resolve) => {
            signal.addEventListener('abort', () => resolve(answer), { once: true });
            seat.desk.power('lock');
          });
        expect((await refused(seat, 'people.setPassphrase', own)).code).toBe('LOCKED');
        seat.desk.askTyped = asked;
        seat.desk.typing = [words.owner];
        await done(seat, 'session.signIn', { personId: seat.owner.id });
      }
    }));
});

describe('a new passphrase', () => {
  it('is the person’s, not the page’s: of the first profile, of another one, and in the place of one’s own', () =>
    atWindow(async (seat) => {
      const id = seat.owner.id;
      // Closed: nothing is set.
      const first = { id, next: 'of the page 1234' };
      expect((await refused(seat, 'people.setPassphrase', first)).code).toBe('CANCELLED');
      expect(seat.store.people.passphrase(id)).toBe(null);
      seat.desk.typing = [words.owner];
      await done(seat, 'people.setPassphrase', first);
      const ada = { name: 'Ada', roles: ['viewer' as const], passphrase: 'of the page 1234' };
      expect((await refused(seat, 'people.create', ada)).code).toBe('CANCELLED');
      seat.desk.typing = [words.ada];
      const made = await done(seat, 'people.create', ada);
      expect(seat.desk.asked.at(-1)).toContain('Name: Ada\nRoles: viewer');
      // Who chose the name can't say something else with it.
      const spoofed = { name: 'Eve\nRoles: viewer\u202e', roles: ['dba' as const] };
      expect((await refused(seat, 'people.create', spoofed)).code).toBe('CANCELLED');
      expect(seat.desk.asked.at(-1)).toContain('Name: Eve Roles: viewer \nRoles: DBA\n');
      // A name that is taken is said before anybody types.
      const asked = seat.desk.asked.length;
      expect((await refused(seat, 'people.create', ada)).code).toBe('NAME_TAKEN');
      expect(seat.desk.asked).toHaveLength(asked);
      seat.desk.typing = ['not mine', words.owner, words.new];
      await done(seat, 'people.setPassphrase', { id, passphrase: 'page', next: 'of the page 1234' });
      for (const [personId, passphrase] of [
        [id, words.new],
        [made.id, words.ada],
      ] as const)
        await seat.access.passphrases.check(personId, passphrase);
    }));

  it('is held against the contract also where a desk does not', () =>
    atWindow(async (seat) => {
      seat.desk.typing = ['short', 'x'.repeat(1025), words.owner];
      await done(seat, 'people.setPassphrase', { id: seat.owner.id });
      expect(seat.desk.asked.slice(1).join()).toMatch(/at least 10 characters.*It is not taken/s);
      await seat.access.passphrases.check(seat.owner.id, words.owner);
    }));
});

it('at a terminal it comes with the call, and is missed where it does not', async () => {
  using folder = temporaryFolder();
  await using seat = await seatIn(folder.path);
  seat.desk.types = words.owner;
  const id = seat.owner.id;
  const needed = async (answer: Promise<{ code: string }>): Promise<void> =>
    expect((await answer).code).toBe('PASSPHRASE_NEEDED');
  await needed(refused(seat, 'people.setPassphrase', { id }));
  await done(seat, 'people.setPassphrase', { id, next: words.owner });
  await needed(refused(seat, 'people.create', { name: 'Ada', roles: ['viewer'] }));
  await needed(refused(seat, 'session.signIn', { personId: id }));
  expect((await refused(seat, 'people.setPassphrase', { id, next: 'short' })).code).toBe('INPUT_INVALID');
  expect(seat.desk.asked).toEqual([]);
});
