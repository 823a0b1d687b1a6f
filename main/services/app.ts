import type { AppInfo, Person } from '../../preload/contract/models.ts';
import type { Handlers, Services } from './context.ts';

/** The application itself, its vault and its audit log. */
export function appService(services: Services): Handlers<'app'> & Handlers<'vault'> & Handlers<'audit'> {
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
    'vault.status': () => vault.status(),
    async 'vault.rotate'() {
      await vault.rotate();
      emit('store.changed', { entity: 'vault' });
      return vault.status();
    },
    'audit.list': ({ limit }) => store.audit.list(limit),
  };
}
