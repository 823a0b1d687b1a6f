import { type ChildProcess, spawn } from 'node:child_process';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';
import ssh2 from 'ssh2';
import { killIfThere, spawnServer } from './processes.ts';

/* A real OpenSSH server on a free port of 127.0.0.1, with keys of its own; and a real agent. */

export interface KeyPair {
  /** In OpenSSH's form. */
  readonly private: string;
  /** `type base64`, as in authorized_keys and known_hosts. */
  readonly public: string;
}

type Kind = 'ed25519' | 'rsa' | 'ecdsa';
const sizes: Readonly<Record<Kind, number>> = { ed25519: 256, rsa: 2048, ecdsa: 256 };

/**
 * Makes a key; with a passphrase it is encrypted as ssh-keygen does it. Of ssh2's own keys one in about two hundred can't
 * be read again, by nobody (a number of the key that begins with a zero is written without it): another one is made then.
 */
export function makeKey(kind: Kind = 'ed25519', passphrase?: string): KeyPair {
  for (;;) {
    const pair = ssh2.utils.generateKeyPairSync(
      kind as 'rsa',
      {
        bits: sizes[kind],
        ...(passphrase === undefined ? {} : { passphrase, cipher: 'aes256-cbc', rounds: 1 }),
      } as never,
    );
    if (ssh2.utils.parseKey(pair.private, passphrase) instanceof Error) continue;
    return { private: pair.private, public: pair.public.split(' ').slice(0, 2).join(' ') };
  }
}

const place = (...paths: readonly string[]): string | null => paths.find((path) => existsSync(path)) ?? null;
const sshdPath = place('/usr/sbin/sshd', '/usr/local/sbin/sshd');
const agentPath = place('/usr/bin/ssh-agent', '/usr/local/bin/ssh-agent');
const addPath = place('/usr/bin/ssh-add', '/usr/local/bin/ssh-add');

/** Why these tests can't run here; null when they can. */
export const noSshd: string | null =
  sshdPath === null ? 'skipped: no OpenSSH server is installed (openssh-server)' : null;
export const noAgent: string | null =
  agentPath === null || addPath === null ? 'skipped: no ssh-agent is installed (openssh-client)' : null;

/** Every process below one. */
function descendants(root: number): number[] {
  const children = new Map<number, number[]>();
  for (const name of readdirSync('/proc').filter((entry) => /^\d+$/.test(entry))) {
    try {
      const stat = readFileSync(`/proc/${name}/stat`, 'utf8');
      const parent = Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1]);
      children.set(parent, [...(children.get(parent) ?? []), Number(name)]);
    } catch {
      // It has just ended.
    }
  }
  const found: number[] = [];
  const visit = (pid: number): void => {
    for (const child of children.get(pid) ?? []) {
      found.push(child);
      visit(child);
    }
  };
  visit(root);
  return found;
}

export interface Sshd {
  readonly host: '127.0.0.1';
  readonly port: number;
  readonly user: string;
  /** Its lines of known_hosts, one for each host key. */
  readonly known: string;
  /** Sends a signal to every session that is open, not to the server. */
  signal(signal: NodeJS.Signals): void;
  readonly sessions: number;
  stop(): void;
}

export interface SshdOptions {
  readonly hostKeys: readonly KeyPair[];
  /** Public keys that may log in. */
  readonly authorized: readonly string[];
  /** Further lines of its configuration. */
  readonly config?: readonly string[];
  readonly port?: number;
}

async function freePort(): Promise<number> {
  const probe = createServer();
  await new Promise<void>((done) => probe.listen(0, '127.0.0.1', done));
  const { port } = probe.address() as { port: number };
  await new Promise<void>((done) => probe.close(() => done()));
  return port;
}

export async function startSshd(options: SshdOptions): Promise<Sshd> {
  const folder = mkdtempSync(join(tmpdir(), 'headgate-sshd-'));
  const port = options.port ?? (await freePort());
  const file = (name: string, text: string): string => {
    writeFileSync(join(folder, name), text, { mode: 0o600 });
    return join(folder, name);
  };
  // What a separated part of a server that runs as root is confined to.
  if (process.getuid?.() === 0) mkdirSync('/run/sshd', { recursive: true, mode: 0o755 });
  const config = [
    `Port ${port}`,
    'ListenAddress 127.0.0.1',
    ...options.hostKeys.map((key, index) => `HostKey ${file(`host-${index}`, key.private)}`),
    `AuthorizedKeysFile ${file('authorized_keys', `${options.authorized.join('\n')}\n`)}`,
    'PasswordAuthentication no',
    'KbdInteractiveAuthentication no',
    'PermitRootLogin yes',
    'UsePAM no',
    'StrictModes no',
    'PidFile none',
    'LogLevel INFO',
    ...(options.config ?? []),
  ].join('\n');
  const server: ChildProcess = spawnServer(
    sshdPath ?? 'sshd',
    ['-D', '-e', '-f', file('sshd_config', `${config}\n`)],
    {
      stdio: ['ignore', 'ignore', 'pipe'],
    },
  );
  await new Promise<void>((resolve, reject) => {
    let text = '';
    server.stderr?.setEncoding('utf8').on('data', (piece: string) => {
      text = (text + piece).slice(-4000);
      if (text.includes('Server listening')) resolve();
    });
    server.once('error', reject);
    server.once('exit', () => reject(new Error(`sshd did not start: ${text}`)));
  });
  const pid = server.pid as number;
  const stop = (): void => {
    for (const child of descendants(pid)) killIfThere(child, 'SIGKILL');
    server.kill('SIGKILL');
    rmSync(folder, { recursive: true, force: true });
  };
  process.once('exit', stop);
  return {
    host: '127.0.0.1',
    port,
    user: userInfo().username,
    known: options.hostKeys.map((key) => `[127.0.0.1]:${port} ${key.public}\n`).join(''),
    signal(signal) {
      for (const child of descendants(pid)) killIfThere(child, signal);
    },
    get sessions() {
      return descendants(pid).length;
    },
    stop() {
      process.removeListener('exit', stop);
      stop();
    },
  };
}

export interface Agent {
  readonly socket: string;
  stop(): void;
}

/** An agent that holds these keys. */
export async function startAgent(keys: readonly KeyPair[]): Promise<Agent> {
  const folder = mkdtempSync(join(tmpdir(), 'headgate-agent-'));
  const socket = join(folder, 'agent');
  const agent = spawnServer(agentPath as string, ['-D', '-a', socket], { stdio: 'ignore' });
  while (!existsSync(socket)) await new Promise((done) => setTimeout(done, 10));
  for (const key of keys) {
    const adding = spawn(addPath as string, ['-q', '-'], {
      env: { SSH_AUTH_SOCK: socket },
      stdio: ['pipe', 'ignore', 'ignore'],
    });
    adding.stdin.end(key.private);
    const code = await new Promise<number | null>((done) => adding.once('exit', done));
    if (code !== 0) throw new Error(`ssh-add ended with ${code}`);
  }
  const stop = (): void => {
    agent.kill('SIGKILL');
    rmSync(folder, { recursive: true, force: true });
  };
  process.once('exit', stop);
  return {
    socket,
    stop() {
      process.removeListener('exit', stop);
      stop();
    },
  };
}
