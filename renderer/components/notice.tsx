import type { Dataset } from '../../preload/contract/models.ts';
import { useCall } from '../api.ts';
import { noticeOf } from '../state.ts';
import { Note } from './error-notice.tsx';

/** What the last refresh found worth knowing, where somebody looks at the dataset; nothing while one runs. */
export function Notice({ dataset, small }: { dataset: Dataset; small?: boolean }) {
  const notice = noticeOf(dataset, useCall('syncs.list', {}).data);
  if (notice === null || dataset.job) return null;
  if (small) return <span className="cell-note">{notice}</span>;
  return (
    <Note tone="warn">
      <p>{notice}</p>
    </Note>
  );
}
