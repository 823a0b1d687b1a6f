import { createServer, type Socket } from 'node:net';
import { say as sentence } from '../../preload/messages/said.ts';
import type { App } from '../app.ts';
import { AppError } from '../errors.ts';
import type { Host } from '../host.ts';
import { takeOwnerLock } from '../store/owner-lock.ts';
import { choosePlace } from './place.ts';
import { createRemoteDesk, wireOf } from './remote-desk.ts';
import {
  clientHello,
  eachLine,
  type FromClient,
  type FromOwner,
  fromClient,
  isProof,
  longestGreeting,
  longestSaid,
  proofOf,
  say,
  wireVersion,
} from './wire.ts';

/** Commands at once; each is a process of its own. */
const mostClients = 64;
/** More calls than any command makes at once. */
const mostCalls = 200;
/** Whoever connects has proven itself by then. */
const greetingMs = 5000;
/** A client that does not read is told no more events once so much waits for it; and it is left at the second figure. */
const mostWaiting = 1024 * 1024;
const mostUnread = 512 * 1024 * 1024;
const mostTries = 10;
const tryEveryMs = 50;

export interface Owner {
  /** Clients that are there now. */
  readonly clients: number;
  /** Leaves them, and gives the workspace free. */
  close(): Promise<void>;
}

/**
 * Makes this process the owner of its workspace: `headgate …` on the same computer connects to it from now on instead of
 * opening the workspace itself. Null where another process is the owner. Fails with STORE_UNAVAILABLE.
 */
export async function ownWorkspace(
  host: Pick<Host, 'dataFolder' | 'platform' | 'version' | 'random' | 'log' | 'desk' | 'clock'>,
  app: Pick<App, 'openPlace'>,
): Promise<Owner | null> {
  const { log } = host;
  let lock = takeOwnerLock(host.dataFolder);
  // A command that looks whether there is an owner has the lock for a moment.
  for (let tries = 0; lock === null && tries < mostTries; tries += 1) {
    await host.clock.sleep(tryEveryMs);
    lock = takeOwnerLock(host.dataFolder);
  }
  if (lock === null) return null;
  const held = lock;
  const place = choosePlace(host.dataFolder, host.platform, host.random);
  const clients = new Set<Socket>();
  const server = createServer((socket) => {
    if (clients.size >= mostClients) return void socket.destroy();
    clients.add(socket);
    // What goes wrong with a connection ends it; `close` comes after it.
    socket.on('error', (error) => log.info('owner.client_failed', { error }));
    socket.once('close', () => clients.delete(socket));
    greet(socket, place.key, host, app);
  });
  const end = async (): Promise<void> => {
    for (const socket of clients) socket.destroy();
    await new Promise<void>((resolve) => server.close(() => resolve()));
    place.dispose();
    held.release();
  };
  try {
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject);
      server.listen(place.path, resolve);
    });
    place.announce();
  } catch (cause) {
    await end();
    throw new AppError('STORE_UNAVAILABLE', sentence('owner.headgateCanNotListen', { path: place.path }), {
      cause,
    });
  }
  server.on('error', (error) => log.error('owner.failed', { error }));
  log.info('owner.listens', { path: place.path });
  return {
    get clients() {
      return clients.size;
    },
    close: end,
  };
}

/** Has both sides prove that they know the key; then it is a client. */
function greet(
  socket: Socket,
  key: Buffer,
  host: Pick<Host, 'random' | 'version' | 'log' | 'desk'>,
  app: Pick<App, 'openPlace'>,
): void {
  const nonce = host.random(16).toString('hex');
  const late = setTimeout(() => socket.destroy(), greetingMs);
  socket.once('close', () => clearTimeout(late));
  let serve: ((line: unknown) => void) | null = null;
  const hello = (line: unknown): void => {
    const read = clientHello.safeParse(line);
    const wanted = read.success ? proofOf(key, 'client', read.data.nonce, nonce) : '';
    if (!read.success || !isProof(read.data.proof, wanted)) {
      host.log.warn('owner.client_refused', {});
      return void socket.destroy();
    }
    clearTimeout(late);
    say(socket, { proof: proofOf(key, 'owner', nonce, read.data.nonce) });
    serve = serveClient(socket, read.data.kind, host, app);
  };
  eachLine(
    socket,
    () => (serve === null ? longestGreeting : longestSaid),
    (line) => (serve === null ? hello(line) : serve(line)),
  );
  say(socket, { headgate: wireVersion, version: host.version, nonce });
}

/** One client at a place of its own; returns what takes what it says. */
function serveClient(
  socket: Socket,
  kind: 'window' | 'terminal' | 'agent',
  { log, desk }: Pick<Host, 'log' | 'desk'>,
  app: Pick<App, 'openPlace'>,
): (line: unknown) => void {
  const tell = (message: FromOwner): void => {
    if (socket.writableLength > mostUnread) return void socket.destroy();
    say(socket, message);
  };
  const remote = createRemoteDesk(tell, desk.onPower);
  const place = app.openPlace(kind, remote.desk);
  place.onEvent((name, payload) => {
    // Events tell that something is new; whoever is behind reads it anyway.
    if (socket.writableLength < mostWaiting) tell({ say: 'event', name, payload });
  });
  const following = new Map<string, AbortController>();
  const calls = new Set<string>();
  socket.once('close', () => {
    for (const id of calls) place.cancel(id);
    for (const waiting of following.values()) waiting.abort();
    remote.close();
    place.leave();
    log.info('owner.client_left', {});
  });
  log.info('owner.client_came', { kind });

  const call = async (id: string, name: string, input: unknown): Promise<void> => {
    if (calls.has(id) || calls.size >= mostCalls) {
      const error = new AppError('INPUT_INVALID', sentence('owner.tooManyCallsRunning'));
      return tell({ say: 'answer', id, envelope: { ok: false, error: error.toWire() } });
    }
    calls.add(id);
    try {
      tell({ say: 'answer', id, envelope: await place.call(name, input, id) });
    } finally {
      calls.delete(id);
    }
  };
  const follow = async (id: string, jobId: string): Promise<void> => {
    if (following.has(id)) return;
    const leaving = new AbortController();
    following.set(id, leaving);
    try {
      const job = await place.jobEnded(jobId, {
        signal: leaving.signal,
        onWait: (waiting, what) => tell({ say: 'waits', id, job: waiting, what }),
      });
      tell({ say: 'ended', id, job });
    } catch (error) {
      tell({ say: 'ended', id, error: wireOf(error) });
    } finally {
      following.delete(id);
    }
  };
  const take = (message: FromClient): void => {
    switch (message.say) {
      case 'call':
        void call(message.id, message.name, message.input);
        break;
      case 'cancel':
        place.cancel(message.id);
        break;
      case 'follow':
        void follow(message.id, message.jobId);
        break;
      case 'leave':
        following.get(message.id)?.abort();
        break;
      default:
        remote.take(message);
    }
  };
  return (line) => {
    const read = fromClient.safeParse(line);
    if (read.success) take(read.data);
    else {
      log.warn('owner.client_unclear', {});
      socket.destroy();
    }
  };
}
