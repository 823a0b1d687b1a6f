import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import type { ImportPlan } from '../../preload/contract/models.ts';
import { beekeeperFile } from '../support/beekeeper-file.ts';
import { filesBelow } from '../support/leaks.ts';
import { runHeadgate } from '../support/processes.ts';
import { openWorkspace, type Workspace } from '../support/workspace.ts';

/* Files of each tool, where it keeps them: found, shown, taken, and the same when they are looked at again. */

const canary = 'canary-of-a-profile';
const pem = `-----BEGIN PRIVATE KEY-----\\n${canary}\\n-----END PRIVATE KEY-----`;
const files: Readonly<Record<string, string | Buffer>> = {
  '.dbt/profiles.yml': `shop:
  target: prod
  outputs:
    prod: {type: postgres, host: pg, port: 5432, user: etl, password: ${canary}-1, dbname: d, sslmode: verify-full}
    mine: {type: mysql, server: my, schema: d, username: etl, password: ${canary}-2}
    ch: {type: clickhouse, host: ch, port: 8443, schema: d, user: etl, password: ${canary}-3, secure: true}
    dbx: {type: databricks, host: dbx.cloud.databricks.com, http_path: /sql/1.0/warehouses/w, token: ${canary}-4, catalog: c}
    bq: {type: bigquery, method: service-account-json, project: p, keyfile_json: {type: service_account, client_email: a@b, private_key_id: k, private_key: "${pem}"}}
    rs: {type: redshift, host: rs, password: ${canary}-5}
`,
  '.snowflake/connections.toml': `[prod]
account = "o-a"
user = "etl"
database = "D"
private_key_raw = "${pem}"
private_key_passphrase = "${canary}-6"
[ci]
account = "o-b"
database = "D"
authenticator = "PROGRAMMATIC_ACCESS_TOKEN"
token = "${canary}-7"
[mine]
account = "o-c"
database = "D"
authenticator = "externalbrowser"
`,
  '.databrickscfg': `[p]\nhost = https://p.cloud.databricks.com\ntoken = ${canary}-8\n`,
  '.odbc.ini': `[o]\nDriver = psqlodbcw.so\nServername = o\nDatabase = d\nUserName = etl\nPassword = ${canary}-9\nSSLmode = require\n`,
  '.dbgate/connections.jsonl': `${JSON.stringify({ engine: 'postgres@dbgate-plugin-postgres', server: 'g', user: 'etl', password: `crypt:${canary}`, defaultDatabase: 'd', displayName: 'g' })}\n`,
  '.config/beekeeper-studio/app.db': Buffer.from(
    beekeeperFile({
      saved_connection: [
        {
          id: 1,
          name: 'b',
          connectionType: 'postgresql',
          host: 'b',
          username: 'etl',
          defaultDatabase: 'd',
          password: canary,
          ssl: 1,
        },
      ],
    }),
    'base64',
  ),
};
const kinds = ['dbt', 'snowflake', 'databricks', 'odbc', 'dbgate', 'beekeeper'] as const;

let home: string;
let ws: Workspace;
beforeEach(async () => {
  home = mkdtempSync(join(tmpdir(), 'headgate-formats-'));
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(home, path)), { recursive: true });
    writeFileSync(join(home, path), text, { mode: 0o600 });
  }
  ws = await openWorkspace({ env: { HOME: home } });
});
afterEach(async () => {
  await ws[Symbol.asyncDispose]();
  rmSync(home, { recursive: true, force: true });
});

const takeAll = (plan: ImportPlan) =>
  ws.api.imports.apply({
    planId: plan.planId,
    connections: plan.connections.map(({ key }) => ({ key, action: 'create' })),
  });

it('they are found in their usual places, and imported into the vault', async () => {
  const found = await ws.api.imports.found({});
  expect(found.map(({ kind, count }) => [kind, count]).sort()).toEqual([
    ...[
      ['beekeeper', 1],
      ['databricks', 1],
      ['dbgate', 1],
      ['dbt', 5],
      ['odbc', 1],
      ['snowflake', 2],
    ],
  ]);
  for (const kind of kinds) {
    const plan = await ws.api.imports.preview({ kind });
    expect(JSON.stringify(plan), kind).not.toContain(canary);
    const { problems, created } = await takeAll(plan);
    expect([problems, created.length], kind).toEqual([[], plan.connections.length]);
    // What is there is equal to the file in all that it tells, secrets included.
    const again = await ws.api.imports.preview({ kind });
    expect(
      again.connections.map(({ status }) => status),
      kind,
    ).toEqual(plan.connections.map(() => 'same'));
  }
  const { items } = await ws.api.connections.list();
  expect(
    items.map(({ name, engine, environment, tlsMode }) => [name, engine, environment, tlsMode]).sort(),
  ).toEqual([
    ['b', 'postgres', 'development', 'require'],
    ['ci', 'snowflake', 'development', 'verify-full'],
    ['g', 'postgres', 'development', 'prefer'],
    ['o', 'postgres', 'development', 'require'],
    ['p', 'databricks', 'development', 'verify-full'],
    ['prod', 'snowflake', 'production', 'verify-full'],
    ['shop / bq', 'bigquery', 'development', 'verify-full'],
    ['shop / ch', 'clickhouse', 'development', 'verify-full'],
    ['shop / dbx', 'databricks', 'development', 'verify-full'],
    // The file says nothing of TLS: then it is checked.
    ['shop / mine', 'mysql', 'development', 'verify-full'],
    ['shop / prod', 'postgres', 'production', 'verify-full'],
  ]);
  expect(filesBelow(ws.folder).filter((path) => readFileSync(path).includes(canary))).toEqual([]);
  expect(ws.logs.join('\n')).not.toContain(canary);
});

