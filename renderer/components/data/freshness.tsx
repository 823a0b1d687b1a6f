import type { Dataset } from '../../../preload/contract/models.ts';
import { useNow } from '../../hooks.ts';
import { t } from '../../i18n/index.ts';
import { completeness, freshness, freshnessLook, sentences } from '../../state.ts';
import { Status } from '../status.tsx';

export function FreshnessStatus({ dataset }: { dataset: Dataset }) {
  const state = freshness(dataset, useNow());
  const look = freshnessLook[state];
  return (
    <Status tone={look.tone} icon={look.icon}>
      {t(`freshness.${state}`)}
    </Status>
  );
}

/** With `onlyData` only how good the data is, where a job or an error has its own place beside it. */
export function FreshnessText({ dataset, onlyData }: { dataset: Dataset; onlyData?: boolean }) {
  const now = useNow();
  return (
    <span className="sentences">
      {(onlyData ? [completeness(dataset, now)] : sentences(dataset, now)).map((sentence) => (
        <span key={sentence}>{sentence} </span>
      ))}
    </span>
  );
}
