import { describe, expect, it } from 'vitest';
import type { Found, FoundConnection, Problem } from '../../main/imports/found.ts';
import { parseBeekeeper } from '../../main/imports/tools/beekeeper.ts';
import { parseDataGrip } from '../../main/imports/tools/datagrip.ts';
import { parseDBeaver } from '../../main/imports/tools/dbeaver.ts';
import { parseDbGate } from '../../main/imports/tools/dbgate.ts';
import { beekeeperFile, type Row } from '../support/beekeeper-file.ts';

/* Files of tools with a window, as their public sources and what people publish of them have it. */

const base64 = (text: string): string => Buffer.from(text).toString('base64');
const first = ({
  connections,
  problems,
}: Found): Partial<FoundConnection> & { problem?: Problem | undefined } => ({
  ...connections[0],
  problem: problems[0],
});

describe('data sources of DataGrip', () => {
  const source = (inside: string, more = ''): string =>
    `<data-source source="LOCAL" name="Shop &amp; co" uuid="u1"${more}><driver-ref>x</driver-ref><synchronize>true</synchronize>${inside}<secret-storage>master_key</secret-storage></data-source>`;
  const file = (inside: string): string =>
    `<?xml version="1.0" encoding="UTF-8"?>\n<project version="4">\n  <component name="DataSourceManagerImpl" format="xml" multifile-model="true">\n${inside}\n  </component>\n</project>`;
  const url = (text: string): string => `<jdbc-url>${text}</jdbc-url>`;

  it('have their URL in one file and their user in the other', () => {
    const local = `<project version="4"><component name="dataSourceStorageLocal"><data-source name="Shop" uuid="u1"><database-info product="PostgreSQL" dbms="POSTGRES"><extra-name-characters>#@</extra-name-characters></database-info><user-name>shop_rw</user-name><schema-mapping/></data-source></component></project>`;
    const text = file(
      source(url('jdbc:postgresql://db:5433/shop?sslmode=require'), ' group="G" read-only="true"'),
    );
    expect(first(parseDataGrip(text, base64(local)))).toMatchObject({
      ...{ name: 'Shop & co', host: 'db', port: 5433, database: 'shop', user: 'shop_rw', tlsMode: 'require' },
      ...{ folder: 'G', readOnly: true, notes: [], problem: undefined },
    });
    expect(first(parseDataGrip(text, undefined)).user).toBeUndefined();
  });

  it('come from the clipboard too, each in its block', () => {
    const block = (inside: string) => `#LocalDataSource: x\n#BEGIN#\n${inside}\n#END#\n\n`;
    const { connections, problems } = parseDataGrip(
      `#DataSourceSettings#\n${block(source(`${url('jdbc:mysql://db:3306/shop')}<user-name>u</user-name>`))}${block(source(url('jdbc:sqlite:/x.db')).replace('u1', 'u2'))}`,
      undefined,
    );
    expect(connections).toMatchObject([{ engine: 'mysql', user: 'u', database: 'shop' }]);
    expect(problems).toHaveLength(1);
  });

  it('ask of a server what the page for TLS and the driver’s properties ask', () => {
    const ssl = (mode: string) =>
      `<ssl-config><ca-cert>$USER_HOME$/ca.pem</ca-cert><client-cert>$PROJECT_DIR$/c.pem</client-cert><client-key>/k</client-key><enabled>true</enabled>${mode}</ssl-config>`;
    expect(
      first(
        parseDataGrip(file(source(url('jdbc:postgresql://h/d') + ssl('<mode>VERIFY_CA</mode>'))), undefined),
      ),
    ).toMatchObject({
      ...{ tlsMode: 'verify-ca', tlsCa: '~/ca.pem', tlsCert: undefined },
      notes: [expect.stringMatching(/client certificate must/), expect.stringMatching(/key of the client/)],
    });
    expect(
      first(
        parseDataGrip(
          file(source(url('jdbc:postgresql://h/d?sslmode=verify-full') + ssl('<mode>REQUIRE</mode>'))),
          undefined,
        ),
      ),
    ).toMatchObject({ tlsMode: 'verify-full' });
    expect(
      first(parseDataGrip(file(source(url('jdbc:postgresql://h/d') + ssl(''))), undefined)),
    ).toMatchObject({
      tlsMode: 'verify-full',
      notes: expect.arrayContaining([expect.stringMatching(/mode was not told/)]),
    });
    const properties = (value: string) =>
      `<driver-properties><property name="sslmode" value="${value}"/></driver-properties>`;
    expect(
      first(parseDataGrip(file(source(url('jdbc:postgresql://h/d') + properties('verify-full'))), undefined)),
    ).toMatchObject({ tlsMode: 'verify-full' });
    expect(
      first(
        parseDataGrip(
          file(source(url('jdbc:postgresql://h/d?sslmode=verify-full') + properties('disable'))),
          undefined,
        ),
      ).problem,
    ).toMatchObject({ message: expect.stringMatching(/different things/) });
  });

  it('tell of a tunnel and of a way to sign in that they do not have', () => {
    const { notes } = first(
      parseDataGrip(
        file(
          source(
            `${url('jdbc:postgresql://h/d')}<auth-provider>aws-iam</auth-provider><ssh-properties><enabled>true</enabled><ssh-config-id>1</ssh-config-id></ssh-properties><odd-thing>canary</odd-thing>`,
          ),
        ),
        undefined,
      ),
    );
    expect(notes?.join()).toMatch(/auth-provider.*SSH tunnel.*odd-thing/);
    expect(notes?.join()).not.toContain('canary');
  });

  it('lead to warehouses by the URLs of their drivers', () => {
    const of = (text: string) => first(parseDataGrip(file(source(url(text))), undefined));
    expect(
      of('jdbc:snowflake://o-a.snowflakecomputing.com:443/?db=D&amp;warehouse=W&amp;role=R'),
    ).toMatchObject({ engine: 'snowflake', host: 'o-a.snowflakecomputing.com', database: 'D' });
    expect(
      of(
        'jdbc:databricks://h.cloud.databricks.com:443/default;transportMode=http;ssl=1;AuthMech=3;httpPath=/sql/1.0/warehouses/w;UID=token;PWD=canary;ConnCatalog=c',
      ),
    ).toMatchObject({
      engine: 'databricks',
      password: 'canary',
      database: 'c',
      settings: { warehouse: 'w' },
    });
    expect(
      of(
        'jdbc:bigquery://https://www.googleapis.com/bigquery/v2:443;ProjectId=p;OAuthType=0;OAuthServiceAcctEmail=a@b;OAuthPvtKeyPath=/k',
      ),
    ).toMatchObject({ engine: 'bigquery', database: 'p' });
  });

  it.each([
    ['a definition of its own', '<!DOCTYPE x [<!ENTITY a "canary">]><project>&a;</project>'],
    ['an entity that nobody defined', '<project><data-source>&canary;</data-source></project>'],
    ['an element without an end', '<project><data-source name="canary">'],
    ['an end without an element', '</canary>'],
    ['no end of levels', '<canary>'.repeat(5000)],
    ['an attribute that is there twice', '<project name="a" name="canary"/>'],
    ['nothing of it', '<project><canary/></project>'],
  ])('are refused with %s, and nothing of it is repeated', (_, text) => {
    expect(() => parseDataGrip(text, undefined)).toThrow(/^(?:(?!canary).)*$/);
  });
});

