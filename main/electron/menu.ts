import { Menu, type MenuItemConstructorOptions } from 'electron';
import type { MenuDeed } from '../../preload/contract/channels.ts';
import { type Theme, themes } from '../../preload/contract/models.ts';
import type { ShellWords } from './words.ts';

const separator: MenuItemConstructorOptions = { type: 'separator' };

/**
 * The application menu: roles of the platform, which names them in the system's language, the theme, and what the window does by
 * keys. Made anew when another theme or language is chosen.
 */
export function installMenu(deps: {
  theme: Theme;
  words: ShellWords;
  onTheme: (theme: Theme) => void;
  /** Something that the window in front does. */
  onDeed: (deed: MenuDeed) => void;
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
  // The window hears the keys itself, also where they are typed into a page: here they are shown, so that they are found.
  const deed = (name: MenuDeed, label: string, accelerator?: string): MenuItemConstructorOptions => ({
    ...{ id: `deed-${name}`, label, registerAccelerator: false },
    ...(accelerator !== undefined && { accelerator }),
    click: () => deps.onDeed(name),
  });
  const go = (['', 'runs', 'data', 'query', 'projects', 'connections', 'sources', 'activity'] as const).map(
    (path) => deed(`screen.${path}`, words[`menu.go.${path === '' ? 'home' : path}`]),
  );
  const develop: MenuItemConstructorOptions[] = deps.isPackaged
    ? []
    : [separator, { role: 'reload' }, { role: 'toggleDevTools' }];
  Menu.setApplicationMenu(
    Menu.buildFromTemplate([
      ...(mac ? [{ role: 'appMenu' } as const] : []),
      {
        label: words['menu.file'],
        submenu: [
          deed('settings', words['menu.settings'], 'CommandOrControl+,'),
          deed('lock', words['menu.lock'], 'CommandOrControl+Shift+L'),
          separator,
          mac ? { role: 'close' } : { role: 'quit' },
        ],
      },
      { role: 'editMenu' },
      {
        label: words['menu.view'],
        submenu: [
          { label: words['menu.theme'], submenu: theme },
          deed('rail', words['menu.rail'], 'CommandOrControl+\\'),
          separator,
          { role: 'resetZoom' },
          { role: 'zoomIn' },
          { role: 'zoomOut' },
          separator,
          { role: 'togglefullscreen' },
          ...develop,
        ],
      },
      {
        label: words['menu.go'],
        submenu: [deed('palette', words['menu.palette'], 'CommandOrControl+K'), separator, ...go],
      },
      { role: 'windowMenu' },
      {
        role: 'help',
        submenu: [deed('sheet', words['menu.sheet']), ...(mac ? [] : [{ role: 'about' } as const])],
      },
    ]),
  );
}
