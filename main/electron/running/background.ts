import type { Background } from '../../host.ts';
import type { Settings } from '../settings.ts';
import type { LoginItem } from './login-item.ts';

export interface DesktopBackground extends Background {
  /** Told after each change. */
  onChange(listener: () => void): void;
}

/** Whether Headgate goes on without a window, and begins so: the first in the settings file, the second with the system. */
export function createBackground({
  settings,
  loginItem,
}: {
  readonly settings: Pick<Settings, 'keepsRunning' | 'setKeepsRunning'>;
  readonly loginItem: LoginItem;
}): DesktopBackground {
  const listeners: (() => void)[] = [];
  return {
    current: () => ({ keepsRunning: settings.keepsRunning(), startsAtLogin: loginItem.isOn() }),
    set({ keepsRunning, startsAtLogin }) {
      if (startsAtLogin !== undefined) loginItem.set(startsAtLogin);
      // Without a place to be found in, what begins without a window would run unseen; and the other way round.
      if (startsAtLogin === true) settings.setKeepsRunning(true);
      else if (keepsRunning !== undefined) settings.setKeepsRunning(keepsRunning);
      if (!settings.keepsRunning()) loginItem.set(false);
      for (const listener of listeners) listener();
    },
    onChange: (listener) => void listeners.push(listener),
  };
}
