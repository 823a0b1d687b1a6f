import type { Coverage } from '../../../preload/contract/models.ts';
import { formatNumber, formatPercent } from '../../format.ts';
import { t } from '../../i18n/index.ts';

/** How much of some columns is described, by the source or by people. */
export function CoverageBar({ coverage: { columns, described, byPeople } }: { coverage: Coverage }) {
  if (columns === 0) return null;
  const share = described / columns;
  return (
    <div className="coverage">
      <span className="coverage-bar" aria-hidden="true">
        <span style={{ inlineSize: `${100 * share}%` }} />
      </span>
      <span className="number muted">
        {t('dictionary.coverage', {
          columns: formatNumber(columns),
          described: formatNumber(described),
          share: formatPercent(share),
          byPeople: formatNumber(byPeople),
        })}
      </span>
    </div>
  );
}
