import { Menu, type MenuItemConstructorOptions, nativeTheme } from 'electron';
import { type Settings, type Theme, themes } from './settings.ts';

const themeLabels: Readonly<Record<Theme, string>> = { system: 'System', light: 'Light', dark: 'Dark' };

const separator: MenuItemConstructorOptions = { type: 'separator' };

/** The application menu: roles of the platform, and the theme. */
export function installMenu(deps: { settings: Settings; isPackaged: boolean; platform: string }): void {
  const mac = deps.platform === 'darwin';
  const chosen = deps.settings.theme();
  const theme = themes.map(
    (name): MenuItemConstructorOptions => ({
      id: `theme-${name}`,
      label: themeLabels[name],
      type: 'radio',
      checked: name === chosen,
      click: () => {
        nativeTheme.themeSource = name;
        deps.settings.setTheme(name);
      },
    }),
  );
  const develop: MenuItemConstructorOptions[] = deps.isPackaged
    ? []
    : [separator, { role: 'reload' }, { role: 'toggleDevTools' }];
  Menu.setApplicationMenu(
    Menu.buildFromTemplate([
      ...(mac ? [{ role: 'appMenu' } as const] : []),
      { label: 'File', submenu: [mac ? { role: 'close' } : { role: 'quit' }] },
      { role: 'editMenu' },
      {
        label: 'View',
        submenu: [
          { label: 'Theme', submenu: theme },
          separator,
          { role: 'resetZoom' },
          { role: 'zoomIn' },
          { role: 'zoomOut' },
          separator,
          { role: 'togglefullscreen' },
          ...develop,
        ],
      },
      { role: 'windowMenu' },
      { role: 'help', submenu: mac ? [] : [{ role: 'about' }] },
    ]),
  );
}
