import type { Dataset } from '../../../preload/contract/models.ts';
import { FreshnessStatus, FreshnessText } from '../../components/data/freshness.tsx';
import { KeepTables } from '../../components/data/keep-tables.tsx';
import { SyncNow } from '../../components/data/sync-now.tsx';
import { Notice } from '../../components/notice.tsx';
import { t } from '../../i18n/index.ts';
import { hrefShowing } from '../../router.ts';

/** One dataset as somebody in the field wants it: a state, a plain sentence, one button. */
export function DatasetLine({ dataset }: { dataset: Dataset }) {
  const name = t('dataset.name', { project: dataset.projectName, source: dataset.sourceName });
  return (
    <li className="line">
      <div className="line-state">
        <FreshnessStatus dataset={dataset} />
      </div>
      <div className="line-text">
        <a className="line-name" href={hrefShowing(dataset.linkId, 'projects', dataset.projectId)}>
          {name}
        </a>
        <FreshnessText dataset={dataset} />
        <Notice dataset={dataset} small />
      </div>
      <div className="actions">
        <KeepTables dataset={dataset} of={name} />
        {/* Without a sign-in a sync can only fail; the way to it is in "Needs attention". */}
        {dataset.signIn === 'valid' && <SyncNow linkId={dataset.linkId} of={name} dataset={dataset} />}
      </div>
    </li>
  );
}
