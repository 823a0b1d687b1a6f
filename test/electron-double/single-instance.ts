import { createHash } from 'node:crypto';
import { rmSync } from 'node:fs';
import { connect, createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export interface SecondInstance {
  readonly argv: string[];
  readonly cwd: string;
  readonly additionalData: unknown;
}

export interface SingleInstance {
  /** True for the first process with this user data folder. The others tell the first one about themselves. */
  request(userData: string, self: SecondInstance): boolean;
  has(): boolean;
  release(): void;
  /** Resolves when the first process has been told. */
  told(): Promise<void>;
}

/** On Linux an abstract name, which goes with the process; elsewhere a socket file in the temp folder. */
function addressOf(userData: string): string {
  const name = `headgate-electron-double-${createHash('sha256').update(userData).digest('hex').slice(0, 24)}`;
  if (process.platform === 'linux') return `\0${name}`;
  return process.platform === 'win32' ? `\\\\.\\pipe\\${name}` : join(tmpdir(), `${name}.sock`);
}

export function createSingleInstance(onSecond: (second: SecondInstance) => void): SingleInstance {
  let server: Server | undefined;
  let telling: Promise<void> = Promise.resolve();

  const tell = (address: string, self: SecondInstance): Promise<void> =>
    new Promise((resolve) => {
      const socket = connect(address);
      socket.on('connect', () => socket.end(JSON.stringify(self)));
      socket.on('error', () => resolve());
      socket.on('close', () => resolve());
      socket.resume();
    });

  return {
    request(userData, self) {
      if (server) return true;
      const address = addressOf(userData);
      const candidate = createServer({ allowHalfOpen: true }, (socket) => {
        const parts: Buffer[] = [];
        socket.on('data', (part) => parts.push(part));
        socket.on('error', () => {});
        socket.on('end', () => {
          socket.end();
          onSecond(JSON.parse(Buffer.concat(parts).toString()) as SecondInstance);
        });
      });
      candidate.on('error', () => {});
      // Node binds a local socket before it returns, so the answer is known at once.
      candidate.listen(address);
      candidate.unref();
      if (!candidate.listening) {
        telling = tell(address, self);
        return false;
      }
      server = candidate;
      return true;
    },
    has: () => server !== undefined,
    release() {
      const address = server?.address();
      server?.close();
      server = undefined;
      if (typeof address === 'string' && !address.startsWith('\0')) rmSync(address, { force: true });
    },
    told: () => telling,
  };
}
