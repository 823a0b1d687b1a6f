import type { ChartData } from './drawn.ts';

/** Whole numbers that lie no further apart have a class each. */
const fewWhole = 25;

/** A round number that is at least as large. */
function roundUp(value: number): number {
  const unit = 10 ** Math.floor(Math.log10(value));
  return ([1, 2, 2.5, 5, 10].find((each) => each * unit >= value * (1 - 1e-9)) ?? 10) * unit;
}

const quantile = (sorted: readonly number[], share: number): number =>
  sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0;

/** How often values come, in classes of one round width (after Freedman and Diaconis); whole numbers that are few stand alone. */
export function histogramOf(
  values: readonly number[],
  most: number,
  name: string,
): Omit<ChartData, 'read' | 'of'> {
  const sorted = values.filter(Number.isFinite).sort((a, b) => a - b);
  const facts = { axis: 'name', how: 'count', unit: null } as const;
  const low = sorted[0];
  const high = sorted.at(-1);
  if (low === undefined || high === undefined) {
    return { ...facts, labels: [], at: [], series: [{ name, values: [] }], drawn: 0, places: 0 };
  }
  const isWhole = sorted.every(Number.isInteger);
  const spread = quantile(sorted, 0.75) - quantile(sorted, 0.25);
  const ideal = (2 * spread) / Math.cbrt(sorted.length);
  const span = high - low;
  const rough = Math.max(ideal || span / 20, span / (most - 2));
  const width =
    span === 0 || (isWhole && span < fewWhole)
      ? 1
      : isWhole
        ? Math.max(1, Math.ceil(roundUp(Math.max(1, rough))))
        : roundUp(rough);
  const first = Math.floor(low / width) * width;
  const size = Math.min(most, Math.floor((high - first) / width) + 1);
  const counts = new Array<number>(size).fill(0);
  for (const value of sorted) {
    const at = Math.min(size - 1, Math.max(0, Math.floor((value - first) / width)));
    counts[at] = (counts[at] ?? 0) + 1;
  }
  const text = (value: number): string => String(Number(value.toPrecision(10)));
  return {
    ...facts,
    labels: counts.map((_, at) => {
      const from = first + at * width;
      return isWhole && width === 1 ? text(from) : `${text(from)} – ${text(from + width)}`;
    }),
    at: [],
    series: [{ name, values: counts }],
    drawn: size,
    places: size,
  };
}
