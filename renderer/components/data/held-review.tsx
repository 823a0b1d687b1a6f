import type { Dataset } from '../../../preload/contract/models.ts';
import { t } from '../../i18n/index.ts';
import { sentence } from '../../i18n/sentence.ts';
import { href } from '../../router.ts';
import { Note } from '../error-notice.tsx';
import { Icon } from '../icons.tsx';

interface ReviewProps {
  readonly dataset: Dataset;
  readonly primary?: boolean;
}

/** The way to the page on which a held refresh is reviewed; nothing where none is held. */
export function ReviewHeld({ dataset, primary }: ReviewProps) {
  const { held } = dataset;
  if (!held || dataset.job) return null;
  const name = t('dataset.name', { project: dataset.projectName, source: dataset.sourceName });
  return (
    <a
      className={`button button-small button-${primary ? 'primary' : 'plain'}`}
      href={href('runs', held.jobId, 'review')}
      aria-label={t('held.reviewOf', { name })}
    >
      <Icon name="review" />
      <span>{t('held.review')}</span>
    </a>
  );
}

/** Says on a card that a refresh waits, and why, with the way to its review. */
export function HeldNote({ dataset }: { dataset: Dataset }) {
  const { held } = dataset;
  if (!held || dataset.job) return null;
  return (
    <Note tone="held">
      <p className="notice-title">{t('held.card')}</p>
      {held.reasons.slice(0, 2).map((reason) => (
        <p key={reason.message}>{sentence(reason.said, reason.message)}</p>
      ))}
      {held.reasons.length > 2 && <p>{t('held.more', { count: held.reasons.length - 2 })}</p>}
      <p className="notice-foot">
        <ReviewHeld dataset={dataset} primary />
      </p>
    </Note>
  );
}
