import { randomUUID } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { AppError } from '../../main/errors.ts';
import { callNames } from '../../preload/contract/channels.ts';
import type { Method } from '../../preload/contract/method.ts';
import { methods } from '../../preload/contract/methods.ts';
import { roles } from '../../preload/contract/permissions.ts';
import { plain } from '../../preload/contract/said.ts';
import { dispatchWith, errorOf, everything, good, id, personWith } from '../support/dispatch.ts';
import { rightOf } from '../support/permission-matrix.ts';

const method = (name: (typeof callNames)[number]): Method => methods[name];
const reached = () => (): never => {
  throw new AppError('NOT_FOUND', plain('reached'));
};

describe('every call, every role, with every grant', () => {
  const grants = [null, 'use', 'manage'] as const;
  it.each(grants.flatMap((grant) => [true, false].map((restricted) => ({ grant, restricted }))))(
    'is decided as it was written down by hand: %j',
    async ({ grant, restricted }) => {
      const asked: [string, string][] = [];
      using one = dispatchWith(reached, {
        grantOf(personId, connectionId) {
          asked.push([personId, connectionId]);
          return grant;
        },
        isRestricted: (connectionId) => connectionId === id && restricted,
      });
      for (const name of callNames) {
        const { connection } = method(name);
        const right = rightOf(name);
        for (const role of roles) {
          const person = personWith(role);
          const byRole = right.roles.includes(role);
          const expected =
            right.open || (right.grant === 'manage' && (byRole || grant === 'manage'))
              ? 'NOT_FOUND'
              : !byRole
                ? 'PERMISSION_DENIED'
                : right.grant === 'use' && restricted && grant === null && role !== 'dba'
                  ? 'CONNECTION_NOT_GRANTED'
                  : 'NOT_FOUND';
          asked.length = 0;
          const error = errorOf(await one.call(name, good[name], person));
          expect(error.code, `${name} as ${role}`).toBe(expected);
          // Whoever is asked about is who calls, and what they call about.
          for (const question of asked) expect(question).toEqual([person.id, id]);
          if (!connection) expect(asked).toEqual([]);
        }
      }
      const outcomes = new Set(one.entries().map(({ outcome, details }) => `${outcome} ${details}`));
      expect(outcomes.has('refused CONNECTION_NOT_GRANTED')).toBe(restricted && grant === null);
      expect(outcomes.has('refused PERMISSION_DENIED')).toBe(true);
    },
  );

  it('is about calls that really name a connection', () => {
    const about = callNames.filter((name) => method(name).connection);
    expect(about.length).toBeGreaterThan(8);
    for (const name of about) {
      const { connection, input } = method(name);
      expect(input.safeParse(good[name]).success, name).toBe(true);
      expect((good[name] as Record<string, unknown>)[connection?.field as string], name).toBe(id);
    }
  });

  it('does not look at the input of somebody who has neither role nor grant', async () => {
    using one = dispatchWith(reached, { grantOf: () => 'manage' });
    for (const input of [{}, { id: 5 }, { id, nonsense: 1 }, null, 'text']) {
      const error = errorOf(await one.call('connections.delete', input, personWith('viewer')));
      expect(error.code).toBe('PERMISSION_DENIED');
    }
    const letIn = errorOf(await one.call('connections.delete', { id }, personWith('viewer')));
    expect(letIn.code).toBe('NOT_FOUND');
  });
});

describe('nobody signed in, or locked', () => {
  it('leaves only the open calls, and writes nothing down for the others', async () => {
    const called: string[] = [];
    using one = dispatchWith((name) => () => {
      called.push(name);
      throw new AppError('NOT_FOUND', plain('reached'));
    });
    for (const name of callNames) {
      const error = errorOf(await one.call(name, good[name], null));
      expect(error.code, name).toBe(method(name).open ? 'NOT_FOUND' : 'LOCKED');
      // Whatever is wrong with the input is nobody's business.
      if (!method(name).open) expect(errorOf(await one.call(name, { bad: 1 }, null)).code).toBe('LOCKED');
    }
    expect(called).toEqual(callNames.filter((name) => method(name).open));
    expect(one.entries().map(({ action }) => action)).toEqual([
      ...['session.signIn', 'session.lock', 'agents.enter'],
    ]);
  });

  it('can not be used to fill the log', async () => {
    const lockedOut = new AppError('TOO_MANY_TRIES', plain('wait'));
    using one = dispatchWith((name) => () => {
      if (name === 'session.signIn') throw lockedOut;
      return {
        person: null,
        locked: true,
        profiles: [],
        hasPassphrase: false,
        idleLockMinutes: 15,
        waitUntil: null,
      };
    });
    for (let n = 0; n < 20; n += 1) {
      expect((await one.call('session.lock', {}, null)).ok).toBe(true);
      await one.call('session.signIn', good['session.signIn'], null);
      await one.call('session.signIn', { personId: `x${n}` }, null);
      await one.call('vault.wipe', {}, null);
    }
    expect(one.entries().map(({ action, details }) => `${action} ${details}`)).toEqual([
      'session.signIn TOO_MANY_TRIES',
    ]);
  });

  it('has a sign-in written down under the profile it was for, wrong ones each time', async () => {
    using one = dispatchWith(
      () => () => {
        throw new AppError('PASSPHRASE_WRONG', plain('wrong'));
      },
      { profileName: (personId) => (personId === id ? 'Ada' : null) },
    );
    for (const person of [null, everything]) await one.call('session.signIn', good['session.signIn'], person);
    await one.call('session.signIn', { personId: randomUUID(), passphrase: 'pass-canary-12' }, null);
    expect(one.entries().map(({ person, outcome, details }) => [person, outcome, details])).toEqual([
      ['Ada', 'refused', 'PASSPHRASE_WRONG'],
      ['Ada', 'refused', 'PASSPHRASE_WRONG'],
      ['nobody', 'refused', 'PASSPHRASE_WRONG'],
    ]);
    expect(JSON.stringify(one.entries())).not.toContain('pass-canary');
  });
});

