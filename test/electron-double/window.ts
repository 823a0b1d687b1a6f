import type { BrowserWindowConstructorOptions, BrowserWindow as ElectronWindow, Rectangle } from 'electron';
import { WebContents } from './contents.ts';
import type { Core } from './core.ts';
import type { IpcRouter } from './ipc.ts';
import { Session, type Sessions } from './session.ts';
import { preventable, strictEmitter } from './strict.ts';

type Checked = Pick<
  ElectronWindow,
  | 'id'
  | 'loadURL'
  | 'loadFile'
  | 'show'
  | 'showInactive'
  | 'hide'
  | 'focus'
  | 'blur'
  | 'close'
  | 'destroy'
  | 'isDestroyed'
  | 'isVisible'
  | 'isFocused'
  | 'isMinimized'
  | 'isMaximized'
  | 'isFullScreen'
  | 'isNormal'
  | 'minimize'
  | 'maximize'
  | 'unmaximize'
  | 'restore'
  | 'setFullScreen'
  | 'getBounds'
  | 'setBounds'
  | 'getNormalBounds'
  | 'getContentBounds'
  | 'getSize'
  | 'setSize'
  | 'setContentSize'
  | 'getPosition'
  | 'setPosition'
  | 'getMinimumSize'
  | 'setMinimumSize'
  | 'center'
  | 'getTitle'
  | 'setTitle'
  | 'setBackgroundColor'
  | 'getBackgroundColor'
  | 'setMenu'
  | 'removeMenu'
  | 'setMenuBarVisibility'
  | 'setProgressBar'
  | 'setContentProtection'
  | 'flashFrame'
>;

const WindowBase = strictEmitter('BrowserWindow');

interface WindowDeps {
  readonly core: Core;
  readonly sessions: Sessions;
  readonly router: IpcRouter;
}

/** A window: its state is kept here, its contents are a page of Chromium. */
export class BrowserWindow extends WindowBase implements Checked {
  readonly id: number;
  readonly webContents: WebContents;
  private readonly core: Core;
  private readonly options: BrowserWindowConstructorOptions;
  private bounds: Rectangle;
  private minimum: [number, number];
  private visible: boolean;
  private state: 'normal' | 'minimized' | 'maximized' | 'fullscreen' = 'normal';
  private title: string;
  private background: string;
  private destroyed = false;

  constructor({ core, sessions, router }: WindowDeps, options: BrowserWindowConstructorOptions) {
    super();
    if (!core.state.ready) throw new Error('Cannot create BrowserWindow before app is ready');
    this.core = core;
    this.options = options;
    core.state.lastWindowId += 1;
    this.id = core.state.lastWindowId;
    this.minimum = [options.minWidth ?? 0, options.minHeight ?? 0];
    this.bounds = this.fit({
      x: options.x ?? 0,
      y: options.y ?? 0,
      width: options.width ?? 800,
      height: options.height ?? 600,
    });
    this.visible = options.show !== false;
    this.title = options.title ?? '';
    this.background = options.backgroundColor ?? '#FFFFFF';
    const preferences = options.webPreferences ?? {};
    const given = preferences.session as unknown;
    this.webContents = new WebContents(core, {
      session: given instanceof Session ? given : sessions.fromPartition(preferences.partition ?? ''),
      preload: preferences.preload,
      width: this.bounds.width,
      height: this.bounds.height,
      onGone: () => this.destroy(),
      onClose: () => this.close(),
      deliver: router,
    });
    this.webContents.once('did-finish-load', () => {
      if (!this.destroyed) this.emit('ready-to-show');
    });
    this.webContents.on('page-title-updated', (_event, title: string) => {
      const event = preventable({});
      this.emit('page-title-updated', event, title, true);
      if (!event.defaultPrevented) this.title = title;
    });
    core.windows.add(this);
    if (this.visible) core.state.focused = this;
    queueMicrotask(() => core.tellApp('browser-window-created', preventable({}), this));
  }

  /** For tests: the options the app made this window with. */
  get __options(): BrowserWindowConstructorOptions {
    return this.options;
  }

  private fit(bounds: Rectangle): Rectangle {
    return {
      x: Math.round(bounds.x),
      y: Math.round(bounds.y),
      width: Math.max(Math.round(bounds.width), this.minimum[0]),
      height: Math.max(Math.round(bounds.height), this.minimum[1]),
    };
  }

  private alive(): void {
    if (this.destroyed) throw new TypeError('Object has been destroyed');
  }

  loadURL(url: string): Promise<void> {
    this.alive();
    return this.webContents.loadURL(url);
  }

  loadFile(path: string): Promise<void> {
    this.alive();
    return this.webContents.loadFile(path);
  }

  show(): void {
    this.showInactive();
    this.focus();
  }

  showInactive(): void {
    this.alive();
    if (this.visible) return;
    this.visible = true;
    this.emit('show');
  }

  hide(): void {
    this.alive();
    if (!this.visible) return;
    this.visible = false;
    this.emit('hide');
  }

  focus(): void {
    this.alive();
    const before = this.core.state.focused;
    if (before === this) return;
    this.core.state.focused = this;
    if (before && !before.isDestroyed()) before.emit('blur');
    this.emit('focus');
    this.core.tellApp('browser-window-focus', preventable({}), this);
  }

