import type { Browser } from './browser.ts';
import type { WebContents } from './contents.ts';
import type { Recorder } from './recorder.ts';
import type { Targets } from './targets.ts';
import type { BrowserWindow } from './window.ts';

/** What the parts of the double share. Made once, by main-process.ts. */
export interface Core {
  readonly headless: boolean;
  readonly browser: Promise<Browser>;
  readonly targets: Promise<Targets>;
  /** Schemes of the app, as registered by `registerSchemesAsPrivileged` or handled. */
  readonly schemes: Set<string>;
  readonly windows: Set<BrowserWindow>;
  readonly contents: Map<number, WebContents>;
  readonly recorder: Recorder;
  readonly state: CoreState;
  /** Tells the app object; it is made after the windows that report to it. */
  readonly tellApp: (event: string, ...args: unknown[]) => boolean;
}

/** The state of the process itself, as the real one has it too. */
export interface CoreState {
  ready: boolean;
  quitting: boolean;
  /** The window that was last shown or focused. */
  focused: BrowserWindow | null;
  /** What the emulated operating system prefers, and what the app asked for. */
  systemDark: boolean;
  themeSource: 'system' | 'light' | 'dark';
  lastContentsId: number;
  lastWindowId: number;
}

export function wantsDark(state: CoreState): boolean {
  return state.themeSource === 'system' ? state.systemDark : state.themeSource === 'dark';
}
