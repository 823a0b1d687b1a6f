import { randomUUID } from 'node:crypto';
import { setImmediate as turn } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { createPassphrases } from '../../main/access/passphrases.ts';
import { connectionInput, type Policy } from '../../preload/contract/models.ts';
import { codeOf, instant, random, storeIn, temporaryFolder } from '../support/parts.ts';
import { done, refused, type Seat, seatIn, withPassphrase, words } from '../support/seat.ts';

async function fresh<T>(
  work: (seat: Seat) => Promise<T>,
  options: Parameters<typeof seatIn>[1] = {},
): Promise<T> {
  using folder = temporaryFolder();
  await using seat = await seatIn(folder.path, options);
  return await work(seat);
}
const ada = { name: 'Ada', passphrase: words.ada };
const connection = (seat: Seat, change: object = {}) =>
  seat.store.connections.create(
    {
      ...connectionInput.parse({ name: 'n', host: 'h', database: 'd', user: 'u', password: 'p', ...change }),
      ssh: [],
      id: randomUUID(),
    },
    seat.owner.id,
    instant,
  );
const secretCanary = 'db-pass-canary-77';

describe('profiles', () => {
  it('a second one needs a first one with a passphrase', () =>
    fresh(async (seat) => {
      const error = await refused(seat, 'people.create', { ...ada, roles: ['viewer'] });
      expect(error.code).toBe('PASSPHRASE_NEEDED');
      await withPassphrase(seat);
      const made = await done(seat, 'people.create', { ...ada, roles: ['viewer', 'viewer', 'dba'] });
      expect(made).toMatchObject({ name: 'Ada', roles: ['dba', 'viewer'], hasPassphrase: true });
      expect((await done(seat, 'people.list', {})).map(({ name }) => name)).toEqual(['Owner', 'Ada']);
      const taken = await refused(seat, 'people.create', { ...ada, roles: ['viewer'] });
      expect(taken.code).toBe('NAME_TAKEN');
      expect((await refused(seat, 'people.update', { id: made.id, name: 'Owner' })).code).toBe('NAME_TAKEN');
      expect(seat.events).toContainEqual(['store.changed', { entity: 'people' }]);
    }));

  it('one of them always manages the workspace', () =>
    fresh(async (seat) => {
      const id = seat.owner.id;
      expect((await refused(seat, 'people.update', { id, name: 'Renamed', roles: ['viewer'] })).code).toBe(
        'LAST_DBA',
      );
      // All or nothing.
      expect(seat.store.people.get(id)).toMatchObject({ name: 'Owner', roles: seat.owner.roles });
      await withPassphrase(seat);
      await done(seat, 'people.create', { ...ada, roles: ['dba'] });
      await done(seat, 'people.update', { id, roles: ['viewer'] });
      // In force at once, also for whoever did it.
      expect((await refused(seat, 'people.update', { id, roles: ['dba'] })).code).toBe('PERMISSION_DENIED');
    }));

  it('nobody deletes themselves; with somebody go their sign-ins, grants and secrets, and their session', () =>
    fresh(async (seat) => {
      await withPassphrase(seat);
      expect((await refused(seat, 'people.delete', { id: seat.owner.id })).code).toBe('IN_USE');
      const { id } = await done(seat, 'people.create', { ...ada, roles: ['analyst'] });
      const { store, vault } = seat;
      const fields = { account: 'a', externalUserId: 'x', scopes: [], accessExpiresAt: instant };
      const source = { id: randomUUID(), name: 's', sourceType: 'commcare', baseUrl: 'https://hq.org' };
      store.sources.create({ ...source, clientId: 'c', settings: {}, tlsCa: null }, seat.owner.id, instant);
      const place = connection(seat);
      const project = randomUUID();
      store.projects.create(
        { id: project, name: 'p', connectionId: place.id, dbSchema: 'public' },
        seat.owner.id,
        instant,
      );
      const [own, shared] = [randomUUID(), randomUUID()] as const;
      store.credentials.create(own, source.id, { personId: id }, fields, instant);
      store.credentials.create(shared, source.id, { projectId: project }, fields, instant);
      await vault.put(own, { accessToken: 'token-canary-1' });
      await vault.put(shared, { accessToken: 'token-canary-2' });
      await done(seat, 'grants.set', { connectionId: place.id, personId: id, level: 'use' });

      // They sit at a place of their own, and the one who deletes them goes on sitting at theirs.
      const beside = seat.access.seats.open('terminal', seat.desk);
      await beside.session.signIn(id, ada.passphrase);
      // Nobody agrees in the message that asks for it.
      const agreeing = seat.desk.confirm;
      seat.desk.confirm = () => Promise.resolve(false);
      expect((await refused(seat, 'people.delete', { id })).code).toBe('CANCELLED');
      expect(seat.store.people.find(id)).not.toBeNull();
      seat.desk.confirm = agreeing;
      await done(seat, 'people.delete', { id });
      expect(vault.has(own)).toBe(false);
      expect(vault.has(shared)).toBe(true);
      expect(store.credentials.listFor(id).map((credential) => credential.id)).toEqual([shared]);
      expect(await done(seat, 'grants.list', { connectionId: place.id })).toEqual([]);
      expect(store.people.passphrase(id)).toBeNull();
      expect(seat.ended).toEqual([id]);
      expect(beside.session.person()).toBeNull();
      expect(seat.access.seats.own.session.person()?.id).toBe(seat.owner.id);
      expect((await refused(seat, 'people.delete', { id })).code).toBe('NOT_FOUND');
    }));

  it('change a passphrase with the present one, and somebody else’s with one’s own', () =>
    fresh(async (seat) => {
      const own = seat.owner.id;
      await withPassphrase(seat);
      const without = await refused(seat, 'people.setPassphrase', { id: own, next: words.new });
      expect(without.code).toBe('PASSPHRASE_NEEDED');
      const wrong = await refused(seat, 'people.setPassphrase', {
        id: own,
        passphrase: 'x',
        next: words.new,
      });
      expect(wrong.code).toBe('PASSPHRASE_WRONG');
      const { id } = await done(seat, 'people.create', { ...ada, roles: ['viewer'] });
      expect((await refused(seat, 'people.setPassphrase', { id, next: words.new })).code).toBe(
        'PASSPHRASE_NEEDED',
      );
      const hers = { id, passphrase: words.ada, next: words.new };
      expect((await refused(seat, 'people.setPassphrase', hers)).code).toBe('PASSPHRASE_WRONG');
      await done(seat, 'people.setPassphrase', { ...hers, passphrase: words.owner });

      await done(seat, 'session.signIn', { personId: id, passphrase: words.new });
      const others = { id: own, passphrase: words.new, next: words.ada };
      expect((await refused(seat, 'people.setPassphrase', others)).code).toBe('PERMISSION_DENIED');
      await done(seat, 'people.setPassphrase', { id, passphrase: words.new, next: words.ada });
      await done(seat, 'session.signIn', { personId: id, passphrase: words.ada });
    }));

  it('count wrong ones when asked again like those at the door', () =>
    fresh(async (seat) => {
      await withPassphrase(seat);
      const own = { id: seat.owner.id, next: words.new };
      for (let n = 0; n < 3; n += 1) {
        const error = await refused(seat, 'people.setPassphrase', { ...own, passphrase: 'wrong' });
        expect(error.code).toBe('PASSPHRASE_WRONG');
      }
      const right = { ...own, passphrase: words.owner };
      expect((await refused(seat, 'people.setPassphrase', right)).code).toBe('TOO_MANY_TRIES');
      const door = { personId: seat.owner.id, passphrase: words.owner };
      expect((await refused(seat, 'session.signIn', door)).code).toBe('TOO_MANY_TRIES');
    }));
});

