import type { QueryScope } from '../../../preload/contract/models.ts';
import type { FakeHandlers, FakeTools } from './fake-tools.ts';

/** What queries may read besides: of the first project something, a schema `nowhere` is not there. */
export function fakeScope({ scenario, changed, refuse, wait }: FakeTools): FakeHandlers {
  const scopes = new Map<string, QueryScope>();
  const [first] = scenario.projects;
  if (first !== undefined)
    scopes.set(first.id, { schemas: ['marts'], functions: [{ schema: 'marts', name: 'age_in_years' }] });
  return {
    'query.scope': (given) =>
      scopes.get((given as unknown as { projectId: string }).projectId) ?? { schemas: [], functions: [] },
    'query.setScope': async (given, callId) => {
      await wait(50, callId);
      const { projectId, schemas, functions } = given as unknown as QueryScope & { projectId: string };
      if (schemas.includes('nowhere')) {
        throw refuse(
          'INPUT_INVALID',
          'schemas: there is no schema “nowhere” in this database',
          'Take it out of the list, or correct its name.',
          [['schemas', 'there is no schema “nowhere” in this database']],
        );
      }
      scopes.set(projectId, { schemas, functions });
      changed('projects');
      return { schemas, functions };
    },
  };
}
