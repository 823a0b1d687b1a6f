import { odkCentral } from '../../../../main/connectors/odk-central/index.ts';
import { createOdkSimulator, type FormSpec } from '../../../simulators/odk-central/index.ts';
import type { Fixture, World } from '../fixture.ts';

const user = { email: 'ada@example.org', password: 'pass of Ada: “é”', id: 5 };

/** Ids as they occur: plain, and with all that needs care in an address and in a name. */
const forms = (sizes: readonly [number, number]): FormSpec[] => [
  { xmlFormId: 'household', name: 'Household visit', submissions: sizes[0] },
  { xmlFormId: 'Suivi été.v2', name: 'Suivi d’été (v2)', version: '2', submissions: sizes[1] },
];

function world(label: string, sizes: readonly [number, number], pagesBySkip = false): World {
  return {
    label,
    async start({ gzip } = {}) {
      const sim = await createOdkSimulator({
        projects: [
          { id: 7, name: 'Sahel', forms: forms(sizes) },
          { id: 8, name: 'Other', forms: [] },
        ],
        users: [user],
        pagesBySkip,
        ...(gzip === undefined ? {} : { gzip }),
      });
      return {
        url: sim.url,
        faults: sim.faults,
        sessions: {
          typed: { user: user.email, password: user.password },
          wrong: { user: user.email, password: 'another-password-0123' },
          issue: () => sim.issueSession(),
          expire: (session) => sim.expireSession(session),
          isLive: (session) => sim.isLive(session),
          refuse() {
            sim.setPassword(user.email, 'changed');
            return () => sim.setPassword(user.email, user.password);
          },
        },
        requests: (kind) => sim.stats.requests[kind as 'submissions'],
        records: (dataset) => sim.form(7, dataset).records(),
        [Symbol.asyncDispose]: () => sim.close(),
      };
    },
  };
}

export const fixture: Fixture = {
  connector: odkCentral,
  settings: { project: '7' },
  options: {},
  account: user.email,
  datasets: [
    { name: 'household', kind: 'submissions' },
    { name: 'Suivi été.v2', kind: 'submissions' },
  ],
  worlds: [
    world('one submission', [1, 0]),
    world('a full page', [1000, 3]),
    world('one more than a page', [1001, 1]),
    world('pages by number', [1001, 40], true),
  ],
  middle: world('some dozens', [60, 31]),
  empty: world('nothing', [0, 0]),
  clamp(query, most) {
    if (query.has('$top')) query.set('$top', String(Math.min(most, Number(query.get('$top')))));
  },
  beforeText: '"village":"',
  key: '__id',
};
