import type { Dataset } from '../../preload/contract/models.ts';
import { Note } from './error-notice.tsx';

/**
 * What the last refresh found worth knowing, where somebody looks at the dataset; nothing while one runs. One that
 * waits for review gives its reasons itself.
 */
export function Notice({ dataset, small }: { dataset: Dataset; small?: boolean }) {
  const { notice } = dataset;
  if (notice === null || dataset.job || dataset.held) return null;
  if (small) return <span className="cell-note">{notice}</span>;
  return (
    <Note tone="warn">
      <p>{notice}</p>
    </Note>
  );
}
