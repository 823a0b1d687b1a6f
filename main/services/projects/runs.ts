import type { Person, RunDetail } from '../../../preload/contract/models.ts';
import { english } from '../../../preload/messages/said.ts';
import type { Handlers, Services } from '../context.ts';
import { datasetView } from './datasets.ts';

/** How runs went, and what they said on the way. */
export function runService(
  services: Services,
): Pick<Handlers<'syncs'>, 'syncs.list' | 'syncs.get' | 'syncs.log'> {
  const { store } = services;
  /** Fails with NOT_FOUND, and with PERMISSION_DENIED for a run of somebody else's dataset. */
  const own = (jobId: string, person: Person) => {
    const job = store.jobs.get(jobId);
    datasetView(services, store.datasets.get(job.datasetId), person.id);
    return job;
  };
  return {
    'syncs.list': (wanted, { person }) => store.jobs.list(person.id, wanted),
    'syncs.get': ({ id }, { person }) =>
      store.reading((): RunDetail => {
        const job = own(id, person);
        const known = store.runs.find(id);
        const after = known?.after ?? (Object.keys(job.rowCounts).length > 0 ? job.rowCounts : null);
        const before = known?.before ?? null;
        const names = [...new Set([...Object.keys(after ?? {}), ...Object.keys(before ?? {})])];
        return {
          job,
          facts: known?.facts ?? null,
          tables: names.map((name) => ({
            name,
            before: before && (before[name] ?? 0),
            // A table that is not in it is gone.
            after: after && (after[name] ?? null),
          })),
        };
      }),
    'syncs.log'({ id, after, limit, levels, search }, { person }) {
      const job = own(id, person);
      const all = store.runs.log(id);
      const wanted = search?.toLowerCase() ?? '';
      const found = all.filter(
        ({ seq, entry }) =>
          seq > after &&
          (levels?.includes(entry.level) ?? true) &&
          (wanted === '' || english(entry.said).toLowerCase().includes(wanted)),
      );
      return {
        entries: found.slice(0, limit).map(({ seq, entry }) => ({ ...entry, seq })),
        more: found.length > limit,
        dropped: (all.at(-1)?.seq ?? 0) - all.length,
        open: job.finishedAt === null,
      };
    },
  };
}
