import { createHmac, randomBytes } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { hostName, keyFingerprint, keyType, parseKnownHosts } from '../../main/engines/ssh/known-hosts.ts';

/* known_hosts as sshd(8) describes it. */

const keyOf = (type: string, seed: string): Buffer => {
  const length = Buffer.alloc(4);
  length.writeUInt32BE(type.length);
  return Buffer.concat([length, Buffer.from(type), Buffer.from(seed)]);
};
const ed = keyOf('ssh-ed25519', 'one');
const other = keyOf('ssh-ed25519', 'two');
const rsa = keyOf('ssh-rsa', 'three');
const line = (hosts: string, key = ed, marker = ''): string =>
  `${marker}${hosts} ${keyType(key)} ${key.toString('base64')} a comment\n`;
const hashed = (name: string): string => {
  const salt = randomBytes(20);
  return `|1|${salt.toString('base64')}|${createHmac('sha1', salt).update(name).digest('base64')}`;
};
const judge = (text: string, host = 'jump.example.org', port = 22, key = ed) =>
  parseKnownHosts(text).judge(host, port, key);

describe('a key is', () => {
  it.each([
    ['known by its name', line('jump.example.org'), 'known'],
    ['known whatever the case of the name', line('Jump.Example.ORG'), 'known'],
    ['known in a list', line('10.0.0.1,jump.example.org'), 'known'],
    ['known by a star', line('*.example.org'), 'known'],
    ['known by question marks', line('j?mp.example.or?'), 'known'],
    ['not known to a pattern that is negated', line('*.example.org,!jump.example.org'), 'unknown'],
    ['not known to a negation alone', line('!other'), 'unknown'],
    ['known by a hashed name', line(hashed('jump.example.org')), 'known'],
    ['not known by the hash of another name', line(hashed('other.example.org')), 'unknown'],
    [
      'known although another line has another key',
      line('jump.example.org', other) + line('jump.example.org'),
      'known',
    ],
    ['changed', line('jump.example.org', other), 'changed'],
    ['changed also when only another kind is known', line('jump.example.org', rsa), 'changed'],
    ['changed behind a hash', line(hashed('jump.example.org'), other), 'changed'],
    ['revoked', line('jump.example.org', ed, '@revoked '), 'revoked'],
    [
      'revoked although a later line accepts it',
      line('*', ed, '@revoked ') + line('jump.example.org'),
      'revoked',
    ],
    [
      'not revoked by the revocation of another',
      line('*', other, '@revoked ') + line('jump.example.org'),
      'known',
    ],
    ['not accepted by an authority', line('*.example.org', ed, '@cert-authority '), 'unknown'],
    [
      'not touched by comments and rubbish',
      `# ${line('jump.example.org')}\n\n@what x y z\nhalf a-line\n`,
      'unknown',
    ],
    ['not known to an empty file', '', 'unknown'],
  ])('%s', (_, text, verdict) => {
    expect(judge(text)).toBe(verdict);
  });

  it.each([
    ['known with its port', line('[jump.example.org]:2222'), 'known'],
    ['known with its port behind a hash', line(hashed('[jump.example.org]:2222')), 'known'],
    ['known with its port by a star', line('[*.example.org]:2222'), 'known'],
    ['known without the port, as OpenSSH takes it', line('jump.example.org'), 'known'],
    [
      'unknown, not changed, when another is known without the port',
      line('jump.example.org', other),
      'unknown',
    ],
    ['unknown on another port', line('[jump.example.org]:2200'), 'unknown'],
    [
      'changed on its port',
      line('[jump.example.org]:2222', other) + line('jump.example.org', rsa),
      'changed',
    ],
  ])('on another port %s', (_, text, verdict) => {
    expect(judge(text, 'jump.example.org', 2222)).toBe(verdict);
  });
});

it('tells which kinds of keys are known, those for the port first', () => {
  const text = line('jump', rsa) + line('jump', ed) + line('[jump]:2222', other);
  const known = parseKnownHosts(text);
  expect(known.types('jump', 22)).toEqual(['ssh-rsa', 'ssh-ed25519']);
  expect(known.types('jump', 2222)).toEqual(['ssh-ed25519']);
  expect(known.types('jump', 2200)).toEqual(['ssh-rsa', 'ssh-ed25519']);
  expect(known.types('elsewhere', 22)).toEqual([]);
  expect(parseKnownHosts(line('*', ed, '@cert-authority ')).hasAuthority('jump', 22)).toBe(true);
});

it('takes a star-laden pattern against a long name in no time', () => {
  const started = performance.now();
  expect(judge(line(`${'*a'.repeat(200)}b`), 'a'.repeat(4000))).toBe('unknown');
  expect(performance.now() - started).toBeLessThan(1000);
});

it('names, kinds and fingerprints are as OpenSSH writes them', () => {
  expect(hostName('Jump', 22)).toBe('jump');
  expect(hostName('jump', 2222)).toBe('[jump]:2222');
  expect(keyType(Buffer.from('x'))).toBe('');
  expect(keyType(Buffer.from('ffffffff00', 'hex'))).toBe('');
  expect(keyFingerprint(Buffer.from('x'))).toMatch(/^SHA256:[A-Za-z0-9+/]{43}$/);
});
