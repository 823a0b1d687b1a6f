import { BlockList, isIP } from 'node:net';
import { networkInterfaces } from 'node:os';
import { isOwnComputer } from './proxy.ts';

/** The addresses of this computer, but for those that only it can reach; sorted, so that two looks can be compared. */
export function osAddresses(): string[] {
  return Object.values(networkInterfaces())
    .flatMap((all) => all ?? [])
    .filter(({ internal }) => !internal)
    .map(({ address }) => address)
    .sort();
}

/** Addresses that lead no further than the cable (RFC 3927, RFC 4291 §2.5.6); interfaces without a network have them too. */
const linkLocal = new BlockList();
linkLocal.addSubnet('169.254.0.0', 16);
linkLocal.addSubnet('fe80::', 10, 'ipv6');

/** Whether an address is one of the cable only. */
const isLinkLocal = (address: string): boolean =>
  isIP(address) !== 0 && linkLocal.check(address, isIP(address) === 6 ? 'ipv6' : 'ipv4');

/** Whether a computer with these addresses is on no network at all. */
export const areOffline = (addresses: readonly string[]): boolean => addresses.every(isLinkLocal);

/** Whether a network has to be there to reach a host: one that is neither this computer nor on its own cable. */
export function needsNetwork(host: string, own: readonly string[] = []): boolean {
  const bare = host.replace(/^\[|\]$/g, '').replace(/%.*$/, '');
  return !(host.startsWith('/') || isOwnComputer(bare) || isLinkLocal(bare) || own.includes(bare));
}