  blur(): void {
    this.alive();
    if (this.core.state.focused !== this) return;
    this.core.state.focused = null;
    this.emit('blur');
  }

  close(): void {
    this.alive();
    const event = preventable({});
    this.emit('close', event);
    if (!event.defaultPrevented) this.destroy();
  }

  destroy(): void {
    if (this.destroyed) return;
    this.destroyed = true;
    this.core.windows.delete(this);
    if (this.core.state.focused === this) this.core.state.focused = null;
    this.webContents.destroy();
    this.emit('closed');
    if (this.core.windows.size === 0) this.core.tellApp('double:last-window-gone');
  }

  isDestroyed(): boolean {
    return this.destroyed;
  }

  isVisible(): boolean {
    this.alive();
    return this.visible;
  }

  isFocused(): boolean {
    this.alive();
    return this.core.state.focused === this;
  }

  private become(state: typeof this.state, event: string): void {
    this.alive();
    if (this.state === state) return;
    this.state = state;
    this.emit(event);
  }

  minimize(): void {
    this.become('minimized', 'minimize');
  }

  maximize(): void {
    if (!this.visible) this.show();
    this.become('maximized', 'maximize');
  }

  unmaximize(): void {
    if (this.state === 'maximized') this.become('normal', 'unmaximize');
  }

  restore(): void {
    if (this.state === 'minimized') this.become('normal', 'restore');
  }

  setFullScreen(flag: boolean): void {
    if (flag) this.become('fullscreen', 'enter-full-screen');
    else if (this.state === 'fullscreen') this.become('normal', 'leave-full-screen');
  }

  isMinimized(): boolean {
    return this.state === 'minimized';
  }

  isMaximized(): boolean {
    return this.state === 'maximized';
  }

  isFullScreen(): boolean {
    return this.state === 'fullscreen';
  }

  isNormal(): boolean {
    return this.state === 'normal';
  }

  getBounds(): Rectangle {
    this.alive();
    return { ...this.bounds };
  }

  getNormalBounds(): Rectangle {
    return this.getBounds();
  }

  getContentBounds(): Rectangle {
    return this.getBounds();
  }

  setBounds(bounds: Partial<Rectangle>): void {
    this.alive();
    const before = this.bounds;
    this.bounds = this.fit({ ...before, ...bounds });
    if (before.width !== this.bounds.width || before.height !== this.bounds.height) {
      this.webContents.resize(this.bounds.width, this.bounds.height);
      this.emit('resize');
      this.emit('resized');
    }
    if (before.x !== this.bounds.x || before.y !== this.bounds.y) {
      this.emit('move');
      this.emit('moved');
    }
  }

  getSize(): number[] {
    const { width, height } = this.getBounds();
    return [width, height];
  }

  setSize(width: number, height: number): void {
    this.setBounds({ width, height });
  }

  setContentSize(width: number, height: number): void {
    this.setSize(width, height);
  }

  getPosition(): number[] {
    const { x, y } = this.getBounds();
    return [x, y];
  }

  setPosition(x: number, y: number): void {
    this.setBounds({ x, y });
  }

  getMinimumSize(): number[] {
    return [...this.minimum];
  }

  setMinimumSize(width: number, height: number): void {
    this.minimum = [width, height];
    this.setBounds({});
  }

  center(): void {
    this.setBounds({ x: (1920 - this.bounds.width) / 2, y: (1080 - this.bounds.height) / 2 });
  }

  getTitle(): string {
    this.alive();
    return this.title;
  }

  setTitle(title: string): void {
    this.alive();
    this.title = title;
  }

  getBackgroundColor(): string {
    return this.background;
  }

  setBackgroundColor(color: string): void {
    this.alive();
    this.background = color;
  }

  setMenu(): void {
    this.core.recorder.add('BrowserWindow.setMenu', { id: this.id });
  }

  removeMenu(): void {
    this.core.recorder.add('BrowserWindow.removeMenu', { id: this.id });
  }

  setMenuBarVisibility(visible: boolean): void {
    this.core.recorder.add('BrowserWindow.setMenuBarVisibility', { id: this.id, visible });
  }

  setProgressBar(progress: number): void {
    this.core.recorder.add('BrowserWindow.setProgressBar', { id: this.id, progress });
  }

  setContentProtection(enable: boolean): void {
    this.core.recorder.add('BrowserWindow.setContentProtection', { id: this.id, enable });
  }

  flashFrame(flag: boolean): void {
    this.core.recorder.add('BrowserWindow.flashFrame', { id: this.id, flag });
  }
}

/** The class the app sees: constructed with options only, with the static functions of Electron. */
export function createWindowClass(deps: WindowDeps) {
  const { core } = deps;
  return class extends BrowserWindow {
    constructor(options: BrowserWindowConstructorOptions = {}) {
      super(deps, options);
    }

    static getAllWindows(): BrowserWindow[] {
      return [...core.windows];
    }

    static getFocusedWindow(): BrowserWindow | null {
      return core.state.focused;
    }

    static fromId(id: number): BrowserWindow | null {
      return [...core.windows].find((window) => window.id === id) ?? null;
    }

    static fromWebContents(contents: WebContents): BrowserWindow | null {
      return [...core.windows].find((window) => window.webContents === contents) ?? null;
    }
  };
}
