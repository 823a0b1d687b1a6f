import {
  type CSSProperties,
  type KeyboardEvent,
  memo,
  type ReactNode,
  useId,
  useMemo,
  useRef,
  useState,
} from 'react';
import type { Job } from '../../../preload/contract/models.ts';
import { formatAxisDay, formatAxisHour, formatDuration } from '../../format.ts';
import { t } from '../../i18n/index.ts';
import { useLanguage } from '../../language.tsx';
import { href } from '../../router.ts';
import { deltaText, formOf, type RunForm, startText, stateWord, tookMs } from '../../watch/run-look.ts';
import { type Bar, barsOf, nearest, type Range, rangeMs, ticksOf } from './lane-bars.ts';

export interface Lane {
  /** Of the dataset. */
  readonly id: string;
  /** What it is called, for whoever hears it. */
  readonly name: string;
  /** What stands before its lane; its name unless given. */
  readonly label?: ReactNode;
  /** What can be done with it, behind its lane. */
  readonly action?: ReactNode;
}

interface RunLanesProps {
  readonly lanes: readonly Lane[];
  /** Those of other datasets are left out. */
  readonly jobs: readonly Job[];
  readonly range: Range;
  readonly now: number;
  /** The run that is open. */
  readonly shown?: string | undefined;
}

/**
 * A lane for each dataset, a bar for each run, a line where now is. One tab stop: the arrow keys walk along a lane and from
 * lane to lane, Enter opens the run. Beside it stand a sentence and a table.
 */
export function RunLanes({ lanes, jobs, range, now, shown }: RunLanesProps) {
  useLanguage();
  const title = useId();
  const pattern = useId();
  const root = useRef<HTMLDivElement>(null);
  const [current, setCurrent] = useState<string | null>(null);
  const from = now - rangeMs[range];
  const byDataset = useMemo(() => Map.groupBy(jobs, ({ datasetId }) => datasetId), [jobs]);
  const drawn = lanes.map((lane) => ({
    lane,
    bars: barsOf(byDataset.get(lane.id) ?? [], from, now),
  }));
  const all = drawn.flatMap(({ bars }) => bars);
  // Where nobody was yet, the tab key comes to the newest run.
  const stop = all.some(({ job }) => job.id === current) ? current : (newestOf(all)?.job.id ?? null);
  const walk = (event: KeyboardEvent) => {
    const next = stepFrom(drawn, event.key, runOf(event.target));
    if (!next) return;
    event.preventDefault();
    setCurrent(next.job.id);
    root.current?.querySelector<SVGAElement>(`[data-run="${CSS.escape(next.job.id)}"]`)?.focus();
  };
  const ticks = ticksOf(range, now);
  return (
    <div className="lanes" ref={root}>
      <p className="lanes-said" id={title}>
        {sentenceOf(all, lanes.length, range)}
      </p>
      <svg className="lanes-patterns" aria-hidden="true">
        <defs>
          <pattern
            id={pattern}
            width="6"
            height="6"
            patternUnits="userSpaceOnUse"
            patternTransform="rotate(45)"
          >
            <rect className="lane-hatch" width="3" height="6" />
          </pattern>
        </defs>
      </svg>
      {/* biome-ignore lint/a11y/useSemanticElements: a set of fields is for forms */}
      <div
        role="group"
        aria-labelledby={title}
        onKeyDown={walk}
        onFocus={(event) => setCurrent((known) => runOf(event.target) ?? known)}
      >
        {drawn.map(({ lane, bars }) => (
          <div className="lane" key={lane.id}>
            <div className="lane-label">{lane.label ?? lane.name}</div>
            {/* biome-ignore lint/a11y/noSvgWithoutTitle: each bar in it has its name, and the lane stands beside its own */}
            <svg className="lane-chart" aria-hidden={bars.length === 0 || undefined}>
              {ticks.map(({ share }) => (
                <line key={share} className="lane-tick" x1={pct(share)} x2={pct(share)} y1="0" y2="100%" />
              ))}
              {bars.map((bar) => (
                <LaneBar
                  key={bar.job.id}
                  bar={bar}
                  name={lane.name}
                  now={now}
                  pattern={pattern}
                  isStop={bar.job.id === stop}
                  isShown={bar.job.id === shown}
                />
              ))}
              <line className="lane-now" x1="100%" x2="100%" y1="0" y2="100%" />
            </svg>
            <div className="lane-action">{lane.action}</div>
          </div>
        ))}
      </div>
      <div className="lane lane-axis" aria-hidden="true">
        <div />
        <div className="lane-times">
          {ticks.map(({ share, at }) => (
            <span key={share} style={{ insetInlineStart: pct(share) }}>
              {range === 'day' ? formatAxisHour(at) : formatAxisDay(at)}
            </span>
          ))}
        </div>
        <div />
      </div>
    </div>
  );
}