describe('passphrases', () => {
  it('are derived with 128 MiB each, one at a time, and compared however they are typed', async () => {
    using folder = temporaryFolder();
    const store = storeIn(folder.path);
    const id = randomUUID();
    store.people.create(id, 'n', ['dba'], instant);
    let begun = 0;
    const counted = (bytes: number): Buffer => {
      begun += 1;
      return random(bytes);
    };
    const passphrases = createPassphrases({ store, now: () => 0, random: counted });
    const both = Promise.all([passphrases.hash('e\u0301te\u0301 abcdefg'), passphrases.hash('same')]);
    await turn();
    expect(begun).toBe(1);
    const [one, two] = await both;
    expect(begun).toBe(2);
    expect(one).toMatch(/^\$scrypt\$ln=17,r=8,p=1\$/);
    expect(two.split('$')[4]).not.toBe(one.split('$')[4]);
    store.people.setPassphrase(id, one, instant);
    // Composed and decomposed accents are one character to whoever types.
    await passphrases.check(id, '\u00e9t\u00e9 abcdefg');
    expect(await codeOf(() => passphrases.check(id, 'ete abcdefg'))).toBe('PASSPHRASE_WRONG');
    // Something else in its place opens nothing.
    for (const stored of ['', '$scrypt$ln=17,r=8,p=1$$', `${one}x`, one.replace('ln=17', 'ln=99'), 'plain']) {
      store.people.setPassphrase(id, stored, instant);
      expect(await codeOf(() => passphrases.check(id, stored))).not.toBe('did not fail');
    }
    store.close();
  });
});

