import type { Dataset } from '../../preload/contract/models.ts';
import { useNow } from '../hooks.ts';
import { t } from '../i18n/index.ts';
import { completeness, freshness, freshnessLook, sentences } from '../state.ts';
import { Status } from './status.tsx';

export function FreshnessStatus({ dataset }: { dataset: Dataset }) {
  const state = freshness(dataset, useNow());
  const look = freshnessLook[state];
  return (
    <Status tone={look.tone} icon={look.icon}>
      {t(`freshness.${state}`)}
    </Status>
  );
}

/** With `withoutJob` only how good the data is, where the job has its own place beside it. */
export function FreshnessText({ dataset, withoutJob }: { dataset: Dataset; withoutJob?: boolean }) {
  const now = useNow();
  return (
    <span className="sentences">
      {(withoutJob ? [completeness(dataset, now)] : sentences(dataset, now)).map((sentence) => (
        <span key={sentence}>{sentence} </span>
      ))}
    </span>
  );
}
