import type { Dataset } from '../../../preload/contract/models.ts';
import { FreshnessStatus, FreshnessText } from '../../components/freshness.tsx';
import { SyncNow } from '../../components/sync-now.tsx';
import { t } from '../../i18n/index.ts';
import { href } from '../../router.ts';

/** One dataset as somebody in the field wants it: a state, a plain sentence, one button. */
export function DatasetLine({ dataset }: { dataset: Dataset }) {
  const name = t('dataset.name', { project: dataset.projectName, source: dataset.sourceName });
  return (
    <li className="line">
      <div className="line-state">
        <FreshnessStatus dataset={dataset} />
      </div>
      <div className="line-text">
        <a className="line-name" href={href('projects', dataset.projectId)}>
          {name}
        </a>
        <FreshnessText dataset={dataset} />
      </div>
      {/* Without a sign-in a sync can only fail; the way to it is in "Needs attention". */}
      {dataset.signIn === 'valid' && (
        <SyncNow linkId={dataset.linkId} of={name} running={dataset.job !== null} />
      )}
    </li>
  );
}
