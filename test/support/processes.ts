import { type ChildProcess, type SpawnOptions, spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';

const root = join(import.meta.dirname, '..', '..');

/** The one unprivileged user that every Linux has. */
export const nobody = 65534;

/** Runs a TypeScript file of the repository with this Node and resolves with what it printed. Fails when it fails. */
export function runScript(script: string, args: readonly string[]): Promise<string> {
  return runFile(join(root, script), args);
}

/** The same for any file. */
export function runFile(file: string, args: readonly string[]): Promise<string> {
  const child = spawn(process.execPath, ['--disable-warning=ExperimentalWarning', file, ...args], {
    cwd: root,
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let text = '';
  child.stdout.setEncoding('utf8').on('data', (piece: string) => {
    text += piece;
  });
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('exit', (code) =>
      code === 0 ? resolve(text) : reject(new Error(`${file} ended with ${code}`)),
    );
  });
}

interface Ended {
  readonly code: number | null;
  readonly out: string;
  readonly err: string;
}

/** `headgate …` on a workspace whose key is in its folder: what it ended with and said. */
export const runHeadgate = (folder: string, ...args: string[]): Promise<Ended> =>
  runBundled('main/headless/index.ts', folder, ...args);

/** The same by a program that was bundled, which starts faster. */
export function runBundled(program: string, folder: string, ...args: string[]): Promise<Ended> {
  const child = spawn(process.execPath, [program, ...args, '--data', folder], {
    env: { ...process.env, HEADGATE_KEY_FILE: join(folder, 'vault.key') },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let [out, err] = ['', ''];
  child.stdout.setEncoding('utf8').on('data', (text) => (out += text));
  child.stderr.setEncoding('utf8').on('data', (text) => (err += text));
  return new Promise((resolve) => child.once('exit', (code) => resolve({ code, out, err })));
}

/** Sends a signal to a process that may have ended by itself meanwhile; any other failure is one. */
export function killIfThere(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}

const setpriv = ['/usr/bin/setpriv', '/bin/setpriv'].find((path) => existsSync(path));

/** Starts a server that ends with this process, also when this one is killed, where the system can. */
export function spawnServer(
  command: string,
  args: readonly string[],
  options: SpawnOptions & { readonly asNobody?: boolean } = {},
): ChildProcess {
  const { asNobody = false, ...rest } = options;
  if (setpriv === undefined) {
    return spawn(command, args, { ...rest, ...(asNobody ? { uid: nobody, gid: nobody } : {}) });
  }
  const identity = asNobody ? [`--reuid=${nobody}`, `--regid=${nobody}`, '--clear-groups'] : [];
  return spawn(setpriv, ['--pdeathsig', 'KILL', ...identity, command, ...args], rest);
}

export interface SimulatorProcess {
  readonly url: string;
  readonly process: ChildProcess;
  stop(): void;
}

/** The CommCare HQ simulator as a process of its own, so that it costs the measured process nothing. */
export async function startSimulatorProcess(args: readonly string[]): Promise<SimulatorProcess> {
  const child = spawn(
    process.execPath,
    ['--disable-warning=ExperimentalWarning', join(root, 'test/simulators/commcare-hq/serve.ts'), ...args],
    { cwd: root, stdio: ['pipe', 'pipe', 'inherit'] },
  );
  const url = await new Promise<string>((resolve, reject) => {
    child.stdout.once('data', (line: Buffer) =>
      resolve((JSON.parse(line.toString('utf8')) as { url: string }).url),
    );
    child.once('exit', (code) => reject(new Error(`the simulator ended with ${code}`)));
  });
  return { url, process: child, stop: () => void child.kill() };
}
