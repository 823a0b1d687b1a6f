import { execFile, spawnSync } from 'node:child_process';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** What a real Secret Service needs and this machine lacks. */
export const missing = ['dbus-run-session', 'gnome-keyring-daemon'].filter(
  (tool) => spawnSync(tool, ['--version'], { stdio: 'ignore' }).status !== 0,
);
export const why = missing.length === 0 ? '' : ` (skipped: ${missing.join(' and ')} not installed)`;

/** Nothing of the machine's own session: a keyring is made and unlocked in `folder` alone. */
export const cleanEnv = (folder: string): Record<string, string> => ({
  PATH: process.env['PATH'] ?? '',
  HOME: folder,
  XDG_DATA_HOME: folder,
  XDG_RUNTIME_DIR: folder,
});

/** The recipe: the daemon of this session makes or unlocks the login keyring with a password. */
export const unlockWith = (password: string): string =>
  `printf '%s\\n' '${password}' | gnome-keyring-daemon --unlock --components=secrets >/dev/null 2>&1`;
/** A daemon that knows no password: whatever keyring there is stays locked. */
export const locked = 'gnome-keyring-daemon --start --components=secrets >/dev/null 2>&1 </dev/null';

/**
 * Runs a script, which prints one line of JSON, in a session bus of its own; `start` is what happens to the keyring first.
 * Null: where there is no session bus at all.
 */
export async function runInSession<T>(
  folder: string,
  start: string | null,
  script: string,
  args: readonly string[],
): Promise<T> {
  const options = { env: cleanEnv(folder), timeout: 30_000 };
  const command = ['--no-warnings', script, ...args];
  const quoted = [process.execPath, ...command].map((part) => `'${part}'`).join(' ');
  const { stdout } =
    start === null
      ? await run(process.execPath, command, options)
      : await run('dbus-run-session', ['--', 'sh', '-c', `${start}\nexec ${quoted}`], options);
  return JSON.parse(stdout) as T;
}
