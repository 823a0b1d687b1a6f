import { describe, expect, it } from 'vitest';
import { parseImport } from '../../main/imports/parse.ts';
import { parseSshConfig } from '../../main/imports/ssh/ssh-config.ts';
import { connectionOfUrl, parseUrls } from '../../main/imports/url.ts';
import type { ImportKind } from '../../preload/contract/models.ts';
import { codeOf } from '../support/parts.ts';

/* Files as they really are, and files that somebody made to do harm. */

const options = { pgpass: null, credentials: undefined, userName: 'me' };

describe('a URL that is not whole', () => {
  // “localhost” in the place of a host that was not understood would get the password of somebody else's server.
  it.each([
    ['a port that is none', 'postgres://u:canary@db.example.org:54x2/d'],
    ['a slash in the password', 'postgres://u:can/ary@db.example.org/d'],
    ['an at sign in the password', 'postgres://u:can@ary@db.example.org/d'],
    ['a percent sign that encodes nothing', 'postgres://u:can%ary@db.example.org/d'],
    ['an address of version 6 without brackets', 'postgres://u:canary@2001:db8::1/d'],
    ['an address beside a Unix socket', 'postgres:///d?host=/run/canary&hostaddr=10.0.0.1&password=canary'],
    ['an address that is none', 'postgres://u:canary@h/d?hostaddr=canary'],
  ])('%s: is told, not guessed', (_, url) => {
    expect(connectionOfUrl(url).connection).toBeUndefined();
    const { connections, problems } = parseUrls(url);
    expect(connections).toEqual([]);
    expect(problems[0]?.message).toMatch(
      /percent-encode|beside a Unix socket|hostaddr\) that is none|address of version 6/,
    );
    expect(problems[0]?.message).not.toContain('can');
  });

  it.each([
    ['postgres://u:p#1@db.example.org/d', { host: 'db.example.org', password: 'p#1', database: 'd' }],
    ['postgres://u:p?1@db.example.org/d', { host: 'db.example.org', password: 'p?1' }],
    ['postgres://h/d?user=u&password=a#b', { password: 'a#b' }],
    [
      'postgres:///d?host=h1,h2&port=1,2',
      { host: 'h1', port: 1, notes: ['Only the first of 2 hosts was taken.'] },
    ],
    ['postgres:///d?hostaddr=2001:db8::1', { host: '2001:db8::1', notes: [] }],
    [
      'postgres://u:p@%2Fvar%2Frun%2Fpostgresql:5433/d',
      { host: '/var/run/postgresql', port: 5433, notes: [] },
    ],
    ['postgres:///d?host=/tmp', { host: '/tmp', database: 'd', notes: [] }],
    ["host=/var/run/postgresql user='u'", { host: '/var/run/postgresql', user: 'u', notes: [] }],
    ['postgres://h/d?hostaddr=10.0.0.5', { host: 'h', hostAddress: '10.0.0.5', notes: [] }],
    ['postgres://h/d?channel_binding=require', { signIn: 'channel_binding', notes: [] }],
    ['postgres://h/d?require_auth=scram-sha-256', { signIn: 'scram', notes: [] }],
    ['postgres://h/d?sslcert=/c&sslcertmode=disable', { tlsCert: undefined, notes: [] }],
    ['postgres:///d', { host: 'localhost', notes: ['No host was told; this computer was taken.'] }],
  ])('%s is read as libpq reads it', (url, parts) => {
    expect(connectionOfUrl(url).connection).toMatchObject(parts);
  });
});

// What the libpq of this computer may not know yet.
it.each(['sslnegotiation=direct', 'load_balance_hosts=random', 'sslcertmode=require', 'require_auth=md5'])(
  '%s is refused by its name, in a URL and in a service',
  (asked) => {
    const name = asked.split('=')[0] as string;
    expect(connectionOfUrl(`postgres://h/d?${asked}`).problem).toContain(`has ${name}, which`);
    const { connections, problems } = parseImport('pg_service', `[s]\nhost=h\n${asked}\n`, options);
    expect(connections).toEqual([]);
    expect(problems[0]?.message).toContain(name);
  },
);

describe('how a file is written', () => {
  it.each<[Exclude<ImportKind, 'sealed'>, string]>([
    ['url', 'postgres://u:p@h/d'],
    ['pgpass', 'h:5432:d:u:p'],
    ['pg_service', '[s]\nhost=h\nuser=u'],
    ['ssh_config', 'Host h\n  User u'],
    ['legacy', 'name,db_host,db_name,db_user,db_password\nn,h,d,u,p'],
    ['pgadmin', '{"Servers":{"1":{"Name":"n","Host":"h"}}}'],
  ])(
    '%s: a mark at the beginning and lines of Windows change nothing; UTF-16 is named',
    async (kind, text) => {
      const { clean: _, ...plain } = parseImport(kind, text, options);
      const { clean: __, ...marked } = parseImport(
        kind,
        `\ufeff${text.replaceAll('\n', '\r\n')}\r\n`,
        options,
      );
      expect(marked).toEqual(plain);
      expect(plain.connections.length + plain.hosts.length).toBe(1);
      const wide = Buffer.from(`\ufeff${text}`, 'utf16le').toString('utf8');
      expect(() => parseImport(kind, wide, options)).toThrowError(/no text in UTF-8/);
      expect(await codeOf(() => parseImport(kind, wide, options))).toBe('IMPORT_UNREADABLE');
    },
  );
});

