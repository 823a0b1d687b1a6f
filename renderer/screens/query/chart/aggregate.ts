import type { ChartSeries } from './drawn.ts';
import type { Aggregate } from './kinds.ts';

interface Place {
  readonly key: string;
  /** Where it stands on an axis that has an order. */
  readonly at: number;
}

interface Aggregation {
  /** Rows that are read. */
  readonly read: number;
  readonly how: Aggregate;
  readonly names: readonly string[];
  /** Places that are kept. */
  readonly limit: number;
  /** By where they stand; else as they come. */
  readonly isOrdered: boolean;
  /** What is beyond the limit is one more place, rather than left out. */
  readonly keepsOthers: boolean;
  readonly others: string;
  /** Null for a row that has no place. */
  readonly placeOf: (row: number) => Place | null;
  readonly labelOf: (place: Place) => string;
  /** The series that a row gives values to. */
  readonly valuesOf: (row: number) => readonly (readonly [series: number, value: number])[];
}

interface Aggregated {
  readonly labels: readonly string[];
  readonly at: readonly number[];
  readonly series: readonly ChartSeries[];
  readonly drawn: number;
  readonly places: number;
}

/** One number of those that share a place; null of none. */
export function oneOf(values: readonly number[], how: Aggregate): number | null {
  if (how === 'count') return values.length;
  if (values.length === 0) return null;
  const sum = (): number => values.reduce((all, each) => all + each, 0);
  switch (how) {
    case 'each':
      return values.at(-1) ?? null;
    case 'sum':
      return sum();
    case 'mean':
      return sum() / values.length;
    case 'min':
      return values.reduce((a, b) => Math.min(a, b));
    case 'max':
      return values.reduce((a, b) => Math.max(a, b));
    case 'median': {
      const sorted = [...values].sort((a, b) => a - b);
      const middle = sorted.length >> 1;
      const high = sorted[middle] ?? 0;
      return sorted.length % 2 === 1 ? high : ((sorted[middle - 1] ?? 0) + high) / 2;
    }
  }
}

/** Rows put together by their places; with `each`, rows of one place stay beside each other. */
export function aggregated(of: Aggregation): Aggregated {
  const { read, how, names, limit } = of;
  const found = new Map<string, { place: Place; values: number[][] }>();
  for (let row = 0; row < read; row++) {
    const place = of.placeOf(row);
    if (!place) continue;
    const key = how === 'each' ? `${row} ${place.key}` : place.key;
    let known = found.get(key);
    if (!known) {
      known = { place, values: names.map(() => []) };
      found.set(key, known);
    }
    for (const [series, value] of of.valuesOf(row)) {
      if (Number.isFinite(value)) known.values[series]?.push(value);
    }
  }
  let places = [...found.values()].map(({ place, values }) => ({
    label: of.labelOf(place),
    at: place.at,
    raw: values,
    values: values.map((each) => oneOf(each, how)),
  }));
  const all = places.length;
  if (of.isOrdered) places.sort((a, b) => a.at - b.at);
  const weight = ({ values }: (typeof places)[number]): number =>
    values.reduce<number>((sum, each) => sum + Math.abs(each ?? 0), 0);
  if (of.keepsOthers) places.sort((a, b) => weight(b) - weight(a));
  let rest: typeof places = [];
  if (places.length > limit) {
    if (of.keepsOthers) {
      rest = places.slice(limit - 1);
      places = places.slice(0, limit - 1);
    } else if (of.isOrdered) {
      const step = places.length / limit;
      places = Array.from({ length: limit }, (_, n) => places[Math.floor(n * step)]).filter(
        (each) => each !== undefined,
      );
    } else {
      // The largest stay, in the order in which they came.
      const kept = new Set([...places].sort((a, b) => weight(b) - weight(a)).slice(0, limit));
      places = places.filter((each) => kept.has(each));
    }
  }
  if (rest.length > 0) {
    const raw = names.map((_, at) => rest.flatMap((each) => each.raw[at] ?? []));
    const together = how === 'each' ? 'sum' : how;
    places.push({ label: of.others, at: 0, raw, values: raw.map((each) => oneOf(each, together)) });
  }
  return {
    labels: places.map(({ label }) => label),
    at: of.isOrdered ? places.map(({ at }) => at) : [],
    series: names.map((name, at) => ({ name, values: places.map(({ values }) => values[at] ?? null) })),
    drawn: places.length - (rest.length > 0 ? 1 : 0),
    places: all,
  };
}
