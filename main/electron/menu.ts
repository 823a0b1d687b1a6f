import { Menu, type MenuItemConstructorOptions } from 'electron';
import { type Theme, themes } from '../../preload/contract/models.ts';
import type { ShellWords } from './words.ts';

const separator: MenuItemConstructorOptions = { type: 'separator' };

/**
 * The application menu: roles of the platform, which names them in the system's language, and the theme. Made anew when
 * another theme or language is chosen.
 */
export function installMenu(deps: {
  theme: Theme;
  words: ShellWords;
  onTheme: (theme: Theme) => void;
  isPackaged: boolean;
  platform: string;
}): void {
  const { words } = deps;
  const mac = deps.platform === 'darwin';
  const theme = themes.map(
    (name): MenuItemConstructorOptions => ({
      id: `theme-${name}`,
      label: words[`theme.${name}`],
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
      { label: words['menu.file'], submenu: [mac ? { role: 'close' } : { role: 'quit' }] },
      { role: 'editMenu' },
      {
        label: words['menu.view'],
        submenu: [
          { label: words['menu.theme'], submenu: theme },
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
