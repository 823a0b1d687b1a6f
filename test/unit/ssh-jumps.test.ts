import { spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { userInfo } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { AppError } from '../../main/errors.ts';
import { parseSshConfig } from '../../main/imports/ssh/ssh-config.ts';
import { temporaryFolder } from '../support/parts.ts';

/* What the way to a host is in a configuration of OpenSSH, hop by hop: held against the real ssh. */

const isMissing = spawnSync('ssh', ['-V']).error !== undefined;
const skipped = isMissing ? ' (skipped: no ssh here)' : '';

interface Config {
  readonly what: string;
  readonly text: string;
  /** `h` unless named. */
  readonly host?: string;
  /** Where the import leaves something out on purpose: what it says of that. */
  readonly told?: RegExp;
}

const configs: readonly Config[] = [
  { what: 'a negation beside a match', text: 'Host h\nHost h !h\n  User no\nHost h\n  User yes\n' },
  { what: 'the name as a token', text: 'Host h\n  HostName %h.example.org\n' },
  { what: 'a percent sign that is meant', text: 'Host h\n  HostName a%%b\n' },
  {
    what: 'a name that is asked in upper case',
    text: 'Host Db\n  User upper\nHost db\n  Port 7\n',
    host: 'Db',
  },
  { what: 'an IPv6 address', text: 'Host h\n  HostName 2001:db8::1\n' },
  { what: 'a jump', text: 'Host h\n  ProxyJump gate\n' },
  { what: 'a jump with user and port', text: 'Host h\n  ProxyJump me@gate:2222\n' },
  { what: 'a jump as an address', text: 'Host h\n  ProxyJump ssh://me@gate:2222\n' },
  { what: 'a jump over IPv6', text: 'Host h\n  ProxyJump me@[2001:db8::2]:2222\n' },
  { what: 'two jumps', text: 'Host h\n  ProxyJump one,two:23\n' },
  { what: 'no jump before a jump', text: 'Host h\n  ProxyJump none\nHost *\n  ProxyJump gate\n' },
  { what: 'the first of two jumps', text: 'Host h\n  ProxyJump gate\nHost * !gate\n  ProxyJump other\n' },
  {
    what: 'a command before a jump',
    text: 'Host h\n  ProxyCommand nc %h %p\n  ProxyJump gate\n',
    told: /ProxyCommand/,
  },
  { what: 'a jump before a command', text: 'Host h\n  ProxyJump gate\n  ProxyCommand nc %h %p\n' },
  {
    what: 'a command that is none, before a jump',
    text: 'Host h\n  ProxyCommand none\nHost *\n  ProxyJump gate\n',
  },
  { what: 'a jump as an address with signs', text: 'Host h\n  ProxyJump ssh://u%40x@gate:22/\n' },
  { what: 'a block for a host', text: 'Host h\n  Port 5\nMatch host h\n  User matched\n' },
  {
    what: 'a block for the name that the host has',
    text: 'Host h\n  HostName db\nMatch host db\n  Port 6\n',
  },
  {
    what: 'a block for the name that was asked',
    text: 'Host h\n  HostName db\nMatch originalhost h,x\n  Port 6\n',
  },
  { what: 'a block for others', text: 'Host h\n  Port 5\nMatch !host h\n  Port 6\n  User no\n' },
  { what: 'a block for a user', text: 'Host h\n  User ops\nMatch host h user ops\n  Port 6\n' },
  { what: 'a block for another user', text: 'Host h\n  User ops\nMatch user dba\n  Port 6\n' },
  { what: 'a block for everybody', text: 'Host h\n  Port 5\nMatch all\n  User everybody\n' },
];

/** What `ssh -G` says; null where it refuses the file. */
function asSsh(folder: string, { text, host = 'h' }: Config) {
  const file = join(folder, 'config');
  writeFileSync(file, text, { mode: 0o600 });
  const { status, stdout } = spawnSync('ssh', ['-G', '-F', file, host], { encoding: 'utf8' });
  if (status !== 0) return null;
  const lines = stdout
    .trim()
    .split('\n')
    .map((line) => line.split(/ (.*)/s) as [string, string?]);
  const all = (name: string): string[] =>
    lines.flatMap(([key, value]) => (key === name ? [value ?? ''] : []));
  const keys = all('identityfile').filter((each) => /identityfile/i.test(text) && each !== 'none');
  return {
    host: all('hostname')[0],
    port: Number(all('port')[0]),
    user: all('user')[0] === userInfo().username ? 'me' : all('user')[0],
    key: keys[0] ?? null,
    jumps: (all('proxyjump')[0] ?? 'none') === 'none' ? [] : (all('proxyjump')[0] ?? '').split(','),
  };
}
function asHere({ text, host = 'h' }: Config) {
  let found: ReturnType<typeof parseSshConfig>;
  try {
    found = parseSshConfig(text, 'me');
  } catch (error) {
    if (error instanceof AppError) return { read: null, told: [error.message] };
    throw error;
  }
  const one = found.hosts.find(({ alias }) => alias === host);
  const last = one?.chain.at(-1);
  const jump = ({ user, host, port }: { user: string; host: string; port: number }): string =>
    `${user === 'me' ? '' : `${user}@`}${host.includes(':') ? `[${host}]` : host}${port === 22 ? '' : `:${port}`}`;
  return {
    read: last && {
      host: last.host,
      port: last.port,
      user: last.user,
      key: last.keyFile ?? null,
      jumps: one?.chain.slice(0, -1).map(jump) ?? [],
    },
    told: [...(one?.notes ?? []), ...found.problems.map(({ where, message }) => `${where} ${message}`)],
  };
}

describe.skipIf(isMissing)(`the way to a host of ssh: ${configs.length} inputs${skipped}`, () => {
  it.each(configs)('$what', (config) => {
    using folder = temporaryFolder();
    const [theirs, ours] = [asSsh(folder.path, config), asHere(config)];
    const plain = theirs && {
      ...theirs,
      jumps: theirs.jumps.map((each) => each.replace('ssh://', '').replace(/^me@/, '').replace(/:22$/, '')),
    };
    const same = JSON.stringify(ours.read ?? null) === JSON.stringify(plain);
    if (config.told && !same) expect(ours.told.join('\n')).toMatch(config.told);
    else expect(ours.read ?? null).toEqual(plain);
  });
});
