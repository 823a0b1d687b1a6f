import { commcare } from '../../../../main/connectors/commcare/index.ts';
import { createHqSimulator } from '../../../simulators/commcare-hq/index.ts';
import type { ListName } from '../../../simulators/commcare-hq/types.ts';
import type { CoveredDataset, Fixture, World } from '../fixture.ts';

/** Datasets of HQ's short lists with the lists they are made of. */
const shortLists: Readonly<Record<string, readonly [ListName, ...ListName[]]>> = {
  users: ['user', 'inactive_user'],
  web_users: ['web-user'],
  groups: ['group'],
  locations: ['location'],
  location_types: ['location_type'],
  lookup_tables: ['lookup_table'],
};
const short: readonly CoveredDataset[] = Object.entries(shortLists).map(([name, [kind]]) => ({ name, kind }));

function world(forms: number, cases: number): World {
  return {
    label: `${forms} forms and ${cases} cases`,
    async start(options = {}) {
      const sim = await createHqSimulator({ domains: [{ name: 'demo', forms, cases, seed: 7 }], ...options });
      const domain = sim.domain('demo');
      return {
        url: sim.url,
        faults: sim.faults,
        oauth: sim.oauth,
        requests: (kind) => sim.stats.requests[kind as 'form'],
        records(dataset) {
          const lists = shortLists[dataset];
          if (lists !== undefined) return lists.flatMap((list) => domain.rows(list));
          const resource = dataset === 'forms' ? 'form' : 'case';
          return Array.from({ length: domain.count(resource) }, (_, index) => domain.row(resource, index));
        },
        [Symbol.asyncDispose]: () => sim.close(),
      };
    },
  };
}

export const fixture: Fixture = {
  connector: commcare,
  settings: { domain: 'demo' },
  options: {},
  account: 'john@example.com',
  datasets: [{ name: 'forms', kind: 'form' }, { name: 'cases', kind: 'case' }, ...short],
  worlds: [world(1, 1), world(999, 30), world(1000, 50), world(1001, 51)],
  middle: world(60, 40),
  empty: world(0, 0),
  clamp(query, most) {
    if (query.has('limit')) query.set('limit', String(Math.min(most, Number(query.get('limit')))));
  },
  beforeText: '"village":"',
};
