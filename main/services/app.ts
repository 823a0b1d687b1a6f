import type { AppInfo, Person } from '../../preload/contract/models.ts';
import type { Handlers, Services } from './context.ts';
import { diagnosticsOf } from './diagnostics.ts';

/** The application itself. */
export function appService(services: Services): Handlers<'app'> {
  const { host, store, vault, jobs, networkWatch, emit } = services;
  const info = (person: Person): AppInfo => ({
    version: host.version,
    host: host.kind,
    platform: host.platform,
    workspaceId: store.workspaceId,
    runner: jobs.runner,
    person,
    vault: vault.status(),
    theme: host.appearance.theme(),
    firstRun: !store.datasets.anyPublished(),
    offline: networkWatch.look(),
  });
  return {
    'app.info': (_, { person }) => info(person),
    'app.setTheme'({ theme }, { person }) {
      host.appearance.setTheme(theme);
      emit('store.changed', { entity: 'appearance' });
      return info(person);
    },
    async 'app.diagnostics'({ save }, { seat, signal }) {
      const { text, count } = await diagnosticsOf(services, signal);
      if (!save) return { text, path: null, count };
      const name = `headgate-diagnostics-${services.now().slice(0, 10)}.json`;
      return { text: null, path: await seat.desk.save(name, text), count };
    },
  };
}
