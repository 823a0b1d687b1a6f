import type { QueryColumn } from '../../../../preload/contract/models.ts';
import { isNumeric } from '../../../../preload/contract/query-values.ts';

export const chartKinds = ['line', 'bar', 'pie', 'scatter', 'histogram'] as const;
export type ChartKind = (typeof chartKinds)[number];

/** `each`: every row is a point of its own · else what is made of the rows that share a place. */
export const aggregates = ['each', 'sum', 'mean', 'median', 'min', 'max', 'count'] as const;
export type Aggregate = (typeof aggregates)[number];

/** What is drawn of an answer: its columns by their places. */
export interface ChartSpec {
  readonly kind: ChartKind;
  readonly x: number;
  /** None where rows are counted. */
  readonly ys: readonly number[];
  /** The column whose values part the rows; null where nothing does. */
  readonly series: number | null;
  readonly how: Aggregate;
}

export const isTime = (type: string): boolean => /^(date|timestamp)\b(?!.*\[\])/.test(type);
export const isNumber = ({ type }: QueryColumn): boolean => isNumeric(type);

const numbersOf = (columns: readonly QueryColumn[]): number[] =>
  columns.flatMap((column, at) => (isNumber(column) ? [at] : []));
const isKey = ({ name }: QueryColumn): boolean => /^(id|.*_id|position)$/i.test(name);
/** Numbers that measure something, before those that only name a row. */
const measures = (columns: readonly QueryColumn[]): number[] => {
  const numbers = numbersOf(columns);
  const real = numbers.filter((at) => !isKey(columns[at] as QueryColumn));
  return real.length > 0 ? real : numbers;
};
const labelsOf = (columns: readonly QueryColumn[]): number[] =>
  columns.flatMap((column, at) =>
    isNumber(column) || /^(jsonb?|bytea)$|\[\]/.test(column.type) ? [] : [at],
  );

/** Lines and scatters ask for many places, pies and bars for one value a name. */
const usualAggregate = (kind: ChartKind): Aggregate =>
  kind === 'line' ? 'mean' : kind === 'bar' || kind === 'pie' ? 'sum' : 'each';

/** The columns that a kind of chart is best made of; what a person chose before stays where it fits. */
export function specFor(kind: ChartKind, columns: readonly QueryColumn[], before?: ChartSpec): ChartSpec {
  const numbers = measures(columns);
  const labels = labelsOf(columns);
  const time = labels.find((at) => isTime(columns[at]?.type ?? ''));
  if (kind === 'histogram') {
    const [kept] = before?.ys ?? [];
    return { kind, x: kept ?? numbers[0] ?? 0, ys: [], series: null, how: 'count' };
  }
  if (kind === 'scatter') {
    const kept = before?.ys.filter((at) => numbers.includes(at)) ?? [];
    const x = kept.length > 1 ? (kept[0] as number) : (numbers.find((at) => !kept.includes(at)) ?? 0);
    const ys = kept.filter((at) => at !== x);
    const y = numbers.find((at) => at !== x) ?? x;
    return { kind, x, ys: ys.length > 0 ? ys : [y], series: before?.series ?? null, how: 'each' };
  }
  // Without an order of its own a name makes no line, where there is a time.
  const isFit = (at: number): boolean =>
    kind === 'line'
      ? time === undefined || isTime(columns[at]?.type ?? '') || isNumber(columns[at] as QueryColumn)
      : labels.includes(at);
  const x =
    before && before.kind !== 'scatter' && before.kind !== 'histogram' && isFit(before.x)
      ? before.x
      : kind === 'line'
        ? (time ?? labels[0] ?? numbers[0] ?? 0)
        : (labels.find((at) => at !== time) ?? time ?? numbers[0] ?? 0);
  const kept = (before?.ys ?? []).filter((at) => at !== x && isNumber(columns[at] as QueryColumn));
  const first = numbers.find((at) => at !== x);
  const ys = kept.length > 0 ? kept : first === undefined ? [] : [first];
  return {
    ...{ kind, x, ys: kind === 'pie' ? ys.slice(0, 1) : ys },
    series: kind === 'pie' ? null : (before?.series ?? null),
    how: ys.length === 0 ? 'count' : usualAggregate(kind),
  };
}

/**
 * The chart that columns of these types are usually looked at as: over a time a line, by a name bars, two numbers against each
 * other points, one number how often its values come, only names how many rows each has.
 */
export function firstSpec(columns: readonly QueryColumn[]): ChartSpec {
  const numbers = measures(columns);
  const labels = labelsOf(columns);
  const hasTime = labels.some((at) => isTime(columns[at]?.type ?? ''));
  // With both a time and a name it is the one that comes first, as the statement grouped it.
  const first = labels[0];
  const kind: ChartKind =
    labels.length > 0
      ? hasTime && (labels.length === 1 || isTime(columns[first ?? 0]?.type ?? '')) && numbers.length > 0
        ? 'line'
        : 'bar'
      : numbers.length > 1
        ? 'scatter'
        : 'histogram';
  return specFor(kind, columns);
}

/** The kinds that something can be drawn of these columns as. */
export function kindsFor(columns: readonly QueryColumn[]): ChartKind[] {
  const numbers = numbersOf(columns).length;
  return chartKinds.filter((kind) =>
    kind === 'histogram' ? numbers > 0 : kind === 'scatter' ? numbers > 1 : columns.length > 0,
  );
}
