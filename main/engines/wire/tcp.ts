import { lookup } from 'node:dns/promises';
import { createConnection, isIP, type LookupFunction, type Socket } from 'node:net';
import type { Said } from '../../../preload/contract/said.ts';
import { say } from '../../../preload/messages/said.ts';
import { AppError } from '../../errors.ts';
import { areOffline, needsNetwork, osAddresses } from '../../net/addresses.ts';
import { bounded, sinceMs } from './bounded.ts';

/** The steps on the way to a stream, in their order. */
export type Step = 'name' | 'tcp' | 'ssh' | 'tls';

/** Who wants to know how it goes. */
export interface Watch {
  begin?(step: Step): void;
  /** `detail` is one sentence for people. */
  done?(step: Step, detail: Said, ms: number): void;
}

/** One address of several gets this long before the next one is tried beside it (RFC 8305, 5, names 2 s as the most). */
const attemptMs = 2000;
/** Before the first sign of life of a silent line. */
const keepAliveMs = 10_000;

/** What a failure to get there is called: a database and a jump host have codes of their own. */
export interface Place {
  readonly host: string;
  /** Where that is, when it was told and is not to be looked up. */
  readonly address?: string | null;
  readonly port: number;
  readonly unknown: 'DB_HOST_UNKNOWN' | 'SSH_UNREACHABLE';
  readonly refused: 'DB_REFUSED' | 'SSH_UNREACHABLE';
  readonly silent: 'DB_TIMEOUT' | 'SSH_UNREACHABLE';
  /** How it is called in a sentence: empty, or "The jump host ". */
  readonly prefix: string;
}

export interface TcpOptions {
  readonly signal: AbortSignal;
  readonly ms: number;
  readonly watch: Watch;
  /** The addresses of this computer on its networks; the system's unless given. */
  readonly own?: () => readonly string[];
}

/** `host:port`, with brackets around what has colons itself. */
export function placeText(host: string, port: number): string {
  return `${host.includes(':') ? `[${host}]` : host}:${port}`;
}

async function addressesOf(place: Place, { signal, ms }: TcpOptions) {
  const { host } = place;
  const told = place.address ?? host;
  const family = isIP(told);
  if (family !== 0) return [{ address: told, family }];
  try {
    return await bounded<{ address: string; family: number }[]>(
      {
        signal,
        ms,
        late: () =>
          new AppError(place.silent, say('engine.nameCouldNotLooked', { host, seconds: ms / 1000 }), {
            advice: say('engine.nameCouldNotLooked.advice'),
          }),
      },
      (resolve, reject) => {
        lookup(host, { all: true, order: 'verbatim' }).then(resolve, reject);
        return () => {};
      },
    );
  } catch (cause) {
    if (cause instanceof AppError) throw cause;
    const text =
      place.prefix === '' ? say('engine.hostNotFound', { host }) : say('engine.jumpHostNotFound', { host });
    throw new AppError(place.unknown, text, {
      cause,
      advice: say('engine.notKnown.advice'),
    });
  }
}

const noRoute = new Set(['ENETUNREACH', 'EHOSTUNREACH', 'ENETDOWN', 'EADDRNOTAVAIL']);

