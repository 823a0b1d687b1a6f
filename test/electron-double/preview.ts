/**
 * `npm run preview`: the built app without an Electron binary. With a display it opens in a window of an
 * installed Chromium; without one it runs headless and says where DevTools can attach.
 */
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';

const root = resolve(import.meta.dirname, '../..');
const visible = Boolean(process.env['DISPLAY'] || process.env['WAYLAND_DISPLAY']);

function main(): void {
  if (!existsSync(join(root, 'dist/main/electron.js'))) {
    process.stderr.write('The app is not built: run npm run build\n');
    process.exitCode = 1;
    return;
  }
  const child = spawn(
    join(import.meta.dirname, 'electron'),
    [...(visible ? [] : ['--remote-debugging-port=0']), root, ...process.argv.slice(2)],
    {
      stdio: ['inherit', 'inherit', 'pipe'],
      env: {
        // No keychain of the operating system stands behind the double, so the vault says that it keeps nothing.
        HEADGATE_DOUBLE_KEYCHAIN_MODE: 'basic',
        ...process.env,
        HEADGATE_DOUBLE_VISIBLE: visible ? '1' : '0',
        HEADGATE_DOUBLE_AGREES: '1',
      },
    },
  );
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    const address = /DevTools listening on ws:\/\/([^/]+)/.exec(text)?.[1];
    if (address === undefined) {
      process.stderr.write(text);
      return;
    }
    process.stdout.write(
      `Headgate runs without a window, because there is no display. Look at it with any Chromium:\n` +
        `  http://${address}/json/list   (its pages; open devtoolsFrontendUrl)\n` +
        `  chrome://inspect, "Configure…", ${address}\n` +
        'Ctrl+C ends it.\n',
    );
  });
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => child.kill(signal));
  child.on('error', (error) => {
    process.stderr.write(`${error.message}\n`);
    process.exitCode = 1;
  });
  child.on('exit', (code) => {
    process.exitCode = code ?? 1;
  });
}

main();