describe('grants', () => {
  it('are given, changed, listed and taken back', () =>
    fresh(async (seat) => {
      await withPassphrase(seat);
      const person = await done(seat, 'people.create', { ...ada, roles: ['viewer'] });
      const { id: connectionId } = connection(seat, { access: 'granted' });
      const asked = { connectionId, personId: person.id };
      const may = () => seat.access.grants.mayOf(person, connectionId);
      const mayEach = () => seat.access.grants.mayOfEach(person)({ id: connectionId, access: 'granted' });
      expect([may(), mayEach()]).toEqual(['see', 'see']);
      const grant = { ...asked, personName: 'Ada', grantedBy: 'Owner', at: instant };
      expect(await done(seat, 'grants.set', { ...asked, level: 'use' })).toEqual([
        { ...grant, level: 'use' },
      ]);
      // Without a role that uses connections there is nothing to use.
      expect([may(), mayEach()]).toEqual(['see', 'see']);
      await done(seat, 'people.update', { id: person.id, roles: ['analyst'] });
      const analyst = seat.store.people.get(person.id);
      expect(seat.access.grants.mayOf(analyst, connectionId)).toBe('use');
      expect(await done(seat, 'grants.set', { ...asked, level: 'manage' })).toEqual([
        { ...grant, level: 'manage' },
      ]);
      expect([may(), mayEach()]).toEqual(['manage', 'manage']);
      expect(await done(seat, 'grants.list', { connectionId })).toHaveLength(1);
      expect(await done(seat, 'grants.set', { ...asked, level: null })).toEqual([]);
      expect(seat.access.grants.mayOf(analyst, connectionId)).toBe('see');
      expect(() => seat.access.grants.insistUse(analyst, connectionId)).toThrow('granted');
      const nowhere = randomUUID();
      expect((await refused(seat, 'grants.set', { ...asked, personId: nowhere, level: 'use' })).code).toBe(
        'NOT_FOUND',
      );
      expect((await refused(seat, 'grants.list', { connectionId: nowhere })).code).toBe('NOT_FOUND');
    }));

  it('to manage let somebody without the role grant it on, this one only', () =>
    fresh(async (seat) => {
      await withPassphrase(seat);
      const { id } = await done(seat, 'people.create', { ...ada, roles: ['viewer'] });
      const [mine, other] = [connection(seat), connection(seat, { name: 'other' })];
      await done(seat, 'grants.set', { connectionId: mine.id, personId: id, level: 'manage' });
      await done(seat, 'session.signIn', { personId: id, passphrase: words.ada });
      const give = { personId: seat.owner.id, level: 'use' } as const;
      expect(await done(seat, 'grants.set', { connectionId: mine.id, ...give })).toHaveLength(2);
      const error = await refused(seat, 'grants.set', { connectionId: other.id, ...give });
      expect(error.code).toBe('PERMISSION_DENIED');
    }));
});

