import { useMemo, useState } from 'react';
import type { DatasetDay, DatasetHistory, DayOutcome } from '../../../preload/contract/models.ts';
import { useCall } from '../../api.ts';
import { formatCalendarDay, formatNumber } from '../../format.ts';
import { t } from '../../i18n/index.ts';
import { Button } from '../button.tsx';
import { Box } from '../dialogs.tsx';

/** So many days a strip shows. */
export const stripDays = 30;
/** The core tells of so many datasets at once. */
const mostAsked = 200;

/** How the last days went for these datasets, by their id; empty until it is known. */
export function useHistories(ids: readonly string[]): ReadonlyMap<string, DatasetHistory> {
  const zone = Intl.DateTimeFormat().resolvedOptions().timeZone;
  const asked = ids.length > 0 ? { ids: ids.slice(0, mostAsked), days: stripDays, zone } : null;
  const { data } = useCall('datasets.history', asked);
  return useMemo(() => new Map(data?.map((each) => [each.datasetId, each])), [data]);
}

/** In the order in which they are told. Written out here: the list in the contract comes with its validation library. */
const outcomes = [
  'complete',
  'afterTrouble',
  'failed',
  'held',
  'none',
] as const satisfies readonly DayOutcome[];

const [width, gap, height] = [4, 1.5, 18];

/** Each outcome has a form of its own: full, full with a notch below, half with a cross line, a diamond, a dot. */
function formOf(x: number, outcome: DayOutcome): string {
  const middle = x + width / 2;
  if (outcome === 'none')
    return `M${middle - 1.2} ${height - 3}a1.2 1.2 0 1 0 2.400 0a1.2 1.2 0 1 0-2.400 0Z`;
  if (outcome === 'held')
    return `M${middle} 3 ${x + width + 1} ${height / 2} ${middle} ${height - 3} ${x - 1} ${height / 2}Z`;
  if (outcome === 'failed')
    return `M${x} 0h${width}v${height}h-${width}ZM${x} ${height / 2 - 2}h${width}v4h-${width}Z`;
  const top = outcome === 'complete' ? 0 : height * 0.4;
  return `M${x} ${top}h${width}v${height - top}h-${width}Z`;
}

/** All days of a strip that went the same way are one shape: a list has dozens of strips. */
function Bars({ days }: { readonly days: readonly Pick<DatasetDay, 'outcome'>[] }) {
  const shapes = new Map<DayOutcome, string>();
  days.forEach(({ outcome }, at) => {
    shapes.set(outcome, (shapes.get(outcome) ?? '') + formOf(at * (width + gap), outcome));
  });
  return [...shapes].map(([outcome, path]) => (
    <path key={outcome} className={`day-${outcome}`} d={path} fillRule="evenodd" />
  ));
}

/** How many days of each outcome there were, as one sentence. */
function sentenceOf(days: readonly DatasetDay[]): string {
  const count = (outcome: DayOutcome): number => days.filter((day) => day.outcome === outcome).length;
  const parts = outcomes.flatMap((outcome) => {
    const n = count(outcome);
    return n > 0 ? [t(`days.count.${outcome}`, { count: n })] : [];
  });
  return t('days.sentence', { count: days.length, parts: parts.join(', ') });
}

interface DayStripProps {
  readonly history: DatasetHistory | undefined;
  /** What it is of, for those who hear it. */
  readonly of: string;
}

/** The last thirty days of a dataset, a bar a day; opens the days as a table. */
export function DayStrip({ history, of }: DayStripProps) {
  const [open, setOpen] = useState(false);
  // The one that the pointer is on.
  const [day, setDay] = useState<DatasetDay>();
  const wide = stripDays * (width + gap) - gap;
  if (!history) return <span className="day-strip" style={{ inlineSize: wide, blockSize: height }} />;
  return (
    <>
      <button
        type="button"
        className="day-strip"
        aria-haspopup="dialog"
        aria-label={t('days.of', { of, sentence: sentenceOf(history.days) })}
        onClick={() => setOpen(true)}
      >
        <svg
          {...{ width: wide, height, viewBox: `0 0 ${wide} ${height}` }}
          aria-hidden="true"
          onPointerMove={({ currentTarget, clientX }) => {
            const { left, width: drawn } = currentTarget.getBoundingClientRect();
            const at = Math.floor(((clientX - left) / drawn) * history.days.length);
            setDay(history.days[at]);
          }}
        >
          {day && <title>{`${formatCalendarDay(day.day)}: ${t(`days.outcome.${day.outcome}`)}`}</title>}
          <rect width={wide} height={height} fill="transparent" />
          <Bars days={history.days} />
        </svg>
      </button>
      <Box
        open={open}
        title={of}
        onClose={() => setOpen(false)}
        footer={<Button onClick={() => setOpen(false)}>{t('action.close')}</Button>}
      >
        <Days days={history.days} />
      </Box>
    </>
  );
}

function Days({ days }: { readonly days: readonly DatasetDay[] }) {
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls has to be reachable by keyboard
    <section className="day-table-scroll" tabIndex={0} aria-label={t('days.table')}>
      <table className="table">
        <thead>
          <tr>
            <th scope="col">{t('days.day')}</th>
            <th scope="col">{t('days.outcome')}</th>
            <th scope="col" className="cell-number">
              {t('days.runs')}
            </th>
            <th scope="col" className="cell-number">
              {t('days.records')}
            </th>
          </tr>
        </thead>
        <tbody>
          {days.toReversed().map(({ day, outcome, runs, records }) => (
            <tr key={day}>
              <th scope="row">{formatCalendarDay(day)}</th>
              <td>{t(`days.outcome.${outcome}`)}</td>
              <td className="cell-number">{formatNumber(runs)}</td>
              <td className="cell-number">{records === null ? t('state.none') : formatNumber(records)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}

/** What the bars mean, beside their heading. */
export function DayLegend() {
  return (
    <span className="day-legend" aria-hidden="true">
      {outcomes.map((outcome) => (
        <span key={outcome}>
          <svg width="7" height={height} viewBox={`-1 0 ${width + 2} ${height}`} aria-hidden="true">
            <Bars days={[{ outcome }]} />
          </svg>
          {t(`days.outcome.${outcome}`)}
        </span>
      ))}
    </span>
  );
}
