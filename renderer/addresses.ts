import { connectionOfAddress } from '../preload/contract/connection-address.ts';

const read = (address: string): URL | null => (URL.canParse(address) ? new URL(address) : null);

/** Scheme, host and port of an address, or the connection that it names; null for what is none. */
export const originOf = (address: string): string | null =>
  connectionOfAddress(address) === null ? (read(address)?.origin ?? null) : address;

/** Host and port of an address; what is none stays as it is. */
export const hostOf = (address: string): string => read(address)?.host ?? address;
