import type { MenuItemConstructorOptions } from 'electron';
import type { Core } from './core.ts';
import { strictEmitter } from './strict.ts';
import type { BrowserWindow } from './window.ts';

/** Electron's roles, with the label each has on Linux where the template gives none. */
const roleLabels: Readonly<Record<string, string>> = {
  about: 'About',
  undo: 'Undo',
  redo: 'Redo',
  cut: 'Cut',
  copy: 'Copy',
  paste: 'Paste',
  pasteAndMatchStyle: 'Paste and Match Style',
  delete: 'Delete',
  selectAll: 'Select All',
  reload: 'Reload',
  forceReload: 'Force Reload',
  toggleDevTools: 'Toggle Developer Tools',
  resetZoom: 'Actual Size',
  zoomIn: 'Zoom In',
  zoomOut: 'Zoom Out',
  togglefullscreen: 'Toggle Full Screen',
  minimize: 'Minimize',
  close: 'Close Window',
  quit: 'Quit',
  help: 'Help',
  services: 'Services',
  hide: 'Hide',
  hideOthers: 'Hide Others',
  unhide: 'Show All',
  zoom: 'Zoom',
  front: 'Bring All to Front',
  appMenu: 'App',
  fileMenu: 'File',
  editMenu: 'Edit',
  viewMenu: 'View',
  windowMenu: 'Window',
};

const roleMenus: Readonly<Record<string, readonly string[]>> = {
  appMenu: ['about', 'services', 'hide', 'hideOthers', 'unhide', 'quit'],
  fileMenu: ['quit'],
  editMenu: ['undo', 'redo', 'cut', 'copy', 'paste', 'delete', 'selectAll'],
  viewMenu: ['reload', 'forceReload', 'toggleDevTools', 'resetZoom', 'zoomIn', 'zoomOut', 'togglefullscreen'],
  windowMenu: ['minimize', 'zoom', 'close'],
};

type Click = (item: MenuItem, window: BrowserWindow | undefined, event: object) => void;

const ItemBase = strictEmitter('MenuItem');

export class MenuItem extends ItemBase {
  readonly id: string;
  readonly label: string;
  readonly type: string;
  readonly role: string | undefined;
  readonly accelerator: string | undefined;
  readonly submenu: Menu | undefined;
  enabled: boolean;
  visible: boolean;
  checked: boolean;
  private readonly run: Click | undefined;

  constructor(core: Core, options: MenuItemConstructorOptions) {
    super();
    const { role } = options;
    if (
      role !== undefined &&
      !Object.keys(roleLabels).some((known) => known.toLowerCase() === role.toLowerCase())
    ) {
      throw new Error(`electron double: the menu role '${role}' is not known`);
    }
    this.id = options.id ?? '';
    this.role = role;
    this.label = options.label ?? (role ? (roleLabels[role] ?? role) : '');
    const inner = options.submenu ?? (role && roleMenus[role]?.map((one) => ({ role: one })));
    this.submenu = Array.isArray(inner)
      ? Menu.from(core, inner as MenuItemConstructorOptions[])
      : inner instanceof Menu
        ? inner
        : undefined;
    this.type = options.type ?? (this.submenu ? 'submenu' : 'normal');
    this.accelerator = options.accelerator;
    this.enabled = options.enabled ?? true;
    this.visible = options.visible ?? true;
    this.checked = options.checked ?? false;
    this.run = options.click as Click | undefined;
  }

  /** What a click of the person does; a radio or check item changes first, as in Electron. */
  click(window?: BrowserWindow): void {
    if (this.type === 'checkbox') this.checked = !this.checked;
    if (this.type === 'radio') this.checked = true;
    this.run?.(this, window, {});
  }
}

const MenuBase = strictEmitter('Menu');

export class Menu extends MenuBase {
  readonly items: MenuItem[] = [];

  static from(core: Core, template: readonly MenuItemConstructorOptions[]): Menu {
    const menu = new Menu();
    for (const options of template) menu.append(new MenuItem(core, options));
    return menu;
  }

  append(item: MenuItem): void {
    this.items.push(item);
  }

  insert(position: number, item: MenuItem): void {
    this.items.splice(position, 0, item);
  }

  getMenuItemById(id: string): MenuItem | null {
    for (const item of this.items) {
      const found = item.id === id ? item : item.submenu?.getMenuItemById(id);
      if (found) return found;
    }
    return null;
  }

  popup(): void {
    this.emit('menu-will-show', {});
  }

  closePopup(): void {
    this.emit('menu-will-close', {});
  }
}

/** The two classes the app sees, and the one application menu behind them. */
export function createMenus(core: Core) {
  let applicationMenu: Menu | null = null;
  class AppMenu extends Menu {
    static buildFromTemplate(template: readonly MenuItemConstructorOptions[]): Menu {
      return Menu.from(core, template);
    }

    static setApplicationMenu(menu: Menu | null): void {
      applicationMenu = menu;
      core.recorder.add('Menu.setApplicationMenu', { set: menu !== null });
    }

    static getApplicationMenu(): Menu | null {
      return applicationMenu;
    }
  }
  class AppMenuItem extends MenuItem {
    constructor(options: MenuItemConstructorOptions) {
      super(core, options);
    }
  }
  return { Menu: AppMenu, MenuItem: AppMenuItem };
}