describe('what would never end', () => {
  const within = (ms: number, work: () => unknown): void => {
    const begin = performance.now();
    work();
    expect(performance.now() - begin).toBeLessThan(ms);
  };
  it('JSON in a hundred thousand levels is refused', async () => {
    for (const kind of ['dbeaver', 'pgadmin', 'azure_data_studio', 'headgate', 'legacy'] as const) {
      const deep = kind === 'legacy' ? '['.repeat(100_000) : '{"a":'.repeat(100_000);
      expect(await codeOf(() => parseImport(kind, deep, options)), kind).toBe('IMPORT_UNREADABLE');
    }
  });
  it('a Host with many stars', () => {
    const stars = `${'*a'.repeat(30)}*b`;
    within(500, () => parseSshConfig(`Host ${stars}\n  User x\nHost ${'a'.repeat(120)}\n  Port 22\n`, 'me'));
  });
  it('ten thousand services with ten thousand lines of passwords', () => {
    const many = Array.from({ length: 10_000 }, (_, n) => n);
    const pgpass = many.map((n) => `h${n}:5432:*:u:p${n}`).join('\n');
    const services = many.map((n) => `[s${n}]\nhost=h${n}\nuser=u`).join('\n');
    within(5000, () => {
      const { connections } = parseImport('pg_service', services, { ...options, pgpass });
      expect(connections.at(-1)?.password).toBe('p9999');
    });
  });
  it('ten thousand legacy projects', () => {
    const rows = Array.from({ length: 10_000 }, (_, n) => `p${n},h${n},d,u,p`);
    const text = ['name,db_host,db_name,db_user,db_password', ...rows].join('\n');
    within(2500, () => expect(parseImport('legacy', text, options).projects).toHaveLength(10_000));
  });
});

it.each([
  ['a quote that never ends', 'Host a\n  User u\nHost k"[\n', 3],
  ['a quote that never ends inside of a host', 'Host a\n  IdentityFile "~/k\n', 2],
  ['a Host without a name', 'Host a\n\nHost', 3],
])('a configuration of SSH with %s is refused, naming the line', (_, text, line) => {
  expect(() => parseSshConfig(text, 'me')).toThrow(
    expect.objectContaining({
      code: 'IMPORT_UNREADABLE',
      message: `This is no configuration of OpenSSH: something is wrong in line ${line}.`,
    }),
  );
});

it('patterns of Host fit as those of ssh do', () => {
  const user = (pattern: string, name: string) =>
    parseSshConfig(`Host ${pattern}\n  User fits\nHost ${name}\n  Port 1\n`, 'other').hosts.find(
      ({ alias }) => alias === name,
    )?.chain[0]?.user;
  for (const [pattern, name, fits] of [
    ['db-*', 'db-1', true],
    ['db-*', 'db-', true],
    ['*.example.org', 'a.b.example.org', true],
    ['*.example.org', 'example.org', false],
    ['db-?', 'db-12', false],
    ['*a*b', 'xaxaxb', true],
    ['*a*b', 'xaxaxbx', false],
    ['a.c', 'abc', false],
    ['* !db-1', 'db-1', false],
  ] as const)
    expect(user(pattern, name), `${pattern} ${name}`).toBe(fits ? 'fits' : 'other');
});

it.each([
  ['IdentityFile none', { auth: 'agent', keyFile: null }, []],
  ['IdentityFile ~/.ssh/work.pub', { auth: 'agent', keyFile: null, agentKeyFile: '~/.ssh/work.pub' }, []],
  ['IdentityAgent /x.sock', { auth: 'agent', agentSocket: '/x.sock' }, []],
  [
    'IdentityAgent "~/Library/Group Containers/x/agent.sock"',
    { agentSocket: '~/Library/Group Containers/x/agent.sock' },
    [],
  ],
  ['IdentityAgent none', { auth: 'agent', agentSocket: 'none' }, []],
  [
    'IdentityAgent $SOCK',
    { auth: 'agent' },
    ['Its IdentityAgent was left out: it is no path; the agent of this computer is asked.'],
  ],
  ['IdentitiesOnly yes', { auth: 'agent' }, ['Left out: IdentitiesOnly.']],
  ['HostKeyAlias other', { host: 'a' }, ['Left out: HostKeyAlias.']],
  ['ServerAliveInterval 5', { host: 'a' }, []],
  ['BindAddress 10.0.0.1\n  AddressFamily inet', { host: 'a' }, ['Left out: BindAddress, AddressFamily.']],
  [
    'RevokedHostKeys ~/.ssh/revoked\n  Ciphers aes256-ctr\n  PubkeyAuthentication yes',
    { host: 'a' },
    ['Not kept to, though it may forbid what is allowed here: RevokedHostKeys, Ciphers.'],
  ],
  ['Port https', { port: 443 }, []],
  ['Port many', { port: 22 }, ['Its port is no number; 22 was taken.']],
  ['Port +2222', { port: 2222 }, []],
  ['ProxyCommand none', { host: 'a' }, []],
])('a host of SSH with %s keeps it or tells it', (line, hop, notes) => {
  const [found] = parseSshConfig(`Host a\n  ${line}\n`, 'me').hosts;
  expect(found?.chain[0]).toMatchObject(hop);
  expect(found?.notes).toEqual(notes);
});
