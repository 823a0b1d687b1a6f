import { networkInterfaces } from 'node:os';

/** The addresses of this computer, but for those that only it can reach; sorted, so that two looks can be compared. */
export function osAddresses(): string[] {
  return Object.values(networkInterfaces())
    .flatMap((all) => all ?? [])
    .filter(({ internal }) => !internal)
    .map(({ address }) => address)
    .sort();
}