/** The run of a bar that an event came from. */
const runOf = (target: EventTarget): string | null =>
  target instanceof Element ? (target.closest('[data-run]')?.getAttribute('data-run') ?? null) : null;

const pct = (share: number): string => `${Math.round(share * 100_000) / 1000}%`;

const newestOf = (bars: readonly Bar[]): Bar | undefined =>
  bars.reduce<Bar | undefined>((best, bar) => (best && best.to >= bar.to ? best : bar), undefined);

/** Where a key leads from a bar; undefined for a key that is none of this. */
function stepFrom(
  drawn: readonly { readonly bars: readonly Bar[] }[],
  key: string,
  run: string | null,
): Bar | undefined {
  const row = drawn.findIndex(({ bars }) => bars.some(({ job }) => job.id === run));
  const here = drawn[row]?.bars ?? [];
  const at = here.findIndex(({ job }) => job.id === run);
  if (at < 0) return undefined;
  if (key === 'ArrowLeft') return here[at - 1] ?? here[at];
  if (key === 'ArrowRight') return here[at + 1] ?? here[at];
  if (key === 'Home') return here[0];
  if (key === 'End') return here.at(-1);
  if (key !== 'ArrowUp' && key !== 'ArrowDown') return undefined;
  const step = key === 'ArrowUp' ? -1 : 1;
  for (let other = row + step; other >= 0 && other < drawn.length; other += step) {
    const found = nearest(drawn[other]?.bars ?? [], here[at]);
    if (found) return found;
  }
  return here[at];
}

function sentenceOf(bars: readonly Bar[], lanes: number, range: Range): string {
  const count = (form: RunForm[]): number =>
    bars.reduce((sum, bar) => sum + bar.runs.filter((run) => form.includes(formOf(run))).length, 0);
  const runs = bars.reduce((sum, bar) => sum + bar.runs.length, 0);
  return t(`runs.said.${range}`, {
    ...{ runs, lanes, failed: count(['failed']), held: count(['held']), open: count(['open', 'paused']) },
  });
}

interface LaneBarProps {
  readonly bar: Bar;
  readonly name: string;
  readonly now: number;
  readonly pattern: string;
  readonly isStop: boolean;
  readonly isShown: boolean;
}

/** A run in a lane: its form says what its colour says. */
const LaneBar = memo(
  function LaneBar({ bar, name, now, pattern, isStop, isShown }: LaneBarProps) {
    useLanguage();
    const { job, from, to } = bar;
    const form = formOf(job);
    const label = labelOf(bar, name, now);
    const middle = pct((from + to) / 2);
    const place = { '--from': pct(from), '--width': pct(to - from) } as CSSProperties;
    return (
      <a
        href={href('runs', job.id)}
        data-run={job.id}
        className={`lane-bar bar-${form}${isShown ? ' bar-shown' : ''}`}
        tabIndex={isStop ? 0 : -1}
        aria-label={label}
      >
        <title>{label}</title>
        {/* What is pressed and what has the focus ring is never smaller than a target may be. */}
        <rect className="bar-target" y="0" height="100%" style={place} />
        {form === 'held' || form === 'over' ? (
          <svg x={middle} y="50%" className="bar-free" aria-hidden="true">
            <path className="bar-fill" d="M0-8 8 0 0 8-8 0Z" />
          </svg>
        ) : (
          <rect
            className="bar-fill"
            y="25%"
            height="50%"
            rx="2"
            style={form === 'open' || form === 'paused' ? { ...place, fill: `url(#${pattern})` } : place}
          />
        )}
        {form === 'failed' && (
          <svg x={pct(from)} y="25%" className="bar-free" aria-hidden="true">
            <path className="bar-notch" d="M0-1 6.500-1 3.250 5Z" />
          </svg>
        )}
      </a>
    );
  },
  (before, after) =>
    before.bar.job === after.bar.job &&
    before.bar.from === after.bar.from &&
    before.bar.to === after.bar.to &&
    before.bar.runs.length === after.bar.runs.length &&
    before.isStop === after.isStop &&
    before.isShown === after.isShown &&
    before.name === after.name,
);

function labelOf({ job, runs }: Bar, name: string, now: number): string {
  const took = tookMs(job, now);
  const facts = [
    stateWord(job, job.decided === null),
    name,
    startText(job, now),
    ...(took === null ? [] : [t('runs.took', { time: formatDuration(took) })]),
    ...(job.status === 'completed' && job.recordsBefore !== null
      ? [t('runs.recordsChange', { change: deltaText(job) ?? '' })]
      : []),
    ...(runs.length > 1 ? [t('runs.andMore', { count: runs.length - 1 })] : []),
  ];
  return facts.join(', ');
}
