import { commcareConnect } from '../../../../main/connectors/commcare-connect/index.ts';
import {
  createConnectSimulator,
  type ListName,
  OPPORTUNITY_LISTS,
} from '../../../simulators/commcare-connect/index.ts';
import type { CoveredDataset, Fixture, World } from '../fixture.ts';

/** Datasets that are called otherwise than their lists. */
const renamed: Readonly<Record<string, string>> = {
  payment: 'payments',
  invoice: 'invoices',
  assessment: 'assessments',
  completed_module: 'completed_modules',
};

const lists: readonly CoveredDataset[] = OPPORTUNITY_LISTS.map((kind) => ({
  name: renamed[kind] ?? kind,
  kind,
}));
const visits = lists.find(({ kind }) => kind === 'user_visits') as CoveredDataset;

interface Answer {
  readonly results: unknown[];
  readonly organizations: unknown[];
  readonly programs: unknown[];
}

/** Opportunities with so many rows in every list, the first of each pair of sizes for visits. */
function world(...sizes: readonly (readonly [visits: number, others: number])[]): World {
  const ids = sizes.map((_, index) => 12 + index);
  return {
    label: sizes.map(([many, few]) => `${many} visits and ${few} of the others`).join(', '),
    async start(options = {}) {
      const sim = await createConnectSimulator({
        organizations: sizes.length === 0 ? [] : [{ slug: 'acme', name: 'Acme' }, { slug: 'pm' }],
        programs: sizes.length === 0 ? [] : [{ id: 5, organization: 'pm' }],
        opportunities: sizes.map(([many, few], index) => ({
          id: ids[index] as number,
          program: 5,
          rows: {
            ...Object.fromEntries([...OPPORTUNITY_LISTS, 'labs_record'].map((list) => [list, few])),
            user_visits: many,
          } satisfies Partial<Record<ListName, number>>,
        })),
        lloEntities: sizes[0]?.[1] ?? 0,
        seed: 3,
        ...options,
      });
      const { accessToken } = sim.oauth.issueTokens();
      const get = async <T>(path: string): Promise<T> => {
        const headers = { authorization: `Bearer ${accessToken}`, accept: 'application/json; version=2.0' };
        return (await (await fetch(`${sim.url}/export/${path}`, { headers })).json()) as T;
      };
      return {
        url: sim.url,
        faults: sim.faults,
        oauth: sim.oauth,
        requests: (kind) => sim.stats.requests[kind as 'user_visits'],
        async records(dataset) {
          const each = async <T>(path: (id: number) => string): Promise<T[]> =>
            Promise.all(ids.map((id) => get<T>(path(id))));
          if (dataset === 'opportunities') return each((id) => `opportunity/${id}/`);
          if (dataset === 'labs_records')
            return (await each<unknown[]>((id) => `labs_record/?opportunity_id=${id}`)).flat();
          if (dataset === 'llo_entities') return (await get<Answer>('llo_entity/?page_size=5000')).results;
          const all = await get<Answer>('opp_org_program_list/');
          if (dataset === 'organizations') return all.organizations;
          if (dataset === 'programs') return all.programs;
          const list = lists.find(({ name }) => name === dataset)?.kind ?? dataset;
          const pages = await each<Answer>((id) => `opportunity/${id}/${list}/?page_size=5000`);
          return pages.flatMap(({ results }) => results);
        },
        [Symbol.asyncDispose]: () => sim.close(),
      };
    },
  };
}

export const fixture: Fixture = {
  connector: commcareConnect,
  settings: {},
  options: {},
  account: 'john',
  datasets: [
    visits,
    ...lists.filter((each) => each !== visits),
    { name: 'opportunities', kind: 'opportunity' },
    { name: 'organizations', kind: 'opp_org_program_list' },
    { name: 'programs', kind: 'opp_org_program_list' },
    { name: 'llo_entities', kind: 'llo_entity' },
    { name: 'labs_records', kind: 'labs_record' },
  ],
  worlds: [world([1, 1]), world([100, 20], [0, 0], [7, 3]), world([2000, 0]), world([2001, 1])],
  middle: world([130, 12], [9, 5], [0, 0], [31, 1], [12, 6], [4, 4]),
  empty: world(),
  clamp(query, most) {
    if (query.has('page_size'))
      query.set('page_size', String(Math.min(most, Number(query.get('page_size')))));
  },
  beforeText: '"village":"',
};
