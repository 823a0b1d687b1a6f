import type { HostKeyQuestion, TlsDetails, TlsMode } from '../../../preload/contract/models.ts';
import type { Said } from '../../../preload/contract/said.ts';
import { say } from '../../../preload/messages/said.ts';
import { AppError } from '../../errors.ts';
import type { Target } from '../engine.ts';
import { createTunnels, type Tunnels } from '../ssh/tunnels.ts';
import { noTls, offersTls, startTls } from '../tls/tls.ts';
import { sinceMs } from './bounded.ts';
import type { Wire } from './channel.ts';
import { openTcp, placeText, type Watch } from './tcp.ts';

/** Whether TLS is asked for, and whether it must be had. */
export type Encryption = 'never' | 'offered' | 'always';

/**
 * What libpq tries in turn for each mode (docs, 34.19.3): `allow` encrypts when the server refuses it plain, `prefer`
 * goes without when the server refuses it encrypted. Neither protects from somebody in between.
 */
export const encryptions: Readonly<Record<TlsMode, readonly Encryption[]>> = {
  disable: ['never'],
  allow: ['never', 'offered'],
  prefer: ['offered', 'never'],
  require: ['always'],
  'verify-ca': ['always'],
  'verify-full': ['always'],
};

export interface DialOptions {
  readonly signal: AbortSignal;
  /** Ways through jump hosts that other sessions use too; without it this stream has one of its own. */
  readonly tunnels?: Tunnels;
  readonly watch?: Watch;
  /** Told what was agreed, also when it is then refused. */
  readonly onTls?: (details: TlsDetails) => void;
  /** Told about the key of a jump host that is not accepted. */
  readonly onHostKey?: (question: HostKeyQuestion) => void;
}

export interface Dialled {
  /** Speaks PostgreSQL's protocol from the startup message on. */
  readonly stream: Wire;
  /** The stream under it: `ref` and `unref` of it say whether it holds the process. */
  readonly base: Wire;
  readonly tls: TlsDetails;
}

/** Whether the server is reached by a Unix socket of this computer: its host is then the folder of that. */
export const isSocket = ({ host }: Pick<Target, 'host'>): boolean => host.startsWith('/');

const place = ({ host, hostAddress, port }: Target) =>
  ({
    host,
    address: hostAddress,
    port,
    unknown: 'DB_HOST_UNKNOWN',
    refused: 'DB_REFUSED',
    silent: 'DB_TIMEOUT',
    prefix: '',
  }) as const;

async function openBase(target: Target, options: DialOptions): Promise<Wire> {
  const { signal, watch = {} } = options;
  if (target.ssh.length === 0) {
    return openTcp(place(target), { signal, ms: target.connectTimeoutMs, watch });
  }
  const tunnels = options.tunnels ?? createTunnels({ idle: 0 });
  return tunnels.open(target, { signal, watch, onHostKey: options.onHostKey ?? (() => {}) });
}

const describe = (target: Target, { protocol, cipher, certificate }: TlsDetails): Said => {
  if (protocol === null) return say('engine.rung.noTls');
  const how = { protocol, cipher: cipher ?? '?' };
  if (!certificate) return say('engine.rung.tls', how);
  if (target.tlsMode === 'verify-full') return say('engine.rung.tlsVerified', { ...how, host: target.host });
  return target.tlsCa !== null || target.tlsMode === 'verify-ca'
    ? say('engine.rung.tlsIssued', how)
    : say('engine.rung.tlsUnchecked', how);
};

/**
 * Opens a stream to the target's server: through its jump hosts where it has any, encrypted as asked. Each step has the
 * target's connect timeout. Leaves nothing open when it fails. Fails with DB_*, SSH_* or CANCELLED.
 */
export async function dial(target: Target, encryption: Encryption, options: DialOptions): Promise<Dialled> {
  const { signal, watch = {} } = options;
  const base = await openBase(target, options);
  // A line that breaks between two steps is noticed by the next one.
  base.on('error', () => {});
  // As libpq: a socket of this computer is not encrypted.
  if (encryption === 'never' || isSocket(target)) return { stream: base, base, tls: noTls };
  const started = performance.now();
  watch.begin?.('tls');
  try {
    const where = placeText(target.host, target.port);
    const ms = target.connectTimeoutMs;
    const late = (): AppError =>
      new AppError('DB_TIMEOUT', say('engine.reachedButSaidNothing', { where, seconds: ms / 1000 }), {
        advice: say('engine.reachedButSaidNothing.advice'),
      });
    const bounds = { signal, ms, late };
    if (!(await offersTls(base, target, bounds))) {
      if (encryption === 'always') {
        throw new AppError('DB_TLS', say('engine.doesNotOfferTls', { where }), {
          advice: say('engine.doesNotOfferTls.advice'),
        });
      }
      watch.done?.('tls', describe(target, noTls), sinceMs(started));
      return { stream: base, base, tls: noTls };
    }
    const { stream, details } = await startTls(base, target, bounds, options.onTls ?? (() => {}));
    watch.done?.('tls', describe(target, details), sinceMs(started));
    return { stream, base, tls: details };
  } catch (error) {
    base.destroy();
    throw error;
  }
}
