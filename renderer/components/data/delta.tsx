import { formatSigned } from '../../format.ts';
import { t } from '../../i18n/index.ts';

/** What came, or went, of something that is counted; a dash where that is not known. */
export function Delta({ change }: { readonly change: number | null }) {
  if (change === null) return <>{t('state.none')}</>;
  return (
    <span className={change === 0 ? 'muted' : change > 0 ? 'delta-more' : 'delta-less'}>
      {formatSigned(change)}
    </span>
  );
}
