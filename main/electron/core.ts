import type { Envelope } from '../../preload/contract/errors.ts';
import type { Events } from '../../preload/contract/events.ts';
import type { AppInfo, LanguageChoice, Theme } from '../../preload/contract/models.ts';
import { type App, createApp, type Place } from '../app.ts';
import type { Host } from '../host.ts';
import { type Joined, joinOwner } from '../owner/client.ts';
import { ownWorkspace } from '../owner/owner.ts';

/** What the windows work with: the core of this process, or that of another one that owns the workspace. */
export interface Core extends Pick<Place, 'call' | 'cancel' | 'onEvent'> {
  /** What this app has to do by the clock. */
  startTimetable(): void;
  close(): Promise<void>;
  readonly runningSyncs: number;
}

/**
 * Opens the workspace and owns it; where `headgate serve` owns it already, joins that. `onLost` is told when that one has
 * ended while the windows are open. Fails as `createApp` does, and with OWNER_UNREACHABLE.
 */
export async function openCore(host: Host, onLost: () => void): Promise<Core> {
  const joined = await joinOwner({
    ...{ folder: host.dataFolder, version: host.version, kind: 'window', desk: host.desk },
    ...{ clock: host.clock, random: host.random, signal: new AbortController().signal },
  });
  if (joined !== null) return joinedCore(joined, host, onLost);
  const app = await createApp(host);
  try {
    return ownedCore(app, await ownWorkspace(host, app));
  } catch (error) {
    await app.close();
    throw error;
  }
}

function ownedCore(app: App, owner: Awaited<ReturnType<typeof ownWorkspace>>): Core {
  return {
    ...{ call: app.call, cancel: app.cancel, onEvent: app.onEvent, startTimetable: app.startTimetable },
    async close() {
      await owner?.close();
      await app.close();
    },
    get runningSyncs() {
      return app.runningSyncs;
    },
  };
}

function joinedCore(joined: Joined, host: Host, onLost: () => void): Core {
  let closing = false;
  void joined.over.then(() => {
    if (!closing) onLost();
  });
  // The owner has no screen: the browser opens here, and what locks this computer locks this seat.
  joined.onEvent((name, payload) => {
    if (name !== 'signIn.opened') return;
    host
      .openUrl((payload as Events['signIn.opened']).url)
      .catch((error: unknown) => host.log.warn('sign_in.not_opened', { error }));
  });
  const stopPower = host.desk.onPower((event) => {
    if (event !== 'resume') void joined.call('session.lock', {}, `lock ${host.random(8).toString('hex')}`);
  });
  /** How the window looks is this app's own, and so is what it is. */
  const here = (name: string, input: unknown, answer: Envelope<unknown>): Envelope<unknown> => {
    if (!answer.ok) return answer;
    if (name === 'app.setLanguage')
      host.appearance.setLanguage((input as { language: LanguageChoice }).language);
    if (name === 'app.language' || name === 'app.setLanguage')
      return { ok: true, data: { language: host.appearance.language() } };
    if (name !== 'app.info' && name !== 'app.setTheme') return answer;
    if (name === 'app.setTheme') host.appearance.setTheme((input as { theme: Theme }).theme);
    const data = { ...(answer.data as AppInfo), theme: host.appearance.theme(), host: host.kind };
    return { ok: true, data };
  };
  return {
    call: async (name, input, callId) => here(name, input, await joined.call(name, input, callId)),
    cancel: joined.cancel,
    onEvent: joined.onEvent,
    // The owner keeps it.
    startTimetable() {},
    async close() {
      closing = true;
      stopPower();
      await joined.close();
    },
    // What runs there goes on when this app ends.
    runningSyncs: 0,
  };
}