describe('the policy', () => {
  const usual: Policy = {
    ...{ reveal: 'allow', idleLockMinutes: 15, healthMinutes: 5, fixed: [] },
    ...{ queriesAnHour: 100, queryLiterals: 'keep' },
  };
  it('is changed here and kept', async () => {
    using folder = temporaryFolder();
    {
      await using seat = await seatIn(folder.path);
      expect(await done(seat, 'policy.get', {})).toEqual(usual);
      const changed = { ...usual, reveal: 'forbid', healthMinutes: 0 };
      expect(await done(seat, 'policy.set', { reveal: 'forbid', healthMinutes: 0 })).toEqual(changed);
    }
    await using seat = await seatIn(folder.path);
    expect(seat.access.policy()).toMatchObject({ reveal: 'forbid', idleLockMinutes: 15, healthMinutes: 0 });
    // What is not a decision (an older or a damaged one) does not count.
    seat.store.policies.put('idleLockMinutes', 'never');
    seat.store.policies.put('other', 1);
    expect(seat.access.policy()).toMatchObject({ idleLockMinutes: 15, fixed: [] });
  });

  it('of the computer comes first and can not be changed', () =>
    fresh(
      async (seat) => {
        expect(await done(seat, 'policy.get', {})).toEqual({ ...usual, reveal: 'forbid', fixed: ['reveal'] });
        const error = await refused(seat, 'policy.set', { reveal: 'allow', healthMinutes: 9 });
        expect(error.code).toBe('POLICY_FORBIDS');
        expect(error.message).toContain('reveal');
        expect((await done(seat, 'policy.get', {})).healthMinutes).toBe(5);
        // What it says already may be said again.
        expect(await done(seat, 'policy.set', { reveal: 'forbid', healthMinutes: 9 })).toMatchObject({
          healthMinutes: 9,
        });
      },
      { fixedPolicy: { reveal: 'forbid' } },
    ));

  it('bounds the time until the lock by the user’s own file, and leaves the workspace’s where that is shorter', () =>
    fresh(
      async (seat) => {
        expect(await done(seat, 'policy.get', {})).toMatchObject({ idleLockMinutes: 10, fixed: [] });
        expect((await refused(seat, 'policy.set', { idleLockMinutes: 11 })).code).toBe('POLICY_FORBIDS');
        expect(await done(seat, 'policy.set', { idleLockMinutes: 3 })).toMatchObject({ idleLockMinutes: 3 });
      },
      { idleLockAtMost: 10 },
    ));
});

