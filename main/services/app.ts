import type { AppInfo, BackgroundView, Person } from '../../preload/contract/models.ts';
import { say } from '../../preload/messages/said.ts';
import { differences, plainly } from '../access/differences.ts';
import { AppError } from '../errors.ts';
import type { Timetable } from '../schedule/timetable.ts';
import { insistConfirmed } from './confirmed.ts';
import type { Handlers, Services } from './context.ts';
import { diagnosticsOf } from './diagnostics.ts';
import { createServiceHealth } from './service-health.ts';

/** The application itself. */
export function appService(services: Services, timetable: Pick<Timetable, 'lookedAt'>): Handlers<'app'> {
  const { host, store, vault, jobs, networkWatch, emit } = services;
  const health = createServiceHealth(services, timetable);
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
  const background = (): BackgroundView => ({
    isPossible: host.background !== undefined,
    ...(host.background?.current() ?? { keepsRunning: false, startsAtLogin: false }),
  });
  return {
    'app.info': (_, { person }) => info(person),
    'app.setTheme'({ theme }, { person }) {
      host.appearance.setTheme(theme);
      emit('store.changed', { entity: 'appearance' });
      return info(person);
    },
    'app.language': () => ({ language: host.appearance.language() }),
    'app.setLanguage'({ language }, { seat }) {
      host.appearance.setLanguage(language);
      // Before somebody has signed in it is nobody's.
      const personId = seat.session.person()?.id;
      const preferences = personId === undefined ? null : store.notices.preferences(personId);
      if (personId !== undefined && preferences !== null) {
        const spoken = language === 'system' ? host.words.spoken().language : language;
        store.notices.putPreferences(personId, { ...preferences, language: spoken });
      }
      emit('store.changed', { entity: 'appearance' });
      return { language };
    },
    'app.background': () => background(),
    async 'app.setBackground'(change, caller) {
      const { background: here } = host;
      if (!here) throw new AppError('NOT_HERE', say('services.noWindowHereCould'));
      const before = background();
      if (change.startsAtLogin === true && !before.startsAtLogin) {
        await insistConfirmed(services, caller, {
          title: say('asks.startsAtLogin.title'),
          what: say('asks.startsAtLogin.what'),
          agree: say('asks.startsAtLogin.agree'),
        });
      }
      here.set(change);
      const after = background();
      caller.tell(differences(before, after, { keepsRunning: plainly, startsAtLogin: plainly }));
      emit('store.changed', { entity: 'appearance' });
      return after;
    },
    'app.health'(_, { seat }) {
      // Whoever watches over it sits at a terminal; a page is told nothing before its door.
      if (seat.kind === 'window' && seat.session.person() === null)
        throw new AppError('LOCKED', say('services.nobodySignedHere'));
      return health();
    },
    async 'app.diagnostics'({ save }, { seat, signal }) {
      const { text, count } = await diagnosticsOf(services, signal);
      if (!save) return { text, path: null, count };
      const name = `headgate-diagnostics-${services.now().slice(0, 10)}.json`;
      return { text: null, path: await seat.desk.save(name, text), count };
    },
  };
}
