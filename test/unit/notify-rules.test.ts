import { describe, expect, it } from 'vitest';
import { changesOf, type OpenNotice } from '../../main/notices/changes.ts';
import {
  type ConnectionState,
  type DatasetState,
  findingsOf,
  type SignInState,
  type World,
} from '../../main/notices/conditions.ts';
import { usualPreferences, waysFor } from '../../main/notices/way.ts';
import { type Part, sentenceOf, sentencesOf } from '../../main/notices/words.ts';
import { noticeEvents, noticeOutcomes } from '../../preload/contract/models.ts';
import { english } from '../../preload/messages/said.ts';

/* What is told of what is the matter: once, to whom it concerns, by its cause, and that it is over. */

const hour = 3_600_000;
const now = Date.parse('2026-03-04T12:00:00Z');

type Change = Partial<Omit<DatasetState, 'plan'>> & { plan?: Partial<DatasetState['plan']> };
const dataset = (change: Change = {}): DatasetState => ({
  ...{ id: 'd1', project: 'Malaria', source: 'HQ', connectionId: 'c1', connection: 'main' },
  ...{ personId: null, signInId: 's1', isHeld: false, isExpired: false, error: null },
  ...{ dataAsOf: now - hour, triedAt: now - hour, usedAt: now - hour, expiresAt: null },
  ...change,
  plan: {
    ...{ schedule: { kind: 'every', hours: 6 }, quietHours: null, linkIsActive: true, sourceIsActive: true },
    ...{ plannedAt: now + hour, retryAt: null, failures: 0 },
    ...change.plan,
  },
});
const failing = (change: Change = {}): DatasetState =>
  dataset({ error: 'SOURCE_FAILING', ...change, plan: { failures: 7, ...change.plan } });
const signIn = (change: Partial<SignInState> = {}): SignInState => ({
  ...{ id: 's1', source: 'HQ', sourceIsActive: true, project: 'Malaria', personId: null },
  ...{ state: 'valid', signerLeft: false, endsAt: now + 5 * hour },
  ...change,
});
const connection = (change: Partial<ConnectionState> = {}): ConnectionState => ({
  ...{ id: 'c1', name: 'main', isActive: true, health: 'works', checkedAt: now - 60_000 },
  ...change,
});
const down = (change: Partial<ConnectionState> = {}) => connection({ health: 'unreachable', ...change });
const world = (change: Partial<World> = {}): World => ({
  ...{ now, isOffline: false, onlineSince: 0, watchedSince: now - 9 * hour, isHeldBack: false },
  ...{ datasets: [dataset()], signIns: [signIn()], connections: [connection()], endedAt: () => 0 },
  ...change,
});
const open = (...events: [key: string, event: OpenNotice['event']][]): OpenNotice[] =>
  events.map(([key, event], at) => ({ id: `n${at}`, key, event }));
/** What is told, in short. */
const told = (before: readonly OpenNotice[], at: World): string[] => {
  const { opened, turned, closed } = changesOf(before, findingsOf(at));
  return [
    ...opened.map(({ key, event }) => `+ ${key} ${event}`),
    ...turned.map(({ id, to, isWorse }) => `${isWorse ? '!' : '='} ${id} ${to.event}`),
    ...closed.map(({ id, outcome }) => `- ${id} ${outcome}`),
  ];
};

