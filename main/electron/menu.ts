import { Menu, type MenuItemConstructorOptions } from 'electron';
import { type Theme, themes } from '../../preload/contract/models.ts';

const themeLabels: Readonly<Record<Theme, string>> = { system: 'System', light: 'Light', dark: 'Dark' };

const separator: MenuItemConstructorOptions = { type: 'separator' };

/** The application menu: roles of the platform, and the theme. Made anew when another theme is chosen. */
export function installMenu(deps: {
  theme: Theme;
  onTheme: (theme: Theme) => void;
  isPackaged: boolean;
  platform: string;
}): void {
  const mac = deps.platform === 'darwin';
  const theme = themes.map(
    (name): MenuItemConstructorOptions => ({
      id: `theme-${name}`,
      label: themeLabels[name],
      type: 'radio',
      checked: name === deps.theme,
      click: () => deps.onTheme(name),
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
