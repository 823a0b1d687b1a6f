/** A cell by its row and column, both from 0. */
export interface Place {
  readonly row: number;
  readonly column: number;
}

export interface Range {
  readonly top: number;
  readonly bottom: number;
  readonly left: number;
  readonly right: number;
}

export function rangeOf(a: Place, b: Place): Range {
  return {
    top: Math.min(a.row, b.row),
    bottom: Math.max(a.row, b.row),
    left: Math.min(a.column, b.column),
    right: Math.max(a.column, b.column),
  };
}

interface Key {
  readonly key: string;
  readonly ctrlKey: boolean;
  readonly metaKey: boolean;
}

/** Where a key leads in a grid of so many rows and columns; null for keys that lead nowhere. */
export function moved(
  from: Place,
  { key, ctrlKey, metaKey }: Key,
  size: { rows: number; columns: number; page: number },
): Place | null {
  const far = ctrlKey || metaKey;
  const row = (to: number): Place => ({ ...from, row: Math.max(0, Math.min(size.rows - 1, to)) });
  const column = (to: number): Place => ({ ...from, column: Math.max(0, Math.min(size.columns - 1, to)) });
  switch (key) {
    case 'ArrowDown':
      return row(far ? size.rows : from.row + 1);
    case 'ArrowUp':
      return row(far ? 0 : from.row - 1);
    case 'ArrowLeft':
      return column(far ? 0 : from.column - 1);
    case 'ArrowRight':
      return column(far ? size.columns : from.column + 1);
    case 'PageDown':
      return row(from.row + size.page);
    case 'PageUp':
      return row(from.row - size.page);
    case 'Home':
      return far ? { row: 0, column: 0 } : column(0);
    case 'End':
      return far
        ? { row: Math.max(0, size.rows - 1), column: Math.max(0, size.columns - 1) }
        : column(size.columns);
    default:
      return null;
  }
}

/** Pixels that a browser can scroll well; what is longer is scrolled in proportion. */
const longest = 26_000_000;

export interface Scale {
  /** Height of what is scrolled. */
  readonly height: number;
  /** Pixels of rows for one pixel of scrolling. */
  readonly ratio: number;
}

export function scaleOf(rows: number, rowHeight: number, seen: number): Scale {
  const total = rows * rowHeight;
  if (total <= longest) return { height: total, ratio: 1 };
  return { height: longest, ratio: (total - seen) / (longest - seen) };
}