describe('connections.jsonl of DBGate', () => {
  const one = (fields: object, engine = 'postgres@dbgate-plugin-postgres') =>
    first(
      parseDbGate(`${JSON.stringify({ _id: '1', engine, server: 'db', displayName: 'n', ...fields })}\n`),
    );
  it('has its ways to check a server, and never less than they ask', () => {
    expect(
      one({ port: '5433', user: 'u', password: 'p', defaultDatabase: 'd', isReadOnly: true }),
    ).toMatchObject({
      ...{ name: 'n', host: 'db', port: 5433, user: 'u', password: 'p', database: 'd', readOnly: true },
      ...{ tlsMode: undefined, notes: [] },
    });
    // With no file of certificates DBGate takes any certificate, whatever stands in sslRejectUnauthorized.
    expect(one({ useSsl: true, sslRejectUnauthorized: true, defaultDatabase: 'd' }).tlsMode).toBe('require');
    expect(one({ useSsl: true, sslCaFile: '/ca.pem', sslKeyFile: '/k', defaultDatabase: 'd' })).toMatchObject(
      { tlsMode: 'verify-full', tlsCa: '/ca.pem', notes: [expect.stringMatching(/sslkey/)] },
    );
    expect(
      one({ useSsl: true, sslCaFile: '/ca.pem', sslRejectUnauthorized: false, defaultDatabase: 'd' }).tlsMode,
    ).toBe('require');
  });
  it('has passwords that are encrypted, which are asked for', () => {
    const found = one({ user: 'u', password: 'crypt:canary', defaultDatabase: 'd' });
    expect(found.password).toBeUndefined();
    expect(found.notes).toEqual(['Encrypted by DBGate and not opened: password.']);
  });
  it('has tunnels', () => {
    const tunnel = {
      useSshTunnel: true,
      sshHost: 'jump',
      sshPort: '2222',
      sshLogin: 'ops',
      defaultDatabase: 'd',
    };
    expect(one({ ...tunnel, sshMode: 'keyFile', sshKeyfile: '~/k', sshKeyfilePassword: 'pw' }).ssh).toEqual([
      { host: 'jump', port: 2222, user: 'ops', auth: 'key', keyFile: '~/k', keyPassphrase: 'pw' },
    ]);
    expect(one({ ...tunnel, sshMode: 'agent', sshBastionHost: 'b' })).toMatchObject({
      ssh: [{ auth: 'agent' }],
      notes: ['Left out: sshBastionHost.'],
    });
    expect(one({ ...tunnel, sshMode: 'odd' })).toMatchObject({
      ssh: [],
      notes: ['Its SSH tunnel is not complete and was left out.'],
    });
  });
  it('has other kinds of database, URLs and broken lines, which are told', () => {
    expect(one({ defaultDatabase: 'd' }, 'mysql@dbgate-plugin-mysql')).toMatchObject({
      engine: 'mysql',
      port: 3306,
    });
    for (const [fields, engine] of [
      [{}, 'mongo@dbgate-plugin-mongo'],
      [{ useDatabaseUrl: '1', databaseUrl: 'postgres://u:canary@h/d' }, 'postgres@dbgate-plugin-postgres'],
    ] as const) {
      const { problem } = one(fields, engine);
      expect(problem?.message).toMatch(/imported|as a URL/);
      expect(JSON.stringify(problem)).not.toContain('canary');
    }
    const { problems } = parseDbGate(`{"engine":"postgres@x","server":"h"}\ncanary {\n{"a":1}\n`);
    expect(problems.map(({ where }) => where)).toEqual(['line 2', 'line 3']);
    expect(JSON.stringify(problems)).not.toContain('canary');
    expect(() => parseDbGate('canary')).toThrow(/^(?:(?!canary).)*$/);
  });
});

