import { isScalar, parseDocument, visit } from 'yaml';
import { say } from '../../../preload/messages/said.ts';
import { AppError } from '../../errors.ts';
import type { Found, Problem } from '../found.ts';
import { bagOf, textOf } from '../found.ts';
import { bigqueryOf } from '../kinds/bigquery.ts';
import { databricksOf } from '../kinds/databricks.ts';
import { postgresOf } from '../kinds/postgres.ts';
import { serverOf } from '../kinds/server.ts';
import { snowflakeOf } from '../kinds/snowflake.ts';
import { createTold, type Taken, type Told } from '../kinds/told.ts';
import { type Entry, foundOf, insistShort } from './entries.ts';

/*
 * dbt's profiles.yml (dbt documentation, "About profiles.yml" and a page for each adapter). It is YAML with templates in its
 * texts; no template is evaluated: what it would look up is not in the file.
 */

/** YAML 1.1 as dbt reads it has aliases and merged maps; so many levels of them are no profile. */
const mostAliases = 100;
const nothing = /^(?:~|null)?$/i;

/** Reads YAML with each value as it is written. Fails with IMPORT_UNREADABLE, which repeats nothing of the text. */
function readYaml(text: string): unknown {
  insistShort(text);
  const document = parseDocument(text, {
    // Each value stays as it is written: a password of 0123 or "yes" is no number and no switch.
    schema: 'failsafe',
    merge: true,
    uniqueKeys: true,
    prettyErrors: false,
    // What it would warn of is told with pieces of the text.
    logLevel: 'error',
  });
  const [first] = document.errors;
  if (first) {
    const line = text.slice(0, first.pos[0]).split('\n').length;
    throw new AppError(
      'IMPORT_UNREADABLE',
      first.code === 'DUPLICATE_KEY' ? say('imports.yamlTwice', { line }) : say('imports.notYaml', { line }),
    );
  }
  visit(document, {
    Scalar(_, node) {
      if (node.type === 'PLAIN' && typeof node.value === 'string' && nothing.test(node.value))
        node.value = null;
    },
    Pair(_, { key }) {
      if (!isScalar(key)) throw new AppError('IMPORT_UNREADABLE', say('imports.yamlOddKey'));
    },
  });
  try {
    return document.toJS({ maxAliasCount: mostAliases });
  } catch {
    throw new AppError('IMPORT_UNREADABLE', say('imports.yamlAliases'));
  }
}

const isTemplate = (text: string): boolean => /\{\{|\{%/.test(text);

/** What changes neither where a connection leads nor how safely. */
const harmless = new Set([
  ...[
    'type',
    'threads',
    'retries',
    'keepalives_idle',
    'connect_timeout',
    'connect_retries',
    'charset',
    'collation',
  ],
  ...['send_receive_timeout', 'sync_request_timeout', 'compression', 'check_exchange', 'use_lw_deletes'],
  ...['database_engine', 'cluster_mode', 'local_suffix', 'local_db_prefix', 'allow_automatic_deduplication'],
]);

const postgres = (told: Told, name: string): Taken =>
  postgresOf(told, name, {
    ...{ host: ['host'], port: ['port'], user: ['user', 'username'], password: ['password', 'pass'] },
    ...{ dbname: ['dbname', 'database'], sslmode: ['sslmode'], sslrootcert: ['sslrootcert'] },
    ...{ sslcert: ['sslcert'], sslkey: ['sslkey'] },
  });

const mysql = (told: Told, name: string): Taken => {
  const isOff = told.flag('ssl_disabled');
  return serverOf('mysql', told, name, {
    names: {
      ...{ host: ['server', 'host'], port: ['port'], database: ['schema', 'database'] },
      ...{ user: ['username', 'user'], password: ['password', 'pass'] },
    },
    tls: { mode: isOff === true ? 'disable' : undefined },
  });
};

const clickhouse = (told: Told, name: string): Taken => {
  if (told.text('driver')?.toLowerCase() === 'native')
    return {
      problem: 'goes by ClickHouse’s own protocol (driver: native); only its HTTP interface can be reached',
    };
  const secure = told.flag('secure');
  const verify = told.flag('verify');
  // Without TLS its adapter takes another port than the one that is usual here.
  const isPlain = secure !== true && !told.has('port');
  return serverOf('clickhouse', told, name, {
    names: {
      ...{ host: ['host'], port: ['port'], database: ['schema', 'database'] },
      ...{ user: ['user', 'username'], password: ['password', 'pass'] },
    },
    tls: {
      mode: secure === false ? 'disable' : verify === false ? 'require' : secure ? 'verify-full' : undefined,
      cert: told.text('client_cert'),
      hasKey: told.text('client_cert_key') !== undefined,
    },
    notes: isPlain ? ['No port was told; 8443, the one for TLS, was taken.'] : [],
  });
};

const kinds: Readonly<
  Record<string, (told: Told, name: string, output: Readonly<Record<string, unknown>>) => Taken>
> = {
  postgres,
  mysql,
  mysql5: mysql,
  mariadb: mysql,
  clickhouse,
  snowflake: snowflakeOf,
  databricks: databricksOf,
  bigquery: (told, name, output) => {
    told.pass(new Set(['keyfile_json']));
    return bigqueryOf(told, name, output['keyfile_json']);
  },
};

/** Each output of each profile. */
export function parseDbt(text: string): Found {
  const file = bagOf(readYaml(text));
  const entries: Entry[] = [];
  const problems: Problem[] = [];
  for (const [profile, value] of Object.entries(file)) {
    // Of older versions: how dbt itself behaves.
    if (profile === 'config') continue;
    const { outputs, target: _, ...rest } = bagOf(value);
    const list = Object.entries(bagOf(outputs));
    if (list.length === 0) problems.push({ where: profile, message: 'is a profile without outputs' });
    for (const key of Object.keys(rest))
      problems.push({ where: profile, message: `has ${key}, which is not known` });
    for (const [output, fields] of list) {
      const where = `${profile} / ${output}`;
      const bag = bagOf(fields);
      const type = textOf(bag['type'])?.trim().toLowerCase();
      const told = createTold(Object.entries(bag), { isClosed: isTemplate });
      told.pass(harmless);
      if (type === undefined || isTemplate(type))
        entries.push({ where, taken: { problem: 'does not say what kind of database it is for (type)' } });
      else if (!Object.hasOwn(kinds, type))
        entries.push({
          where,
          taken: {
            problem: `is for ${/^[\w-]{1,30}$/.test(type) ? type : 'another kind of database'}, which can’t be imported`,
          },
        });
      else
        entries.push({
          where,
          taken: (kinds[type] as NonNullable<(typeof kinds)[string]>)(told, where, bag),
        });
    }
  }
  return foundOf(entries, problems);
}
