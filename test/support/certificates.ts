import { generateKeyPairSync, type KeyObject, randomBytes, sign } from 'node:crypto';
import { isIP } from 'node:net';

/* Certificates of every kind of rightness and wrongness, written as DER (RFC 5280) so that no tool is needed. */

const tlv = (tag: number, ...parts: readonly Buffer[]): Buffer => {
  const content = Buffer.concat(parts);
  const { length } = content;
  const head =
    length < 0x80
      ? [tag, length]
      : length < 0x100
        ? [tag, 0x81, length]
        : [tag, 0x82, length >> 8, length & 0xff];
  return Buffer.concat([Buffer.from(head), content]);
};
const sequence = (...parts: readonly Buffer[]): Buffer => tlv(0x30, ...parts);
const oid = (...hex: readonly string[]): Buffer => tlv(0x06, Buffer.from(hex.join(''), 'hex'));
const commonNameOid = '550403';
const ecdsaSha256 = sequence(oid('2a8648ce3d040302'));
const name = (common: string): Buffer =>
  sequence(tlv(0x31, sequence(oid(commonNameOid), tlv(0x0c, Buffer.from(common)))));
const time = (at: Date): Buffer =>
  tlv(0x18, Buffer.from(`${at.toISOString().slice(0, 19).replace(/[-:T]/g, '')}Z`));
const extension = (id: string, critical: boolean, value: Buffer): Buffer =>
  sequence(oid(id), ...(critical ? [tlv(0x01, Buffer.from([0xff]))] : []), tlv(0x04, value));
/** An IPv6 address that is written with at most one `::` as the bytes it stands for. */
const sixteen = (address: string): Buffer => {
  const [before = '', after = ''] = address.split('::');
  const groups = (text: string): number[] =>
    text
      .split(':')
      .filter(Boolean)
      .map((each) => Number.parseInt(each, 16));
  const [first, last] = [groups(before), groups(after)];
  const all = [...first, ...Array<number>(8 - first.length - last.length).fill(0), ...last];
  return Buffer.from(all.flatMap((each) => [each >> 8, each & 0xff]));
};
const alternativeNames = (names: readonly string[]): Buffer =>
  sequence(
    ...names.map((each) =>
      each.startsWith('http://')
        ? tlv(0x86, Buffer.from(each))
        : isIP(each) === 4
          ? tlv(0x87, Buffer.from(each.split('.').map(Number)))
          : isIP(each) === 6
            ? tlv(0x87, sixteen(each))
            : tlv(0x82, Buffer.from(each)),
    ),
  );
const pem = (label: string, der: Buffer): string =>
  `-----BEGIN ${label}-----\n${der
    .toString('base64')
    .replace(/(.{64})/g, '$1\n')
    .trimEnd()}\n-----END ${label}-----\n`;

export interface Identity {
  readonly common: string;
  readonly cert: string;
  readonly key: string;
  readonly privateKey: KeyObject;
}

export interface Wishes {
  /** Host names, addresses and URIs; without any there is only the common name. */
  readonly names?: readonly string[];
  readonly from?: Date;
  readonly to?: Date;
  readonly ca?: boolean;
  /** Who signs; itself unless given. */
  readonly issuer?: Identity;
}

const dayMs = 86_400_000;
/** So many days from now. */
export const inDays = (days: number): Date => new Date(Date.now() + days * dayMs);

/** Makes a key and a certificate for it. */
export function makeCertificate(common: string, wishes: Wishes = {}): Identity {
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const { names = [], from = inDays(-1), to = inDays(365), ca = false, issuer } = wishes;
  const serial = randomBytes(8);
  serial[0] = 0x01;
  const extensions = [
    ...(ca ? [extension('551d13', true, sequence(tlv(0x01, Buffer.from([0xff]))))] : []),
    ...(names.length > 0 ? [extension('551d11', false, alternativeNames(names))] : []),
  ];
  const body = sequence(
    tlv(0xa0, tlv(0x02, Buffer.from([2]))),
    tlv(0x02, serial),
    ecdsaSha256,
    name(issuer?.common ?? common),
    sequence(time(from), time(to)),
    name(common),
    publicKey.export({ type: 'spki', format: 'der' }),
    ...(extensions.length > 0 ? [tlv(0xa3, sequence(...extensions))] : []),
  );
  const signature = sign('sha256', body, issuer?.privateKey ?? privateKey);
  const der = sequence(body, ecdsaSha256, tlv(0x03, Buffer.from([0]), signature));
  return {
    common,
    cert: pem('CERTIFICATE', der),
    key: privateKey.export({ type: 'pkcs8', format: 'pem' }) as string,
    privateKey,
  };
}
