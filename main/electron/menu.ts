import { Menu, type MenuItemConstructorOptions } from 'electron';
import type { MenuDeed } from '../../preload/contract/channels.ts';
import { type Theme, themes } from '../../preload/contract/models.ts';
import { type SentenceId, say } from '../../preload/messages/said.ts';
import type { Words } from '../words.ts';

type Label = Extract<SentenceId, `menu.${string}`>;

const separator: MenuItemConstructorOptions = { type: 'separator' };

/**
 * The application menu: roles of the platform with our words, because Electron has English ones for them, the theme, and what
 * the window does by keys. Made anew when another theme or language is chosen.
 */
export function installMenu(deps: {
  theme: Theme;
  words: Words;
  onTheme: (theme: Theme) => void;
  /** Something that the window in front does. */
  onDeed: (deed: MenuDeed) => void;
  isPackaged: boolean;
  platform: string;
}): void {
  const mac = deps.platform === 'darwin';
  const text = (id: Label): string => deps.words.text(say(id));
  const role = (
    name: NonNullable<MenuItemConstructorOptions['role']>,
    id: Label,
  ): MenuItemConstructorOptions => ({
    role: name,
    label: text(id),
  });
  const theme = themes.map(
    (name): MenuItemConstructorOptions => ({
      id: `theme-${name}`,
      label: deps.words.text(say(`theme.${name}`)),
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
    (path) => deed(`screen.${path}`, text(`menu.go.${path === '' ? 'home' : path}`)),
  );
  const develop: MenuItemConstructorOptions[] = deps.isPackaged
    ? []
    : [separator, { role: 'reload' }, { role: 'toggleDevTools' }];
  const app: MenuItemConstructorOptions = {
    role: 'appMenu',
    submenu: [
      role('about', 'menu.about'),
      separator,
      role('services', 'menu.services'),
      separator,
      role('hide', 'menu.hide'),
      role('hideOthers', 'menu.hideOthers'),
      role('unhide', 'menu.showAll'),
      separator,
      role('quit', 'menu.quit'),
    ],
  };
  const edit: MenuItemConstructorOptions = {
    role: 'editMenu',
    label: text('menu.edit'),
    submenu: [
      role('undo', 'menu.undo'),
      role('redo', 'menu.redo'),
      separator,
      role('cut', 'menu.cut'),
      role('copy', 'menu.copy'),
      role('paste', 'menu.paste'),
      role('delete', 'menu.delete'),
      separator,
      role('selectAll', 'menu.selectAll'),
    ],
  };
  const window: MenuItemConstructorOptions = {
    role: 'windowMenu',
    label: text('menu.window'),
    submenu: [
      role('minimize', 'menu.minimize'),
      role('zoom', 'menu.maximize'),
      ...(mac ? [separator, role('front', 'menu.front')] : [role('close', 'menu.close')]),
    ],
  };
  Menu.setApplicationMenu(
    Menu.buildFromTemplate([
      ...(mac ? [app] : []),
      {
        label: text('menu.file'),
        submenu: [
          deed('settings', text('menu.settings'), 'CommandOrControl+,'),
          deed('lock', text('menu.lock'), 'CommandOrControl+Shift+L'),
          separator,
          mac ? role('close', 'menu.close') : role('quit', 'menu.quit'),
        ],
      },
      edit,
      {
        label: text('menu.view'),
        submenu: [
          { label: text('menu.theme'), submenu: theme },
          deed('rail', text('menu.rail'), 'CommandOrControl+\\'),
          separator,
          role('resetZoom', 'menu.resetZoom'),
          role('zoomIn', 'menu.zoomIn'),
          role('zoomOut', 'menu.zoomOut'),
          separator,
          role('togglefullscreen', 'menu.fullscreen'),
          ...develop,
        ],
      },
      {
        label: text('menu.go'),
        submenu: [deed('palette', text('menu.palette'), 'CommandOrControl+K'), separator, ...go],
      },
      window,
      {
        role: 'help',
        label: text('menu.help'),
        submenu: [deed('sheet', text('menu.sheet')), ...(mac ? [] : [role('about', 'menu.about')])],
      },
    ]),
  );
}
