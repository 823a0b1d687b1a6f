import type { AppInfo, Person } from '../../preload/contract/models.ts';
import type { Handlers, Services } from './context.ts';

/** The application itself. */
export function appService(services: Services): Handlers<'app'> {
  const { host, store, vault, emit } = services;
  const info = (person: Person): AppInfo => ({
    version: host.version,
    host: host.kind,
    platform: host.platform,
    workspaceId: store.workspaceId,
    person,
    vault: vault.status(),
    theme: host.appearance.theme(),
    firstRun: !store.datasets.anyPublished(),
  });
  return {
    'app.info': (_, { person }) => info(person),
    'app.setTheme'({ theme }, { person }) {
      host.appearance.setTheme(theme);
      emit('store.changed', { entity: 'appearance' });
      return info(person);
    },
  };
}
