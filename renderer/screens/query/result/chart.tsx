import { useState } from 'react';
import type { QueryColumn } from '../../../../preload/contract/models.ts';
import { isNumeric } from '../../../../preload/contract/query-values.ts';
import { SelectField } from '../../../components/fields.tsx';
import { formatNumber } from '../../../format.ts';
import { t } from '../../../i18n/index.ts';
import type { RowStore } from './rows.ts';

/** Rows that are drawn; more bars than that can't be told apart. */
const mostDrawn = 60;
const size = { width: 900, height: 300, left: 64, right: 12, top: 12, bottom: 70 };

interface Point {
  readonly label: string;
  /** Null for NULL, infinity and not a number. */
  readonly value: number | null;
}

/** Round steps that a scale from nothing (or below) to the highest value is read by. */
export function ticksOf(low: number, high: number): number[] {
  const span = high - low || 1;
  const rough = span / 4;
  const unit = 10 ** Math.floor(Math.log10(rough));
  const step = ([1, 2, 5, 10].find((each) => each * unit >= rough) ?? 10) * unit;
  const ticks: number[] = [];
  for (let n = Math.floor(low / step); n <= Math.ceil(high / step) && ticks.length < 12; n++)
    ticks.push(n * step);
  return ticks;
}

interface ChartProps {
  readonly columns: readonly QueryColumn[];
  readonly rows: RowStore;
  readonly count: number;
}

/** The first rows as bars or a line, with the same as a table below it. */
export function Chart({ columns, rows, count }: ChartProps) {
  const numbers = columns.flatMap(({ type }, at) => (isNumeric(type) ? [at] : []));
  const isTime = (at: number): boolean => /^(date|timestamp)/.test(columns[at]?.type ?? '');
  const others = columns.flatMap((_, at) => (numbers.includes(at) ? [] : [at]));
  const [labels, setLabels] = useState(others.find(isTime) ?? others[0] ?? 0);
  const [values, setValues] = useState(numbers.at(-1) ?? -1);
  const [kind, setKind] = useState<'bar' | 'line'>(isTime(labels) ? 'line' : 'bar');
  if (values < 0) return <p className="muted">{t('query.chartNone')}</p>;
  const points = Array.from({ length: Math.min(mostDrawn, count) }, (_, row): Point => {
    const value = rows.value(row, values);
    const parsed = value === null || value === undefined ? Number.NaN : Number(value);
    return { label: rows.value(row, labels) ?? 'NULL', value: Number.isFinite(parsed) ? parsed : null };
  });
  const option = (at: number) => ({ value: String(at), label: columns[at]?.name ?? '' });
  const name = t('query.chartOf', {
    value: columns[values]?.name ?? '',
    label: columns[labels]?.name ?? '',
  });
  return (
    <figure className="query-chart" aria-label={name}>
      <div className="query-chart-tools">
        <SelectField
          label={t('query.chartKind')}
          value={kind}
          onChange={(value) => setKind(value === 'line' ? 'line' : 'bar')}
          options={[
            { value: 'bar', label: t('query.chart.bar') },
            { value: 'line', label: t('query.chart.line') },
          ]}
        />
        <SelectField
          label={t('query.chartX')}
          value={String(labels)}
          onChange={(value) => setLabels(Number(value))}
          options={columns.map((_, at) => option(at))}
        />
        <SelectField
          label={t('query.chartY')}
          value={String(values)}
          onChange={(value) => setValues(Number(value))}
          options={numbers.map(option)}
        />
      </div>
      <Drawing points={points} kind={kind} />
      {count > mostDrawn && (
        <figcaption className="muted">{t('query.chartCut', { count: mostDrawn })}</figcaption>
      )}
      <details>
        <summary>{t('query.chartTable')}</summary>
        <div className="table-wrap">
          <table className="table" translate="no">
            <thead>
              <tr>
                <th scope="col">{columns[labels]?.name}</th>
                <th scope="col" className="cell-number">
                  {columns[values]?.name}
                </th>
              </tr>
            </thead>
            <tbody>
              {points.map(({ label }, row) => (
                // biome-ignore lint/suspicious/noArrayIndexKey: the answer's order is all the identity its rows have
                <tr key={row}>
                  <th scope="row">{label}</th>
                  <td className="cell-number">{rows.value(row, values) ?? 'NULL'}</td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      </details>
    </figure>
  );
}

function Drawing({ points, kind }: { points: readonly Point[]; kind: 'bar' | 'line' }) {
  const known = points.flatMap(({ value }) => (value === null ? [] : [value]));
  const ticks = ticksOf(Math.min(0, ...known), Math.max(0, ...known));
  const low = ticks[0] ?? 0;
  const high = ticks.at(-1) ?? 1;
  const plot = { width: size.width - size.left - size.right, height: size.height - size.top - size.bottom };
  const y = (value: number): number => size.top + plot.height * (1 - (value - low) / (high - low || 1));
  const slot = plot.width / Math.max(1, points.length);
  const x = (at: number): number => size.left + slot * (at + 0.5);
  const every = Math.max(1, Math.ceil(points.length / 16));
  const line = points
    .flatMap(({ value }, at) => (value === null ? [] : [`${x(at).toFixed(1)},${y(value).toFixed(1)}`]))
    .join(' ');
  return (
    <svg className="query-drawing" viewBox={`0 0 ${size.width} ${size.height}`} aria-hidden="true">
      {ticks.map((tick) => (
        <g key={tick}>
          <line
            className="chart-line"
            x1={size.left}
            x2={size.width - size.right}
            y1={y(tick)}
            y2={y(tick)}
          />
          <text className="chart-text" x={size.left - 8} y={y(tick) + 4} textAnchor="end">
            {formatNumber(tick)}
          </text>
        </g>
      ))}
      {kind === 'bar' ? (
        points.map(({ value }, at) =>
          value === null ? null : (
            <rect
              // biome-ignore lint/suspicious/noArrayIndexKey: as above
              key={at}
              className="chart-bar"
              x={x(at) - slot * 0.38}
              width={slot * 0.76}
              y={Math.min(y(0), y(value))}
              height={Math.max(0.5, Math.abs(y(value) - y(0)))}
            />
          ),
        )
      ) : (
        <>
          <polyline className="chart-path" points={line} />
          {points.map(
            ({ value }, at) =>
              // biome-ignore lint/suspicious/noArrayIndexKey: as above
              value !== null && <circle key={at} className="chart-dot" cx={x(at)} cy={y(value)} r={3} />,
          )}
        </>
      )}
      {points.map(({ label }, at) =>
        at % every === 0 ? (
          <text
            // biome-ignore lint/suspicious/noArrayIndexKey: as above
            key={at}
            className="chart-text"
            textAnchor="end"
            transform={`translate(${x(at) + 4} ${size.height - size.bottom + 14}) rotate(-35)`}
          >
            {label.length > 14 ? `${label.slice(0, 13)}…` : label}
          </text>
        ) : null,
      )}
    </svg>
  );
}
