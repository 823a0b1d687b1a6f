import { useMemo, useRef, useState } from 'react';
import type { QueryColumn } from '../../../../preload/contract/models.ts';
import { useAction } from '../../../api.ts';
import { Button } from '../../../components/button.tsx';
import { ErrorNotice } from '../../../components/error-notice.tsx';
import type { RowStore } from '../../../components/grid/rows.ts';
import { useNotify } from '../../../components/toasts.tsx';
import { formatNumber, formatOnAxis } from '../../../format.ts';
import { t } from '../../../i18n/index.ts';
import { useLanguage } from '../../../language.tsx';
import { later } from '../../../later.tsx';
import { ChartControls } from './controls.tsx';
import { chartData } from './data.ts';
import type { DrawingHandle, DrawingProps } from './drawing.tsx';
import type { ChartData } from './drawn.ts';
import { type ChartSpec, firstSpec } from './kinds.ts';
import { useChartLook } from './look.ts';
import { type ChartWords, optionOf } from './option.ts';

// The drawing library comes with the first chart, and not before.
const Picture = later<DrawingProps>(() => import('./drawing.tsx').then(({ Drawing }) => Drawing));

/** Rows of the table that says the same; the rows of the result have all of them. */
const mostListed = 200;
const picture = { width: 1200, height: 640 };

interface ChartProps {
  readonly columns: readonly QueryColumn[];
  readonly rows: RowStore;
  readonly count: number;
  /** Whether there are rows that are not here yet. */
  readonly isOpen: boolean;
}

/** The rows as a picture, chosen by the types of their columns, with the same as a table below it. */
export function Chart({ columns, rows, count, isOpen }: ChartProps) {
  const notify = useNotify();
  const look = useChartLook();
  const drawing = useRef<DrawingHandle>(null);
  const [spec, setSpec] = useState<ChartSpec>(() => firstSpec(columns));
  const [patterns, setPatterns] = useState<boolean | null>(null);
  const { language } = useLanguage();
  // biome-ignore lint/correctness/useExhaustiveDependencies: the words are those of the language
  const data = useMemo(
    () =>
      chartData(spec, columns, rows, count, { others: t('query.chartOthers'), rows: t('query.chartRows') }),
    [spec, columns, rows, count, language],
  );
  const nameOf = (at: number): string => columns[at]?.name ?? '';
  const y = spec.ys.length === 0 ? t('query.chartRows') : spec.ys.map(nameOf).join(', ');
  const label =
    spec.kind === 'histogram'
      ? t('query.chartSpread', { value: nameOf(spec.x) })
      : t('query.chartOf', { value: y, label: nameOf(spec.x) });
  // A pie is nothing but colours beside each other; and where there are several, not everybody tells them apart.
  const hasPatterns = patterns ?? (data.series.length > 1 || spec.kind === 'pie');
  // biome-ignore lint/correctness/useExhaustiveDependencies: numbers and times are written as the language does
  const words = useMemo(
    (): ChartWords => ({
      ...{ number: formatNumber, time: formatOnAxis, x: columns[spec.x]?.name ?? '', y },
      title: null,
    }),
    [columns, spec.x, y, language],
  );
  const option = useMemo(
    () => look && optionOf(spec.kind, data, look, words, hasPatterns),
    [spec.kind, data, look, words, hasPatterns],
  );
  const save = useAction((client, signal, format: 'png' | 'svg') => {
    const handle = drawing.current;
    if (!handle || !look) return Promise.reject(new Error('nothing is drawn yet'));
    const titled = optionOf(spec.kind, data, look, { ...words, title: label }, hasPatterns);
    const content = handle[format](titled, { ...picture, background: look.surface });
    return client.query.saveChart({ format, content }, { signal });
  });
  const start = async (format: 'png' | 'svg'): Promise<void> => {
    const done = await save.run(format);
    if (done?.savedTo) notify.done(t('query.chartSaved', { path: done.savedTo }));
  };
  const say = (place: number, series: number): string => {
    const of = data.series[series];
    const value = of?.values[place];
    return t('query.chartPoint', {
      label: data.labels[place] ?? '',
      series: of?.name ?? '',
      value: value === null || value === undefined ? 'NULL' : formatNumber(value),
    });
  };
  const isEmpty = data.labels.length === 0;
  const unsaved = isEmpty ? { blocked: t('query.chartNone') } : {};
  return (
    <figure className="query-chart" aria-label={label}>
      <ChartControls columns={columns} spec={spec} how={data.how} onChange={setSpec} />
      {isEmpty ? (
        <p className="muted query-chart-none">{t('query.chartNone')}</p>
      ) : (
        option && (
          <Picture.Screen
            option={option}
            label={label}
            help={t('query.chartKeys')}
            places={data.labels.length}
            series={data.series.length}
            say={say}
            handle={drawing}
          />
        )
      )}
      <div className="query-chart-foot">
        <figcaption className="muted">{captionOf(data, spec, isOpen).join(' ')}</figcaption>
        <div className="actions">
          <label className="query-chart-check">
            <input
              type="checkbox"
              checked={hasPatterns}
              onChange={({ target }) => setPatterns(target.checked)}
            />
            {t('query.chartPatterns')}
          </label>
          <Button small busy={save.busy} {...unsaved} onClick={() => void start('png')}>
            {t('query.chartPng')}
          </Button>
          <Button small busy={save.busy} {...unsaved} onClick={() => void start('svg')}>
            {t('query.chartSvg')}
          </Button>
        </div>
      </div>
      {save.error && <ErrorNotice error={save.error} urgent />}
      {!isEmpty && (
        <ChartTable data={data} label={spec.kind === 'histogram' ? t('query.chartClass') : nameOf(spec.x)} />
      )}
    </figure>
  );
}

