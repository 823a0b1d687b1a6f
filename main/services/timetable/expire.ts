import { AppError } from '../../errors.ts';
import type { Turn } from '../../schedule/timetable.ts';
import type { Services } from '../context.ts';
import { emitChanged } from '../context.ts';
import { dropSchema } from '../projects/kept.ts';
import { lookAtTargets } from './activity.ts';

/**
 * Drops the tables of datasets that nobody used for as long as their link says: only what carries our mark, and nothing that
 * other people built on. Their databases are looked at right before, so that whoever read a table an hour ago keeps it; of
 * one that does not answer nothing goes. What they were called, their dictionary and history stay; the next use brings the
 * tables back.
 */
export async function expireIdle(services: Services, stop: AbortSignal): Promise<Turn> {
  const { store, host, access } = services;
  const idle = () => {
    const now = services.now();
    return store.datasets
      .everywhere()
      .filter(
        ({ id, expiresAt, held }) =>
          expiresAt !== null && expiresAt <= now && held === null && store.jobs.findOpen(id) === null,
      );
  };
  const candidates = idle();
  if (candidates.length === 0) return { count: 0 };
  const { looked } = await lookAtTargets(
    services,
    stop,
    new Set(candidates.map(({ connectionId }) => connectionId)),
  );
  let [gone, waiting] = [0, 0];
  for (const dataset of idle()) {
    stop.throwIfAborted();
    if (!looked.has(dataset.connectionId)) {
      waiting += 1;
      continue;
    }
    const subject = `datasetId=${dataset.id}`;
    try {
      await dropSchema(services, dataset, stop);
      store.datasets.expire(dataset.id, services.now());
      gone += 1;
      access.background.did('background.expire', subject, `schema=${dataset.schemaName}`);
    } catch (error) {
      if (stop.aborted) throw error;
      waiting += 1;
      // What somebody built on is in use, whatever the server counted.
      if (error instanceof AppError && error.code === 'IN_USE')
        store.datasets.touch(dataset.id, services.now());
      else access.background.did('background.expire', subject, `schema=${dataset.schemaName}`, 'failed');
      host.log.warn('expire.kept', { datasetId: dataset.id, error });
    }
  }
  if (gone > 0) emitChanged(services, 'datasets', 'links');
  return { count: gone, waiting };
}
