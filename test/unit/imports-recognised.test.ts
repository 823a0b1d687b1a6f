import { expect, it } from 'vitest';
import { recogniseImport } from '../../preload/contract/recognise-import.ts';
import * as libpqFiles from '../support/generated-files.ts';
import { canary, dice, type Generated } from '../support/generated-files.ts';
import * as profiles from '../support/generated-profiles.ts';
import { seeded } from '../support/random.ts';

/* What a file is, is seen by its name or by what is in it; whatever is not sure is asked for. */

it.each([
  ['.pgpass', 'x', 'pgpass'],
  ['/home/a/.pg_service.conf', '', 'pg_service'],
  ['C:\\Users\\a\\odbc.ini', '', 'odbc'],
  ['.databrickscfg', '', 'databricks'],
  ['x', 'db:5432:d:u:p\\:w', 'pgpass'],
  ['config', 'Host a b\n  HostName x.example.org\n', 'ssh_config'],
  ['x.txt', 'postgres://u:p@h/d', 'url'],
  ['x.txt', 'jdbc:databricks://h;httpPath=/x', 'url'],
  ['x.age', 'age-encryption.org/v1\n-> X25519', 'sealed'],
  ['app.db', 'SQLite format 3\0\u0010', 'beekeeper'],
  ['a.csv', 'name,db_host,db_password\n', 'legacy'],
  ['a.xml', '<project version="4">\n<component name="DataSourceManagerImpl" format="xml">', 'datagrip'],
  ['clip', '#DataSourceSettings#\n#LocalDataSource: x', 'datagrip'],
  ['profiles.yml', 'shop:\r\n  target: dev\r\n  outputs:\r\n    dev:\r\n      type: postgres\r\n', 'dbt'],
  ['x.yml', 'shop:\n  outputs:\n    dev: {type: postgres, host: h}\n', 'dbt'],
  ['dbt_project.yml', 'name: shop\nprofile: shop\n', undefined],
  ['config.toml', '[connections.dev]\naccount = "a"\n', 'snowflake'],
  ['Cargo.toml', '[package]\nname = "x"\n', undefined],
  ['x.json', '{"a": 1}', undefined],
  ['x', '', undefined],
])('%s with %j is seen as %s', (name, text, kind) => {
  expect(recogniseImport(name, text)).toBe(kind);
});

it('each kind that is generated is seen without its name', () => {
  const d = dice(seeded(3));
  const all: readonly [string, (d: libpqFiles.Dice) => Generated][] = [
    ['dbt', profiles.dbtProfiles],
    ['snowflake', profiles.snowflakeToml],
    ['databricks', profiles.databricksCfg],
    ['odbc', profiles.odbcIni],
    ['datagrip', profiles.dataGrip],
    ['dbgate', profiles.dbGate],
    ['pgadmin', libpqFiles.pgAdmin],
    ['dbeaver', libpqFiles.dbeaver],
    ['azure_data_studio', libpqFiles.editorSettings],
    ['headgate', libpqFiles.own],
  ];
  for (const [kind, generate] of all)
    for (let n = 0; n < 50; n += 1) {
      const { text } = generate(d);
      expect(recogniseImport('file', text), text).toBe(kind);
    }
  expect(canary).toBeTruthy();
});

it('takes no longer for texts that are made to take long', () => {
  const begun = performance.now();
  for (const piece of [
    '[',
    '[x]\n',
    'a:1:',
    '\\:',
    ' \n',
    'Host ',
    '"connections":{',
    ' outputs: ',
    'host=',
    'a.',
  ])
    recogniseImport('x', piece.repeat(65_536 / piece.length));
  expect(performance.now() - begun).toBeLessThan(2000);
});
