import { createHash, createHmac } from 'node:crypto';

/*
 * OpenSSH's known_hosts (sshd(8), "SSH_KNOWN_HOSTS FILE FORMAT"): per line an optional marker, a list of host patterns or
 * one hashed name, the type of the key and the key in base64.
 */

/** `changed`: other keys are known for this host, and this is none of them. */
export type HostKeyVerdict = 'known' | 'unknown' | 'changed' | 'revoked';

export interface KnownHosts {
  judge(host: string, port: number, key: Uint8Array): HostKeyVerdict;
  /** Types of the keys that are known for a host, in the order they stand there. */
  types(host: string, port: number): string[];
  /** Whether a certificate authority is named for it. Certificates of hosts are not supported; people should be told. */
  hasAuthority(host: string, port: number): boolean;
}

interface Line {
  readonly marker: 'key' | 'revoked' | 'authority';
  readonly matches: (name: string) => boolean;
  readonly type: string;
  readonly key: Buffer;
}

const markers: Readonly<Record<string, Line['marker']>> = {
  '@revoked': 'revoked',
  '@cert-authority': 'authority',
};
const standardPort = 22;

/** The name of a server as known_hosts writes it. */
export function hostName(host: string, port: number): string {
  const name = host.toLowerCase();
  return port === standardPort ? name : `[${name}]:${port}`;
}

/** The type that an SSH key says it is of (RFC 4253, 6.6); empty for something else. */
export function keyType(key: Uint8Array): string {
  const bytes = Buffer.from(key.buffer, key.byteOffset, key.byteLength);
  if (bytes.length < 4) return '';
  const length = bytes.readUInt32BE(0);
  return length <= 64 && length + 4 <= bytes.length ? bytes.toString('latin1', 4, 4 + length) : '';
}

/** As `ssh-keygen -l` prints it. */
export function keyFingerprint(key: Uint8Array): string {
  return `SHA256:${createHash('sha256').update(key).digest('base64').replace(/=+$/, '')}`;
}

/**
 * `*` and `?` as in ssh_config(5), "PATTERNS". Back to the last star only: a file from elsewhere must not be able to make an
 * expression of it that never ends.
 */
function globs(pattern: string, text: string): boolean {
  let [p, t, star, mark] = [0, 0, -1, 0];
  while (t < text.length) {
    if (p < pattern.length && (pattern[p] === '?' || pattern[p] === text[t]) && pattern[p] !== '*') {
      p += 1;
      t += 1;
    } else if (pattern[p] === '*') {
      star = p;
      mark = t;
      p += 1;
    } else if (star >= 0) {
      p = star + 1;
      mark += 1;
      t = mark;
    } else return false;
  }
  while (pattern[p] === '*') p += 1;
  return p === pattern.length;
}

/** Whether one pattern of a list is for this name, and none of the negated ones (`!`); small and capital letters differ. */
export const isListed = (patterns: readonly string[], name: string): boolean =>
  patterns.some((pattern) => !pattern.startsWith('!') && globs(pattern, name)) &&
  !patterns.some((pattern) => pattern.startsWith('!') && globs(pattern.slice(1), name));

/** A name hashed by `HashKnownHosts`: `|1|salt|HMAC-SHA1(salt, name)`, both in base64. */
function hashed(field: string): Line['matches'] {
  const [, version, salt = '', digest = ''] = field.split('|');
  return (name) =>
    version === '1' &&
    createHmac('sha1', Buffer.from(salt, 'base64')).update(name).digest('base64') === digest;
}

function listed(field: string): Line['matches'] {
  const patterns = field.toLowerCase().split(',');
  return (name) => isListed(patterns, name);
}

function parseLine(text: string): Line | null {
  const fields = text.trim().split(/\s+/);
  if (fields[0] === undefined || fields[0] === '' || fields[0].startsWith('#')) return null;
  const marked = fields[0].startsWith('@');
  const marker = marked ? markers[fields[0]] : 'key';
  if (marked) fields.shift();
  const [names, type, key] = fields;
  if (marker === undefined || names === undefined || type === undefined || key === undefined) return null;
  const bytes = Buffer.from(key, 'base64');
  // A key that is not what its line says counts for nothing, as with OpenSSH.
  if (keyType(bytes) !== type) return null;
  return { marker, matches: names.startsWith('|') ? hashed(names) : listed(names), type, key: bytes };
}

/** Reads the text of a known_hosts file; lines that can't be read stand for nothing, as with OpenSSH. */
export function parseKnownHosts(text: string): KnownHosts {
  const lines = text.split('\n').flatMap((line) => parseLine(line) ?? []);
  const about = (marker: Line['marker'], name: string): Line[] =>
    lines.filter((line) => line.marker === marker && line.matches(name));
  return {
    judge(host, port, key) {
      const names = [...new Set([hostName(host, port), hostName(host, standardPort)])];
      const same = (line: Line): boolean => line.key.equals(key);
      if (names.some((name) => about('revoked', name).some(same))) return 'revoked';
      const known = about('key', names[0] as string);
      if (known.some(same)) return 'known';
      // A server that is known proves who it is by a key that is known; one that shows only another kind is another one.
      if (known.length > 0) return 'changed';
      // As OpenSSH: a key that is known without the port is good on every port, and says nothing when it is another.
      return names.slice(1).some((name) => about('key', name).some(same)) ? 'known' : 'unknown';
    },
    types(host, port) {
      const exact = about('key', hostName(host, port));
      const lines = exact.length > 0 ? exact : about('key', hostName(host, standardPort));
      return [...new Set(lines.map(({ type }) => type))];
    },
    hasAuthority: (host, port) => about('authority', hostName(host, port)).length > 0,
  };
}
