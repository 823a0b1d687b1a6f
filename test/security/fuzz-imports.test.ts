import { randomUUID } from 'node:crypto';
import { setImmediate as turn } from 'node:timers/promises';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { sealBundle } from '../../main/vault/bundle/bundle.ts';
import { methods } from '../../preload/contract/methods.ts';
import type { ImportKind, ImportPlan } from '../../preload/contract/models.ts';
import { beekeeperFile } from '../support/beekeeper-file.ts';
import { errorOf } from '../support/dispatch.ts';
import { random } from '../support/parts.ts';
import { openWorkspace, type Workspace } from '../support/workspace.ts';

/*
 * Files that the contract takes as a text and no parser expects: they reach the services, are planned, and everything of the
 * plan is taken. No crash, nothing unhandled, no defect, and nothing stored that the contract does not give out again.
 */

const perKind = 250;
/** Another one: HEADGATE_FUZZ_SEED=… */
const seed = Number(process.env['HEADGATE_FUZZ_SEED'] ?? 20_260_301);

const login = { db_host: 'h', db_port: 5432, db_name: 'd', db_user: 'u', db_password: 'pw-canary' };
const samples: Readonly<Record<Exclude<ImportKind, 'sealed'>, string>> = {
  url: 'postgres://u:pw-canary@h:5432/d?sslmode=require&sslrootcert=/ca.pem\njdbc:postgresql://h2/d?user=u&password=p',
  pgpass: 'h:5432:d:u:pw-canary\n*:*:*:ro:x\nh\\:2:*:d:u:p\\\\w',
  pg_service:
    '[a]\nhost=h\nport=5432\nuser=u\npassword=pw-canary\n[b]\nhostaddr=10.0.0.1\nsslmode=verify-full\n',
  ssh_config:
    'Host a b-*\n  HostName %h.example.org\n  ProxyJump x@y:22,z\nMatch all\nHost z\n  IdentityFile "~/k"\n',
  dbeaver: JSON.stringify({
    connections: {
      a: {
        provider: 'postgresql',
        name: 'n',
        configuration: {
          ...{ host: 'h', port: '5432', database: 'd', url: 'jdbc:postgresql://h/d', type: 'prod' },
          handlers: {
            ssh_tunnel: {
              enabled: true,
              properties: { host: 't', port: 22, userName: 's', authType: 'PASSWORD' },
            },
            postgre_ssl: { enabled: true, properties: { sslMode: 'require', 'ca.cert': '/ca' } },
          },
        },
      },
    },
  }),
  pgadmin: JSON.stringify({
    Servers: {
      1: {
        ...{
          Name: 'n',
          Group: 'g',
          Host: 'h',
          Port: 5432,
          MaintenanceDB: 'd',
          Username: 'u',
          UseSSHTunnel: 1,
        },
        ...{ TunnelHost: 't', TunnelPort: '22', TunnelUsername: 'x', TunnelAuthentication: 0 },
      },
    },
  }),
  azure_data_studio: JSON.stringify({
    'datasource.connectionGroups': [{ id: 'g', name: 'G' }],
    'datasource.connections': [
      {
        providerName: 'PGSQL',
        groupId: 'g',
        options: { connectionName: 'n', host: 'h', dbname: 'd', user: 'u' },
      },
    ],
  }),
  datagrip:
    '#DataSourceSettings#\n#LocalDataSource: n\n#BEGIN#\n<data-source source="LOCAL" name="n" group="g" uuid="1"><jdbc-url>jdbc:postgresql://h:5432/d?sslmode=require</jdbc-url><user-name>u</user-name><password>pw-canary</password><ssl-config><enabled>true</enabled><mode>VERIFY_CA</mode><ca-cert>/ca</ca-cert></ssl-config></data-source>\n#END#\n#BEGIN#\n<data-source name="m" uuid="2"><jdbc-url>jdbc:mysql://h/d</jdbc-url></data-source>\n#END#\n',
  dbgate: [
    {
      engine: 'postgres@dbgate-plugin-postgres',
      server: 'h',
      port: '5432',
      user: 'u',
      password: 'pw-canary',
    },
    {
      engine: 'mysql@dbgate-plugin-mysql',
      server: 'h',
      defaultDatabase: 'd',
      useSsl: true,
      displayName: 'm',
    },
    {
      engine: 'clickhouse@x',
      server: 'h',
      useSshTunnel: true,
      sshHost: 'j',
      sshLogin: 's',
      sshMode: 'agent',
    },
  ]
    .map((each) => JSON.stringify(each))
    .join('\n'),
  beekeeper: beekeeperFile({
    saved_connection: ['n', 'm', 'o'].map((name, id) => ({
      ...{
        id,
        name,
        connectionType: 'postgresql',
        host: 'h',
        port: 5432,
        username: 'u',
        defaultDatabase: 'd',
      },
      ...{ ssl: 1, sslCaFile: '/ca.pem', sshEnabled: 1, sshHost: 'j', sshMode: 'agent', sshUsername: 's' },
    })),
  }),
  dbt: 'p:\n  target: dev\n  outputs:\n    dev: &a\n      type: postgres\n      host: h\n      port: 5432\n      user: u\n      password: "pw-canary"\n      dbname: d\n    b:\n      <<: *a\n      host: "{{ env_var(1) }}"\n    s:\n      type: snowflake\n      account: a\n      user: u\n      database: d\n      private_key_path: /k\n',
  snowflake:
    '[a]\naccount = "o-a"\nuser = "u"\ndatabase = "D"\nauthenticator = "PROGRAMMATIC_ACCESS_TOKEN"\ntoken = "pw-canary"\nwarehouse = "W"\n[b]\naccount = "x"\nuser = "u"\ndatabase = "D"\nprivate_key_file = "/k"\n',
  databricks:
    '[a]\nhost = https://h.cloud.databricks.com\ntoken = pw-canary\nwarehouse_id = w\n[b]\nhost = h.azuredatabricks.net\nclient_id = c\nclient_secret = s\nhttp_path = /sql/1.0/warehouses/w\n',
  odbc: '[ODBC Data Sources]\na=x\n[a]\nDriver=psqlodbcw.so\nServername=h\nPort=5432\nDatabase=d\nUserName=u\nPassword=pw-canary\nSSLmode=require\n[b]\nDriver=MySQL\nServer=h\nDatabase=d\nUID=u\nSSLMODE=VERIFY_CA\n',
  headgate: JSON.stringify({
    format: 'headgate-connections',
    version: 1,
    // Several: one that does not fit is refused as a whole here, and the others are still read.
    connections: ['n', 'm', 'o'].map((name) => ({
      ...{ name, host: 'h', database: 'd', user: 'u', password: 'pw-canary', ssh: [], tags: ['t'] },
    })),
  }),
  legacy: JSON.stringify([
    { name: 'p', ...login },
    { name: 'q', db_schema: 's', ...login, db_host: 'H' },
  ]),
};
const csv = 'name,db_schema,db_host,db_port,db_name,db_user,db_password\r\n"p, q",s,h,5432,d,u,"p""w"\r\n';
/** What parsers stumble over. */
const tokens = [
  ...[
    '\0',
    '\ufeff',
    '\ud800',
    '\r',
    '\n\n',
    '\u2028',
    '"',
    "'",
    '\\',
    ':',
    ',',
    '=',
    '[',
    ']',
    '{',
    '}',
    '%',
    '%zz',
    '@',
    '//',
  ],
  ...[
    '*',
    '!',
    '#',
    '?',
    '&',
    'null',
    'true',
    '1e999',
    '-1',
    '99999',
    '""',
    '[]',
    '{}',
    '[[[[',
    '__proto__',
    'constructor',
  ],
  ...[
    '/dev/zero',
    '/etc/passwd',
    '../../x',
    '-----BEGIN CERTIFICATE-----',
    'x'.repeat(300),
    '😀'.repeat(70),
    '5432',
  ],
];

