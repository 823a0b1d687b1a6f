import type { ImportKind } from './models/imports.ts';

/** So much of a file is enough to see what it is. */
export const recognisedBy = 65_536;

/** What tools call their files. A name is a hint only: several of these are used by other tools too. */
const names: readonly (readonly [RegExp, ImportKind])[] = [
  [/^\.?pgpass(?:\.conf)?$/i, 'pgpass'],
  [/^\.?pg_service\.conf$/i, 'pg_service'],
  [/^\.?odbc\.ini$/i, 'odbc'],
  [/^\.?databrickscfg$/i, 'databricks'],
];

/** What only files of a kind have in them, all of it, the surest first. Each looks at a line, or at what follows a word. */
const marks: readonly (readonly [ImportKind, ...RegExp[]])[] = [
  ['beekeeper', /^SQLite format 3/],
  ['sealed', /^(?:age-encryption\.org\/|-----BEGIN AGE ENCRYPTED FILE)/],
  ['datagrip', /#DataSourceSettings#|<component name="(?:DataSourceManagerImpl|dataSourceStorageLocal)"/],
  ['headgate', /^\s*\{/, /"format"\s*:\s*"headgate-connections"/],
  ['dbgate', /^\s*\{/, /"engine"\s*:\s*"[\w-]+@dbgate-plugin-/],
  ['azure_data_studio', /^\s*\{/, /"(?:datasource|pgsql|mssql)\.connections"/],
  ['pgadmin', /^\s*\{/, /"Servers"\s*:\s*\{/],
  ['dbeaver', /^\s*\{/, /"connections"\s*:\s*\{/, /"provider"\s*:/],
  ['legacy', /^[ \t]*[[{\w"]/, /\bdb_(?:host|password)\b/],
  ['dbt', /^[ \t]+outputs:[ \t]*(?:#.*)?$/m, /\btype:[ \t]*["']?\w/],
  ['snowflake', /^\[[^\]\n]+\]/m, /^[ \t]*account[ \t]*=[ \t]*["'][^"'\n]+["']/m],
  ['odbc', /^[ \t]*\[[^\]\n]+\]/m, /^[ \t]*(?:\[ODBC Data Sources\]|Driver[ \t]*=)/im],
  [
    'databricks',
    /^\[[^\]\n]+\]/m,
    /^[ \t]*host[ \t]*=[ \t]*(?:https:\/\/|[\w.-]{1,200}\.(?:databricks\.com|azuredatabricks\.net))/m,
  ],
  ['ssh_config', /^[ \t]*Host[ \t]+\S/im, /^[ \t]*(?:HostName|User|IdentityFile|ProxyJump)[ \t=]/im],
  ['pg_service', /^\[[^\]\n]+\]/m, /^(?:host|hostaddr|dbname)=/m],
  ['url', /^\s*(?:jdbc:)?[a-z][a-z0-9+]{1,40}:\/\/\S/i],
  ['pgpass', /^(?:[^:\s\\#]|\\.)+:(?:\d+|\*):(?:[^:\\\n]|\\.)+:(?:[^:\\\n]|\\.)+:.+$/m],
];

/**
 * What a file is, by what stands at its beginning and by its name. Undefined where neither tells: then somebody has to say. Whoever
 * reads it afterwards still refuses what it is not.
 */
export function recogniseImport(name: string, beginning: string): ImportKind | undefined {
  const file = name.split(/[\\/]/).pop() ?? '';
  const named = names.find(([pattern]) => pattern.test(file))?.[1];
  if (named !== undefined) return named;
  const text = beginning
    .slice(0, recognisedBy)
    .replace(/^\ufeff/, '')
    .replaceAll('\r\n', '\n');
  return marks.find(([, ...all]) => all.every((each) => each.test(text)))?.[0];
}
