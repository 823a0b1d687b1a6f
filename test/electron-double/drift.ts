/**
 * Nothing runs here. The compiler checks that every member the double shows to an app is one that Electron has;
 * whether its type fits is checked where it is written (`implements Pick<…>`, `satisfies Pick<…>`). What is
 * listed below by name is for the double's own parts and for tests.
 */
import type electron from 'electron';
import type { DoubleApp } from './app.ts';
import type { WebContents } from './contents.ts';
import type { ClipboardItem } from './desktop.ts';
import type { Frame } from './frame.ts';
import type { createIpc } from './ipc.ts';
import type { Menu, MenuItem } from './menu.ts';
import type { Session } from './session.ts';
import type { createNativeTheme, createPowerMonitor, createScreen } from './system.ts';
import type { BrowserWindow } from './window.ts';

/** The members of a part of the double that Electron does not have. */
type Unknown<Double, Real> = Exclude<keyof Double, keyof Real>;
/** Compiles only if the two are the same. */
type Only<Actual extends Listed, Listed> = [Actual, Listed];

export type Drift = [
  Only<Unknown<DoubleApp, electron.App>, 'becomeReady'>,
  Only<Unknown<BrowserWindow, electron.BrowserWindow>, '__options'>,
  Only<
    Unknown<WebContents, electron.WebContents>,
    | 'targetReady'
    | 'targetId'
    | 'documentId'
    | 'push'
    | 'askToOpen'
    | 'settled'
    | 'applyTheme'
    | 'resize'
    | 'destroy'
    | 'gone'
  >,
  Only<Unknown<Frame, electron.WebFrameMain>, never>,
  Only<Unknown<ReturnType<typeof createIpc>['ipcMain'], electron.IpcMain>, 'handlers'>,
  Only<Unknown<Session, electron.Session>, 'browserContext' | 'applyPermissions' | 'lets'>,
  Only<Unknown<Menu, electron.Menu>, never>,
  Only<Unknown<MenuItem, electron.MenuItem>, keyof NodeJS.EventEmitter>,
  Only<Unknown<ClipboardItem, electron.ClipboardItem>, never>,
  Only<Unknown<ReturnType<typeof createNativeTheme>, electron.NativeTheme>, 'changed'>,
  Only<Unknown<ReturnType<typeof createPowerMonitor>, electron.PowerMonitor>, never>,
  Only<Unknown<ReturnType<typeof createScreen>, electron.Screen>, never>,
];
