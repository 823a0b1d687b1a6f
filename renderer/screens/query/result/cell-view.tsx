import type { QueryColumn } from '../../../../preload/contract/models.ts';
import { isJson } from '../../../../preload/contract/query-values.ts';
import { Button } from '../../../components/button.tsx';
import { CopyTextButton } from '../../../components/copy.tsx';
import { Box } from '../../../components/dialogs.tsx';
import { prettyJson } from '../../../components/grid/copy-as.ts';
import { formatNumber } from '../../../format.ts';
import { t } from '../../../i18n/index.ts';

interface CellViewProps {
  readonly column: QueryColumn;
  readonly row: number;
  readonly value: string | null;
  readonly onClose: () => void;
}

/** One value, whole: JSON with its lines, long text wrapped, nothing told apart from empty. */
export function CellView({ column, row, value, onClose }: CellViewProps) {
  const text = value === null ? '' : isJson(column.type) ? prettyJson(value) : value;
  return (
    <Box
      wide
      open
      onClose={onClose}
      title={t('query.cellTitle', { column: column.name, row: formatNumber(row + 1) })}
      footer={
        <>
          {value !== null && <CopyTextButton text={value} label={t('query.copyValue')} />}
          <Button tone="primary" onClick={onClose}>
            {t('action.close')}
          </Button>
        </>
      }
    >
      <p className="muted">
        {value === null
          ? t('query.cellNull')
          : value === ''
            ? t('query.cellEmpty')
            : t('query.cellLength', { type: column.type, count: [...value].length })}
      </p>
      {text !== '' && (
        // biome-ignore lint/a11y/noNoninteractiveTabindex: a scrolled area must be reachable to be scrolled by keyboard
        <pre className="query-value" tabIndex={0} translate="no">
          {text}
        </pre>
      )}
    </Box>
  );
}