describe('what is written down', () => {
  const table = [{ name: 't', comment: null, rows: 1, columns: [] }];

  it('is a use of a secret once in ten minutes for one person, call and subject; a change always', async () => {
    let time = 0;
    using one = dispatchWith((name) => () => (name === 'datasets.tables' ? table : {}), { now: () => time });
    const ada = personWith('analyst');
    const read = (person = ada, of = id) => one.call('datasets.tables', { id: of }, person);
    for (let n = 0; n < 50; n += 1) await read();
    expect(one.entries()).toHaveLength(1);
    expect(one.entries()[0]).toMatchObject({ action: 'datasets.tables', subject: `id=${id}`, outcome: 'ok' });
    await read(personWith('analyst'));
    await read(ada, randomUUID());
    expect(one.entries()).toHaveLength(3);
    time = 10 * 60_000 - 1;
    await read();
    expect(one.entries()).toHaveLength(3);
    time += 1;
    await read();
    expect(one.entries()).toHaveLength(4);
    for (let n = 0; n < 3; n += 1) await one.call('connections.delete', { id });
    expect(one.entries()).toHaveLength(7);
  });

  it('is one entry for a table that is paged through, and one for each other table', async () => {
    let time = 0;
    const page = {
      ...{ columns: [], rows: [], keys: [], more: false, order: null },
      ...{ version: 'v', outdated: false, total: 0 },
    };
    using one = dispatchWith(() => () => page, { now: () => time });
    const ada = personWith('analyst');
    const turn = (table: string, from: object | null) => one.call('datasets.rows', { id, table, from }, ada);
    for (let n = 0; n < 30; n += 1) {
      expect(
        await turn('forms', n === 0 ? null : { way: 'after', key: [String(n)], version: 'v' }),
      ).toMatchObject({
        ok: true,
      });
      time += 1000;
    }
    await turn('cases', null);
    expect(one.entries().map(({ action, subject }) => `${action} ${subject}`)).toEqual([
      `datasets.rows id=${id} table=forms`,
      `datasets.rows id=${id} table=cases`,
    ]);
    time += 10 * 60_000;
    await turn('forms', null);
    expect(one.entries()).toHaveLength(3);
  });

  it('is also a use that failed, but nothing of a call that did not come that far', async () => {
    using one = dispatchWith(() => () => {
      throw new AppError('DB_REFUSED', plain('refused'));
    });
    await one.call('datasets.rows', good['datasets.rows']);
    await one.call('datasets.rows', { id });
    await one.call('datasets.dictionary', { id });
    expect(one.entries().map(({ outcome, details }) => `${outcome} ${details}`)).toEqual([
      'failed DB_REFUSED',
    ]);
  });

  it('says what was made, how many, for whom and why, without what is secret in it', async () => {
    const made = randomUUID();
    using one = dispatchWith((name) => () => {
      if (name === 'people.create')
        return { id: made, name: 'n', roles: [], hasPassphrase: true, createdAt: '2026-03-01T08:00:00.000Z' };
      if (name === 'connections.bulk') return { changed: 1, undo: [] };
      if (name === 'connections.seal') return { text: 'sealed', path: null, count: 1 };
      return name === 'grants.set' ? [] : { until: '2026-03-01T08:00:00.000Z' };
    });
    one.redactor.add('the-secret-reason');
    const reason = 'ticket 7: the-secret-reason id=x';
    await one.call('people.create', good['people.create']);
    await one.call('connections.bulk', good['connections.bulk']);
    await one.call('connections.seal', good['connections.seal']);
    await one.call('grants.set', { connectionId: id, personId: id, level: null });
    await one.call('secrets.copy', { connectionId: id, field: 'user', reason });
    expect(one.entries().map(({ subject, details }) => [subject, details])).toEqual([
      ['name=n roles=viewer', `made=${made}`],
      ['ids=1', 'changed=1'],
      ['ids=1 reason="because"', 'count=1'],
      [`connectionId=${id} personId=${id} level=none`, ''],
      [`connectionId=${id} field=user reason="ticket 7: •••• id=x"`, ''],
    ]);
  });

  it('is written before the thing is done where a service wants it so, and not twice', async () => {
    const seen: number[] = [];
    using one = dispatchWith((name) => (_, { record }) => {
      record();
      seen.push(one.entries().length);
      if (name === 'secrets.reveal') throw new AppError('NOT_HERE', plain('no screen'));
      return { until: '2026-03-01T08:00:00.000Z' };
    });
    await one.call('secrets.copy', good['secrets.copy']);
    expect(one.entries().map(({ outcome }) => outcome)).toEqual(['ok']);
    await one.call('secrets.reveal', good['secrets.reveal']);
    expect(one.entries().map(({ outcome }) => outcome)).toEqual(['ok', 'ok', 'failed']);
    expect(seen).toEqual([1, 2]);
  });

  it('makes a change count as somebody at the keyboard, and reading not', async () => {
    let activity = 0;
    const onActivity = (): void => {
      activity += 1;
    };
    using one = dispatchWith(() => () => ({}), { onActivity });
    await one.call('connections.list', {});
    await one.call('session.state', {}, null);
    await one.call('connections.delete', { bad: 1 });
    await one.call('connections.delete', { id }, personWith('viewer'));
    await one.call('session.signIn', good['session.signIn'], null);
    expect(activity).toBe(0);
    await one.call('connections.delete', { id });
    expect(activity).toBe(1);
  });
});
