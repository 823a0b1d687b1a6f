import type { QueryParameters } from '../../../../preload/contract/models.ts';
import { type Wanted, wantedBy } from '../../../../preload/contract/sql-text.ts';
import type { Statement } from './statements.ts';

/** What was given, by the name of the place without its sign; null is NULL, and what is not there was not given. */
export type ParameterValues = Readonly<Record<string, string | null>>;

/** A statement with the values that go to its places. */
export interface Asked extends Statement {
  readonly parameters?: QueryParameters;
}

/** As it is written in the statement. */
export const signOf = ({ kind }: Wanted, name: string): string => `${kind === 'number' ? '$' : ':'}${name}`;

/** Undefined where none was given, also for `:constructor`. */
export const valueFor = (values: ParameterValues, name: string): string | null | undefined =>
  Object.hasOwn(values, name) ? values[name] : undefined;

/** The statement with its values, or the names of those that are missing. */
export function askedWith(
  statement: Statement,
  values: ParameterValues,
): { readonly asked: Asked } | { readonly missing: readonly string[] } {
  const { kind, names } = wantedBy(statement.sql);
  if (kind === 'none') return { asked: statement };
  const missing = names.filter((name) => valueFor(values, name) === undefined);
  if (missing.length > 0) return { missing };
  const given = (name: string): string | null => valueFor(values, name) ?? null;
  return {
    asked: {
      ...statement,
      parameters:
        kind === 'number' ? names.map(given) : Object.fromEntries(names.map((name) => [name, given(name)])),
    },
  };
}

/** What of it goes to the core. */
export const whatIsAsked = ({ sql, parameters }: Asked) => ({
  sql,
  ...(parameters === undefined ? {} : { parameters }),
});