/** Numbers from 0 to 1, the same for the same seed (mulberry32). */
function numbers(from: number): () => number {
  let state = from;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

function spoil(text: string, next: () => number): string {
  const whole = (below: number): number => Math.floor(next() * below);
  let out = text;
  for (let n = 1 + whole(4); n > 0; n -= 1) {
    const at = whole(out.length + 1);
    const to = at + whole(Math.min(20, out.length - at + 1));
    const token = tokens[whole(tokens.length)] as string;
    const ways = [
      () => out.slice(0, at) + token + out.slice(at),
      () => out.slice(0, at) + token + out.slice(to),
      () => out.slice(0, at) + out.slice(to),
      () => out.slice(0, to) + out.slice(at),
      // A value in the place of another keeps the rest in order, and so comes far.
      () => {
        const values = [...out.matchAll(/"[^"]*"|(?<==)[^\n]*|\b\d+\b/g)];
        const value = values[whole(values.length)];
        if (!value) return out;
        const made = value[0].startsWith('"') && next() < 0.7 ? JSON.stringify(token) : token;
        return out.slice(0, value.index) + made + out.slice(value.index + value[0].length);
      },
      () => out.slice(0, at),
    ];
    out = (ways[whole(next() < 0.5 ? ways.length - 1 : ways.length)] as () => string)();
  }
  return out;
}

/** Some bytes of a file are others; its length stays, so that its pages stay where they are. */
function spoilBytes(text: string, next: () => number): string {
  const bytes = Buffer.from(text, 'latin1');
  for (let n = 1 + Math.floor(next() * 6); n > 0; n -= 1)
    bytes[Math.floor(next() * bytes.length)] = Math.floor(next() * 256);
  return bytes.toString('latin1');
}

const unhandled: unknown[] = [];
const note = (reason: unknown): void => void unhandled.push(reason);
let ws: Workspace;
beforeAll(async () => {
  process.on('unhandledRejection', note);
  process.on('uncaughtException', note);
  ws = await openWorkspace();
});
afterAll(async () => {
  await ws[Symbol.asyncDispose]();
  await turn();
  process.off('unhandledRejection', note);
  process.off('uncaughtException', note);
  expect(unhandled).toEqual([]);
});

/** Reads and takes everything; answers whether there was anything to take. */
async function takeAll(kind: ImportKind, text: string): Promise<number> {
  const where = `${kind}, seed ${seed}: ${JSON.stringify(text)}`;
  const call = (name: string, input: unknown) => ws.app.call(name, input, randomUUID());
  const read = await call('imports.preview', { kind, text });
  if (!read.ok) {
    expect(errorOf(read).code, where).toMatch(/^(IMPORT_UNREADABLE|BUNDLE_WRONG_KEY)$/);
    return 0;
  }
  const plan = read.data as ImportPlan;
  const done = await call('imports.apply', {
    planId: plan.planId,
    connections: plan.connections.map(({ key, status }) => ({
      key,
      action: status === 'taken' ? 'replace' : status === 'same' ? 'skip' : 'create',
    })),
    projects: plan.projects.map(({ name }) => name),
  });
  if (!done.ok) throw new Error(`${errorOf(done).code} ${errorOf(done).message}: ${where}`);
  return plan.connections.length + plan.hosts.length;
}

it.each([...Object.entries(samples), ['legacy', csv] as const])(
  '%s: whatever is in a file ends in a plan or a typed error',
  async (kind, sample) => {
    const next = numbers(seed);
    let found = 0;
    for (let n = 0; n < perKind; n += 1) {
      // What is in base64 comes as far only where it is spoilt within.
      const inside =
        kind === 'beekeeper' && n % 4 > 0 ? Buffer.from(sample, 'base64').toString('latin1') : null;
      const text =
        inside === null
          ? spoil(sample, next)
          : Buffer.from(spoilBytes(inside, next), 'latin1').toString('base64');
      if ((await takeAll(kind as ImportKind, text)) > 0) found += 1;
    }
    // It is not all noise: much of it comes as far as being stored.
    expect(found).toBeGreaterThan(perKind / 20);
  },
);

it('sealed: what is in a bundle is no more trusted than any other file', async () => {
  const next = numbers(seed);
  const { publicKey } = await ws.api.vault.publicKey();
  for (let n = 0; n < perKind; n += 1) {
    const inside = await sealBundle(Buffer.from(spoil(samples.headgate, next)), { publicKey }, random);
    await takeAll('sealed', n % 2 === 0 ? inside : spoil(inside, next));
  }
});

it('leaves nothing behind that can not be listed, exported and read again', async () => {
  const page = await ws.api.connections.list();
  expect(page.total).toBeGreaterThan(50);
  for (const { id } of page.items)
    methods['connections.get'].output.parse(await ws.api.connections.get({ id }));
  await ws.api.projects.list();
  const { text, count } = await ws.api.connections.export();
  const plan = await ws.api.imports.preview({ kind: 'headgate', text: text as string });
  expect(plan.problems).toEqual([]);
  expect(plan.connections).toHaveLength(count);
  expect(await ws.api.audit.verify()).toMatchObject({ firstBroken: null });
});
