import { randomBytes } from 'node:crypto';
import { existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { createApp } from '../../main/app.ts';
import { systemClock } from '../../main/clock.ts';
import { createHeadlessHost } from '../../main/headless/host.ts';
import { serve } from '../../main/headless/service/serve.ts';
import { abortOnSignal } from '../../main/headless/service/signals.ts';
import type { Clock } from '../../main/host.ts';
import { scriptedBrowser } from '../../main/sample/consent.ts';
import { keyFileProtector } from '../../main/vault/key-file.ts';
import { syncWorker } from './sync-worker.ts';
import { englishWords } from './words.ts';

/*
 * `headgate serve` on a clock that goes half an hour ahead whenever nothing is left to be done, and says so when its time is
 * over. Where the clock stands is in a file, so that whoever goes on with the workspace goes on there.
 *
 *   node week-child.ts FOLDER BEGIN END
 */

const [folder = '', begin = '', end = ''] = process.argv.slice(2);
const stepMs = 30 * 60_000;
const file = join(folder, 'clock');
let stands = existsSync(file) ? Number(readFileSync(file, 'utf8')) : Number(begin);
let since = performance.now();
const clock: Clock = {
  now: () => stands + Math.floor(performance.now() - since),
  sleep: systemClock.sleep,
};
const goOn = (): void => {
  writeFileSync(`${file}.new`, `${stands + stepMs}`);
  renameSync(`${file}.new`, file);
  stands += stepMs;
  since = performance.now();
};

const stop = new AbortController();
abortOnSignal(process, stop);
await serve(
  {
    ...{ folder, health: undefined, env: {}, process },
    async open() {
      const host = await createHeadlessHost({
        ...{ dataFolder: folder, version: '0.0.0-test', syncWorker: syncWorker() },
        protector: keyFileProtector(join(folder, 'vault.key'), randomBytes),
        logSink: { write: () => {}, recent: () => '' },
        openUrl: scriptedBrowser('allow'),
      });
      const app = await createApp({ ...host, clock });
      void (async () => {
        while (stands < Number(end) && !stop.signal.aborted) {
          await app.tick();
          while (app.runningSyncs > 0) await pause(5);
          goOn();
        }
        process.stderr.write('The time is over.\n');
      })();
      return { host, app };
    },
  },
  {
    ...{ out: process.stdout, err: process.stderr, json: false, now: clock.now, signal: stop.signal },
    words: englishWords,
  },
);
