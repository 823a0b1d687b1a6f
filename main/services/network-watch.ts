import type { Host } from '../host.ts';
import type { Readers } from './parts.ts';

/**
 * Notices that the computer is on another network than before: sockets and tunnels of the old one may be dead without a
 * word. Neither Node nor Electron tells; the addresses of this computer do.
 */
export function createNetworkWatch(host: Pick<Host, 'addresses' | 'log'>, readers: Pick<Readers, 'doubt'>) {
  let known = host.addresses().join(' ');
  return {
    async look(): Promise<void> {
      const now = host.addresses().join(' ');
      if (now === known) return;
      known = now;
      host.log.info('network.changed');
      readers.doubt();
    },
  };
}
