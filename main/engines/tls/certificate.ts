import type { X509Certificate } from 'node:crypto';
import { isIP } from 'node:net';
import type { ServerCertificate } from '../../../preload/contract/models.ts';

/** A chain longer than this is no chain. */
const longestChain = 10;

/** `CN=a\nO=b` as Node prints a name, in one line. */
const oneLine = (name: string): string => name.split('\n').filter(Boolean).join(', ');

/** The part of a name that people know it by. */
export function commonName(name: string): string {
  return /(?:^|, )CN=(.*?)(?:, [A-Za-z]+=|$)/.exec(name)?.[1] ?? name;
}

/**
 * One name after the other, each from where the one before it ended: one with a comma or a quote in it is printed as a
 * JSON string (CVE-2021-44532), and what looks like a name inside another is none.
 */
const alternative = /(?:^|, )([A-Za-z0-9 ]+):(?:("(?:[^"\\]|\\.)*")|([^,]*))/gy;

/**
 * Host names and addresses of a certificate. As with libpq (fe-secure-openssl.c) the common name, the first of several,
 * counts unless the extension has a name of the host's own kind: an address for an address, a DNS name for a name.
 */
function namesOf(certificate: X509Certificate, host: string): string[] {
  const found = [...(certificate.subjectAltName ?? '').matchAll(alternative)]
    .filter(([, kind]) => kind === 'DNS' || kind === 'IP Address')
    .map(([, kind, quoted, plain]) => ({
      kind,
      name: quoted === undefined ? (plain ?? '') : (JSON.parse(quoted) as string),
    }));
  const names = found.map(({ name }) => name);
  const own = isIP(host) === 0 ? 'DNS' : 'IP Address';
  if (found.some(({ kind }) => kind === own)) return names;
  // From the fields, not from their text: another field may hold what looks like a common name.
  const told: unknown = certificate.toLegacyObject().subject?.CN;
  const common: unknown = Array.isArray(told) ? told[0] : told;
  return typeof common === 'string' ? [...names, common] : names;
}

const canonical = (address: string): string => {
  if (isIP(address) !== 6) return address;
  return new URL(`http://[${address}]`).hostname;
};

/**
 * Whether a certificate is made for a host, as libpq decides it (fe-secure-common.c): a star stands for one whole label
 * at the beginning, a dot at the end is a part of the name, and addresses are equal or not.
 */
export function isMadeFor(names: readonly string[], host: string): boolean {
  const wanted = host.toLowerCase();
  return names.some((each) => {
    const name = each.toLowerCase();
    if (isIP(wanted) !== 0) return isIP(name) !== 0 && canonical(name) === canonical(wanted);
    if (!name.startsWith('*.')) return name === wanted;
    const dot = wanted.indexOf('.');
    return dot > 0 && wanted.slice(dot) === name.slice(1);
  });
}

/** The topmost certificate of a chain as it came. */
function topOf(certificate: X509Certificate): X509Certificate {
  let top = certificate;
  for (let steps = 0; steps < longestChain; steps += 1) {
    const above = top.issuerCertificate;
    if (!above || above.fingerprint256 === top.fingerprint256) break;
    top = above;
  }
  return top;
}

/** The certificate that a server showed for a host, as the contract has it. */
export function describeCertificate(certificate: X509Certificate, host: string): ServerCertificate {
  return {
    subject: oneLine(certificate.subject),
    issuer: oneLine(certificate.issuer),
    names: namesOf(certificate, host),
    validFrom: new Date(certificate.validFrom).toISOString(),
    validTo: new Date(certificate.validTo).toISOString(),
    fingerprint: certificate.fingerprint256,
    topPem: topOf(certificate).toString(),
  };
}
