import type { Said } from '../../../preload/contract/said.ts';
import { say } from '../../../preload/messages/said.ts';
/*
 * Which functions a statement may call. What the server says of a function (how much it may change, who made it) decides
 * first; these lists are what it does not say: some functions that change nothing still look where a query must not.
 */

/** Whether a schema is the server's own, temporary ones among them. */
export const isSystemSchema = (schema: string): boolean =>
  schema.startsWith('pg_') || schema === 'information_schema';

/** Functions of the server that promise nothing of what they answer, and yet touch nothing. */
const harmlessVolatile: ReadonlySet<string> = new Set([
  ...['random', 'random_normal', 'clock_timestamp', 'timeofday', 'gen_random_uuid', 'uuidv4', 'uuidv7'],
  ...['pg_sleep', 'pg_sleep_for', 'pg_sleep_until'],
]);

/** Of the server's functions named `pg_…` those that say nothing of its inside. */
const harmlessPg: ReadonlySet<string> = new Set([
  ...['pg_typeof', 'pg_column_size', 'pg_size_pretty', 'pg_size_bytes', 'pg_input_is_valid'],
  ...[
    'pg_input_error_info',
    'pg_relation_size',
    'pg_table_size',
    'pg_total_relation_size',
    'pg_indexes_size',
  ],
  ...['pg_sleep', 'pg_sleep_for', 'pg_sleep_until', 'pg_client_encoding', 'pg_collation_for', 'pg_basetype'],
]);

/**
 * Functions of the server that only read, and yet are no reading of the project's tables: they run a statement that they
 * are given as text, tell settings, sessions, files or what belongs to others.
 */
const reachingOut: readonly RegExp[] = [
  /^(query|cursor|table|schema|database)_to_xml/,
  /^ts_stat$/,
  /^ts_rewrite$/,
  /^current_setting$/,
  /^set_config$/,
  /^(lo_|loread|lowrite|lowrite)/,
  /^(nextval|setval|currval|lastval|setseed)$/,
  /^(txid_|inet_)/,
  /^(current_query|version)$/,
  /^has_/,
  /^(col_description|obj_description|shobj_description)$/,
  /^(binary_upgrade_|ri_fkey_|suppress_redundant|dblink|plpgsql_|brin_|gin_clean)/i,
];

/** Extensions whose functions compute and do nothing else. */
const computing: ReadonlySet<string> = new Set([
  ...['postgis', 'postgis_topology', 'postgis_raster', 'postgis_sfcgal', 'h3', 'h3_postgis', 'vector'],
  ...[
    'pg_trgm',
    'unaccent',
    'fuzzystrmatch',
    'hstore',
    'citext',
    'ltree',
    'intarray',
    'cube',
    'earthdistance',
  ],
  ...['uuid-ossp', 'pgcrypto', 'btree_gist', 'btree_gin', 'isn', 'seg'],
]);

/** What the server says of a function. */
export interface FunctionFacts {
  readonly schema: string;
  readonly name: string;
  /** `i` never, `s` not within a statement, `v` possibly changes with each call. */
  readonly volatility: string;
  readonly definer: boolean;
  /** The extension that brought it; null for none. */
  readonly extension: string | null;
}

/** Why a function is not called; null where it may be. */
export function objection(fact: FunctionFacts): Said | null {
  const { schema, name, volatility, definer, extension } = fact;
  if (definer) return say('query.why.definer');
  if (extension !== null) {
    if (!computing.has(extension)) return say('query.why.extension', { extension });
    return volatility === 'v' && !/^(uuid_generate|gen_random)/.test(name) ? say('query.why.changes') : null;
  }
  if (schema !== 'pg_catalog') return say('query.why.somebodys');
  if (reachingOut.some((pattern) => pattern.test(name))) return say('query.why.beyond');
  if (name.startsWith('pg_') && !harmlessPg.has(name)) return say('query.why.inside');
  if (volatility === 'v' && !harmlessVolatile.has(name)) return say('query.why.changes');
  return null;
}

/**
 * Why a function is not called in a policy of row security, which looks at who reads, by settings and rights: what of the
 * server only reads is no objection there.
 */
export function objectionInPolicy(fact: FunctionFacts): Said | null {
  const { schema, volatility, definer, extension } = fact;
  if (extension === null && schema === 'pg_catalog' && volatility !== 'v' && !definer) return null;
  return objection(fact);
}

/** Whether the types and operators of an extension are what they seem. */
export const isComputing = (extension: string | null): boolean =>
  extension !== null && computing.has(extension);
