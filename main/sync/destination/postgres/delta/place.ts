import type { DatasetSpec } from '../../../../connectors/connector.ts';
import { lookUp, type Names } from '../../../shape/names.ts';
import type { LiveTable } from '../publish/live.ts';

/** Where the published records of a dataset are: its main table, and its columns of the key and of the field they are counted by. */
export interface MainPlace {
  readonly table: string;
  readonly key: string;
  readonly field: string;
}

/** Null where it is not as Headgate made it: somebody may have dropped or renamed something. */
export function mainPlace(
  spec: DatasetSpec,
  field: string,
  names: Names,
  live: ReadonlyMap<string, LiveTable>,
): MainPlace | null {
  const table = lookUp(names.tables, spec.name);
  const column = lookUp(lookUp(names.columns, spec.name) ?? {}, field);
  const found = table === undefined ? undefined : live.get(table);
  if (table === undefined || column === undefined || found === undefined) return null;
  const isUsual =
    found.kind === 'r' &&
    found.own &&
    found.columns.get(column)?.type === 'timestamp with time zone' &&
    found.columns.get(spec.shape.key)?.type === 'text' &&
    found.key.length === 1 &&
    found.key[0] === spec.shape.key;
  return isUsual ? { table, key: spec.shape.key, field: column } : null;
}
