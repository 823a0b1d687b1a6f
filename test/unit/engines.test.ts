import { describe, expect, it } from 'vitest';
import { insistReading as clickhouseReading } from '../../main/engines/clickhouse/statement.ts';
import { fieldValue, linesOf, valuesOf } from '../../main/engines/clickhouse/tab-separated.ts';
import { account, literal } from '../../main/engines/mysql/sql.ts';
import { insistReading as mysqlReading } from '../../main/engines/mysql/statement.ts';
import { askingEngine, engineFor, landingEngine, usersOf } from '../../main/engines/registry.ts';
import { withoutLiterals } from '../../main/engines/without-literals.ts';
import { engineOfScheme, engineTraits, engineTypes } from '../../preload/contract/engines.ts';
import { tlsModes } from '../../preload/contract/tls-modes.ts';
import { readEngineUrl } from '../../preload/contract/urls/engine-url.ts';

const can = (work: () => unknown): boolean => {
  try {
    work();
    return true;
  } catch (error) {
    expect(error).toMatchObject({ code: 'ENGINE_CAN_NOT' });
    return false;
  }
};

describe.each(engineTypes)('what %s is said to be', (type) => {
  const traits = engineTraits[type];
  it('is what its code can do', () => {
    expect(engineFor(type).type).toBe(type);
    expect(can(() => landingEngine(type))).toBe(traits.lands);
    expect(can(() => askingEngine(type))).toBe(!traits.lands);
    expect(can(() => usersOf(type))).toBe(traits.leases);
    expect(traits.changesPasswords).toBe(traits.leases);
  });
  it('has ways to encrypt in the order of the contract, and schemes of its own', () => {
    expect(traits.tlsModes).toEqual(tlsModes.filter((mode) => traits.tlsModes.includes(mode)));
    for (const scheme of traits.schemes) expect(engineOfScheme(scheme.toUpperCase())).toBe(type);
  });
});

describe('a URL of a database', () => {
  it.each([
    [
      'mysql://u:p%40ss@db.example.org:3307/clinic',
      {
        engine: 'mysql',
        host: 'db.example.org',
        port: 3307,
        database: 'clinic',
        user: 'u',
        password: 'p@ss',
      },
    ],
    [
      'jdbc:mariadb://db/clinic?user=u&password=x&sslMode=trust',
      { engine: 'mysql', port: 3306, user: 'u', password: 'x', tlsMode: 'require', left: [] },
    ],
    [
      'mysql://[2001:db8::1]:3306/c?ssl-mode=VERIFY_IDENTITY',
      { host: '2001:db8::1', tlsMode: 'verify-full' },
    ],
    ['mysql://u@db/c?ssl-mode=DISABLED&charset=utf8mb4', { tlsMode: 'disable', left: [] }],
    ['mysql://u@db/c?socket=/tmp/x', { left: ['socket'] }],
    ['jdbc:clickhouse://db/d?ssl=false', { engine: 'clickhouse', port: 8443, tlsMode: 'disable' }],
    ['mysql://u@db', { database: '', port: 3306 }],
    [
      'jdbc:databricks://h.cloud.databricks.com:443/default;transportMode=http;ssl=1;AuthMech=3;httpPath=/sql/1.0/warehouses/w1;UID=token;PWD=dapi;ConnCatalog=c',
      {
        ...{ engine: 'databricks', host: 'h.cloud.databricks.com', port: 443, database: 'c', user: '' },
        ...{
          password: 'dapi',
          settings: { signIn: 'token', warehouse: 'w1' },
          tlsMode: 'verify-full',
          left: [],
        },
      },
    ],
    [
      'databricks://token:da%40pi@h.azuredatabricks.net?http_path=%2Fsql%2F1.0%2Fwarehouses%2Fw1&catalog=c&schema=s',
      { engine: 'databricks', database: 'c', password: 'da@pi', left: ['schema'] },
    ],
    [
      'jdbc:databricks://h:443;httpPath=/sql/1.0/endpoints/w1;AuthMech=11;Auth_Flow=1;OAuth2ClientId=app;OAuth2Secret=s',
      { user: 'app', password: 's', settings: { signIn: 'client_secret', warehouse: 'w1' }, left: [] },
    ],
    ['jdbc:databricks://h;httpPath=sql/protocolv1/o/0/1-x;AuthMech=3', { left: ['httppath'] }],
    [
      'jdbc:databricks://h;httpPath=/sql/1.0/warehouses/w;PWD=a;canary;canary=1',
      { left: ['pwd', 'a parameter'] },
    ],
    ['jdbc:spark://h;httpPath=/sql/1.0/warehouses/w;ssl=0', { engine: 'databricks', left: ['ssl'] }],
    [
      'jdbc:snowflake://o-a.snowflakecomputing.com/?db=D&schema=S&warehouse=W&role=R&user=u&authenticator=snowflake_jwt',
      {
        ...{ engine: 'snowflake', host: 'o-a.snowflakecomputing.com', port: 443, database: 'D', user: 'u' },
        settings: { signIn: 'private_key', schema: 'S', warehouse: 'W', role: 'R' },
        left: [],
      },
    ],
    [
      'snowflake://u:eyJraWQiOiIx.eyJwIjoiMSJ9.c2ln@xy1.eu-west-1/D/S?warehouse=W',
      {
        ...{ host: 'xy1.eu-west-1.snowflakecomputing.com', database: 'D', user: '', left: [] },
        ...{
          password: 'eyJraWQiOiIx.eyJwIjoiMSJ9.c2ln',
          settings: { signIn: 'token', schema: 'S', warehouse: 'W' },
        },
      },
    ],
    // A password can't sign in there; whoever pastes it is told.
    ['snowflake://u:pw@a/D', { password: '', left: ['password'] }],
    [
      'jdbc:snowflake://a.snowflakecomputing.com/?db=D&authenticator=externalbrowser',
      { left: ['authenticator'] },
    ],
    [
      'jdbc:bigquery://https://www.googleapis.com/bigquery/v2:443;ProjectId=p;OAuthType=0;Location=EU',
      {
        engine: 'bigquery',
        host: 'bigquery.googleapis.com',
        database: 'p',
        settings: { location: 'EU' },
        left: [],
      },
    ],
    ['bigquery://p/dataset', { engine: 'bigquery', database: 'p', left: ['defaultdataset'] }],
  ])('is taken apart: %s', (url, parts) => {
    expect(readEngineUrl(url)).toMatchObject(parts);
  });
  it.each([
    'postgres://u@db/c',
    'mysql://u@a,b/c',
    'mysql://u:p@ss@db/c',
    'mysql://',
    'mysql://u@db:99999/c',
    'http://db',
    'mysql://u:%zz@db/c',
    'databricks://',
    'databricks://h/x y',
    'jdbc:databricks://h:99999;httpPath=/x',
    'snowflake://u:p@w@a/D',
    'snowflake://u:%zz@a/D',
    'jdbc:bigquery://https://elsewhere.example.org:443;ProjectId=p',
  ])('is left to others, or refused: %s', (url) => {
    expect(readEngineUrl(url)).toBeUndefined();
  });
});

