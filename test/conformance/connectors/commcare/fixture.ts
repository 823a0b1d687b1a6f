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

/** Sizes of everything else; the defaults of the simulator where nothing is said. */
const noOthers = {
  ...{
    mobileWorkers: 0,
    deactivated: 0,
    webUsers: 0,
    groups: 0,
    locations: 0,
    lookupTables: 0,
    lookupRows: 0,
  },
  deletedApplications: [0, 1],
};

function world(forms: number, cases: number, others: Partial<typeof noOthers> = {}): World {
  return {
    label: `${forms} forms and ${cases} cases`,
    async start(options = {}) {
      const domain = { name: 'demo', forms, cases, seed: 7, ...others };
      const sim = await createHqSimulator({ domains: [domain], ...options });
      if (others === noOthers) {
        const levels = sim.domain('demo').rows('location_type');
        sim.domain('demo').removeRows(
          'location_type',
          levels.map(({ id }) => String(id)),
        );
      }
      const handle = sim.domain('demo');
      return {
        url: sim.url,
        faults: sim.faults,
        oauth: sim.oauth,
        requests: (kind) => sim.stats.requests[kind as 'form'],
        records(dataset) {
          const lists = shortLists[dataset];
          if (lists !== undefined) return lists.flatMap((list) => handle.rows(list));
          const resource = dataset === 'forms' ? 'form' : 'case';
          return Array.from({ length: handle.count(resource) }, (_, index) => handle.row(resource, index));
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
  empty: world(0, 0, noOthers),
  clamp(query, most) {
    if (query.has('limit')) query.set('limit', String(Math.min(most, Number(query.get('limit')))));
  },
  beforeText: '"village":"',
};
