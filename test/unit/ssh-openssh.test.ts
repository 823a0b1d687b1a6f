import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { parseKnownHosts } from '../../main/engines/ssh/known-hosts.ts';
import { AppError } from '../../main/errors.ts';
import { parseSshConfig } from '../../main/imports/ssh/ssh-config.ts';

/* The same ssh_config and known_hosts given to the real OpenSSH and to us. */

const isThere = ['ssh', 'ssh-keygen'].every((tool) => spawnSync(tool, ['-V']).error === undefined);
const reason = isThere ? '' : ' (skipped: no ssh here)';
const folder = mkdtempSync(join(tmpdir(), 'headgate-openssh-'));
afterAll(() => rmSync(folder, { recursive: true }));

/** What counts for the last hop: `jump` as ssh prints it, `key` null where only defaults are tried. */
interface Answer {
  host: string;
  port: number;
  user: string;
  key: string | null;
}
const me = 'me-myself';

function openssh(text: string, alias: string): (Answer & { jump: string }) | null {
  const file = join(folder, 'config');
  writeFileSync(file, text);
  const { status, stdout } = spawnSync('ssh', ['-G', '-F', file, alias], { encoding: 'utf8' });
  if (status !== 0) return null;
  const all = (name: string): string[] =>
    stdout.split('\n').flatMap((line) => (line.startsWith(`${name} `) ? [line.slice(name.length + 1)] : []));
  const keys = all('identityfile').filter((each) => !/^~\/\.ssh\/id_\w+$/.test(each) && each !== 'none');
  const user = all('user')[0] ?? '';
  return {
    host: all('hostname')[0] ?? '',
    port: Number(all('port')[0]),
    user: user === localUser ? me : user,
    key: keys[0] ?? null,
    jump: all('proxyjump')[0] ?? '',
  };
}
const localUser = userInfo().username;

function ours(text: string, alias: string): (Answer & { jumps: number; notes: string[] }) | null {
  try {
    const host = parseSshConfig(text, me).hosts.find((each) => each.alias === alias);
    const last = host?.chain.at(-1);
    if (!host || !last) return null;
    const { port, user, keyFile } = last;
    return {
      host: last.host,
      port,
      user,
      key: keyFile,
      jumps: host.chain.length - 1,
      notes: [...(host.notes ?? [])],
    };
  } catch (error) {
    // Refused in words; anything else is a defect of ours.
    if (error instanceof AppError) return null;
    throw error;
  }
}

const configs = [
  'Host a\nHostName h.example',
  'Host a\nHostName=h.example\nPort = 2222\nUser =bob',
  'host a\n  HOSTNAME h.example\n\tpOrT 2200',
  'Host a\r\nHostName h.example\r\nUser bob\r\n',
  'Host a\nPort 1\nPort 2\nUser x\nUser y',
  'User first\nHost a\nUser second',
  'Host a\nUser bob\nHost *\nUser all\nPort 2022',
  'Host *\nUser all\nHost a\nUser bob',
  'Host * !a\nUser all\nHost a\nPort 3',
  'Host !a *\nUser all\nHost a\nPort 3',
  'Host !b\nUser no\nHost a\nPort 4',
  'Host A\nUser upper\nHost a\nPort 5',
  'Host a?\nUser q\nHost a\nPort 6',
  'Host a b c\nUser many',
  'Host "a" b\nUser quoted',
  "Host a\nUser 'bob'",
  'Host a\nUser "bob"',
  'Host a\nUser bob#c',
  'Host a\nUser bob # c',
  'Host a # comment\nUser bob',
  '# Host a\nHost a\n  # User x\n  User y',
  'Host a\nIdentityFile /k/my\\ key',
  'Host a\nIdentityFile "/k/my key"',
  'Host a\nIdentityFile /k/1#2',
  'Host a\nIdentityFile /k/one\nIdentityFile /k/two',
  'IdentityFile /k/all\nHost a\nIdentityFile /k/a',
  'Host a\nIdentityFile none',
  'Host a\nIdentityFile /k/end\\',
  'Host a\nIdentityFile "/k/open',
  'Host a\nUser bob bill',
  'Host a\nUser',
  'Host\nUser bob',
  'Host a\nHostName %h.example.org',
  'Host a\nHostName x%%h',
  'Host a\nPort 22\nMatch all\nUser m',
  'Host a\nHostName h.x\nMatch host h.x\nUser m',
  'Host a\nHostName h.x\nMatch host a\nUser m',
  'Host a\nHostName h.x\nMatch originalhost a\nUser m',
  'Host a\nUser bob\nMatch user bob\nPort 77',
  'Host a\nUser bob\nMatch !user bob\nPort 77',
  'Host a\nMatch host b,a user z\nPort 78',
  'Host a\nMatch host "a"\nPort 79',
  'Host a\nHostName h\nHost h\nUser later',
  'Host a\nProxyJump none\nHost *\nProxyJump j',
  'Host a\nProxyJump None\nProxyJump j',
  'Host a\nProxyCommand none\nHost *\nProxyJump j',
  'Host a\nProxyJump j\nProxyCommand none',
  'Host a\nProxyJump u@j:2222',
  'Host a\nProxyJump ssh://u%40x@j:2200',
  'Host a\nProxyJump j,k',
  'Host a\nProxyJump=j',
  '"Host" a\nUser bob',
  'Host a\nHostName 2001:db8::1',
];

