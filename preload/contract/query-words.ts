/** Why a statement is not run; each is a check of its own. */
export const queryRefusals = [
  'empty',
  'too_long',
  'several_statements',
  'not_reading',
  'locks_rows',
  'makes_table',
  'unknown_syntax',
  'parameters',
  'schema',
  'system_table',
  'unknown_table',
  'foreign_table',
  'kind_of_table',
  'function',
  'operator',
  'type',
  'setting',
] as const;
export type QueryRefusal = (typeof queryRefusals)[number];

/** What keeps a query that failed from its answer, as the seeds have it. */
export const queryTroubles = [
  'connection',
  'execution',
  'syntax',
  'permission',
  'timeout',
  'too_many',
] as const;
export type QueryTrouble = (typeof queryTroubles)[number];

/** Characters of a statement; nobody types more, and generated ones stay below. */
export const longestStatement = 200_000;
/** Rows that a query can be let run to. */
export const mostQueryRows = 5_000_000;

/** Formats that are text, row by row. */
export const textFormats = ['csv', 'json', 'ndjson'] as const;
export type TextFormat = (typeof textFormats)[number];
/** The longest time-out of a query that can be asked for, in seconds. */
export const longestSeconds = 3600;

export const exportFormats = [...textFormats, 'xlsx'] as const;
export type ExportFormat = (typeof exportFormats)[number];