const old = now - 12 * hour - 1;
const cases: [what: string, before: OpenNotice[], at: Partial<World>, expected: string[]][] = [
  ['all is well', [], {}, []],
  [
    'a failure that is tried again is nobody’s business',
    [],
    { datasets: [failing({ plan: { failures: 6 } })] },
    [],
  ],
  ['failed after its last retry', [], { datasets: [failing()] }, ['+ dataset:d1 failed']],
  ['told once', open(['dataset:d1', 'failed']), { datasets: [failing()] }, []],
  [
    'while it is tried again it has still failed',
    open(['dataset:d1', 'failed']),
    { datasets: [failing({ plan: { failures: 9, plannedAt: null } })] },
    [],
  ],
  ['refreshed again', open(['dataset:d1', 'failed']), {}, ['- n0 over']],
  ['held', [], { datasets: [dataset({ isHeld: true })] }, ['+ dataset:d1 held']],
  [
    'held, though its connection is down: somebody has to decide',
    [],
    { datasets: [dataset({ isHeld: true })], connections: [down()] },
    ['+ connection:c1 connection_down', '+ dataset:d1 held'],
  ],
  [
    'what failed is read, and held: told again',
    open(['dataset:d1', 'failed']),
    { datasets: [dataset({ isHeld: true, plan: { failures: 7 } })] },
    ['! n0 held'],
  ],
  [
    'held while switched off',
    [],
    { datasets: [dataset({ isHeld: true, plan: { linkIsActive: false } })] },
    ['+ dataset:d1 held'],
  ],
  [
    'whoever signed in has left',
    [],
    { signIns: [signIn({ signerLeft: true })] },
    ['+ sign_in:s1 signer_left'],
  ],
  [
    'whoever signed in has left: what fails is told all the same',
    open(['sign_in:s1', 'signer_left']),
    { signIns: [signIn({ signerLeft: true })], datasets: [failing()] },
    ['+ dataset:d1 failed'],
  ],
  [
    'their account was closed: told again',
    open(['sign_in:s1', 'signer_left']),
    { signIns: [signIn({ signerLeft: true, state: 'expired' })] },
    ['! n0 sign_in_expired'],
  ],
  ['taken over', open(['sign_in:s1', 'signer_left']), {}, ['- n0 over']],
  ['late', [], { datasets: [dataset({ dataAsOf: old })] }, ['+ dataset:d1 stale']],
  ['not yet late', [], { datasets: [dataset({ dataAsOf: old + 2 })] }, []],
  [
    'quiet hours are no delay',
    [],
    {
      datasets: [
        dataset({ dataAsOf: old, plan: { quietHours: { from: '22:00', to: '06:00', zone: 'UTC' } } }),
      ],
    },
    [],
  ],
  [
    'weekends are no delay',
    [],
    {
      datasets: [
        dataset({
          dataAsOf: now - 5 * 24 * hour,
          plan: { schedule: { kind: 'at', time: '06:00', zone: 'UTC', weekdays: [1, 2, 3, 4, 5] } },
        }),
      ],
    },
    [],
  ],
  [
    'late after a weekend’s double',
    [],
    {
      datasets: [
        dataset({
          dataAsOf: now - 6 * 24 * hour - 1,
          plan: { schedule: { kind: 'at', time: '06:00', zone: 'UTC', weekdays: [1, 2, 3, 4, 5] } },
        }),
      ],
    },
    ['+ dataset:d1 stale'],
  ],
  [
    'the computer slept: what is late is made up first',
    [],
    { datasets: [dataset({ dataAsOf: old })], watchedSince: now - hour + 1 },
    [],
  ],
  ['held back by a person is not late', [], { datasets: [dataset({ dataAsOf: old })], isHeldBack: true }, []],
  [
    'switched off is not late',
    [],
    { datasets: [dataset({ dataAsOf: old, plan: { linkIsActive: false } })] },
    [],
  ],
  [
    'late, then failed: told again',
    open(['dataset:d1', 'stale']),
    { datasets: [failing({ dataAsOf: old })] },
    ['! n0 failed'],
  ],
  [
    'failed no more but late: one end is enough',
    open(['dataset:d1', 'failed']),
    { datasets: [dataset({ dataAsOf: old })] },
    ['= n0 stale'],
  ],
  [
    'switched off',
    open(['dataset:d1', 'failed']),
    { datasets: [failing({ plan: { sourceIsActive: false } })] },
    ['- n0 off'],
  ],
  ['deleted', open(['dataset:gone', 'failed']), {}, ['- n0 deleted']],
  ['a connection that is down', [], { connections: [down()] }, ['+ connection:c1 connection_down']],
  ['is told once', open(['connection:c1', 'connection_down']), { connections: [down()] }, []],
  ['and up again', open(['connection:c1', 'connection_down']), {}, ['- n0 over']],
  [
    'works with warnings',
    open(['connection:c1', 'connection_down']),
    { connections: [connection({ health: 'warns' })] },
    ['- n0 over'],
  ],
  [
    'changed, and not yet looked at: nothing is said',
    open(['connection:c1', 'connection_down']),
    { connections: [connection({ health: 'unknown' })] },
    [],
  ],
  [
    'used no more',
    open(['connection:c1', 'connection_down']),
    { connections: [down({ isActive: false })] },
    ['- n0 off'],
  ],
  [
    'what fails for its connection is not told beside it',
    [],
    {
      datasets: [failing(), failing({ id: 'd2' }), dataset({ id: 'd3', dataAsOf: old })],
      connections: [down()],
    },
    ['+ connection:c1 connection_down'],
  ],
  [
    'what fails for its sign-in is not told beside it',
    [],
    { datasets: [failing(), dataset({ id: 'd2', dataAsOf: old })], signIns: [signIn({ state: 'revoked' })] },
    ['+ sign_in:s1 sign_in_expired'],
  ],
  [
    'what failed before its connection went stays told',
    open(['dataset:d1', 'failed']),
    { datasets: [failing()], connections: [down()] },
    ['+ connection:c1 connection_down'],
  ],
  [
    'what became worse for its connection is not told again',
    open(['dataset:d1', 'stale']),
    { datasets: [failing()], connections: [down()] },
    ['+ connection:c1 connection_down'],
  ],
  [
    'once the connection is up, what failed meanwhile has its next attempt first',
    open(['connection:c1', 'connection_down']),
    { datasets: [failing()], endedAt: (key) => (key === 'connection:c1' ? now : 0) },
    ['- n0 over'],
  ],
  [
    'and is told when that fails too',
    [],
    { datasets: [failing({ triedAt: now })], endedAt: (key) => (key === 'connection:c1' ? now - 1 : 0) },
    ['+ dataset:d1 failed'],
  ],
  [
    'what is late because of its connection has its time again',
    [],
    { datasets: [dataset({ dataAsOf: old })], endedAt: () => now - hour },
    [],
  ],
  [
    'never looked at, a connection hides nothing',
    [],
    { datasets: [failing()], connections: [connection({ health: 'unknown' })] },
    ['+ dataset:d1 failed'],
  ],
  [
    'offline nothing is reached',
    [],
    { isOffline: true, onlineSince: now, connections: [down()], datasets: [failing()] },
    [],
  ],
  [
    'online again, but not looked at yet',
    [],
    { onlineSince: now - 1000, connections: [down()], datasets: [failing()] },
    [],
  ],
  [
    'a sign-in that ends soon',
    [],
    { signIns: [signIn({ state: 'expiring' })] },
    ['+ sign_in:s1 sign_in_expiring'],
  ],
  [
    'and has ended: told again, as the same',
    open(['sign_in:s1', 'sign_in_expiring']),
    { signIns: [signIn({ state: 'expired' })] },
    ['! n0 sign_in_expired'],
  ],
  [
    'a failure beside a sign-in that only ends soon',
    [],
    { datasets: [failing()], signIns: [signIn({ state: 'expiring' })] },
    ['+ sign_in:s1 sign_in_expiring', '+ dataset:d1 failed'],
  ],
  ['renewed', open(['sign_in:s1', 'sign_in_expired']), {}, ['- n0 over']],
  ['of a source that is off', [], { signIns: [signIn({ state: 'expired', sourceIsActive: false })] }, []],
  ['disconnected', open(['sign_in:s1', 'sign_in_expired']), { signIns: [] }, ['- n0 deleted']],
  [
    'tables that go in a quarter of their time',
    [],
    { datasets: [dataset({ usedAt: now - 18 * hour, expiresAt: now + 6 * hour })] },
    ['+ data:d1 expiring_data'],
  ],
  [
    'not before',
    [],
    { datasets: [dataset({ usedAt: now - 18 * hour + 2, expiresAt: now + 6 * hour + 2 })] },
    [],
  ],
  [
    'used, so they stay',
    open(['data:d1', 'expiring_data']),
    { datasets: [dataset({ usedAt: now, expiresAt: now + 24 * hour })] },
    ['- n0 over'],
  ],
  [
    'gone',
    open(['data:d1', 'expiring_data']),
    { datasets: [dataset({ isExpired: true, dataAsOf: null })] },
    ['- n0 gone'],
  ],
];

