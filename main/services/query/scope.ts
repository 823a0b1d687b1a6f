import { isDeepStrictEqual } from 'node:util';
import type { QueryScope } from '../../../preload/contract/models.ts';
import { say } from '../../../preload/messages/said.ts';
import { differences } from '../../access/differences.ts';
import { oneLine } from '../../one-line.ts';
import { lookAtAdded } from '../../query/check/added.ts';
import type { AllowedFunction } from '../../query/check/names.ts';
import { catalogueSchema } from '../../sync/destination/postgres/catalogue/names.ts';
import { insistConfirmed, someOf } from '../confirmed.ts';
import { emitChanged, type Handlers, type Services } from '../context.ts';

const shown = ({
  schemas,
  functions,
}: {
  schemas: readonly string[];
  functions: readonly AllowedFunction[];
}): QueryScope => ({
  schemas: [...schemas],
  functions: functions.map(({ schema, name }) => ({ schema, name })),
});
const listed = (names: readonly string[]): string => names.join(',') || 'none';

/** What a DBA lets the queries of a project read and call besides its own tables. */
export function queryScopeService(
  services: Services,
): Pick<Handlers<'query'>, 'query.scope' | 'query.setScope'> {
  const { store } = services;
  return {
    'query.scope': ({ projectId }) => shown(store.projects.queryScope(projectId)),
    async 'query.setScope'({ projectId, schemas, functions }, caller) {
      const { person, signal, tell } = caller;
      const { connectionId, name: projectName } = store.projects.get(projectId);
      const added = { schemas: [...new Set(schemas)], functions };
      const before = store.projects.queryScope(projectId);
      const looked =
        added.schemas.length + functions.length === 0
          ? []
          : await services.leases
              .landedFor(person, connectionId, 'query')
              .session(signal, (client) => lookAtAdded(client, added, [catalogueSchema]));
      const after = { schemas: added.schemas, functions: looked };
      const more = [
        ...after.schemas.filter((schema) => !before.schemas.includes(schema)),
        ...looked
          .filter((one) => !before.functions.some((known) => isDeepStrictEqual(known, one)))
          .map(({ schema, name }) => `${schema}.${name}()`),
      ];
      // A page that somebody else controls would read what it was never given.
      if (more.length > 0) {
        await insistConfirmed(services, caller, {
          title: say('asks.queryScope.title'),
          what: say('asks.queryScope.what', { project: oneLine(projectName), more: someOf(more) }),
          agree: say('asks.queryScope.agree'),
        });
      }
      store.projects.setQueryScope(projectId, connectionId, after, services.now());
      tell(
        differences(before, after, {
          schemas: listed,
          functions: (all) => listed(all.map(({ schema, name }) => `${schema}.${name}`)),
        }),
      );
      emitChanged(services, 'projects');
      return shown(after);
    },
  };
}
