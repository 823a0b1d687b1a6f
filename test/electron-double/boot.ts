import { pathToFileURL } from 'node:url';
import { __double } from './main-process.ts';

/** Loads the app's code; `ready` waits for it, top-level awaits included, as in Electron. */
try {
  await import(pathToFileURL(__double.appPackage.entry).href);
  __double.appCodeLoaded();
} catch (error) {
  console.error('A JavaScript error occurred in the main process\n', error);
  process.exit(1);
}
