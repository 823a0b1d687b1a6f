const read = (address: string): URL | null => (URL.canParse(address) ? new URL(address) : null);

/** Scheme, host and port of an address; null for what is none. */
export const originOf = (address: string): string | null => read(address)?.origin ?? null;

/** Host and port of an address; what is none stays as it is. */
export const hostOf = (address: string): string => read(address)?.host ?? address;