describe.skipIf(!isThere)(`an ssh_config is read as ssh reads it: ${configs.length} inputs${reason}`, () => {
  it.each(configs)('%j', (text) => {
    const theirs = openssh(text, 'a');
    const found = ours(text, 'a');
    if (theirs === null || found === null) return expect(found).toBe(theirs);
    const { jump, ...expected } = theirs;
    const jumps = jump === '' || jump.toLowerCase() === 'none' ? 0 : jump.split(',').length;
    expect(found).toMatchObject({ ...expected, jumps });
  });
});

describe.skipIf(!isThere)(`what has no place in a hop is told${reason}`, () => {
  it.each([
    ['Host a\nIdentityFile /k/one\nIdentityFile /k/two', '/k/two'],
    ['Host a\nIdentityFile ~anna/k', 'choose the key file'],
    [`Host a\nIdentityFile /k/\${WORK}`, 'choose the key file'],
    ['Host a\nHostKeyAlias b', 'HostKeyAlias'],
    ['Host a\nIdentityAgent $RUN', 'IdentityAgent'],
    ['Host a\nProxyCommand nc %h %p', 'ProxyCommand'],
    ['Include more/*\nHost a\nProxyJump j', '“j” is in no Host line'],
  ])('%j', (text, told) => {
    expect(openssh(text, 'a')).not.toBeNull();
    expect(ours(text, 'a')?.notes.join(' ')).toContain(told);
  });
  it('and paths of the home folder are known by each of their names', () => {
    for (const path of ['%d/.ssh/k', `\${HOME}/.ssh/k`, '~/.ssh/k'])
      expect(ours(`Host a\nIdentityFile ${path}`, 'a')).toMatchObject({ key: '~/.ssh/k', notes: [] });
  });
  it('and a Match that would run a command', () => {
    const { problems } = parseSshConfig('Host a\nMatch exec "true"\nUser x', me);
    expect(problems).toMatchObject([{ where: 'Match' }]);
  });
});

const keyFor = (type: string): string => {
  const file = join(folder, `key-${type}`);
  execFileSync('ssh-keygen', ['-q', '-t', type, '-N', '', '-C', '', '-f', file]);
  return readFileSync(`${file}.pub`, 'utf8').trim().split(' ').slice(0, 2).join(' ');
};

