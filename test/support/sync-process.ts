import { type ChildProcess, spawn } from 'node:child_process';
import { join } from 'node:path';

export interface SyncProcess {
  readonly child: ChildProcess;
  /** Aborted when it has ended. */
  readonly over: AbortSignal;
  /** Null for the code of one that was killed. */
  readonly ended: Promise<{ readonly code: number | null; readonly output: string }>;
}

/** How long a sync may take to come to its end; it is never waited for that long. */
const patienceMs = 120_000;

/** `headgate sync` as a process of its own, by a program that was bundled, on a workspace whose key is in its folder. */
export function startSync(program: string, folder: string, project: string): SyncProcess {
  const child = spawn(process.execPath, [program, 'sync', project, '--json', '--data', folder], {
    env: { ...process.env, HEADGATE_KEY_FILE: join(folder, 'vault.key') },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let output = '';
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding('utf8').on('data', (text) => (output += text));
  const over = new AbortController();
  const late = setTimeout(() => child.kill('SIGKILL'), patienceMs);
  const ended = new Promise<{ code: number | null; output: string }>((resolve) => {
    child.once('exit', (code) => {
      clearTimeout(late);
      over.abort();
      resolve({ code, output });
    });
  });
  return { child, over: over.signal, ended };
}
