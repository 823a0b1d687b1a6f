import type { Coverage, DictionaryColumn, DictionaryNote } from '../../preload/contract/models.ts';

type Column = DictionaryColumn & { readonly note: DictionaryNote | null };

/** Whether the source says what a column means. A path alone does not; of a column without one its fixed description does. */
export const isDescribedBySource = ({ label, sourcePath, description }: DictionaryColumn): boolean =>
  label !== null || (sourcePath === null && description !== null);

/** How many of these columns somebody describes. */
export function coverageOf(columns: readonly Column[]): Coverage {
  let [described, byPeople] = [0, 0];
  for (const column of columns) {
    const isByPeople = column.note?.description != null;
    if (isByPeople) byPeople += 1;
    if (isByPeople || isDescribedBySource(column)) described += 1;
  }
  return { columns: columns.length, described, byPeople };
}

/** The coverage of several tables as one. */
export const sumOf = (all: readonly Coverage[]): Coverage =>
  all.reduce(
    (sum, { columns, described, byPeople }) => ({
      columns: sum.columns + columns,
      described: sum.described + described,
      byPeople: sum.byPeople + byPeople,
    }),
    { columns: 0, described: 0, byPeople: 0 },
  );
