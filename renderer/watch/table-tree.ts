import type { TableTitle } from '../../preload/contract/models.ts';

/** A table, and how many repeats it lies in. */
export type Nested<T> = T & { readonly depth: number };

/**
 * Tables with their repeats below them, each once; what names a table that is not there stands by itself. `order` puts those
 * beside each other in order.
 */
export function nested<T extends Pick<TableTitle, 'name' | 'parent'>>(
  tables: readonly T[],
  order: (siblings: readonly T[], depth: number) => readonly T[],
): Nested<T>[] {
  const names = new Set(tables.map(({ name }) => name));
  const below = Map.groupBy(tables, ({ parent }) => (parent !== null && names.has(parent) ? parent : ''));
  const out: Nested<T>[] = [];
  const add = (of: string, depth: number): void => {
    for (const table of order(below.get(of) ?? [], depth)) {
      if (out.length > tables.length) return;
      out.push({ ...table, depth });
      add(table.name, depth + 1);
    }
  };
  add('', 0);
  return out;
}
