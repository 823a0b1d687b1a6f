import { describe, expect, it } from 'vitest';
import { createBudgets } from '../../main/sync/job/budget.ts';
import {
  type Known,
  serverStates,
  serversOf,
  stateOfServer,
} from '../../renderer/screens/sources/servers.ts';
import { watch } from '../../renderer/watch/dataset-state.ts';
import { credential, dataset, linkOf, source } from '../support/renderer-fixture/builders.ts';
import { minutes, types, uuid } from '../support/renderer-fixture/scenario.ts';

const now = Date.parse(minutes(0));
const known = (over: Partial<Known>): Known => ({
  ...{ sources: [], types, links: [], credentials: [], pace: [] },
  ...over,
});

describe('sources by server', () => {
  it('puts what is at one address together, the usual one of each kind first', () => {
    const connect = types.find(({ type }) => type === 'commcare_connect');
    const servers = serversOf(
      known({
        sources: [
          source(1, { baseUrl: 'https://eu.commcarehq.org' }),
          source(2, { baseUrl: 'https://www.commcarehq.org', clientId: '' }),
          source(3, { baseUrl: 'https://www.commcarehq.org/', clientId: 'here' }),
          // The same address for another kind of source is another server to sign in to.
          source(4, { baseUrl: 'https://www.commcarehq.org', sourceType: 'commcare_connect' }),
          source(5, {
            baseUrl: connect?.defaultBaseUrl ?? '',
            sourceType: 'commcare_connect',
          }),
        ],
      }),
    );
    expect(
      servers.map(({ title, host, isUsual, sources }) => [title, host, isUsual, sources.length]),
    ).toEqual([
      [connect?.title, new URL(connect?.defaultBaseUrl ?? '').host, true, 1],
      ['CommCare HQ', 'www.commcarehq.org', true, 2],
      [connect?.title, 'www.commcarehq.org', false, 1],
      ['CommCare HQ', 'eu.commcarehq.org', false, 1],
    ]);
    expect(servers[1]?.clientIds).toEqual(['here']);
  });

  it('gives each server its own links, sign-ins and waits, and no trouble of a database', () => {
    const failing = dataset(1, {
      targetFails: true,
      error: { code: 'DB_LOGIN_REFUSED', kind: 'config', message: 'refused', advice: '' },
    });
    const servers = serversOf(
      known({
        sources: [source(1), source(2, { baseUrl: 'https://hq.example.org' })],
        links: [watch(linkOf(failing), true, now)],
        credentials: [
          { ...credential(1), isShared: false },
          { ...credential(2), isShared: false },
        ],
        pace: [{ sourceId: uuid(2, 2), limits: [], waitsUntil: minutes(4) }],
      }),
    );
    expect(
      servers.map(({ links, signIns, causes, waitsUntil }) => [
        links.length,
        signIns.length,
        causes,
        waitsUntil,
      ]),
    ).toEqual([
      [1, 1, [], null],
      [0, 1, [], minutes(4)],
    ]);
  });

  it('knows every state, the worst of what holds', () => {
    const fine = dataset(1);
    const broken = dataset(1, {
      status: 'error',
      error: { code: 'SOURCE_FORBIDDEN', kind: 'denied', message: 'no', advice: '' },
    });
    const ended = source(1, { credential: credential(1, { state: 'expired' }) });
    const off = source(1, { isActive: false });
    const at = (over: Partial<Known>, offline = false): string => {
      const [server] = serversOf(known({ sources: [source(1)], ...over }));
      return server ? stateOfServer(server, offline, now) : 'none';
    };
    const links = [watch(linkOf(fine), true, now)];
    const seen = [
      at({ sources: [off], links }, true),
      at({ links }, true),
      at({ links: [watch(linkOf(broken), true, now)], sources: [ended] }),
      at({ links, sources: [ended] }),
      at({ links, pace: [{ sourceId: uuid(2, 1), limits: [], waitsUntil: minutes(2) }] }),
      at({ links, pace: [{ sourceId: uuid(2, 1), limits: [], waitsUntil: minutes(-2) }] }),
      at({}),
    ];
    expect(seen).toEqual(['off', 'offline', 'trouble', 'signIn', 'waits', 'works', 'unread']);
    expect([...new Set(seen)].sort()).toEqual([...serverStates].sort());
  });
});

describe('what is seen of a pace', () => {
  it('is nothing until a source refuses, then the limit that was met, and how long it waits', async () => {
    const time = { now: 1_000_000 };
    const kept = new Map<string, object>();
    const budgets = createBudgets({
      load: (key) => kept.get(key) ?? null,
      save: (key, state) => void kept.set(key, state),
      now: () => time.now,
    });
    expect(budgets.seen('hq demo')).toEqual({ limits: [], waitsUntil: null });
    for (let n = 0; n < 21; n += 1) {
      await budgets.gate('hq demo').enter();
      time.now += 500;
    }
    budgets.gate('hq demo').refused(time.now + 50_000);
    // Twenty went through in the minute; nine tenths of it is asked for from now on.
    expect(budgets.seen('hq demo')).toEqual({
      limits: [{ seconds: 60, requests: 18 }],
      waitsUntil: time.now + 50_000,
    });
    expect(budgets.seen('hq other')).toEqual({ limits: [], waitsUntil: null });
    time.now += 50_000;
    expect(budgets.seen('hq demo').waitsUntil).toBeNull();
  });
});
