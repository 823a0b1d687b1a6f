import { execFile } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);
/** Asking the system for one process, or for the end of one. */
const stepMs = 10_000;

/** How a process was started, as the system tells it; empty where there is none, or nobody tells. */
async function commandOf(pid: number): Promise<string> {
  try {
    if (process.platform === 'linux') return readFileSync(`/proc/${pid}/cmdline`, 'utf8');
    const [program, args] =
      process.platform === 'win32'
        ? ['wmic', ['process', 'where', `processid=${pid}`, 'get', 'commandline']]
        : ['ps', ['-ww', '-o', 'command=', '-p', String(pid)]];
    const { stdout } = await run(program as string, args as string[], { timeout: stepMs });
    return stdout;
  } catch {
    return '';
  }
}

/**
 * Ends the PostgreSQL that a process which was killed left behind on this data, and waits until it is gone. A number in its
 * file may be another process's by now: one is ended only if it was started on this very folder.
 */
export async function endStray(data: string): Promise<void> {
  const file = join(data, 'postmaster.pid');
  if (!existsSync(file)) return;
  const pid = Number(readFileSync(file, 'utf8').split('\n')[0]);
  if (!Number.isInteger(pid) || pid <= 1) return;
  const isOurs = async (): Promise<boolean> => (await commandOf(pid)).includes(data);
  if (!(await isOurs())) return;
  try {
    // Immediately: what is in it is read again from its log, or removed.
    process.kill(pid, 'SIGQUIT');
  } catch {
    // It has just ended.
  }
  const until = performance.now() + stepMs;
  while (performance.now() < until && (await isOurs()))
    await new Promise((resolve) => setTimeout(resolve, 50));
}
