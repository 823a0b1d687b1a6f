import { existsSync, readFileSync } from 'node:fs';
import { homedir, tmpdir } from 'node:os';
import { isAbsolute, join } from 'node:path';
import type { App, CommandLine } from 'electron';
import type { CoreState } from './core.ts';
import type { Recorder } from './recorder.ts';
import { createSingleInstance } from './single-instance.ts';
import { preventable, strict, strictEmitter } from './strict.ts';
import type { BrowserWindow } from './window.ts';

/** What the app is started as: `electron [switches] <folder or file> [arguments]`. */
export interface AppPackage {
  /** The folder with the package.json, or of the file. */
  readonly path: string;
  readonly entry: string;
  readonly name: string;
  readonly version: string;
}

/** Reads what to run, the way Electron's default app does. */
export function readAppPackage(target: string, electronVersion: string): AppPackage {
  const manifest = join(target, 'package.json');
  if (existsSync(manifest)) {
    const fields = JSON.parse(readFileSync(manifest, 'utf8')) as Record<string, string | undefined>;
    return {
      path: target,
      entry: join(target, fields['main'] ?? 'index.js'),
      name: fields['productName'] ?? fields['name'] ?? 'Electron',
      version: fields['version'] ?? electronVersion,
    };
  }
  return { path: join(target, '..'), entry: target, name: 'Electron', version: electronVersion };
}

interface AppDeps {
  readonly state: CoreState;
  readonly recorder: Recorder;
  readonly windows: ReadonlySet<BrowserWindow>;
  readonly appPackage: AppPackage;
  readonly executable: string;
  readonly packaged: boolean;
  readonly argv: readonly string[];
  /** Stops everything this process started. */
  readonly shutDown: () => Promise<void>;
}

type PathName = Parameters<App['getPath']>[0];

type Checked = Pick<
  App,
  | 'whenReady'
  | 'isReady'
  | 'quit'
  | 'exit'
  | 'relaunch'
  | 'focus'
  | 'getName'
  | 'setName'
  | 'name'
  | 'getVersion'
  | 'getAppPath'
  | 'getPath'
  | 'setPath'
  | 'setAppLogsPath'
  | 'getLocale'
  | 'getSystemLocale'
  | 'getPreferredSystemLanguages'
  | 'isPackaged'
  | 'enableSandbox'
  | 'disableHardwareAcceleration'
  | 'requestSingleInstanceLock'
  | 'hasSingleInstanceLock'
  | 'releaseSingleInstanceLock'
  | 'setAppUserModelId'
  | 'setDesktopName'
  | 'setAboutPanelOptions'
  | 'showAboutPanel'
  | 'setBadgeCount'
>;

function createCommandLine(argv: readonly string[]) {
  const switches = new Map<string, string>();
  for (const argument of argv.slice(1)) {
    const parts = /^--([^=]+)(?:=(.*))?$/s.exec(argument);
    if (parts?.[1] !== undefined) switches.set(parts[1].toLowerCase(), parts[2] ?? '');
  }
  // Chromium is running before the app's code is, so what is appended here does not reach it.
  return strict('commandLine', {
    appendSwitch: (name: string, value?: string) => void switches.set(name.toLowerCase(), value ?? ''),
    appendArgument: () => {},
    hasSwitch: (name: string) => switches.has(name.toLowerCase()),
    getSwitchValue: (name: string) => switches.get(name.toLowerCase()) ?? '',
    removeSwitch: (name: string) => void switches.delete(name.toLowerCase()),
  } satisfies CommandLine);
}

const AppBase = strictEmitter('app');

export class DoubleApp extends AppBase implements Checked {
  readonly commandLine: CommandLine;
  readonly isPackaged: boolean;
  readonly dock = undefined;
  name: string;
  private readonly deps: AppDeps;
  private readonly paths = new Map<string, string>();
  private readonly ready = Promise.withResolvers<void>();
  private readonly single = createSingleInstance((second) => {
    this.ready.promise
      .then(() => {
        this.emit('second-instance', preventable({}), second.argv, second.cwd, second.additionalData);
      })
      .catch(() => {});
  });
  private exiting = false;

  constructor(deps: AppDeps) {
    super();
    this.deps = deps;
    this.commandLine = createCommandLine(deps.argv);
    this.isPackaged = deps.packaged;
    this.name = deps.appPackage.name;
    this.on('double:last-window-gone', () => this.lastWindowGone());
  }

  /** For the double's own use. */
  becomeReady(): void {
    if (this.exiting) return;
    this.deps.state.ready = true;
    this.emit('will-finish-launching');
    this.emit('ready', preventable({}), {});
    this.ready.resolve();
  }

