import type { Dataset } from '../../../preload/contract/models.ts';
import { t } from '../../i18n/index.ts';
import { href, hrefShowing } from '../../router.ts';
import { SyncNow } from './sync-now.tsx';

/** The next step of a dataset: sign in where that is what is missing (a sync could only fail), else sync. */
export function PutRight({ dataset, again = false }: { dataset: Dataset; again?: boolean }) {
  const name = t('dataset.name', { project: dataset.projectName, source: dataset.sourceName });
  if (dataset.signIn === 'valid') {
    return <SyncNow linkId={dataset.linkId} of={name} dataset={dataset} again={again} />;
  }
  const missing = dataset.signIn === 'missing';
  return (
    <a
      className="button button-plain button-small"
      href={
        dataset.personId === null
          ? hrefShowing(dataset.linkId, 'projects', dataset.projectId)
          : `${href('sources')}?signIn=${dataset.sourceId}`
      }
      aria-label={t(missing ? 'signIn.startOf' : 'signIn.againOf', { name: dataset.sourceName })}
    >
      {missing ? t('signIn.start') : t('signIn.again')}
    </a>
  );
}