describe('what is told', () => {
  it.each(cases)('%s', (_, before, at, expected) => {
    expect(told(before, world(at)).sort()).toEqual([...expected].sort());
  });

  it('of the same world twice is told nothing the second time, whatever it is', () => {
    for (const [what, before, at] of cases) {
      const found = findingsOf(world(at));
      const { opened, turned, closed } = changesOf(before, found);
      const ended = new Set(closed.map(({ id }) => id));
      const after = [
        ...before
          .filter(({ id }) => !ended.has(id))
          .map((each) => ({
            ...each,
            event: turned.find(({ id }) => id === each.id)?.to.event ?? each.event,
          })),
        ...opened.map(({ key, event }) => ({ id: key, key, event })),
      ];
      const again = changesOf(after, found);
      expect([again.opened, again.turned, again.closed], what).toEqual([[], [], []]);
    }
  });
});

describe('whom it concerns', () => {
  const audienceIn = (at: Partial<World>) => findingsOf(world(at)).conditions[0]?.audience;
  it.each([
    [
      'a project’s dataset: project admins',
      { datasets: [failing()] },
      { roles: ['project_admin'], people: [] },
    ],
    ['a person’s own: them', { datasets: [failing({ personId: 'p1' })] }, { roles: [], people: ['p1'] }],
    [
      'a person’s sign-in',
      { signIns: [signIn({ state: 'expired', personId: 'p1' })] },
      { roles: [], people: ['p1'] },
    ],
    ['a connection: DBAs', { connections: [down()], datasets: [] }, { roles: ['dba'], people: [] }],
    [
      'and whose datasets are on it, as those are not told beside it',
      { connections: [down()], datasets: [dataset(), dataset({ id: 'd2', personId: 'p1' })] },
      { roles: ['dba', 'project_admin'], people: ['p1'] },
    ],
  ] as const)('%s', (_, at, audience) => {
    expect(audienceIn(at as Partial<World>)).toEqual(audience);
  });

  const channels = { ...usualPreferences.channels, failed: ['desktop', 'email'] as ('desktop' | 'email')[] };
  const quietHours = { from: '22:00', to: '13:00', zone: 'UTC' };
  const shared = { roles: ['project_admin'], people: [] } as const;
  it('goes on the ways that each wants, and to the webhook what is not a person’s own', () => {
    const person = { id: 'p1', preferences: { ...usualPreferences, channels, email: 'p1@example.org' } };
    expect(waysFor('failed', shared, [person], now)).toEqual([
      { channel: 'desktop', personId: 'p1', notBefore: now },
      { channel: 'email', personId: 'p1', notBefore: now },
      { channel: 'webhook', personId: null, notBefore: now },
    ]);
    expect(waysFor('held', { roles: [], people: ['p1'] }, [person], now)).toEqual([
      { channel: 'desktop', personId: 'p1', notBefore: now },
    ]);
  });
  it('waits for the end of quiet hours, which the webhook does not have; without an address no mail', () => {
    const person = { id: 'p1', preferences: { channels, email: null, language: null, quietHours } };
    expect(waysFor('failed', shared, [person], now)).toEqual([
      { channel: 'desktop', personId: 'p1', notBefore: now + hour },
      { channel: 'webhook', personId: null, notBefore: now },
    ]);
  });
});