  whenReady(): Promise<void> {
    return this.ready.promise;
  }

  isReady(): boolean {
    return this.deps.state.ready;
  }

  quit(): void {
    const { state, windows } = this.deps;
    if (this.exiting || state.quitting) return;
    const before = preventable({});
    this.emit('before-quit', before);
    if (before.defaultPrevented) return;
    state.quitting = true;
    for (const window of [...windows]) {
      window.close();
      if (!window.isDestroyed()) {
        state.quitting = false;
        return;
      }
    }
    const will = preventable({});
    this.emit('will-quit', will);
    state.quitting = false;
    if (!will.defaultPrevented) this.exit(0);
  }

  exit(code = 0): void {
    if (this.exiting) return;
    this.exiting = true;
    for (const window of [...this.deps.windows]) window.destroy();
    this.emit('quit', preventable({}), code);
    const told = Promise.race([this.single.told(), new Promise((resolve) => setTimeout(resolve, 1000))]);
    told
      .then(() => this.deps.shutDown())
      .catch(() => {})
      .finally(() => {
        this.single.release();
        process.exit(code);
      });
  }

  private lastWindowGone(): void {
    if (this.deps.state.quitting || this.exiting || this.deps.windows.size > 0) return;
    if (!this.emit('window-all-closed')) this.quit();
  }

  relaunch(options?: object): void {
    this.deps.recorder.add('app.relaunch', options ?? {});
  }

  focus(): void {
    this.deps.recorder.add('app.focus', {});
  }

  getName(): string {
    return this.name;
  }

  setName(name: string): void {
    this.name = name;
  }

  getVersion(): string {
    return this.deps.appPackage.version;
  }

  getAppPath(): string {
    return this.deps.appPackage.path;
  }

  getPath(name: PathName): string {
    const set = this.paths.get(name);
    if (set !== undefined) return set;
    const home = homedir();
    const config = process.env['XDG_CONFIG_HOME'] || join(home, '.config');
    const known: Partial<Record<PathName, () => string>> = {
      home: () => home,
      appData: () => config,
      userData: () => join(this.getPath('appData'), this.name),
      sessionData: () => this.getPath('userData'),
      logs: () => join(this.getPath('userData'), 'logs'),
      crashDumps: () => join(this.getPath('userData'), 'Crashpad'),
      temp: () => tmpdir(),
      exe: () => this.deps.executable,
      module: () => this.deps.executable,
      desktop: () => join(home, 'Desktop'),
      documents: () => join(home, 'Documents'),
      downloads: () => join(home, 'Downloads'),
    };
    const path = known[name];
    if (!path) throw new Error(`Failed to get '${name}' path`);
    return path();
  }

  setPath(name: string, path: string): void {
    if (!isAbsolute(path)) throw new Error('Path must be absolute');
    this.paths.set(name, path);
  }

  setAppLogsPath(path?: string): void {
    this.setPath('logs', path ?? join(this.getPath('userData'), 'logs'));
  }

  getLocale(): string {
    return 'en-US';
  }

  getSystemLocale(): string {
    return 'en-US';
  }

  getPreferredSystemLanguages(): string[] {
    return ['en-US'];
  }

  enableSandbox(): void {
    if (this.isReady()) throw new Error('app.enableSandbox() can only be called before app is ready');
    this.deps.recorder.add('app.enableSandbox', {});
  }

  disableHardwareAcceleration(): void {
    if (this.isReady()) {
      throw new Error('app.disableHardwareAcceleration() can only be called before app is ready');
    }
  }

  requestSingleInstanceLock(additionalData?: Record<string, unknown>): boolean {
    return this.single.request(this.getPath('userData'), {
      argv: [...this.deps.argv],
      cwd: process.cwd(),
      additionalData: additionalData ?? null,
    });
  }

  hasSingleInstanceLock(): boolean {
    return this.single.has();
  }

  releaseSingleInstanceLock(): void {
    this.single.release();
  }

  setAppUserModelId(id: string): void {
    this.deps.recorder.add('app.setAppUserModelId', id);
  }

  setDesktopName(name: string): void {
    this.deps.recorder.add('app.setDesktopName', name);
  }

  setAboutPanelOptions(options: object): void {
    this.deps.recorder.add('app.setAboutPanelOptions', options);
  }

  showAboutPanel(): void {
    this.deps.recorder.add('app.showAboutPanel', {});
  }

  setBadgeCount(count?: number): boolean {
    this.deps.recorder.add('app.setBadgeCount', count ?? null);
    return true;
  }
}
