import { chmodSync, mkdirSync } from 'node:fs';
import { enableCompileCache } from 'node:module';
import { isAbsolute, join, resolve } from 'node:path';
import { app, protocol } from 'electron';
import { appName, scheme } from './constants.ts';

/*
 * The entry of the main process. It does what must be done before Electron is ready and before the rest of the
 * code loads, and nothing else. No top-level await on readiness: Electron waits for this module first.
 */

/** Switches that open a packaged app to whoever can start it. No fuse covers them. */
const refusedSwitches = [
  'remote-debugging-port',
  'remote-debugging-pipe',
  'no-sandbox',
  'disable-web-security',
];

function prepare(): boolean {
  app.setName(appName);
  const refused = app.isPackaged
    ? refusedSwitches.find((name) => app.commandLine.hasSwitch(name))
    : undefined;
  if (refused !== undefined) {
    process.stderr.write(
      `Headgate does not start with --${refused}: it would open the vault to other programs.\n`,
    );
    app.exit(2);
    return false;
  }
  const named = process.env['HEADGATE_DATA'];
  if (named) app.setPath('userData', isAbsolute(named) ? named : resolve(named));
  const folder = app.getPath('userData');
  // What the browser itself keeps stays apart from the workspace.
  app.setPath('sessionData', join(folder, 'browser'));
  if (!app.requestSingleInstanceLock()) {
    app.exit(0);
    return false;
  }
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  if (process.platform !== 'win32') chmodSync(folder, 0o700);
  enableCompileCache(join(folder, 'code-cache'));
  app.enableSandbox();
  protocol.registerSchemesAsPrivileged([
    { scheme, privileges: { standard: true, secure: true, supportFetchAPI: true, codeCache: true } },
  ]);
  return true;
}

if (prepare()) {
  const boot = import('./boot.ts');
  app
    .whenReady()
    .then(() => boot)
    .then(({ start }) => start())
    .catch((error: unknown) => {
      // The code itself could not be loaded; errors of the start are shown by it.
      process.stderr.write(
        `Headgate could not start: ${error instanceof Error ? error.message : 'unknown'}\n`,
      );
      app.exit(1);
    });
}
