import { StateBadges, WatchedText } from '../../components/data/freshness.tsx';
import { KeepTables } from '../../components/data/keep-tables.tsx';
import { SyncNow } from '../../components/data/sync-now.tsx';
import { Notice } from '../../components/notice.tsx';
import { needsAttention, type Watched } from '../../dataset-state.ts';
import { t } from '../../i18n/index.ts';
import { hrefShowing } from '../../router.ts';

/** One link as somebody in the field wants it: a state, a plain sentence, one button. */
export function DatasetLine({ watched }: { watched: Watched }) {
  const { link, dataset, state } = watched;
  const name = t('dataset.name', { project: link.projectName, source: link.sourceName });
  // What is to be done about it is in "Needs attention", once.
  const asked = needsAttention(state);
  return (
    <li className="line">
      <div className="line-state">
        <StateBadges state={state} />
      </div>
      <div className="line-text">
        <a className="line-name" href={hrefShowing(link.id, 'projects', link.projectId)}>
          {name}
        </a>
        <WatchedText watched={watched} />
        {dataset && <Notice dataset={dataset} small />}
      </div>
      <div className="actions">
        {dataset && <KeepTables dataset={dataset} of={name} />}
        {dataset && !asked && <SyncNow linkId={link.id} of={name} dataset={dataset} />}
      </div>
    </li>
  );
}
