import { dataset, keptOf } from './builders.ts';
import { type Scenario, uuid } from './scenario.ts';
import { busy } from './scenarios.ts';

/** What earlier links left in a database: of a project that is there, with somebody's view on one, and of one that is gone. */
export function kept(): Scenario {
  const base = busy();
  const stayed = dataset(31, {
    projectId: uuid(4, 1),
    sourceId: uuid(2, 9),
    sourceName: 'Vaccination days',
    schemaName: 'data_7f3a91c2_commcare_3',
  });
  return {
    ...base,
    kept: [
      keptOf(stayed),
      keptOf(
        dataset(32, { schemaName: 'data_7f3a91c2_commcare_used', personId: null, projectId: uuid(4, 1) }),
      ),
      keptOf(dataset(33, { schemaName: 'data_c9e1005a_commcare', projectName: 'Water points 2024' }), {
        ...{ projectId: null, sourceId: null, connectionId: null, connectionName: 'Old warehouse' },
      }),
      keptOf(dataset(34, { schemaName: 'data_0d44e0b1_commcare', dataAsOf: null, rowCounts: {} }), {
        projectId: uuid(4, 1),
      }),
    ],
  };
}
