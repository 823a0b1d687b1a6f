import type { HealthHistory } from '../../../preload/contract/models.ts';
import { formatDuration } from '../../format.ts';
import { t } from '../../i18n/index.ts';

type Check = HealthHistory['checks'][number];

/** Of the drawing, in units of its own; it is stretched to the room there is. */
const width = 600;
const height = 72;
/** Room for the line's thickness, and below it for the marks of failures. */
const top = 4;
const floor = 60;
/** So many points are drawn at most: more than the eye tells apart in this width. */
const mostPoints = 240;
/** A pause this many times longer than usual is a gap, not a line: nobody looked meanwhile. */
const gapFactor = 4;

interface Point {
  readonly at: number;
  /** The slowest of the checks in this piece of time; null when none of them answered. */
  readonly latencyMs: number | null;
  readonly failed: boolean;
}

/** Failed ones have no latency; a check that answered slowly is no failure. */
const failed = (check: Check): boolean => check.state === 'fails' || check.state === 'unreachable';

export function summaryOf(checks: readonly Check[]): string {
  const times = checks
    .flatMap(({ latencyMs }) => (latencyMs === null ? [] : [latencyMs]))
    .sort((a, b) => a - b);
  const lost = checks.filter(failed).length;
  const [min] = times;
  const max = times.at(-1);
  const median = times[Math.floor(times.length / 2)];
  if (min === undefined || max === undefined || median === undefined) {
    return t('history.allFailed', { failed: lost });
  }
  return t('history.summary', {
    min: formatDuration(min),
    max: formatDuration(max),
    median: formatDuration(median),
    failed: lost,
  });
}

/** Puts checks that lie close together into one point, so that the slowest and every failure stay visible. */
export function thin(checks: readonly Check[], from: number, to: number): Point[] {
  const each = checks.map((check) => ({
    at: Date.parse(check.at),
    latencyMs: check.latencyMs,
    failed: failed(check),
  }));
  if (each.length <= mostPoints) return each;
  const points: Point[] = [];
  const piece = (to - from) / mostPoints;
  let current = -1;
  for (const check of each) {
    const index = Math.floor((check.at - from) / piece);
    const last = points.at(-1);
    if (index !== current || last === undefined) {
      points.push(check);
      current = index;
      continue;
    }
    const slowest = Math.max(last.latencyMs ?? -1, check.latencyMs ?? -1);
    points[points.length - 1] = {
      at: last.at,
      latencyMs: slowest < 0 ? null : slowest,
      failed: last.failed || check.failed,
    };
  }
  return points;
}

/** The points as pieces of line: a failure or a time without checks ends one. */
function pieces(points: readonly Point[]): Point[][] {
  const pauses = points.slice(1).map((point, at) => point.at - (points[at]?.at ?? 0));
  const usual = [...pauses].sort((a, b) => a - b)[Math.floor(pauses.length / 2)] ?? 0;
  const found: Point[][] = [[]];
  points.forEach((point, at) => {
    const pause = at === 0 ? 0 : point.at - (points[at - 1]?.at ?? 0);
    if (point.latencyMs === null || pause > usual * gapFactor) found.push([]);
    if (point.latencyMs !== null) found.at(-1)?.push(point);
  });
  return found.filter((piece) => piece.length > 0);
}

interface SparklineProps {
  readonly checks: readonly Check[];
  readonly from: number;
  readonly to: number;
  readonly label: string;
}

/** Answer times as a line, failures as marks under it. What it shows is said in its name, and in full in a table. */
export function Sparkline({ checks, from, to, label }: SparklineProps) {
  const points = thin(checks, from, to);
  const highest = Math.max(1, ...points.map(({ latencyMs }) => latencyMs ?? 0));
  const x = (at: number) => (((at - from) / (to - from)) * width).toFixed(1);
  const y = (ms: number) => (floor - (ms / highest) * (floor - top)).toFixed(1);
  return (
    <svg
      className="sparkline"
      viewBox={`0 0 ${width} ${height}`}
      preserveAspectRatio="none"
      role="img"
      aria-label={label}
    >
      <line className="sparkline-floor" x1="0" x2={width} y1={floor} y2={floor} />
      {pieces(points).map((piece) => {
        const line = piece.map((point) => `${x(point.at)},${y(point.latencyMs ?? 0)}`);
        // A single point is drawn as a short line, or it would not be seen.
        const [only, second] = piece;
        if (only && !second) line.push(`${(Number(x(only.at)) - 2).toFixed(1)},${y(only.latencyMs ?? 0)}`);
        return <polyline key={only?.at} className="sparkline-line" points={line.join(' ')} />;
      })}
      {points.map(
        (point) =>
          point.failed && (
            <line
              key={point.at}
              className="sparkline-failed"
              x1={x(point.at)}
              x2={x(point.at)}
              y1={floor + 2}
              y2={height}
            />
          ),
      )}
    </svg>
  );
}
