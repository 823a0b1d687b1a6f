import type { FoundHop } from '../found.ts';
import { bagOf, isTold, leftOut, portOf, textOf } from '../found.ts';

export type Bag = Readonly<Record<string, unknown>>;

/** A part of an entry with what is read of it; the rest is told, unless it is nothing or only for the eye. */
export const unread = (bag: Bag, read: ReadonlySet<string>): string[] =>
  Object.keys(bag).filter((key) => !read.has(key) && isTold(bag[key]));
export const words = (text: string): ReadonlySet<string> => new Set(text.trim().split(/\s+/));

export const readOfEntry =
  words(`id provider driver original-provider original-driver driver-substitution name description folder
  save-password read-only configuration config-profile template color order tags origin navigator-show-system-objects
  navigator-show-util-objects navigator-show-only-entities navigator-hide-folders navigator-hide-schemas
  navigator-hide-virtual-model navigator-merge-entities show-system-objects show-util-objects connection-types
  virtual-model-id custom-properties filters`);
export const readOfConfiguration =
  words(`host port server database url configurationType type color user password home handlers
  properties config-profile keep-alive closeIdleConnection close-idle close-idle-enabled`);
const readOfTunnel =
  words(`host port authType keyPath keyValue userName user remoteHost remotePort localHost localPort
  implementation aliveInterval aliveCount sshConnectTimeout shareTunnels savePassword bypassHostVerification`);
/** The tunnel of a connection: jump hosts first, then the host that DBeaver calls the tunnel. */
export function hopsOf(tunnel: Bag, secrets: Bag, notes: string[]): FoundHop[] {
  const properties = bagOf(tunnel['properties']);
  const hopAt = (prefix: string): FoundHop | null => {
    const read = (name: string): unknown => properties[`${prefix}${name}`];
    // Also in the file itself, as CloudBeaver and files by hand have it.
    const own = prefix === '' ? { ...secrets, ...toldOf(bagOf(tunnel)) } : {};
    const [host, port] = [textOf(read('host')), portOf(read('port') ?? 22)];
    const user = textOf(own['user']) ?? textOf(read('userName')) ?? textOf(read('user'));
    if (!host || !port || !user) return null;
    const auth =
      read('authType') === 'PUBLIC_KEY' ? 'key' : read('authType') === 'AGENT' ? 'agent' : 'password';
    const key = auth === 'key' ? (textOf(read('keyValue')) ?? textOf(own['keyValue'])) : undefined;
    const keyFile = auth === 'key' && key === undefined ? (textOf(read('keyPath')) ?? null) : null;
    const secret = textOf(own['password']);
    return {
      ...{ host, port, user, auth, keyFile },
      ...(key === undefined ? {} : { key }),
      ...(secret === undefined || auth === 'agent'
        ? {}
        : auth === 'key'
          ? { keyPassphrase: secret }
          : { password: secret }),
    };
  };
  const places = [...new Set(Object.keys(properties).map((key) => /^jumpServer(\d+)\./.exec(key)?.[1]))]
    .filter((at) => at !== undefined && String(properties[`jumpServer${at}.enabled`]) === 'true')
    .sort((one, other) => Number(one) - Number(other));
  const hops = [...places.map((at) => hopAt(`jumpServer${at}.`)), hopAt('')];
  notes.push(
    ...leftOut(
      unread(properties, readOfTunnel).filter((key) => {
        const [, name] = /^jumpServer\d+\.(.*)$/.exec(key) ?? [];
        return name === undefined || !(name === 'enabled' || name === 'password' || readOfTunnel.has(name));
      }),
      ' of the tunnel',
    ),
  );
  if (hops.some((hop) => hop === null)) notes.push('Its SSH tunnel is not complete and was left out.');
  return hops.every((hop) => hop !== null) ? hops : [];
}

export const toldOf = (bag: Bag): Bag =>
  Object.fromEntries(Object.entries(bag).filter(([, value]) => isTold(value)));
