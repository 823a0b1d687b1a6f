type Value = string | null;

/** Rows that came together: their values as one text, with the end of each in it; a NULL is marked by its sign bit. */
interface Chunk {
  readonly first: number;
  readonly count: number;
  readonly text: string;
  readonly ends: Int32Array;
}

/**
 * The rows of an answer, kept compactly: one text and one array of numbers for a page, not an object for each value, so
 * that a million rows neither fill the memory nor keep the collector busy.
 */
export interface RowStore {
  readonly width: number;
  readonly count: number;
  append(rows: readonly (readonly Value[])[]): void;
  /** Undefined where there is no such row or column. */
  value(row: number, column: number): Value | undefined;
  row(row: number): Value[];
}

export function createRows(width: number): RowStore {
  const chunks: Chunk[] = [];
  let count = 0;
  const chunkOf = (row: number): Chunk | undefined => {
    let low = 0;
    let high = chunks.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if ((chunks[middle]?.first ?? 0) <= row) low = middle;
      else high = middle - 1;
    }
    return chunks[low];
  };
  const value = (row: number, column: number): Value | undefined => {
    if (row < 0 || row >= count || column < 0 || column >= width) return undefined;
    const chunk = chunkOf(row);
    if (!chunk) return undefined;
    const at = (row - chunk.first) * width + column;
    const end = chunk.ends[at] ?? 0;
    if (end < 0) return null;
    const before = at === 0 ? 0 : (chunk.ends[at - 1] ?? 0);
    return chunk.text.slice(before < 0 ? ~before : before, end);
  };
  return {
    width,
    get count() {
      return count;
    },
    append(rows) {
      if (rows.length === 0) return;
      const parts: string[] = [];
      const ends = new Int32Array(rows.length * width);
      let length = 0;
      rows.forEach((row, n) => {
        for (let column = 0; column < width; column++) {
          const each = row[column] ?? null;
          if (each !== null) {
            parts.push(each);
            length += each.length;
          }
          // `~length` is negative for every length, also for none.
          ends[n * width + column] = each === null ? ~length : length;
        }
      });
      chunks.push({ first: count, count: rows.length, text: parts.join(''), ends });
      count += rows.length;
    },
    value,
    row: (row) => Array.from({ length: width }, (_, column) => value(row, column) ?? null),
  };
}
