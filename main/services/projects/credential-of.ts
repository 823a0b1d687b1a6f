import type { StoredDataset } from '../../store/data/datasets.ts';
import type { Services } from '../context.ts';

/** The credential a dataset is read with: its project's, or its person's. */
export function credentialOf(
  services: Pick<Services, 'store'>,
  dataset: Pick<StoredDataset, 'personId' | 'projectId' | 'sourceId'>,
) {
  const owner = dataset.personId === null ? { projectId: dataset.projectId } : { personId: dataset.personId };
  return services.store.credentials.findOwned(dataset.sourceId, owner);
}
