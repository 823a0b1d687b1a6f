import type { Sample } from './results.ts';

/** One sync over time: what it is called and its samples. */
export interface Run {
  readonly name: string;
  readonly samples: readonly Sample[];
}

const width = 760;
const chartHeight = 190;
const left = 64;
const right = 20;
const gap = 56;
/** Rates are averaged over so many samples, so that single pages don't show as spikes. */
const smoothing = 5;
const colours = ['#1f6f78', '#b4552d', '#6a4c93', '#4a7c2c'];

const markup = (text: string): string => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;');
const round = (n: number): string => String(Math.round(n * 10) / 10);

/** A round number at or above `value`, for the end of an axis. */
function ceiling(value: number): number {
  const unit = 10 ** Math.floor(Math.log10(Math.max(1, value)));
  return ([1, 2, 2.5, 5, 10].find((step) => step * unit >= value) ?? 10) * unit;
}

interface Series {
  readonly name: string;
  readonly points: readonly (readonly [x: number, y: number])[];
}

function chart(title: string, series: readonly Series[], top: number, xMax: number): string {
  const yMax = ceiling(Math.max(...series.flatMap(({ points }) => points.map(([, y]) => y))));
  const x = (value: number): string => round(left + (value / xMax) * (width - left - right));
  const y = (value: number): string => round(top + chartHeight - (value / yMax) * chartHeight);
  const number = new Intl.NumberFormat('en');
  const lines = [0, 0.25, 0.5, 0.75, 1].map(
    (
      share,
    ) => `<line x1="${left}" x2="${width - right}" y1="${y(share * yMax)}" y2="${y(share * yMax)}" class="grid"/>
<text x="${left - 8}" y="${Number(y(share * yMax)) + 4}" class="axis" text-anchor="end">${number.format(share * yMax)}</text>`,
  );
  const curves = series.map(
    ({ points }, at) =>
      `<polyline fill="none" stroke="${colours[at % colours.length]}" stroke-width="1.6" points="${points.map(([px, py]) => `${x(px)},${y(py)}`).join(' ')}"/>`,
  );
  const seconds = [0, 0.25, 0.5, 0.75, 1].map(
    (share) =>
      `<text x="${x(share * xMax)}" y="${top + chartHeight + 18}" class="axis" text-anchor="middle">${round(share * xMax)} s</text>`,
  );
  return `<text x="${left}" y="${top - 10}" class="title">${markup(title)}</text>\n${[...lines, ...curves, ...seconds].join('\n')}`;
}

/** Records per second and resident memory of syncs over time, as an SVG that stands on light and dark grounds. */
export function plot(runs: readonly Run[]): string {
  const rates = runs.map(({ name, samples }) => ({
    name,
    points: samples.flatMap((sample, at) => {
      const from = samples[at - smoothing];
      if (!from || sample.ms === from.ms) return [];
      return [[sample.ms / 1000, ((sample.fetched - from.fetched) / (sample.ms - from.ms)) * 1000] as const];
    }),
  }));
  const memory = runs.map(({ name, samples }) => ({
    name,
    points: samples.map(({ ms, mb }) => [ms / 1000, mb] as const),
  }));
  const xMax = Math.max(...runs.flatMap(({ samples }) => samples.map(({ ms }) => ms / 1000)));
  const second = 48 + chartHeight + gap;
  const height = second + chartHeight + 56;
  const legend = runs.map(
    ({ name }, at) =>
      `<rect x="${left + at * 230}" y="${height - 20}" width="10" height="10" fill="${colours[at % colours.length]}"/>
<text x="${left + at * 230 + 16}" y="${height - 11}" class="axis">${markup(name)}</text>`,
  );
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" role="img">
<title>Records per second and memory of a sync over time</title>
<style>.grid{stroke:#8884;stroke-width:1}.axis{font:11px system-ui,sans-serif;fill:#777}.title{font:600 13px system-ui,sans-serif;fill:#777}</style>
${chart('Records per second', rates, 48, xMax)}
${chart('Resident memory of the whole process, MB', memory, second, xMax)}
${legend.join('\n')}
</svg>
`;
}