describe('in words', () => {
  const part = (change: Partial<Part> = {}): Part => ({
    ...{ id: 'n1', part: 'alarm', event: 'failed', outcome: null, openedAt: '', closedAt: null },
    subject: { project: 'Malaria', source: 'HQ', connection: 'main', code: null, waiting: 2, until: null },
    ...change,
  });
  it('every event and end has a sentence', () => {
    const all = noticeEvents.flatMap((event) => [
      sentenceOf(part({ event })).title,
      ...noticeOutcomes.map((outcome) => sentenceOf(part({ event, part: 'recovery', outcome })).title),
    ]);
    for (const title of all.map(english)) expect(title).toMatch(/(HQ in Malaria|main)/);
  });
  it('many of a kind are one sentence, alarms first', () => {
    const downs = Array.from({ length: 4 }, () => part({ event: 'connection_down' }));
    const parts = [part({ part: 'recovery', outcome: 'over' }), ...downs];
    expect(sentencesOf(parts).map(({ title }) => english(title))).toEqual([
      '4 connections stopped answering',
      'HQ in Malaria is refreshed again',
    ]);
  });
  it('a name stays within its line and its place', () => {
    const { subject } = part();
    const title = sentenceOf(
      part({ subject: { ...subject, source: 'a\r\nBcc: x\u202e', project: null } }),
    ).title;
    expect(english(title)).toBe('a Bcc: x could not be refreshed');
  });
});
