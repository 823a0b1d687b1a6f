import { useMemo } from 'react';
import type { Dataset, TableTitle } from '../../../preload/contract/models.ts';
import { useCall } from '../../api.ts';
import { nested } from '../../watch/table-tree.ts';

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

const called = ({ parent, title, name }: TableTitle): string => `${parent ?? ''}\n${title ?? name}`;

/** Tables in the order in which people look for them: forms, lists, case types, each with its repeats below it. */
export function listed(tables: readonly TableTitle[]): ListedTable[] {
  const alike = Map.groupBy(tables, called);
  const inOrder = (siblings: readonly TableTitle[], depth: number): readonly TableTitle[] =>
    depth > 0
      ? siblings
      : siblings.toSorted(
          (a, b) => rank(a) - rank(b) || (a.title ?? a.name).localeCompare(b.title ?? b.name),
        );
  return nested(tables, inOrder).map((table) => ({
    ...table,
    isTwin: (alike.get(called(table)) ?? []).length > 1,
  }));
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
