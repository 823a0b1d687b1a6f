import { useMemo } from 'react';
import type { Dataset, TableTitle } from '../../../preload/contract/models.ts';
import { useCall } from '../../api.ts';

/** A table with its place among the others. */
export interface ListedTable extends TableTitle {
  /** How many repeats it lies in. */
  readonly depth: number;
  /** Whether another table of the dataset is called the same. */
  readonly isTwin: boolean;
}

/** What a table is called where people read. */
export const titleOfTable = (table: Pick<TableTitle, 'title'> | undefined, name: string): string =>
  table?.title ?? name;

const rank = ({ name }: TableTitle): number =>
  name.startsWith('form_') ? 0 : name.startsWith('case_') ? 2 : 1;

/** Tables in the order in which people look for them: forms, lists, case types, each with its repeats below it. */
export function listed(tables: readonly TableTitle[]): ListedTable[] {
  const names = new Set(tables.map(({ name }) => name));
  const below = Map.groupBy(tables, ({ parent }) => (parent !== null && names.has(parent) ? parent : ''));
  const called = Map.groupBy(tables, ({ title, name, parent }) => `${parent ?? ''}\n${title ?? name}`);
  const out: ListedTable[] = [];
  const add = (table: TableTitle, depth: number): void => {
    if (out.length > tables.length) return;
    const twins = called.get(`${table.parent ?? ''}\n${table.title ?? table.name}`) ?? [];
    out.push({ ...table, depth, isTwin: twins.length > 1 });
    for (const child of below.get(table.name) ?? []) add(child, depth + 1);
  };
  const roots = [...(below.get('') ?? [])].sort(
    (a, b) => rank(a) - rank(b) || (a.title ?? a.name).localeCompare(b.title ?? b.name),
  );
  for (const table of roots) add(table, 0);
  return out;
}

/** The tables of each dataset; where nobody described them yet, by their names alone. */
export function useTitles(datasets: readonly Dataset[]): ReadonlyMap<string, readonly ListedTable[]> {
  const known = useCall('datasets.titles', {}).data;
  return useMemo(() => {
    const told = new Map((known ?? []).map(({ datasetId, tables }) => [datasetId, tables]));
    return new Map(
      datasets.map(({ id, rowCounts }) => {
        const described = new Map((told.get(id) ?? []).map((table) => [table.name, table]));
        const tables = Object.entries(rowCounts).map(
          ([name, rows]): TableTitle => ({
            ...{
              name,
              title: null,
              dataset: '',
              columns: 0,
              filled: null,
              parent: null,
              ...described.get(name),
            },
            rows,
          }),
        );
        return [id, listed(tables)] as const;
      }),
    );
  }, [known, datasets]);
}
