import type { QueryColumn } from '../../../../preload/contract/models.ts';
import { SelectField } from '../../../components/fields.tsx';
import { t } from '../../../i18n/index.ts';
import { type Aggregate, aggregates, type ChartSpec, isNumber, kindsFor, specFor } from './kinds.ts';

/** Values that are drawn beside each other; more can't be told apart. */
const mostValues = 6;

interface ControlsProps {
  readonly columns: readonly QueryColumn[];
  readonly spec: ChartSpec;
  /** What was made of rows that share a place: it may not be what was asked for. */
  readonly how: Aggregate;
  readonly onChange: (spec: ChartSpec) => void;
}

/** What is drawn, and of which columns. */
export function ChartControls({ columns, spec, how, onChange }: ControlsProps) {
  const option = (at: number) => ({ value: String(at), label: columns[at]?.name ?? '' });
  const numbers = columns.flatMap((column, at) => (isNumber(column) ? [at] : []));
  const others = columns.flatMap((_, at) => (numbers.includes(at) ? [] : [at]));
  const isHistogram = spec.kind === 'histogram';
  const choices = isHistogram || spec.kind === 'scatter' ? numbers : columns.map((_, at) => at);
  const values = numbers.filter((at) => at !== spec.x || spec.ys.includes(at));
  const toggle = (at: number, on: boolean) => {
    const ys = on ? [...spec.ys, at].sort((a, b) => a - b) : spec.ys.filter((each) => each !== at);
    onChange({ ...spec, ys, how: ys.length === 0 ? 'count' : spec.how });
  };
  return (
    <div className="query-chart-tools">
      <fieldset className="segments">
        <legend className="visually-hidden">{t('query.chartKind')}</legend>
        {kindsFor(columns).map((kind) => (
          <button
            key={kind}
            type="button"
            className="segment"
            aria-pressed={kind === spec.kind}
            onClick={() => onChange(specFor(kind, columns, spec))}
          >
            {t(`query.chart.${kind}`)}
          </button>
        ))}
      </fieldset>
      <SelectField
        label={t(isHistogram ? 'query.chartY' : 'query.chartX')}
        value={String(spec.x)}
        onChange={(value) =>
          onChange({ ...spec, x: Number(value), ys: spec.ys.filter((at) => at !== Number(value)) })
        }
        options={choices.map(option)}
      />
      {!isHistogram && spec.kind !== 'pie' && values.length > 0 && (
        <fieldset className="query-chart-values">
          <legend>{t('query.chartY')}</legend>
          <div>
            {values.map((at) => (
              <label key={at} className="query-chart-check" translate="no">
                <input
                  type="checkbox"
                  checked={spec.ys.includes(at)}
                  // A scatter of one column is none.
                  disabled={
                    spec.ys.includes(at)
                      ? spec.kind === 'scatter' && spec.ys.length === 1
                      : spec.ys.length >= mostValues
                  }
                  onChange={({ target }) => toggle(at, target.checked)}
                />
                {columns[at]?.name}
              </label>
            ))}
          </div>
        </fieldset>
      )}
      {spec.kind === 'pie' && values.length > 0 && (
        <SelectField
          label={t('query.chartY')}
          value={String(spec.ys[0] ?? -1)}
          onChange={(value) => {
            const at = Number(value);
            onChange({ ...spec, ys: at < 0 ? [] : [at], how: at < 0 ? 'count' : 'sum' });
          }}
          options={[{ value: '-1', label: t('query.chartRows') }, ...values.map(option)]}
        />
      )}
      {!isHistogram && spec.kind !== 'pie' && others.length > 0 && (
        <SelectField
          label={t('query.chartSeries')}
          value={String(spec.series ?? -1)}
          onChange={(value) => onChange({ ...spec, series: Number(value) < 0 ? null : Number(value) })}
          options={[
            { value: '-1', label: t('query.chartNoSeries') },
            ...others.filter((at) => at !== spec.x).map(option),
          ]}
        />
      )}
      {!isHistogram && spec.kind !== 'scatter' && spec.ys.length > 0 && (
        <SelectField
          label={t('query.chartHow')}
          value={how}
          onChange={(value) => onChange({ ...spec, how: value as Aggregate })}
          options={aggregates.map((value) => ({ value, label: t(`query.chartHowName.${value}`) }))}
        />
      )}
    </div>
  );
}
