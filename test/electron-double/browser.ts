import { type ChildProcess, spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { CdpConnection } from './cdp.ts';
import { chromiumSwitches, findChromium } from './chromium.ts';

export interface Browser {
  readonly connection: CdpConnection;
  /** The address a debugger attaches to. */
  readonly endpoint: string;
  /** Stops Chromium and removes its profile; resolves when both have gone. */
  close(): Promise<void>;
}

export interface BrowserOptions {
  readonly headless: boolean;
  readonly switches?: readonly string[];
}

/**
 * Removes what is left when this process dies without a chance to tidy up: waits for the end of its input,
 * which the operating system closes with this process, then stops Chromium and deletes its folder.
 */
function startReaper(pid: number, folder: string): ChildProcess {
  const script =
    'read -r _; kill -s KILL -- "-$1" 2>/dev/null; n=0; while [ -e "$2" ] && [ $n -lt 20 ]; do rm -rf "$2" 2>/dev/null; [ -e "$2" ] && sleep 0.1; n=$((n+1)); done';
  const reaper = spawn('/bin/sh', ['-c', script, 'reaper', String(pid), folder], {
    stdio: ['pipe', 'ignore', 'ignore'],
    detached: true,
  });
  reaper.unref();
  (reaper.stdin as unknown as { unref?: () => void } | null)?.unref?.();
  return reaper;
}

function endpointOf(chromium: ChildProcess): Promise<string> {
  return new Promise((resolve, reject) => {
    const seen: string[] = [];
    if (!chromium.stderr) throw new Error('Chromium was started without its error output');
    createInterface({ input: chromium.stderr }).on('line', (line) => {
      seen.push(line);
      const address = /^DevTools listening on (ws:\/\/\S+)/.exec(line)?.[1];
      if (address) resolve(address);
    });
    chromium.once('error', reject);
    chromium.once('exit', (code) =>
      reject(new Error(`Chromium ended with ${code} before it was ready:\n${seen.slice(-10).join('\n')}`)),
    );
  });
}

const longestScratch = 60;

/** Starts a Chromium without a window, with a profile of its own in the temp folder. */
export async function startBrowser(options: BrowserOptions): Promise<Browser> {
  const executable = await findChromium(!options.headless);
  // Everything Chromium writes is in here, so that one removal takes it all.
  const folder = mkdtempSync(join(tmpdir(), 'headgate-double-'));
  const scratch = join(folder, 't');
  mkdirSync(scratch);
  const chromium = spawn(
    executable,
    [
      ...(options.headless ? ['--headless=new'] : []),
      ...chromiumSwitches,
      // Electron has no pop-up blocker: every window.open reaches the handler.
      '--disable-popup-blocking',
      '--no-startup-window',
      '--remote-debugging-port=0',
      `--user-data-dir=${join(folder, 'profile')}`,
      ...(options.switches ?? []),
    ],
    {
      stdio: ['ignore', 'ignore', 'pipe'],
      detached: true,
      // It makes a socket in there, whose path may not be longer than the system allows.
      env: scratch.length < longestScratch ? { ...process.env, TMPDIR: scratch } : process.env,
    },
  );
  const pid = chromium.pid;
  if (pid === undefined) {
    rmSync(folder, { recursive: true, force: true });
    throw new Error(`${executable} could not be started`);
  }
  const exited = new Promise<void>((resolve) => chromium.once('exit', () => resolve()));
  const reaper = startReaper(pid, folder);
  const kill = (): void => {
    try {
      process.kill(-pid, 'SIGKILL');
    } catch {
      // It has gone already.
    }
    rmSync(folder, { recursive: true, force: true, maxRetries: 5, retryDelay: 20 });
  };
  process.once('exit', kill);
  try {
    const endpoint = await endpointOf(chromium);
    const connection = await CdpConnection.connect(endpoint);
    return {
      connection,
      endpoint,
      async close() {
        connection.root.tell('Browser.close');
        await Promise.race([exited, new Promise((resolve) => setTimeout(resolve, 1000))]);
        process.off('exit', kill);
        kill();
        reaper.stdin?.end();
      },
    };
  } catch (error) {
    kill();
    throw error;
  }
}