describe('a stored secret', () => {
  const reason = 'moving to a new server';
  async function withSecret(
    work: (seat: Seat, asked: { connectionId: string; field: 'password'; reason: string }) => Promise<void>,
  ) {
    await fresh(async (seat) => {
      const { id } = connection(seat);
      await seat.vault.put(id, { user: 'reporter', password: secretCanary });
      await work(seat, { connectionId: id, field: 'password', reason });
    });
  }
  const nothingTold = (seat: Seat): void => {
    const told = JSON.stringify([seat.entries(), seat.events, seat.changes, seat.lines]);
    expect(told).not.toContain(secretCanary);
    expect(told).not.toContain(words.owner);
  };

  it('is shown outside the page for 20 seconds, after the passphrase, with the reason in the log first', () =>
    withSecret(async (seat, asked) => {
      expect((await refused(seat, 'secrets.reveal', asked)).code).toBe('PASSPHRASE_NEEDED');
      await withPassphrase(seat);
      expect((await refused(seat, 'secrets.reveal', asked)).code).toBe('PASSPHRASE_NEEDED');
      expect((await refused(seat, 'secrets.reveal', { ...asked, passphrase: 'no' })).code).toBe(
        'PASSPHRASE_WRONG',
      );
      const short = { ...asked, passphrase: words.owner, reason: '  why ' };
      expect((await refused(seat, 'secrets.reveal', short)).code).toBe('INPUT_INVALID');
      expect(seat.desk.shown).toEqual([]);

      const answer = seat.call('secrets.reveal', { ...asked, passphrase: words.owner });
      await expect.poll(() => seat.desk.visible).toBe(1);
      expect(seat.desk.shown).toEqual([{ title: 'Password of “n”', secret: secretCanary, ms: 20_000 }]);
      expect(seat.entries().at(-1)).toMatchObject({
        person: 'Owner',
        action: 'secrets.reveal',
        subject: `connectionId=${asked.connectionId} field=password reason="${reason}"`,
        outcome: 'ok',
      });
      const written = seat.entries().length;
      await seat.clock.pass(20_000);
      expect(await answer).toEqual({ ok: true, data: { until: '2026-03-01T08:00:20.000Z' } });
      expect(seat.desk.visible).toBe(0);
      expect(seat.entries()).toHaveLength(written);
      nothingTold(seat);
    }));

  it('is copied, and the clipboard emptied after 30 seconds or at the end, unless something else is in it', () =>
    withSecret(async (seat, asked) => {
      await withPassphrase(seat);
      const copy = () => done(seat, 'secrets.copy', { ...asked, passphrase: words.owner });
      expect(await copy()).toEqual({ until: '2026-03-01T08:00:30.000Z' });
      expect(seat.desk.clipboard).toBe(secretCanary);
      await seat.clock.pass(29_999);
      expect(seat.desk.clipboard).toBe(secretCanary);
      await seat.clock.pass(1);
      expect(seat.desk.clipboard).toBe('');
      await copy();
      seat.desk.clipboard = 'something else';
      await seat.clock.pass(30_000);
      expect(seat.desk.clipboard).toBe('something else');
      await copy();
      await seat.clipboard.close();
      expect(seat.desk.clipboard).toBe('');
      nothingTold(seat);
    }));

  it('goes from the screen when the session is locked, and is not shown after that', () =>
    withSecret(async (seat, asked) => {
      await withPassphrase(seat);
      const answer = seat.call('secrets.reveal', { ...asked, passphrase: words.owner });
      await expect.poll(() => seat.desk.visible).toBe(1);
      seat.desk.power('lock');
      // Not even that it was shown is told behind the lock.
      expect(await answer).toMatchObject({ ok: false, error: { code: 'LOCKED' } });
      expect(seat.desk.visible).toBe(0);

      await done(seat, 'session.signIn', { personId: seat.owner.id, passphrase: words.owner });
      const late = seat.call('secrets.reveal', { ...asked, passphrase: words.owner });
      // While the passphrase is being looked at.
      seat.desk.power('lock');
      expect(await late).toMatchObject({ ok: false, error: { code: 'LOCKED' } });
      expect(seat.desk.shown).toHaveLength(1);
    }));

  it('is not shown to others than a DBA, nor where the policy forbids it, nor without an entry in the log', () =>
    withSecret(async (seat, asked) => {
      await withPassphrase(seat);
      const input = { ...asked, passphrase: words.owner };
      const other = { ...input, connectionId: randomUUID() };
      expect((await refused(seat, 'secrets.copy', other)).code).toBe('NOT_FOUND');
      const empty = connection(seat, { name: 'empty' });
      expect((await refused(seat, 'secrets.copy', { ...input, connectionId: empty.id })).code).toBe(
        'SECRET_MISSING',
      );
      await done(seat, 'policy.set', { reveal: 'forbid' });
      expect((await refused(seat, 'secrets.copy', input)).code).toBe('POLICY_FORBIDS');
      expect((await refused(seat, 'secrets.reveal', input)).code).toBe('POLICY_FORBIDS');
      expect(seat.entries().at(-1)).toMatchObject({ outcome: 'refused', details: 'POLICY_FORBIDS' });
      await done(seat, 'policy.set', { reveal: 'allow' });
      for (const role of ['project_admin', 'analyst', 'viewer'] as const) {
        const person = await done(seat, 'people.create', {
          name: role,
          roles: [role],
          passphrase: words.ada,
        });
        await done(seat, 'session.signIn', { personId: person.id, passphrase: words.ada });
        const error = await refused(seat, 'secrets.copy', { ...asked, passphrase: words.ada });
        expect(error.code).toBe('PERMISSION_DENIED');
        await done(seat, 'session.signIn', { personId: seat.owner.id, passphrase: words.owner });
      }
      // The log is full.
      seat.store.audit.append = (() => {
        throw new Error('disk full');
      }) as never;
      expect((await refused(seat, 'secrets.copy', input)).code).toBe('STORE_UNAVAILABLE');
      expect((await refused(seat, 'secrets.reveal', input)).code).toBe('STORE_UNAVAILABLE');
      expect(seat.desk.shown).toEqual([]);
      expect(seat.desk.clipboard).toBe('');
      nothingTold(seat);
    }));
});
