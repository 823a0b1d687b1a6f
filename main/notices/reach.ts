import type { LookupAddress } from 'node:dns';
import { lookup as systemLookup } from 'node:dns/promises';
import { BlockList, isIP } from 'node:net';
import type { Said } from '../../preload/contract/said.ts';
import { say } from '../../preload/messages/said.ts';
import { AppError } from '../errors.ts';
import { isOwnComputer } from '../net/proxy.ts';

/*
 * Where messages may go. An address that an admin entered is a name, and what it resolves to is somebody else's to say: so
 * every address that it leads to is looked at right before it is asked, and that very address is then connected to.
 */

/** Of the cable only, of a cloud's inside, or of nobody: never asked, whoever says so. */
const never = new BlockList();
for (const [net, bits] of [
  ['0.0.0.0', 8],
  ['169.254.0.0', 16],
  ['192.0.0.0', 24],
  ['224.0.0.0', 4],
  ['240.0.0.0', 4],
] as const)
  never.addSubnet(net, bits);
for (const [net, bits] of [
  ['::', 128],
  ['fe80::', 10],
  ['ff00::', 8],
  // The metadata of Amazon's machines over IPv6.
  ['fd00:ec2::', 32],
  // Translated IPv4 addresses: what is behind can't be told from here.
  ['64:ff9b::', 96],
  ['64:ff9b:1::', 48],
  ['2002::', 16],
  ['2001::', 32],
] as const)
  never.addSubnet(net, bits, 'ipv6');
/** The metadata of Alibaba's machines, in the middle of a range that carriers use. */
never.addAddress('100.100.100.200');

/** Private networks (RFC 1918, RFC 6598, RFC 4193) and those for examples and measurements. */
const own = new BlockList();
for (const [net, bits] of [
  ['10.0.0.0', 8],
  ['172.16.0.0', 12],
  ['192.168.0.0', 16],
  ['100.64.0.0', 10],
  ['198.18.0.0', 15],
] as const)
  own.addSubnet(net, bits);
own.addSubnet('fc00::', 7, 'ipv6');
own.addSubnet('fec0::', 10, 'ipv6');

export type AddressKind = 'public' | 'own_network' | 'loopback' | 'never';

/** What kind of address it is; an IPv4 address that is written as IPv6 is what it is. */
export function kindOf(address: string): AddressKind {
  const bare = address.replace(/^\[|\]$/g, '').replace(/%.*$/, '');
  const family = isIP(bare);
  if (family === 0) return 'never';
  if (family === 6) {
    const mapped = mappedOf(bare);
    if (mapped !== null) return kindOf(mapped);
  }
  const type = family === 6 ? 'ipv6' : 'ipv4';
  if (isOwnComputer(bare)) return 'loopback';
  if (never.check(bare, type)) return 'never';
  return own.check(bare, type) ? 'own_network' : 'public';
}

/** The IPv4 address in `::ffff:a.b.c.d` or `::a.b.c.d`, however it is written; null for any other. */
function mappedOf(address: string): string | null {
  const { hostname } = new URL(`http://[${address}]/`);
  const words = /^\[::(?:ffff:)?([\da-f]{1,4}):([\da-f]{1,4})\]$/.exec(hostname);
  if (words === null) return null;
  const [high = 0, low = 0] = [words[1], words[2]].map((word) => Number.parseInt(word ?? '', 16));
  return [high >> 8, high & 255, low >> 8, low & 255].join('.');
}

/** All addresses of a name. */
export type Lookup = (host: string) => Promise<readonly LookupAddress[]>;
const bySystem: Lookup = (host) => systemLookup(host, { all: true, verbatim: true });

/** Where nothing is sent. */
export const notThere = (why: Said): AppError => new AppError('NOTICE_ADDRESS', why);

/** Why an address of this kind is not asked for a server of this name; null where it is. */
function refusal(host: string, kind: AddressKind, ownNetwork: boolean): Said | null {
  if (kind === 'never') return say('notices.leadsAddressNeverAsked', { host });
  // Whoever enters this computer by its own name means it; any other name must not lead back here.
  if (kind === 'loopback' && !isOwnComputer(host)) return say('notices.leadsBackComputer', { host });
  if (kind === 'own_network' && !ownNetwork) return say('notices.leadsIntoPrivateNetwork', { host });
  return null;
}

/**
 * The addresses that a server may be asked at. Fails with NOTICE_ADDRESS where one of them is none of those: a name that leads
 * to several places leads to any of them. Fails with NOTICE_NOT_SENT for a name that is not known.
 */
export async function addressesOf(
  host: string,
  {
    ownNetwork,
    signal,
    lookup = bySystem,
  }: { ownNetwork: boolean; signal: AbortSignal; lookup?: Lookup | undefined },
): Promise<readonly LookupAddress[]> {
  const bare = host.replace(/^\[|\]$/g, '');
  const family = isIP(bare);
  const found =
    family !== 0
      ? [{ address: bare, family }]
      : await withSignal(lookup(bare), signal, say('notices.notKnown', { bare }));
  if (found.length === 0) throw new AppError('NOTICE_NOT_SENT', say('notices.notKnown', { bare }));
  for (const { address } of found) {
    const why = refusal(bare, kindOf(address), ownNetwork);
    if (why !== null) throw notThere(why);
  }
  return found;
}

/** The system's look-up can't be ended; whoever waits for it can. */
function withSignal<T>(work: Promise<T>, signal: AbortSignal, failed: Said): Promise<T> {
  return new Promise((resolve, reject) => {
    const end = (): void => reject(signal.reason);
    if (signal.aborted) return end();
    signal.addEventListener('abort', end, { once: true });
    work
      .then(resolve, (cause) => reject(new AppError('NOTICE_NOT_SENT', failed, { cause })))
      .finally(() => signal.removeEventListener('abort', end));
  });
}

/**
 * An address that an admin enters for the webhook: https, or http to this computer; without a user in it. Fails with
 * NOTICE_ADDRESS.
 */
export function webhookUrl(text: string, ownNetwork: boolean): URL {
  let url: URL;
  try {
    url = new URL(text);
  } catch {
    throw notThere(say('notices.noAddressSuchHttps'));
  }
  if (url.username !== '' || url.password !== '') throw notThere(say('notices.addressMustNotHold'));
  const { protocol, hostname } = url;
  if (protocol !== 'https:' && !(protocol === 'http:' && isOwnComputer(hostname)))
    throw notThere(say('notices.addressBeginHttpsLead'));
  if (isIP(hostname.replace(/^\[|\]$/g, '')) !== 0) {
    const why = refusal(hostname, kindOf(hostname), ownNetwork);
    if (why !== null) throw notThere(why);
  }
  url.hash = '';
  return url;
}
