import { mkdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { App } from 'electron';

/** Started by the system when somebody signs in: the app shows no window then. */
export const hiddenSwitch = '--hidden';

export interface LoginItem {
  isOn(): boolean;
  set(on: boolean): void;
}

/** A word of the `Exec` line, quoted as the Desktop Entry Specification has it. */
const quoted = (word: string): string =>
  `"${word.replace(/[\\"`$]/g, (sign) => `\\${sign}`).replaceAll('%', '%%')}"`;

/**
 * Whether the system starts Headgate, without a window, when the person signs in. Electron knows how on macOS and Windows; on
 * Linux it is a file in the person's `autostart` folder (XDG Autostart Specification).
 */
export function createLoginItem({
  platform,
  app,
  configFolder,
  command,
}: {
  readonly platform: string;
  readonly app: Pick<App, 'getLoginItemSettings' | 'setLoginItemSettings'>;
  /** The person's folder for settings: `~/.config`. */
  readonly configFolder: string;
  /** The program and what it is started with. */
  readonly command: readonly string[];
}): LoginItem {
  if (platform !== 'linux') {
    const args = [hiddenSwitch];
    return {
      isOn: () => app.getLoginItemSettings({ args }).openAtLogin,
      set: (on) => app.setLoginItemSettings({ openAtLogin: on, args }),
    };
  }
  const folder = join(configFolder, 'autostart');
  const file = join(folder, 'headgate.desktop');
  return {
    isOn: () => statSync(file, { throwIfNoEntry: false }) !== undefined,
    set(on) {
      if (!on) return rmSync(file, { force: true });
      mkdirSync(folder, { recursive: true, mode: 0o700 });
      const line = [...command, hiddenSwitch].map(quoted).join(' ');
      writeFileSync(
        file,
        `[Desktop Entry]\nType=Application\nName=Headgate\nExec=${line}\nTerminal=false\n`,
        {
          mode: 0o600,
        },
      );
    },
  };
}