/** Why no address could be reached, in words. */
function explainTcp(error: unknown, place: Place, ms: number): AppError {
  if (error instanceof AppError) return error;
  const { code = '', errors = [] } = error as { code?: string; errors?: readonly { code?: string }[] };
  const codes = new Set([code, ...errors.map((each) => each.code ?? '')]);
  const where = `${place.prefix}${placeText(place.host, place.port)}`;
  // A server that says no is there: of several addresses that tells most.
  if (codes.has('ECONNREFUSED')) {
    const nothing =
      place.prefix === ''
        ? say('engine.nothingAcceptsConnections', { where })
        : say('engine.acceptsNoConnections', { where });
    return new AppError(place.refused, nothing, {
      cause: error,
      advice: say('engine.checkPortServerRunning'),
    });
  }
  if ([...codes].some((each) => noRoute.has(each))) {
    return new AppError(place.silent, say('engine.noWayFromComputer', { where }), { cause: error });
  }
  if (codes.has('ETIMEDOUT')) return silent(place, ms);
  if (codes.has('ENOENT') || codes.has('ENOTDIR')) {
    return new AppError(
      place.refused,
      say('engine.noSocketServerPort', { host: place.host, port: String(place.port) }),
      {
        cause: error,
        advice: say('engine.noSocketServerPort.advice'),
      },
    );
  }
  if (codes.has('EACCES') || codes.has('EPERM')) {
    return new AppError(place.refused, say('engine.computerDoesNotAllow', { where }), {
      cause: error,
      advice: say('engine.computerDoesNotAllow.advice'),
    });
  }
  return new AppError(place.refused, say('engine.couldNotReached', { where }), { cause: error });
}

const silent = (place: Place, ms: number): AppError =>
  new AppError(
    place.silent,
    say('engine.didNotAnswerWithin', {
      prefix: place.prefix,
      place: placeText(place.host, place.port),
      seconds: ms / 1000,
    }),
  );

/**
 * Looks a name up and connects, to every address it has until one answers. Fails with the codes of the place, and with
 * OFFLINE where this computer is on no network that could lead there.
 */
export async function openTcp(place: Place, options: TcpOptions): Promise<Socket> {
  try {
    return await tryTcp(place, options);
  } catch (cause) {
    const own = (options.own ?? osAddresses)();
    if (options.signal.aborted || !areOffline(own) || !needsNetwork(place.host, own)) throw cause;
    const where = `${place.prefix}${placeText(place.host, place.port)}`;
    throw new AppError('OFFLINE', say('engine.computerOfflineSoCan', { where }), { cause });
  }
}

async function tryTcp(place: Place, options: TcpOptions): Promise<Socket> {
  const { signal, ms, watch } = options;
  const { host, port } = place;
  let started = performance.now();
  watch.begin?.('name');
  const local = host.startsWith('/');
  const addresses = local ? [] : await addressesOf(place, options);
  const listed = addresses.map(({ address }) => address);
  const named = local
    ? say('engine.rung.socket')
    : isIP(host) !== 0
      ? say('engine.rung.isAddress', { host })
      : place.address
        ? say('engine.rung.toldToBe', { host, listed })
        : say('engine.rung.is', { host, listed });
  watch.done?.('name', named, sinceMs(started));
  started = performance.now();
  watch.begin?.('tcp');
  const found: LookupFunction = (_, wanted, done) => {
    if (wanted.all) done(null, addresses);
    else done(null, addresses[0]?.address ?? '', addresses[0]?.family ?? 4);
  };
  const socket = await bounded<Socket>({ signal, ms, late: () => silent(place, ms) }, (resolve, reject) => {
    const opening = createConnection(
      local
        ? { path: `${host}/.s.PGSQL.${port}` }
        : {
            host,
            port,
            lookup: found,
            autoSelectFamily: true,
            autoSelectFamilyAttemptTimeout: attemptMs,
            noDelay: true,
            keepAlive: true,
            keepAliveInitialDelay: keepAliveMs,
          },
    );
    opening.once('connect', () => {
      opening.off('error', reject);
      resolve(opening);
    });
    opening.once('error', reject);
    return () => {
      // What an abandoned attempt still has to say is nobody's business.
      opening.on('error', () => {});
      opening.destroy();
    };
  }).catch((error: unknown) => {
    throw error instanceof AppError && error.code === 'CANCELLED' ? error : explainTcp(error, place, ms);
  });
  watch.done?.(
    'tcp',
    say('engine.rung.connected', { to: local ? host : placeText(socket.remoteAddress ?? host, port) }),
    sinceMs(started),
  );
  return socket;
}