describe('app.db of Beekeeper Studio', () => {
  const row = (more: Row): Row => ({
    ...{ id: 1, name: 'n', connectionType: 'postgresql', host: 'db', port: 5433, username: 'u', ssl: 0 },
    ...{
      defaultDatabase: 'd',
      password: 'canary-encrypted',
      sshEnabled: 0,
      options: '{"connectionMethod":"manual"}',
    },
    ...{ redshiftOptions: '{}', bigQueryOptions: '{}', sslRejectUnauthorized: 1, rememberPassword: 1 },
    ...more,
  });
  const one = (more: Row) => first(parseBeekeeper(beekeeperFile({ saved_connection: [row(more)] })));
  it('has no password that could be opened', () => {
    const found = one({ readOnlyMode: 1 });
    expect(found).toMatchObject({
      ...{ host: 'db', port: 5433, database: 'd', user: 'u', tlsMode: undefined, readOnly: true, notes: [] },
    });
    expect(found.password).toBeUndefined();
    expect(JSON.stringify(found)).not.toContain('canary');
  });
  it('has its ways to check a server and to go there', () => {
    expect(one({ ssl: 1 }).tlsMode).toBe('require');
    expect(one({ ssl: 1, sslCaFile: '/ca.pem' })).toMatchObject({ tlsMode: 'verify-full', tlsCa: '/ca.pem' });
    expect(one({ connectionType: 'mysql', socketPathEnabled: 1, socketPath: '/run/my.sock' })).toMatchObject({
      engine: 'mysql',
      host: '/run/my.sock',
    });
    const bastion = { sshBastionHost: 'b', sshBastionMode: 'agent', sshBastionUsername: 'x' };
    expect(
      one({ sshEnabled: 1, sshHost: 'jump', sshMode: 'userpass', sshUsername: 'ops', ...bastion }).ssh,
    ).toMatchObject([
      { host: 'b', auth: 'agent', user: 'x' },
      { host: 'jump', auth: 'password', user: 'ops' },
    ]);
    const joined = beekeeperFile({
      saved_connection: [row({ sshEnabled: 1, sshHost: 'old', connectionFolderId: 4 })],
      connection_folder: [{ id: 4, name: 'F' }],
      connection_ssh_config: [
        { id: 1, connectionId: 1, sshConfigId: 8, position: 1 },
        { id: 2, connectionId: 1, sshConfigId: 7, position: 0 },
      ],
      ssh_config: [
        { id: 7, host: 'one', port: null, mode: 'agent', username: 'a' },
        { id: 8, host: 'two', port: 2222, mode: 'keyfile', username: 'b', keyfile: '/k' },
      ],
    });
    expect(first(parseBeekeeper(joined))).toMatchObject({
      folder: 'F',
      ssh: [
        { host: 'one', port: 22 },
        { host: 'two', port: 2222, auth: 'key', keyFile: '/k' },
      ],
    });
  });
  it('has other kinds of database, which are told', () => {
    expect(
      one({ connectionType: 'bigquery', bigQueryOptions: '{"projectId":"p","keyFilename":"/k"}' }),
    ).toMatchObject({
      engine: 'bigquery',
      database: 'p',
    });
    expect(one({ connectionType: 'sqlserver' }).problem?.message).toMatch(/sqlserver/);
    expect(one({ options: '{"connectionMethod":"connectionString"}' }).problem?.message).toMatch(/encrypts/);
    expect(one({ oddColumn: 'canary', options: '{"cluster":"c"}' }).notes?.join()).toMatch(
      /options.*oddColumn|oddColumn.*options/,
    );
  });
  it('is read also where it keeps a log beside it, which is told', () => {
    const { connections, problems } = parseBeekeeper(
      beekeeperFile({ saved_connection: [row({})] }, { journal: 'WAL' }),
    );
    expect(connections).toHaveLength(1);
    expect(problems).toMatchObject([{ where: 'app.db', message: expect.stringMatching(/close it/) }]);
  });
  it('runs nothing that it brings along', () => {
    const view = beekeeperFile(
      {},
      { further: 'CREATE VIEW saved_connection AS SELECT 1 AS id, randomblob(900000000) AS name' },
    );
    expect(() => parseBeekeeper(view)).toThrow(/no connection/);
    const computed = beekeeperFile(
      {},
      {
        further:
          "CREATE TABLE saved_connection (id, name, connectionType, host, defaultDatabase, slow AS (hex(zeroblob(40000000)))); INSERT INTO saved_connection VALUES (1, 'n', 'postgresql', 'h', 'd')",
      },
    );
    expect(first(parseBeekeeper(computed))).toMatchObject({ host: 'h', notes: [] });
  });
  it.each([
    ['no database', base64('canary')],
    ['no base64', 'canary!'],
    [
      'a broken one',
      Buffer.concat([Buffer.from('SQLite format 3\0'), Buffer.alloc(4096, 7)]).toString('base64'),
    ],
    ['one without connections', beekeeperFile({ other: [{ id: 1 }] })],
  ])('is refused where it is %s', (_, text) => {
    expect(() => parseBeekeeper(text)).toThrow(/^(?:(?!canary).)*$/);
  });
});

