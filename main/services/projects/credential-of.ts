import type { Credential } from '../../../preload/contract/models.ts';
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

/** Whether a dataset can be read with its sign-in: one that ends soon is still good. */
export function signInOf(credential: Credential | null): 'valid' | 'expired' | 'missing' {
  if (credential === null) return 'missing';
  return credential.state === 'valid' || credential.state === 'expiring' ? 'valid' : 'expired';
}