/** What the picture is made of, and what of it is left out. */
function captionOf(data: ChartData, spec: ChartSpec, isOpen: boolean): string[] {
  const said: string[] = [];
  const { read, of, drawn, places, how, unit } = data;
  said.push(
    read < of
      ? t('query.chartRead', { read: formatNumber(read), count: of })
      : t('query.chartAll', { count: of }),
  );
  if (spec.kind !== 'histogram' && how !== 'each') said.push(t(`query.chartHow.${how}`));
  if (unit) said.push(t(`query.chartUnit.${unit}`));
  if (drawn < places) {
    const numbers = { drawn: formatNumber(drawn), count: places };
    said.push(t(spec.kind === 'pie' ? 'query.chartDrawnOthers' : 'query.chartDrawn', numbers));
  }
  if (spec.kind === 'pie' && data.series[0]?.values.some((value) => value !== null && value < 0)) {
    said.push(t('query.chartNegative'));
  }
  if (isOpen) said.push(t('query.chartOpen'));
  return said;
}

function ChartTable({ data, label }: { data: ChartData; label: string }) {
  const listed = data.labels.slice(0, mostListed);
  return (
    <details>
      <summary>{t('query.chartTable')}</summary>
      {listed.length < data.labels.length && (
        <p className="muted">
          {t('query.chartListed', { drawn: formatNumber(listed.length), count: data.labels.length })}
        </p>
      )}
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: a scrolled area must be reachable to be scrolled by keyboard */}
      <div className="table-wrap query-chart-table" tabIndex={0}>
        <table className="table" translate="no">
          <thead>
            <tr>
              <th scope="col">{label}</th>
              {data.series.map(({ name }) => (
                <th key={name} scope="col" className="cell-number">
                  {name}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {listed.map((each, at) => (
              // biome-ignore lint/suspicious/noArrayIndexKey: two places may have one label
              <tr key={at}>
                <th scope="row">{each}</th>
                {data.series.map(({ name, values }) => (
                  <td key={name} className="cell-number">
                    {exact(values[at] ?? null)}
                  </td>
                ))}
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </details>
  );
}

/** As it is drawn, without what a sum of fractions adds behind the fifteenth digit. */
const exact = (value: number | null): string =>
  value === null ? 'NULL' : String(Number(value.toPrecision(15)));
