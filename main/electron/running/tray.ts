import type { Menu, MenuItemConstructorOptions, Tray } from 'electron';
import type { Envelope } from '../../../preload/contract/errors.ts';
import type { Inbox, TimetableView } from '../../../preload/contract/models.ts';
import type { Said } from '../../../preload/contract/said.ts';
import { say } from '../../../preload/messages/said.ts';
import type { Logger } from '../../log.ts';
import type { Words } from '../../words.ts';
import type { Core } from '../core.ts';
import type { Running } from './running.ts';

/** More links than anybody starts by hand. */
const mostStarted = 200;

export interface TrayParts {
  readonly Tray: new (icon: string) => Pick<Tray, 'setToolTip' | 'setContextMenu' | 'destroy' | 'on'>;
  readonly buildMenu: (template: MenuItemConstructorOptions[]) => Menu;
  /** The file of the picture; what is for finer screens stands beside it. */
  readonly icon: string;
  readonly core: Pick<Core, 'call' | 'onEvent'>;
  readonly running: Pick<Running, 'count' | 'onChange'>;
  readonly show: () => void;
  readonly quit: () => void;
  /** The number beside the app's picture in the dock, where there is one; 0 takes it away. */
  readonly badge: (count: number) => void;
  /** A name for a call. */
  readonly newId: () => string;
  readonly log: Logger;
  readonly words: Words;
}

export interface AppTray {
  /** Is there while this is true. */
  set(on: boolean): void;
  /** Drawn anew: another language may be spoken by now. */
  draw(): void;
}

const doingOf = (count: number, isHeldBack: boolean): Said => {
  if (count > 0) return say('tray.syncs', { count });
  return isHeldBack ? say('tray.heldBack') : say('tray.nothing');
};

/** The place of the app while it has no window: what it does, and the few things that need none. */
export function createTray(parts: TrayParts): AppTray {
  const { core, running, show, newId, log, words } = parts;
  let tray: InstanceType<TrayParts['Tray']> | null = null;
  let stops: (() => void)[] = [];
  let isHeldBack = false;
  let unread = 0;

  const call = async <T>(name: string, input: unknown): Promise<T | null> => {
    const answer: Envelope<unknown> = await core.call(name, input, newId());
    return answer.ok ? (answer.data as T) : null;
  };
  /** What is not possible here, because somebody has to sign in first for one, is said in the window. */
  const orShow = async (work: Promise<unknown>): Promise<void> => {
    if ((await work) === null) show();
  };
  const syncNow = async (): Promise<unknown> => {
    const datasets = await call<{ linkId: string }[]>('datasets.list', {});
    if (datasets === null) return null;
    const links = [...new Set(datasets.map(({ linkId }) => linkId))].slice(0, mostStarted);
    const started = await Promise.all(links.map((linkId) => call('syncs.start', { linkId })));
    return started.length > 0 && started.every((job) => job === null) ? null : started;
  };

  const hold = async (on: boolean): Promise<unknown> => {
    const view = await call('timetable.hold', { on });
    await look();
    return view;
  };

  const draw = (): void => {
    if (!tray) return;
    const doing = doingOf(running.count(), isHeldBack);
    const needsYou = say('tray.unread', { count: unread });
    tray.setToolTip(words.text(unread > 0 ? say('tray.tip', { doing, unread: needsYou }) : doing));
    tray.setContextMenu(
      parts.buildMenu([
        ...(unread > 0 ? [{ id: 'tray-unread', label: words.text(needsYou), click: show }] : []),
        { id: 'tray-open', label: words.text(say('tray.open')), click: show },
        { type: 'separator' },
        { id: 'tray-sync', label: words.text(say('tray.sync')), click: () => void orShow(syncNow()) },
        {
          ...{ id: 'tray-hold', label: words.text(say('tray.hold')), type: 'checkbox', checked: isHeldBack },
          click: () => void orShow(hold(!isHeldBack)),
        },
        { type: 'separator' },
        { id: 'tray-quit', label: words.text(say('menu.quit')), click: parts.quit },
      ]),
    );
  };
  const look = async (): Promise<void> => {
    const view = await call<TimetableView>('timetable.get', {});
    isHeldBack = view?.isHeldBack ?? isHeldBack;
    // Behind a lock nothing is said of it.
    unread = (await call<Inbox>('notices.list', { limit: 1 }))?.unread ?? 0;
    if (tray) parts.badge(unread);
    draw();
  };

  return {
    draw,
    set(on) {
      if (on === (tray !== null)) return;
      if (!on) {
        for (const stop of stops.splice(0)) stop();
        tray?.destroy();
        tray = null;
        parts.badge(0);
        return;
      }
      try {
        tray = new parts.Tray(parts.icon);
      } catch (error) {
        // A desktop without a place for it; the app is found by starting it again.
        log.warn('tray.missing', { error });
        return;
      }
      // On macOS a click opens the menu.
      tray.on('double-click', show);
      stops = [
        running.onChange(draw),
        core.onEvent((name, payload) => {
          const { entity } = payload as { entity?: string };
          const isSaid = entity === 'datasets' || entity === 'notices';
          if ((name === 'store.changed' && isSaid) || name === 'session.changed') void look();
        }),
      ];
      draw();
      void look();
    },
  };
}
