import { randomBytes } from 'node:crypto';
import { chmodSync, mkdirSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import {
  app,
  BrowserWindow,
  ClipboardItem,
  clipboard,
  dialog,
  ipcMain,
  Notification,
  nativeTheme,
  net,
  powerMonitor,
  safeStorage,
  session as sessions,
  shell,
} from 'electron';
import { version } from '../../package.json';
import { systemClock } from '../clock.ts';
import { readPolicies } from '../fixed-policy.ts';
import type { Appearance, Background, Host } from '../host.ts';
import { createLogger } from '../log.ts';
import { createLogFile } from '../log-file.ts';
import { osAddresses } from '../net/addresses.ts';
import { environmentWays, proxyOf, proxySecrets, systemWays } from '../net/proxy.ts';
import { osUserName } from '../os-user.ts';
import { createRedactor } from '../redact.ts';
import { createSampleServers } from '../sample/servers.ts';
import { syncsAtOnce } from '../sync/job/slots.ts';
import { protectorFromEnv } from '../vault/from-env.ts';
import type { Words } from '../words.ts';
import { createAskWindow } from './ask-window.ts';
import { askPartition } from './constants.ts';
import { createElectronDesk } from './desk.ts';
import { openableUrl } from './openable.ts';
import { createSafeStorageProtector } from './safe-storage.ts';

/** The Host on Electron; call it when Electron is ready. */
export async function createElectronHost(deps: {
  appearance: Appearance;
  words: Words;
  background: Background;
}): Promise<{ host: Host }> {
  const policies = readPolicies(process.env);
  const dataFolder = app.getPath('userData');
  mkdirSync(dataFolder, { recursive: true, mode: 0o700 });
  if (process.platform !== 'win32') chmodSync(dataFolder, 0o700);
  const redactor = createRedactor();
  const sink = createLogFile({ folder: dataFolder, name: 'headgate' });
  const log = createLogger({ sink, redactor, now: systemClock.now });
  const proxy = proxyOf(process.env);
  for (const secret of proxySecrets(proxy)) redactor.add(secret);
  const random = (bytes: number): Buffer => randomBytes(bytes);
  // A workspace that was made with a key file or a passphrase (the demo's, a server's) opens with the same here.
  const named = protectorFromEnv(process.env, random);
  const { protector, problem } =
    named === null
      ? await createSafeStorageProtector({ safeStorage, platform: process.platform, log })
      : { protector: named, problem: null };
  const shownWindow = (): BrowserWindow | null =>
    BrowserWindow.getFocusedWindow() ?? BrowserWindow.getAllWindows()[0] ?? null;
  const desk = createElectronDesk({
    Notification,
    dialog,
    clipboard,
    ClipboardItem,
    powerMonitor,
    window: shownWindow,
    folder: () => app.getPath('downloads'),
    platform: process.platform,
    clock: systemClock,
    log,
    words: deps.words,
    askTyped: createAskWindow({
      session: () => sessions.fromPartition(askPartition),
      make: (options) => new BrowserWindow(options),
      ipcMain,
      parent: shownWindow,
      isDark: () => nativeTheme.shouldUseDarkColors,
      clock: systemClock,
      log,
      words: deps.words,
    }),
  });
  return {
    host: {
      kind: 'electron',
      version,
      platform: process.platform,
      dataFolder,
      protector,
      protectorProblem: problem,
      openUrl: (url) => shell.openExternal(openableUrl(url)),
      appearance: deps.appearance,
      words: deps.words,
      background: deps.background,
      desk,
      homeFolder: app.getPath('home'),
      addresses: osAddresses,
      maybeOnline: () => net.isOnline(),
      sshAgent: process.env['SSH_AUTH_SOCK'] || null,
      ...policies,
      async proxyFor(url, by) {
        if (by === 'environment' || Object.keys(proxy).length > 0) return environmentWays(proxy, url);
        // What the desktop says, scripts that decide by address (PAC) included. The session of the window has no network.
        return systemWays(await sessions.defaultSession.resolveProxy(url), url);
      },
      userName: osUserName(process.env),
      sample: createSampleServers({
        worker: new URL('./sample-hq.js', import.meta.url),
        // A packaged app brings PostgreSQL beside itself: nothing in its archive can be run.
        programs: app.isPackaged ? join(process.resourcesPath, 'postgres') : undefined,
      }),
      syncWorker: new URL('./sync-worker.js', import.meta.url),
      syncsAtOnce: syncsAtOnce(process.env['HEADGATE_SYNCS'], availableParallelism()),
      clock: systemClock,
      random,
      log,
      recentLog: sink.recent,
      forgetLogs: sink.forget,
      redactor,
    },
  };
}
