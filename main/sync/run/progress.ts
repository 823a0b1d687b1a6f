import type { JobPhase, TableProgress } from '../../../preload/contract/models.ts';
import type { RunDeps, RunSpec } from '../run-spec.ts';

export type Progress = ReturnType<typeof createProgress>;

/** What a run tells about itself, gathered in one place; every change is told at once. */
export function createProgress(spec: RunSpec, deps: RunDeps) {
  let phase: JobPhase = 'starting';
  let waitingUntil: number | null = null;
  let commits = 0;
  const tables = new Map<string, TableProgress>(
    spec.datasets.map((dataset) => [dataset, { dataset, fetched: 0, total: null, status: 'waiting' }]),
  );
  const tell = (): void =>
    deps.onProgress({ phase, waitingUntil, committed: commits, tables: [...tables.values()] });
  return {
    phase(next: JobPhase) {
      phase = next;
      tell();
    },
    wait(until: number | null) {
      waitingUntil = until;
      tell();
    },
    table(dataset: string, change: Partial<TableProgress>) {
      tables.set(dataset, { ...(tables.get(dataset) as TableProgress), ...change });
      tell();
    },
    commit() {
      commits += 1;
      tell();
    },
    committed: () => commits,
    fetched: () => [...tables.values()].reduce((sum, table) => sum + table.fetched, 0),
  };
}
