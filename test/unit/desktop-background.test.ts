import { EventEmitter } from 'node:events';
import { mkdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { setImmediate as turn } from 'node:timers/promises';
import type { MenuItemConstructorOptions } from 'electron';
import { afterEach, describe, expect, it } from 'vitest';
import { keepAwakeWhileSyncing } from '../../main/electron/running/awake.ts';
import { createBackground } from '../../main/electron/running/background.ts';
import { createLoginItem } from '../../main/electron/running/login-item.ts';
import { type QuitParts, quitInOrder } from '../../main/electron/running/quit.ts';
import { watchRunning } from '../../main/electron/running/running.ts';
import { createTray, type TrayParts } from '../../main/electron/running/tray.ts';
import { createWords, type Spoken } from '../../main/words.ts';
import type { EventName } from '../../preload/contract/channels.ts';
import { keptLog, temporaryFolder } from '../support/parts.ts';
import { movedClock } from '../support/seat.ts';
import { englishWords } from '../support/words.ts';

/** A core whose number of running syncs a test decides, and which says what was asked of it. */
function core() {
  const events = new EventEmitter();
  const asked: [string, unknown][] = [];
  const state = {
    runningSyncs: 0,
    closed: 0,
    asked,
    answers: {} as Record<string, unknown>,
    onEvent(listener: (name: EventName, payload: unknown) => void) {
      events.on('event', listener);
      return () => void events.off('event', listener);
    },
    emit: (entity: string) => void events.emit('event', 'store.changed', { entity }),
    async call(name: string, input: unknown) {
      asked.push([name, input]);
      const data = state.answers[name];
      return data === undefined
        ? { ok: false as const, error: { code: 'LOCKED' } as never }
        : { ok: true as const, data };
    },
    async close() {
      state.closed += 1;
    },
  };
  return state;
}
/** What is queued has happened. */
const settled = async (): Promise<void> => {
  for (let n = 0; n < 5; n += 1) await turn();
};
function watched(runningSyncs = 0) {
  const [app, clock] = [core(), movedClock()];
  app.runningSyncs = runningSyncs;
  const running = watchRunning({ core: app, clock });
  return { app, clock, running };
}

describe('what runs', () => {
  it('is told when it changes, also where the last event came before the end', async () => {
    const { app, clock, running } = watched();
    const told: number[] = [];
    running.onChange((count) => void told.push(count));
    app.emit('syncs');
    expect(told).toEqual([]);
    app.runningSyncs = 2;
    app.emit('syncs');
    expect(told).toEqual([2]);
    app.runningSyncs = 0;
    await clock.pass(1000);
    expect(told).toEqual([2, 0]);
    // Nothing waits once nothing runs.
    await clock.pass(1000);
    expect(clock.sleeping).toBe(0);
    app.runningSyncs = 1;
    app.emit('syncs');
    running.close();
    await settled();
    expect(clock.sleeping).toBe(0);
  });

  it('keeps the computer awake, once however much it is, and lets it sleep afterwards', async () => {
    const { app, clock, running } = watched();
    const did: string[] = [];
    const powerSaveBlocker = {
      start: (type: string) => did.push(`start ${type}`),
      stop: (id: number) => did.push(`stop ${id}`) > 0,
    };
    const stop = keepAwakeWhileSyncing({ powerSaveBlocker, running });
    expect(did).toEqual([]);
    for (const count of [1, 3]) {
      app.runningSyncs = count;
      app.emit('syncs');
    }
    expect(did).toEqual(['start prevent-app-suspension']);
    app.runningSyncs = 0;
    await clock.pass(1000);
    expect(did).toEqual(['start prevent-app-suspension', 'stop 1']);
    app.runningSyncs = 1;
    app.emit('syncs');
    stop();
    expect(did.slice(2)).toEqual(['start prevent-app-suspension', 'stop 3']);
  });
});

/** An app that is about to quit, with a person who answers `response`, or nobody who does. */
function quitting(runningSyncs: number, response: number | null) {
  const { app, clock, running } = watched(runningSyncs);
  const electron = new EventEmitter();
  const exits: number[] = [];
  const questions: { message: string; buttons: readonly string[]; signal: AbortSignal }[] = [];
  const order = quitInOrder({
    electron: Object.assign(electron, { exit: (code: number) => void exits.push(code) }),
    dialog: {
      async showMessageBox(options: (typeof questions)[number]) {
        questions.push(options);
        if (response !== null) return { response, checkboxChecked: false };
        await new Promise((resolve) => options.signal.addEventListener('abort', resolve));
        return { response: 2, checkboxChecked: false };
      },
    },
    core: app,
    running,
    words: englishWords,
    windows: { saveBounds() {} },
    log: keptLog().log,
  } as unknown as QuitParts);
  const quit = async (): Promise<boolean> => {
    let prevented = false;
    electron.emit('before-quit', {
      preventDefault() {
        prevented = true;
      },
    });
    await settled();
    return prevented;
  };
  return { app, clock, exits, questions, quit, order };
}

describe('quitting', () => {
  it('asks nothing where nothing runs, and closes once', async () => {
    const { app, exits, questions, quit } = quitting(0, 2);
    expect(await quit()).toBe(true);
    await quit();
    expect([questions.length, app.closed, exits]).toEqual([0, 1, [0]]);
  });

  it('lets what runs finish first where the person wants that, and then quits by itself', async () => {
    const { app, clock, exits, questions, quit } = quitting(2, 0);
    await quit();
    expect(questions).toMatchObject([
      {
        message: '2 syncs are running.',
        buttons: ['Finish first, then quit', 'Stop safely and quit', 'Cancel'],
      },
    ]);
    app.runningSyncs = 1;
    await clock.pass(1000);
    expect([app.closed, exits]).toEqual([0, []]);
    app.runningSyncs = 0;
    await clock.pass(1000);
    await settled();
    expect([app.closed, exits]).toEqual([1, [0]]);
  });

  it('stops safely where that is chosen', async () => {
    const { app, exits, quit } = quitting(1, 1);
    await quit();
    expect([app.closed, exits]).toEqual([1, [0]]);
  });

  it('stays where it is cancelled, and asks again the next time', async () => {
    const { app, clock, exits, questions, quit } = quitting(1, 2);
    await quit();
    app.runningSyncs = 0;
    await clock.pass(3000);
    expect([app.closed, exits]).toEqual([0, []]);
    app.runningSyncs = 1;
    await quit();
    expect([questions.length, app.closed]).toEqual([2, 0]);
  });

  it('asks nobody when the system shuts down, and takes back what is asked then', async () => {
    const told = quitting(1, 2);
    told.order.shutDown();
    await told.quit();
    expect([told.questions.length, told.app.closed]).toEqual([0, 1]);
    const open = quitting(1, null);
    await open.quit();
    await open.quit();
    expect([open.questions.length, open.app.closed]).toEqual([1, 0]);
    open.order.shutDown();
    await settled();
    expect([open.questions[0]?.signal.aborted, open.app.closed, open.exits]).toEqual([true, 1, [0]]);
  });
});

describe('beginning with the system', () => {
  const never = { getLoginItemSettings: () => never2(), setLoginItemSettings: () => never2() };
  const never2 = (): never => {
    throw new Error('not on Linux');
  };

  it('is a file in the autostart folder on Linux, with a command that is quoted', () => {
    using folder = temporaryFolder();
    mkdirSync(join(folder.path, 'config'));
    const item = createLoginItem({
      ...{ platform: 'linux', app: never as never, configFolder: join(folder.path, 'config') },
      command: ['/opt/Head "gate"/headgate', '/home/a$b/50%'],
    });
    expect(item.isOn()).toBe(false);
    item.set(true);
    expect(item.isOn()).toBe(true);
    const file = join(folder.path, 'config', 'autostart', 'headgate.desktop');
    expect(readFileSync(file, 'utf8')).toBe(
      '[Desktop Entry]\nType=Application\nName=Headgate\nExec="/opt/Head \\"gate\\"/headgate" "/home/a\\$b/50%%" "--hidden"\nTerminal=false\n',
    );
    expect(statSync(file).mode & 0o777).toBe(0o600);
    item.set(false);
    item.set(false);
    expect(item.isOn()).toBe(false);
  });

  it('is asked of the system elsewhere', () => {
    const asked: unknown[] = [];
    let openAtLogin = false;
    const app = {
      getLoginItemSettings: () => ({ openAtLogin }),
      setLoginItemSettings(options: { openAtLogin: boolean }) {
        asked.push(options);
        ({ openAtLogin } = options);
      },
    };
    const item = createLoginItem({ platform: 'win32', app: app as never, configFolder: '', command: [] });
    item.set(true);
    expect([item.isOn(), asked]).toEqual([true, [{ openAtLogin: true, args: ['--hidden'] }]]);
  });

  it('brings going on without a window along, and goes with it', () => {
    const kept = { on: false, login: false };
    const background = createBackground({
      settings: {
        keepsRunning: () => kept.on,
        setKeepsRunning(on) {
          kept.on = on;
        },
      },
      loginItem: {
        isOn: () => kept.login,
        set(on) {
          kept.login = on;
        },
      },
    });
    let told = 0;
    background.onChange(() => {
      told += 1;
    });
    background.set({ startsAtLogin: true });
    expect(background.current()).toEqual({ keepsRunning: true, startsAtLogin: true });
    background.set({ startsAtLogin: false });
    expect(background.current()).toEqual({ keepsRunning: true, startsAtLogin: false });
    background.set({ startsAtLogin: true });
    background.set({ keepsRunning: false });
    expect(background.current()).toEqual({ keepsRunning: false, startsAtLogin: false });
    expect(told).toBe(4);
  });
});

describe('the tray', () => {
  let spoken: Spoken = { language: 'en', locale: 'en' };
  const words = createWords(
    () => spoken,
    (iso) => iso,
  );
  afterEach(() => {
    spoken = { language: 'en', locale: 'en' };
  });
  function tray() {
    const { app, clock, running } = watched();
    const made: string[] = [];
    const shown = {
      ...{ tip: '', menu: [] as MenuItemConstructorOptions[], there: 0, opened: 0, quit: 0, badge: 0 },
    };
    class Double extends EventEmitter {
      constructor(icon: string) {
        super();
        made.push(icon);
        shown.there += 1;
      }
      setToolTip(text: string): void {
        shown.tip = text;
      }
      setContextMenu(menu: unknown): void {
        shown.menu = menu as MenuItemConstructorOptions[];
      }
      destroy(): void {
        shown.there -= 1;
      }
    }
    const parts = {
      ...{ Tray: Double, buildMenu: (template: unknown) => template, icon: '/tray.png', core: app, running },
      show() {
        shown.opened += 1;
      },
      quit() {
        shown.quit += 1;
      },
      badge(count: number) {
        shown.badge = count;
      },
      newId: () => 'id',
      words,
      log: keptLog().log,
    } as unknown as TrayParts;
    const click = async (id: string): Promise<void> => {
      const item = shown.menu.find((each) => each.id === id) as { click: () => void };
      item.click();
      await settled();
    };
    return { app, clock, shown, made, click, tray: createTray(parts) };
  }

  it('speaks another language from the moment it is chosen, without a restart', async () => {
    const { app, shown, tray: icon } = tray();
    app.answers['timetable.get'] = { isHeldBack: false, jobs: [] };
    app.answers['notices.list'] = { unread: 2, items: [] };
    icon.set(true);
    await settled();
    const labels = () => shown.menu.flatMap(({ label }) => label ?? []);
    expect(labels()).toContain('Sync everything now');
    spoken = { language: 'fr', locale: 'fr' };
    icon.draw();
    expect(shown.tip).toBe('Headgate\u00a0: rien en cours\n2 messages pour vous');
    expect(labels()).toEqual([
      '2 messages pour vous',
      'Ouvrir Headgate',
      'Tout synchroniser maintenant',
      'Suspendre les actualisations',
      'Quitter',
    ]);
  });

  it('is there while it is wanted, and says what the app does', async () => {
    const { app, clock, shown, made, tray: icon } = tray();
    app.answers['timetable.get'] = { isHeldBack: false, jobs: [] };
    icon.set(false);
    expect(made).toEqual([]);
    icon.set(true);
    icon.set(true);
    await settled();
    expect([made, shown.tip]).toEqual([['/tray.png'], 'Headgate: nothing runs now']);
    app.runningSyncs = 2;
    app.emit('syncs');
    expect(shown.tip).toBe('Headgate: 2 syncs run');
    app.answers['timetable.get'] = { isHeldBack: true, jobs: [] };
    app.runningSyncs = 0;
    await clock.pass(1000);
    app.emit('datasets');
    await settled();
    expect(shown.tip).toBe('Headgate: refreshes are held back');
    expect(shown.menu.find(({ id }) => id === 'tray-hold')).toMatchObject({ checked: true });
    icon.set(false);
    expect(shown.there).toBe(0);
  });

  it('says how much of the inbox is unread, and nothing of it behind a lock', async () => {
    const { app, shown, click, tray: icon } = tray();
    app.answers['timetable.get'] = { isHeldBack: false, jobs: [] };
    app.answers['notices.list'] = { unread: 2, items: [] };
    icon.set(true);
    await settled();
    expect([shown.tip, shown.badge]).toEqual(['Headgate: nothing runs now\n2 messages for you', 2]);
    await click('tray-unread');
    expect(shown.opened).toBe(1);
    app.answers['notices.list'] = { unread: 1, items: [] };
    app.emit('notices');
    await settled();
    expect([shown.tip, shown.badge]).toEqual(['Headgate: nothing runs now\n1 message for you', 1]);
    delete app.answers['notices.list'];
    app.emit('notices');
    await settled();
    expect([shown.tip, shown.badge]).toEqual(['Headgate: nothing runs now', 0]);
    expect(shown.menu.some(({ id }) => id === 'tray-unread')).toBe(false);
  });

  it('opens the window, syncs everything once, holds refreshes and quits', async () => {
    const { app, shown, click, tray: icon } = tray();
    app.answers['timetable.get'] = { isHeldBack: false, jobs: [] };
    app.answers['timetable.hold'] = {};
    app.answers['datasets.list'] = [{ linkId: 'a' }, { linkId: 'b' }, { linkId: 'a' }];
    app.answers['syncs.start'] = {};
    icon.set(true);
    await settled();
    await click('tray-open');
    await click('tray-quit');
    expect([shown.opened, shown.quit]).toEqual([1, 1]);
    app.asked.length = 0;
    await click('tray-sync');
    expect(app.asked).toEqual([
      ['datasets.list', {}],
      ['syncs.start', { linkId: 'a' }],
      ['syncs.start', { linkId: 'b' }],
    ]);
    await click('tray-hold');
    expect(app.asked).toContainEqual(['timetable.hold', { on: true }]);
    expect(shown.opened).toBe(1);
    // Behind a lock the window says what there is to do first.
    app.answers = {};
    await click('tray-sync');
    await click('tray-hold');
    expect(shown.opened).toBe(3);
  });
});