describe('warehouses in DBeaver’s data-sources.json', () => {
  const one = (provider: string, configuration: object) =>
    first(
      parseDBeaver(
        JSON.stringify({ connections: { c: { provider, name: 'n', configuration } } }),
        undefined,
        {
          pgpass: null,
        },
      ),
    );
  it('have their fields, properties and URLs', () => {
    expect(
      one('snowflake', {
        ...{ host: 'o-a.snowflakecomputing.com', port: '443', database: 'D', user: 'u', type: 'prod' },
        'provider-properties': { warehouse: 'W', schema: 'S', ddString: 'true' },
        'auth-model': 'snowflake_snowflake',
        'auth-properties': { role: 'R', authenticator: 'snowflake_jwt' },
        properties: { private_key_file: '/k.p8', oddProperty: 'x' },
      }),
    ).toMatchObject({
      ...{ engine: 'snowflake', name: 'n', environment: 'production', user: 'u' },
      settings: { signIn: 'private_key', warehouse: 'W', schema: 'S', role: 'R' },
      notes: [expect.stringMatching(/private key is in a file/), 'Left out: oddproperty.'],
    });
    expect(
      one('databricks', {
        configurationType: 'URL',
        url: 'jdbc:databricks://h.cloud.databricks.com:443/default;httpPath=/sql/1.0/warehouses/w;AuthMech=3;UID=token;PWD=canary',
      }),
    ).toMatchObject({ engine: 'databricks', password: 'canary', settings: { warehouse: 'w' } });
    expect(
      one('bigquery', {
        host: 'https://www.googleapis.com/bigquery/v2',
        properties: { ProjectId: 'p', OAuthType: '0', OAuthPvtKeyPath: '/k.json', AdditionalProjects: 'q' },
      }),
    ).toMatchObject({
      engine: 'bigquery',
      database: 'p',
      notes: expect.arrayContaining(['Left out: additionalprojects.']),
    });
  });
  it('are refused by the way they sign in, or where they lead nowhere', () => {
    expect(
      one('snowflake', { host: 'a', database: 'D', 'auth-properties': { authenticator: 'externalbrowser' } })
        .problem,
    ).toMatchObject({ message: expect.stringMatching(/browser/) });
    expect(one('databricks', { host: 'x' }).problem).toMatchObject({ where: 'n' });
  });
});
