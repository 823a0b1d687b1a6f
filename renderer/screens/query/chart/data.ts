import type { QueryColumn } from '../../../../preload/contract/models.ts';
import type { RowStore } from '../../../components/grid/rows.ts';
import { aggregated } from './aggregate.ts';
import type { ChartData } from './drawn.ts';
import { histogramOf } from './histogram.ts';
import { type ChartSpec, isNumber, isTime } from './kinds.ts';
import { bucketOf, parseTime, type TimeUnit, unitFor } from './time-axis.ts';

/** Rows that a chart is made of; more would hold the window up, and are better put together by the statement. */
export const mostRead = 300_000;
/** Places on a line, bars beside each other, slices, points of a scatter, and series: more can't be told apart. */
const most = { line: 500, bar: 60, pie: 12, scatter: 5000, histogram: 60 } as const;
export const mostSeries = 12;

const numberOf = (text: string | null | undefined): number => {
  if (text === null || text === undefined || text === '') return Number.NaN;
  return Number(text);
};
const nullName = 'NULL';

/** What a chart draws of the rows that are here. */
export function chartData(
  spec: ChartSpec,
  columns: readonly QueryColumn[],
  rows: RowStore,
  count: number,
  words: { readonly others: string; readonly rows: string },
): ChartData {
  const read = Math.min(count, mostRead);
  const facts = { read, of: count };
  if (spec.kind === 'histogram') {
    const values: number[] = [];
    for (let row = 0; row < read; row++) values.push(numberOf(rows.value(row, spec.x)));
    return { ...histogramOf(values, most.histogram, words.rows), ...facts };
  }
  const column = columns[spec.x];
  const axis = isTime(column?.type ?? '') ? 'time' : column && isNumber(column) ? 'number' : 'name';
  const nameOf = (row: number): string =>
    spec.series === null ? '' : (rows.value(row, spec.series) ?? nullName);
  const parts = partsOf(spec, read, nameOf, words.others);
  const title = (name: string, part: string): string =>
    spec.series === null ? name : spec.ys.length > 1 ? `${name} · ${part}` : part;
  const names = (spec.ys.length === 0 ? [words.rows] : spec.ys.map((at) => columns[at]?.name ?? '')).flatMap(
    (name) => parts.map((part) => title(name, part)),
  );
  const partAt = new Map(parts.map((part, at) => [part, at]));
  const seriesOf = (y: number, row: number): number =>
    y * parts.length + (spec.series === null ? 0 : (partAt.get(nameOf(row)) ?? parts.length - 1));

  if (spec.kind === 'scatter') {
    return { ...scattered(spec, rows, read, names, seriesOf), ...facts };
  }
  const positions = (row: number): number | null => {
    const text = rows.value(row, spec.x);
    const at = axis === 'time' ? parseTime(text ?? null) : numberOf(text);
    return at === null || Number.isNaN(at) ? null : at;
  };
  const isLine = spec.kind === 'line';
  const onAxis = isLine && axis !== 'name';
  const distinct = onAxis || axis === 'time' ? new Set<number>() : null;
  let [low, high] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  if (distinct) {
    for (let row = 0; row < read; row++) {
      const at = positions(row);
      if (at === null || !Number.isFinite(at)) continue;
      distinct.add(at);
      low = Math.min(low, at);
      high = Math.max(high, at);
    }
  }
  const limit = most[spec.kind];
  const isTooMany = distinct !== null && distinct.size > limit;
  const unit = axis === 'time' && isTooMany ? unitFor(low, high, limit) : null;
  const width = axis === 'number' && isTooMany && onAxis ? (high - low) / (limit - 1) : 0;
  // Every row by itself can't be had where places are put together.
  const how = isTooMany && spec.how === 'each' ? (isLine ? 'mean' : 'sum') : spec.how;
  return {
    ...aggregated({
      ...{ read, how, names, limit, isOrdered: distinct !== null, keepsOthers: spec.kind === 'pie' },
      others: words.others,
      placeOf: (row) => {
        if (!distinct) return { key: rows.value(row, spec.x) ?? nullName, at: 0 };
        const at = positions(row);
        if (at === null || !Number.isFinite(at)) return null;
        const place = unit
          ? bucketOf(at, unit)
          : width > 0
            ? low + Math.floor((at - low) / width) * width
            : at;
        return { key: String(place), at: place };
      },
      labelOf: ({ key, at }) => {
        if (!distinct) return key;
        return axis === 'time' ? timeText(at, unit) : String(Number(at.toPrecision(6)));
      },
      valuesOf: (row) =>
        spec.ys.length === 0
          ? [[seriesOf(0, row), 1]]
          : spec.ys.map((y, n) => [seriesOf(n, row), numberOf(rows.value(row, y))]),
    }),
    axis: onAxis ? axis : 'name',
    how,
    unit,
    ...facts,
  };
}

/** As PostgreSQL prints it, no longer than what it stands for. */
function timeText(at: number, unit: TimeUnit | null): string {
  const text = new Date(at).toISOString();
  if (unit === 'year') return text.slice(0, 4);
  if (unit === 'month') return text.slice(0, 7);
  return at % 86_400_000 === 0 || unit === 'day' || unit === 'week'
    ? text.slice(0, 10)
    : text.slice(0, at % 1000 === 0 ? 19 : 23).replace('T', ' ');
}

/** The series that rows are parted into: the most frequent ones by themselves, the rest together as the last. */
function partsOf(
  spec: ChartSpec,
  read: number,
  nameOf: (row: number) => string,
  others: string,
): readonly string[] {
  if (spec.series === null) return [''];
  const counts = new Map<string, number>();
  for (let row = 0; row < read; row++) counts.set(nameOf(row), (counts.get(nameOf(row)) ?? 0) + 1);
  const room = Math.max(2, Math.floor(mostSeries / Math.max(1, spec.ys.length)));
  if (counts.size <= room) return [...counts.keys()].sort();
  const kept = [...counts].sort(([, a], [, b]) => b - a).slice(0, room - 1);
  return [...kept.map(([name]) => name).sort(), others];
}

/** Points of two numbers, taken evenly from first to last where there are too many. */
function scattered(
  { x, ys }: ChartSpec,
  rows: RowStore,
  read: number,
  names: readonly string[],
  seriesOf: (y: number, row: number) => number,
): Omit<ChartData, 'read' | 'of'> {
  const full: number[] = [];
  for (let row = 0; row < read; row++) {
    if (Number.isFinite(numberOf(rows.value(row, x)))) full.push(row);
  }
  const step = Math.max(1, full.length / most.scatter);
  const taken = Array.from(
    { length: Math.min(full.length, most.scatter) },
    (_, n) => full[Math.floor(n * step)] ?? 0,
  );
  const values = names.map(() => taken.map((): number | null => null));
  taken.forEach((row, n) => {
    ys.forEach((y, at) => {
      const value = numberOf(rows.value(row, y));
      const of = values[seriesOf(at, row)];
      if (of && Number.isFinite(value)) of[n] = value;
    });
  });
  return {
    ...{ axis: 'number', how: 'each', unit: null, drawn: taken.length, places: full.length },
    labels: taken.map((row) => rows.value(row, x) ?? nullName),
    at: taken.map((row) => numberOf(rows.value(row, x))),
    series: names.map((name, at) => ({ name, values: values[at] ?? [] })),
  };
}
