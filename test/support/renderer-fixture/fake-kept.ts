import type { KeptSchema } from '../../../preload/contract/models.ts';
import type { FakeHandlers, FakeTools } from './fake-tools.ts';

/** Schemas that stay after their dataset went. One that is called `…_used` has something of somebody's in it. */
export function fakeKept({ scenario, changed, refuse, find, drop, wait, stamp }: FakeTools): FakeHandlers {
  return {
    'kept.list': () => scenario.kept,
    'kept.wouldBe': (of) =>
      scenario.datasets
        .filter(({ projectId, linkId, sourceId }) =>
          [projectId, linkId, sourceId].includes(String(Object.values(of)[0])),
        )
        .flatMap(
          ({ id, dataAsOf, personId, rowCounts, schemaName, connectionName, sourceName, projectName }) =>
            dataAsOf === null
              ? []
              : [
                  {
                    ...{ datasetId: id, schemaName, connectionName, sourceName, projectName, dataAsOf },
                    personName: personId === null ? null : scenario.info.person.name,
                    rows: Object.values(rowCounts).reduce((sum, count) => sum + count, 0),
                  },
                ],
        ),
    'kept.drop': async (input, callId) => {
      const { schemaName } = find(scenario.kept, input['id'] ?? '');
      await wait(50, callId);
      if (schemaName.endsWith('_used')) {
        throw refuse(
          'IN_USE',
          `The schema “${schemaName}” stays, because with it would go: view reports.coverage (owner ana).`,
          'Ask the owners whether it is still needed. What is not, goes with: DROP VIEW reports.coverage.',
        );
      }
      drop(scenario.kept, input['id'] ?? '');
      changed('datasets');
      return {};
    },
    'kept.forget': (input) => {
      drop(scenario.kept, input['id'] ?? '');
      changed('datasets');
      return {};
    },
    'links.delete': (input) => {
      const link = find(scenario.links, input['id'] ?? '');
      const of = scenario.datasets.find((each) => each.linkId === link.id);
      drop(scenario.links, link.id);
      if (of?.dataAsOf && input['dropSchemas'] !== true) {
        const { id, schemaName, connectionId, connectionName, dataAsOf, rowCounts } = of;
        const { projectId, projectName, sourceId, sourceName, personId } = of;
        const kept: KeptSchema = {
          ...{ id, schemaName, connectionId, connectionName, dataAsOf, rowCounts },
          ...{ projectId, projectName, sourceId, sourceName, personId },
          personName: personId === null ? null : scenario.info.person.name,
          keptAt: stamp(),
          replacedBy: null,
        };
        scenario.kept.unshift(kept);
      }
      changed('links', 'datasets');
      return {};
    },
  };
}
