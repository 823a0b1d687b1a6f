import type { QueryColumn } from '../../../preload/contract/models.ts';

const narrowest = 56;
const widest = 900;
/** The widest that a column is made by itself. */
const widestAtFirst = 340;
/** Rows that are looked at for the width that a column needs. */
const sampled = 60;
/** Columns whose width is kept; the oldest gives way. */
const mostKept = 400;
const storageKey = 'query-widths';

/** Values that are looked at for the width of a column. */
export interface Sampled {
  readonly count: number;
  value(row: number, column: number): string | null | undefined;
}

export const clampWidth = (width: number): number => Math.round(Math.min(widest, Math.max(narrowest, width)));

/** Wide scripts take about twice the room of a Latin letter. */
function lettersOf(text: string): number {
  let wide = 0;
  for (const each of text.slice(0, 80)) if ((each.codePointAt(0) ?? 0) > 0x1100) wide++;
  return Math.min(text.length, 80) + wide;
}

const keyOf = ({ name, type }: QueryColumn): string => `${name} ${type}`;

function readKept(storage: Storage): Record<string, number> {
  try {
    const found: unknown = JSON.parse(storage.getItem(storageKey) ?? '{}');
    return typeof found === 'object' && found !== null ? (found as Record<string, number>) : {};
  } catch {
    return {};
  }
}

/**
 * Pixels for each column: as a person left a column of this name and type, else as its first values need, and what is written
 * above them.
 */
export function widthsFor(
  columns: readonly QueryColumn[],
  rows: Sampled,
  storage: Storage,
  titles: readonly QueryColumn[] = columns,
): number[] {
  const kept = readKept(storage);
  return columns.map((column, at) => {
    const known = kept[keyOf(column)];
    if (typeof known === 'number' && Number.isFinite(known)) return clampWidth(known);
    return neededWidth(titles[at] ?? column, at, rows);
  });
}

export function neededWidth(column: QueryColumn, at: number, rows: Sampled): number {
  let letters = Math.max(lettersOf(column.name) + 1, lettersOf(column.type) * 0.9);
  for (let row = 0; row < Math.min(sampled, rows.count); row++) {
    letters = Math.max(letters, lettersOf(rows.value(row, at) ?? 'NULL'));
  }
  return Math.round(Math.min(widestAtFirst, Math.max(narrowest, letters * 7.4 + 24)));
}

export function keepWidth(column: QueryColumn, width: number, storage: Storage): void {
  const { [keyOf(column)]: _, ...kept } = readKept(storage);
  const entries = [...Object.entries(kept), [keyOf(column), clampWidth(width)] as const].slice(-mostKept);
  try {
    storage.setItem(storageKey, JSON.stringify(Object.fromEntries(entries)));
  } catch {
    // The width stays for as long as the result is shown.
  }
}
