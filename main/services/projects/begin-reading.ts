import { AppError } from '../../errors.ts';
import type { StoredDataset } from '../../store/data/datasets.ts';
import type { Services } from '../context.ts';
import { credentialOf, signInOf } from './credential-of.ts';

/**
 * Queues a dataset whose tables are not there, unless it is known that it can't be read: something is switched off, or nobody
 * is signed in. Whether it was queued.
 */
export function beginReading(
  services: Pick<Services, 'store' | 'jobs' | 'host'>,
  dataset: StoredDataset,
): boolean {
  const { linkIsActive, sourceIsActive } = dataset.plan;
  if (!linkIsActive || !sourceIsActive || signInOf(credentialOf(services, dataset)) !== 'valid') return false;
  try {
    services.jobs.start(dataset.id, 'schedule');
    return true;
  } catch (error) {
    if (!(error instanceof AppError)) throw error;
    services.host.log.warn('dataset.not_queued', { datasetId: dataset.id, error });
    return false;
  }
}