describe('a statement', () => {
  it('is kept without its values', () => {
    expect(
      withoutLiterals(
        "SELECT `a1`, b2 FROM t WHERE c = 'x''y' AND d > 1.5e3 -- canary\nAND e = \"can\\\"ary\"",
      ),
    ).toBe('SELECT `a1`, b2 FROM t WHERE c = ? AND d > ?  \nAND e = ?');
    expect(withoutLiterals("SELECT 'never closed, canary")).toBe('SELECT ?');
    for (const sql of [
      "SELECT r'\\' , 'canary' FROM a",
      'SELECT "a\\", \'canary\'',
      'SELECT $$ canary $$, b',
      'SELECT 1 --canary',
      'SELECT 1 // canary',
      'SELECT /* /* */ canary */ 1',
    ])
      expect(withoutLiterals(sql), sql).not.toContain('canary');
    expect(withoutLiterals('SELECT /* canary')).toBe('SELECT  ');
  });
  it('passes the gates whatever stands between its words', () => {
    const spaces = [' ', '\n', '\t', ' /* c */ ', ' -- c\n'];
    for (const space of spaces) {
      expect(mysqlReading(`(${space}SELECT${space}1${space})`)).toBe('rows');
      expect(mysqlReading(`SHOW${space}TABLES${space};`)).toBe('direct');
      expect(clickhouseReading(`WITH 1 AS x${space}SELECT x${space};`)).not.toMatch(/;$/);
      for (const gate of [mysqlReading, clickhouseReading])
        for (const sql of [
          `SELECT 1${space};${space}SELECT 2`,
          `DELETE${space}FROM t`,
          `${space}`,
          `SELECT 1 INTO${space}OUTFILE 'x'`,
        ])
          expect(() => gate(sql), sql).toThrow(expect.objectContaining({ code: 'QUERY_REFUSED' }));
    }
  });
});

describe('what is written into SQL', () => {
  it('is quoted by the rules of the engine', () => {
    expect(literal("a'b")).toBe('CONVERT(0x612762 USING utf8mb4)');
    expect(literal('')).toBe("''");
    expect(account("o'neil@%")).toBe("'o\\'neil'@'%'");
    expect(account('a@b@10.0.0.1')).toBe("'a@b'@'10.0.0.1'");
  });
});

describe('lines of ClickHouse', () => {
  it('are whole, however the bytes come', async () => {
    const text = 'a\tb\\n\n\\N\tनेहा\nlast';
    const bytes = Buffer.from(text);
    for (let cut = 1; cut < bytes.length; cut += 1) {
      const pieces = async function* () {
        yield bytes.subarray(0, cut);
        yield bytes.subarray(cut);
      };
      const lines: string[] = [];
      for await (const line of linesOf(pieces())) lines.push(line);
      expect(lines).toEqual(['a\tb\\n', '\\N\tनेहा', 'last']);
    }
    expect(valuesOf('\\N\t\\\\N\ta\\tb')).toEqual([null, '\\N', 'a\tb']);
    expect(valuesOf("['a\\'b']", [true])).toEqual(["['a\\'b']"]);
    expect(fieldValue('\\0')).toBe('\0');
  });
});
