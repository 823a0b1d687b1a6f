import type { Host } from '../host.ts';
import type { Network } from './network.ts';
import type { Readers } from './parts.ts';

/** How often a computer that is on no network is looked at again. */
const lookAgainMs = 3000;

export interface NetworkWatch {
  /** Looks whether something changed; whether the computer is offline. */
  look(): boolean;
  close(): void;
}

/**
 * Notices that the computer is on another network than before, or on none: sockets and tunnels of the old one may be dead
 * without a word. Neither Node nor Electron tells; the addresses of this computer do. While it is offline it is looked at
 * every few seconds, so that what waits goes on by itself.
 */
export function createNetworkWatch(deps: {
  host: Pick<Host, 'addresses' | 'clock' | 'log'>;
  network: Pick<Network, 'isOffline'>;
  readers: Pick<Readers, 'doubt'>;
  onOffline: (offline: boolean) => void;
}): NetworkWatch {
  const { host, network } = deps;
  const closing = new AbortController();
  let known = host.addresses().join(' ');
  let offline = false;

  const untilOnline = async (): Promise<void> => {
    while (offline && !closing.signal.aborted) {
      await host.clock.sleep(lookAgainMs, closing.signal).catch(() => {});
      if (!closing.signal.aborted) look();
    }
  };
  const look = (): boolean => {
    const now = host.addresses().join(' ');
    if (now !== known) {
      known = now;
      host.log.info('network.changed');
      deps.readers.doubt();
    }
    const before = offline;
    offline = network.isOffline();
    if (offline === before) return offline;
    host.log.info(offline ? 'network.offline' : 'network.online');
    if (offline) void untilOnline();
    deps.onOffline(offline);
    return offline;
  };
  return { look, close: () => closing.abort() };
}
