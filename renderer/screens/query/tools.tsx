import type { Ref } from 'react';
import { mostQueryRows } from '../../../preload/contract/query-words.ts';
import { Button, Hint } from '../../components/button.tsx';
import { SelectField } from '../../components/fields.tsx';
import { formatDuration, formatNumber } from '../../format.ts';
import { t } from '../../i18n/index.ts';
import type { Bounds } from './result/run.ts';
import { usualLimit } from './use-bounds.ts';

const limits = [1000, usualLimit, 100_000, 1_000_000, mostQueryRows];
/** Seconds. */
const times = [10, 30, 60, 300, 1800];

interface ToolsProps {
  readonly busy: boolean;
  readonly bounds: Bounds;
  /** Whether there is more than one statement. */
  readonly isSeveral: boolean;
  /** Whether the SQL is PostgreSQL's: its plans can be shown, and it can be laid out. */
  readonly hasPlans: boolean;
  readonly hasHistory: boolean;
  readonly historyButton: Ref<HTMLButtonElement>;
  readonly onBounds: (change: Partial<Bounds>) => void;
  readonly onRun: () => void;
  readonly onRunAll: () => void;
  readonly onCancel: () => void;
  readonly onExplain: (measure: boolean) => void;
  readonly onExport: () => void;
  readonly onFormat: () => void;
  readonly onHistory: () => void;
}

/** What can be done with the statement at the cursor. */
export function Tools(props: ToolsProps) {
  const {
    busy,
    bounds: { limit, timeoutSeconds },
    isSeveral,
    hasPlans,
    hasHistory,
    historyButton,
    onBounds,
    onRun,
    onRunAll,
    onCancel,
    onExplain,
    onExport,
    onFormat,
    onHistory,
  } = props;
  return (
    <div className="query-tools">
      <div className="actions">
        {/* One button in two states, so that the focus stays where it is while the query runs. */}
        <Hint text={t(busy ? 'query.cancelHint' : 'query.runHint')}>
          <Button
            tone={busy ? 'plain' : 'primary'}
            icon={busy ? 'stop' : 'play'}
            onClick={busy ? onCancel : onRun}
          >
            {t(busy ? 'query.cancel' : 'query.run')}
          </Button>
        </Hint>
        {isSeveral && !busy && (
          <Hint text={t('query.runAllHint')}>
            <Button onClick={onRunAll}>{t('query.runAll')}</Button>
          </Hint>
        )}
        {hasPlans && (
          <>
            <Button onClick={() => onExplain(false)}>{t('query.explain')}</Button>
            <Button onClick={() => onExplain(true)}>{t('query.explainMeasured')}</Button>
          </>
        )}
        <Button onClick={onExport}>{t('query.export')}</Button>
        {hasPlans && (
          <Hint text={t('query.formatHint')}>
            <Button onClick={onFormat}>{t('query.formatSql')}</Button>
          </Hint>
        )}
      </div>
      <div className="query-limit">
        <SelectField
          label={t('query.limit')}
          value={String(limit)}
          onChange={(value) => onBounds({ limit: Number(value) })}
          options={[...new Set([...limits, limit])]
            .sort((a, b) => a - b)
            .map((each) => ({ value: String(each), label: formatNumber(each) }))}
        />
        <SelectField
          label={t('query.timeout')}
          value={String(timeoutSeconds ?? '')}
          onChange={(value) => onBounds({ timeoutSeconds: value === '' ? null : Number(value) })}
          options={[
            { value: '', label: t('query.timeoutOfConnection') },
            ...[...new Set([...times, ...(timeoutSeconds === null ? [] : [timeoutSeconds])])]
              .sort((a, b) => a - b)
              .map((each) => ({ value: String(each), label: formatDuration(each * 1000) })),
          ]}
        />
        <Button icon="clock" ref={historyButton} aria-pressed={hasHistory} onClick={onHistory}>
          {t('query.history')}
        </Button>
      </div>
    </div>
  );
}