it('what they leave out or refuse is told by name', async () => {
  const told = async (kind: (typeof kinds)[number]) => {
    const { connections, problems } = await ws.api.imports.preview({ kind });
    return [connections.map(({ name, status, notes }) => [name, status, notes.join(' ')]), problems] as const;
  };
  expect((await told('dbt'))[1]).toEqual([
    { where: 'shop / rs', message: 'is for redshift, which can’t be imported' },
  ]);
  expect((await told('snowflake'))[1]).toMatchObject([
    { where: 'mine', message: expect.stringContaining('externalbrowser') },
  ]);
  expect((await told('databricks'))[0]).toEqual([
    [
      'p',
      'incomplete',
      expect.stringMatching(/No catalog was told.*Not in the file: the warehouse\. Enter it/),
    ],
  ]);
  expect((await told('dbgate'))[0]).toEqual([
    ['g', 'incomplete', expect.stringMatching(/Encrypted by DBGate/)],
  ]);
});

it('a warehouse that a profile does not name is entered later, and not forgotten', async () => {
  const { created } = await takeAll(await ws.api.imports.preview({ kind: 'databricks' }));
  const id = created[0]?.id as string;
  await expect(ws.api.connections.update({ id, description: 'x' })).rejects.toMatchObject({
    code: 'INPUT_INVALID',
  });
  await ws.api.connections.update({ id, settings: { signIn: 'token', warehouse: 'w' } });
  expect((await ws.api.connections.get({ id })).settings).toEqual({ signIn: 'token', warehouse: 'w' });
});

it('config.toml counts only where there is no connections.toml', async () => {
  writeFileSync(
    join(home, '.snowflake/config.toml'),
    '[connections.old]\naccount = "o-z"\nuser = "u"\ndatabase = "D"\n',
  );
  const names = async () =>
    (await ws.api.imports.preview({ kind: 'snowflake' })).connections.map(({ name }) => name);
  expect(await names()).toEqual(['prod', 'ci']);
  rmSync(join(home, '.snowflake/connections.toml'));
  expect(await names()).toEqual(['old']);
});

it('a connection to MySQL from a URL without a mode is imported, checked', async () => {
  const plan = await ws.api.imports.preview({ kind: 'url', text: 'mysql://u:p@my.example.org/d' });
  expect(plan.connections).toMatchObject([{ tlsMode: 'verify-full' }]);
  expect(await takeAll(plan)).toMatchObject({ problems: [], created: [{ name: 'd on my.example.org' }] });
});

it('DataGrip’s files go together', async () => {
  const plan = await ws.api.imports.preview({
    kind: 'datagrip',
    text: '<project><component name="DataSourceManagerImpl"><data-source name="n" uuid="1"><jdbc-url>jdbc:postgresql://h/d?sslmode=verify-full</jdbc-url></data-source></component></project>',
    credentials: Buffer.from(
      '<project><component name="dataSourceStorageLocal"><data-source name="n" uuid="1"><user-name>me</user-name></data-source></component></project>',
    ).toString('base64'),
  });
  expect(plan.connections).toMatchObject([{ user: 'me', status: 'incomplete', tlsMode: 'verify-full' }]);
  expect((await takeAll(plan)).problems).toEqual([]);
});

it('the command line sees what a file is, and asks where it does not', async () => {
  const run = (...args: string[]) => runHeadgate(ws.folder, 'import', ...args);
  // Its name says nothing, and a database is no text.
  const renamed = join(home, 'copied');
  writeFileSync(renamed, files['.config/beekeeper-studio/app.db'] as Buffer);
  const read = await run(renamed, '--json');
  expect([read.code, JSON.parse(read.out)]).toMatchObject([
    0,
    { data: { kind: 'beekeeper', connections: [{ name: 'b' }] } },
  ]);
  const taken = await run(join(home, '.dbt/profiles.yml'), '--yes');
  expect(taken.code, taken.err).toBe(0);
  expect((await ws.api.connections.list()).items.map(({ name }) => name)).toContain('shop / prod');
  writeFileSync(renamed, canary);
  const unseen = await run(renamed);
  expect(unseen.code).not.toBe(0);
  expect(unseen.err).toContain('what this file is can not be seen');
  expect((await run('nonsense')).err).toContain('There is no kind “nonsense”');
  expect(JSON.stringify([read, taken, unseen])).not.toContain(canary);
});