/** ED and EC stand for keys, HASHED(x) for the hashed name x. */
const lookups: [text: string, name: string, port: number][] = [
  ['h ED', 'h', 22],
  ['H ED', 'h', 22],
  ['h ED', 'H', 22],
  ['h ED', 'x', 22],
  ['[h]:2222 ED', 'h', 2222],
  ['[h]:2222 ED', 'h', 22],
  ['[h]:2222 ED', 'h', 2223],
  ['[h]:22 ED', 'h', 22],
  ['h ED\r\ni EC\r\n', 'h', 22],
  ['  h ED a comment', 'h', 22],
  ['\th\tED', 'h', 22],
  ['a,h,10.0.0.1 ED', 'h', 22],
  ['a,h,10.0.0.1 ED', '10.0.0.1', 22],
  ['*.x ED', 'h.x', 22],
  ['h? ED', 'h1', 22],
  ['*.x,!h.x ED', 'h.x', 22],
  ['!h.x,*.x ED', 'i.x', 22],
  ['!h ED', 'i', 22],
  ['[*.x]:22* ED', 'h.x', 2222],
  ['HASHED(h) ED', 'h', 22],
  ['HASHED(h) ED', 'i', 22],
  ['HASHED([h]:2222) ED', 'h', 2222],
  ['HASHED(h),i ED', 'i', 22],
  ['i,HASHED(h) ED', 'h', 22],
  ['@revoked h ED', 'h', 22],
  ['@revoked * ED\nh ED', 'h', 22],
  ['@cert-authority *.x ED', 'h.x', 22],
  ['@cert-authority *.x ED\nh.x EC', 'h.x', 22],
  ['@what h ED', 'h', 22],
  ['# h ED\n#h ED', 'h', 22],
  ['h ED\nh EC', 'h', 22],
  ['h ssh-ed25519 AAAA', 'h', 22],
  ['h ssh-rsa ED-ONLY', 'h', 22],
  ['h', 'h', 22],
  ['2001:db8::1 ED', '2001:db8::1', 22],
  ['[2001:db8::1]:2222 ED', '2001:db8::1', 2222],
  ['h. ED', 'h', 22],
];

describe.skipIf(!isThere)(
  `known_hosts is searched as ssh-keygen searches it: ${lookups.length} inputs${reason}`,
  () => {
    it('in each of these', () => {
      const [ed, ec] = [keyFor('ed25519'), keyFor('ecdsa')];
      const blob = (key: string): Buffer => Buffer.from(key.split(' ')[1] ?? '', 'base64');
      const hash = (name: string): string => {
        const file = join(folder, 'hashing');
        writeFileSync(file, `${name} ${ed}\n`);
        spawnSync('ssh-keygen', ['-H', '-f', file]);
        return readFileSync(file, 'utf8').split(' ')[0] ?? '';
      };
      const file = join(folder, 'known_hosts');
      const answers = lookups.map(([pattern, host, port]) => {
        const text = pattern
          .replace(/HASHED\(([^)]*)\)/g, (_, name: string) => hash(name))
          .replace('ED-ONLY', ed.split(' ')[1] ?? '')
          .replaceAll(/\bED\b/g, ed)
          .replaceAll(/\bEC\b/g, ec);
        writeFileSync(file, text);
        const name = port === 22 ? host : `[${host}]:${port}`;
        const { stdout } = spawnSync('ssh-keygen', ['-F', name, '-f', file], { encoding: 'utf8' });
        const found = stdout.split('\n').filter((line) => line !== '' && !line.startsWith('# Host'));
        const marked = (key: string, marker: string): boolean =>
          found.some(
            (line) =>
              line.includes(key) && line.startsWith('@') === (marker !== '') && line.startsWith(marker),
          );
        const verdict = marked(ed, '@revoked')
          ? 'revoked'
          : marked(ed, '')
            ? 'known'
            : marked(ec, '')
              ? 'changed'
              : 'unknown';
        const mine = parseKnownHosts(text);
        return {
          at: `${pattern} / ${name}`,
          theirs: [verdict, marked(ed, '@cert-authority')],
          ours: [mine.judge(host, port, blob(ed)), mine.hasAuthority(host, port)],
        };
      });
      expect(answers.filter(({ theirs, ours: mine }) => theirs.join() !== mine.join())).toEqual([]);
    });
  },
);
