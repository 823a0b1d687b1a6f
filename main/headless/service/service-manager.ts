import { spawn } from 'node:child_process';
import type { Logger } from '../../log.ts';

/** What a service manager is told; see sd_notify(3). */
export type Notice = 'READY=1' | 'STOPPING=1' | 'WATCHDOG=1';

export interface ServiceManager {
  /** Tells it; resolves when it was told, or could not be. Never rejects. */
  tell(notice: Notice): Promise<void>;
  /** How often it wants to hear that all is well, in milliseconds; null where it does not. */
  readonly watchdogMs: number | null;
}

/** A manager that takes nothing is left alone after this. */
const patienceMs = 10_000;

/**
 * The service manager that started this process, null where none did. It listens on a datagram socket of the Unix kind, which
 * Node has none of, so it is told by `systemd-notify`: wherever systemd runs services that program is too. It waits until
 * the message was taken, so that its sender is still there when systemd looks who that was. What names the manager is taken
 * out of the environment, so that nothing started from here speaks in our name.
 */
export function serviceManagerFromEnv(
  env: Record<string, string | undefined>,
  log: Logger,
): ServiceManager | null {
  const { NOTIFY_SOCKET: socket, WATCHDOG_USEC: every, PATH: path } = env;
  for (const name of ['NOTIFY_SOCKET', 'WATCHDOG_USEC', 'WATCHDOG_PID']) delete env[name];
  if (!socket) return null;
  const ms = Math.floor(Number(every) / 1000);
  // WATCHDOG_PID may name the launcher, which does nothing but wait; this is the process that works.
  const isWatched = Number.isFinite(ms) && ms > 0;
  return {
    // Half of it, as sd_watchdog_enabled(3) recommends.
    watchdogMs: isWatched ? Math.max(500, ms / 2) : null,
    tell: (notice) =>
      new Promise((resolve) => {
        const child = spawn('systemd-notify', [notice], {
          stdio: 'ignore',
          env: { NOTIFY_SOCKET: socket, ...(path === undefined ? {} : { PATH: path }) },
        });
        // Not the option of that name: where there is no such program it would keep this process for as long.
        const late = setTimeout(() => child.kill('SIGKILL'), patienceMs);
        const over = (problem: unknown): void => {
          clearTimeout(late);
          if (problem !== null) log.warn('service.untold', { notice, problem: String(problem) });
          resolve();
        };
        child.once('error', over);
        child.once('close', (code, signal) => over(code === 0 ? null : (signal ?? `exit code ${code}`)));
      }),
  };
}
