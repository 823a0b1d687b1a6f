import type { Handlers, Services } from './context.ts';

/** The application itself, its vault and its audit log. */
export function appService(services: Services): Handlers<'app'> & Handlers<'vault'> & Handlers<'audit'> {
  const { host, store, vault, emit } = services;
  return {
    'app.info': (_, { person }) => ({
      version: host.version,
      host: host.kind,
      platform: host.platform,
      workspaceId: store.workspaceId,
      person,
      vault: vault.status(),
      firstRun: !store.datasets.anyPublished(),
    }),
    'vault.status': () => vault.status(),
    async 'vault.rotate'() {
      await vault.rotate();
      emit('store.changed', { entity: 'vault' });
      return vault.status();
    },
    'audit.list': ({ limit }) => store.audit.list(limit),
  };
}
