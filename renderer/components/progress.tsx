import { formatNumber } from '../format.ts';
import { t } from '../i18n/index.ts';

interface ProgressProps {
  readonly label: string;
  readonly done: number;
  /** Null while the source has not said how many there are: it then counts up, without an invented percentage. */
  readonly total: number | null;
  readonly finished: boolean;
  /** Its turn has not come. */
  readonly waiting?: boolean;
  /** Nothing is read now, so nothing moves. */
  readonly still?: boolean;
}

/** A staff gauge, as it stands in a canal: the level against its marks. */
export function Progress({ label, done, total, finished, waiting = false, still = false }: ProgressProps) {
  const share = finished ? 1 : total === null || total === 0 ? 0 : Math.min(1, done / total);
  const unknown = total === null && !finished && !waiting;
  const text = waiting
    ? t('sync.waits')
    : total === null || finished
      ? t('sync.fetched', { count: done })
      : t('sync.fetchedOf', { done: formatNumber(done), total: formatNumber(total) });
  return (
    <div className="progress">
      <div className="progress-label">
        <span translate="no">{label}</span>
        <span className="number">{text}</span>
      </div>
      <div
        className={`gauge${unknown ? ' gauge-unknown' : ''}${still ? ' gauge-still' : ''}`}
        role="progressbar"
        aria-label={label}
        aria-valuetext={text}
        {...(unknown
          ? {}
          : { 'aria-valuemin': 0, 'aria-valuemax': 100, 'aria-valuenow': Math.floor(share * 100) })}
      >
        <span className="gauge-level" style={{ inlineSize: unknown ? '100%' : `${share * 100}%` }} />
      </div>
    </div>
  );
}
