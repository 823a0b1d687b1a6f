import type { HostKeyQuestion, TlsDetails } from '../../../preload/contract/models.ts';
import type { Said } from '../../../preload/contract/said.ts';
import { say } from '../../../preload/messages/said.ts';
import type { Target } from '../engine.ts';
import { createTunnels, type Tunnels } from '../ssh/tunnels.ts';
import type { Wire } from './channel.ts';
import { openTcp, type Watch } from './tcp.ts';

export interface WayOptions {
  readonly signal: AbortSignal;
  /** Ways through jump hosts that other sessions use too; without it this stream has one of its own. */
  readonly tunnels?: Tunnels;
  readonly watch?: Watch;
  /** Told what was agreed, also when it is then refused. */
  readonly onTls?: (details: TlsDetails) => void;
  /** Told about the key of a jump host that is not accepted. */
  readonly onHostKey?: (question: HostKeyQuestion) => void;
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

/**
 * A stream to the target's server, through its jump hosts where it has any; nothing was said on it yet. Each step has the target's
 * connect timeout. Fails with DB_*, SSH_* or CANCELLED.
 */
export async function openWay(target: Target, options: WayOptions): Promise<Wire> {
  const { signal, watch = {} } = options;
  if (target.ssh.length === 0) {
    return openTcp(place(target), { signal, ms: target.connectTimeoutMs, watch });
  }
  const tunnels = options.tunnels ?? createTunnels({ idle: 0 });
  return tunnels.open(target, { signal, watch, onHostKey: options.onHostKey ?? (() => {}) });
}

/** What was agreed, in words, and what it is worth. */
export const describeTls = (target: Target, { protocol, cipher, certificate }: TlsDetails): Said => {
  if (protocol === null) return say('engine.rung.noTls');
  const how = { protocol, cipher: cipher ?? '?' };
  if (!certificate) return say('engine.rung.tls', how);
  if (target.tlsMode === 'verify-full') return say('engine.rung.tlsVerified', { ...how, host: target.host });
  return target.tlsCa !== null || target.tlsMode === 'verify-ca'
    ? say('engine.rung.tlsIssued', how)
    : say('engine.rung.tlsUnchecked', how);
};
