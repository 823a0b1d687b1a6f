import type { Ref } from 'react';
import { mostQueryRows } from '../../../preload/contract/query-words.ts';
import { Button, Hint } from '../../components/button.tsx';
import { SelectField } from '../../components/fields.tsx';
import { formatNumber } from '../../format.ts';
import { t } from '../../i18n/index.ts';

export const usualLimit = 10_000;
const limits = [1000, usualLimit, 100_000, 1_000_000, mostQueryRows];

interface ToolsProps {
  readonly busy: boolean;
  readonly limit: number;
  readonly hasHistory: boolean;
  readonly historyButton: Ref<HTMLButtonElement>;
  readonly onLimit: (limit: number) => void;
  readonly onRun: () => void;
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
    limit,
    hasHistory,
    historyButton,
    onLimit,
    onRun,
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
        <Button onClick={() => onExplain(false)}>{t('query.explain')}</Button>
        <Button onClick={() => onExplain(true)}>{t('query.explainMeasured')}</Button>
        <Button onClick={onExport}>{t('query.export')}</Button>
        <Hint text={t('query.formatHint')}>
          <Button onClick={onFormat}>{t('query.formatSql')}</Button>
        </Hint>
      </div>
      <div className="query-limit">
        <SelectField
          label={t('query.limit')}
          value={String(limit)}
          onChange={(value) => onLimit(Number(value))}
          options={[...new Set([...limits, limit])]
            .sort((a, b) => a - b)
            .map((each) => ({ value: String(each), label: formatNumber(each) }))}
        />
      </div>
      <Button icon="clock" ref={historyButton} aria-pressed={hasHistory} onClick={onHistory}>
        {t('query.history')}
      </Button>
    </div>
  );
}
