import type {
  JobPhase,
  RunDelta,
  RunFacts,
  RunLevel,
  RunPhase,
  RunRead,
  TableProgress,
} from '../../../preload/contract/models.ts';
import type { Said } from '../../../preload/contract/said.ts';
import { say } from '../../../preload/messages/said.ts';
import type { Exchange } from '../../net/exchange.ts';
import type { RunDeps, RunSpec } from '../run-spec.ts';

export type Progress = ReturnType<typeof createProgress>;

type Open<T> = { -readonly [K in keyof T]: T[K] };

/** What a run tells about itself, gathered in one place; every change is told at once. */
export function createProgress(spec: RunSpec, deps: RunDeps) {
  const { clock } = deps;
  const iso = (at: number): string => new Date(at).toISOString();
  let phase: JobPhase = 'starting';
  let waitingUntil: number | null = null;
  let waitingSince: number | null = null;
  let commits = 0;
  const counts = { requests: 0, retries: 0, waits: 0, waitedMs: 0 };
  const phases: Open<RunPhase>[] = [];
  const reads = new Map<string, Open<RunRead>>();
  let deltas: readonly RunDelta[] = [];
  let fellBack: Said | null = null;
  const tables = new Map<string, TableProgress>(
    spec.datasets.map((dataset) => [dataset, { dataset, fetched: 0, total: null, status: 'waiting' }]),
  );
  /** Closes what the clock has run for since it was looked at last. */
  const reckon = (now: number): RunFacts => {
    const last = phases.at(-1);
    if (last) last.ms = Math.max(0, now - Date.parse(last.startedAt));
    for (const [dataset, read] of reads)
      if (tables.get(dataset)?.status === 'reading') read.ms = Math.max(0, now - Date.parse(read.startedAt));
    return {
      ...counts,
      ...{ phases: phases.map((each) => ({ ...each })), reads: [...reads.values()] },
      ...(deltas.length === 0 ? {} : { deltas: [...deltas] }),
      ...(fellBack === null ? {} : { fellBack }),
    };
  };
  const tell = (): void =>
    deps.onProgress({
      ...{ phase, waitingUntil, committed: commits, tables: [...tables.values()] },
      facts: reckon(clock.now()),
    });
  const note = (level: RunLevel, said: Said): void => deps.onNote?.({ at: iso(clock.now()), level, said });
  return {
    phase(next: JobPhase) {
      const now = clock.now();
      reckon(now);
      phase = next;
      phases.push({ phase, startedAt: iso(now), ms: 0, waitedMs: 0 });
      if (next === 'starting' || next === 'reading' || next === 'finishing' || next === 'publishing')
        note('info', say(`runs.phase.${next}`));
      tell();
    },
    wait(until: number | null) {
      const now = clock.now();
      if (until !== null && waitingSince === null) {
        waitingSince = now;
        counts.waits += 1;
        note('warn', say('runs.sourceAsksToWait', { until: { instant: iso(until) } }));
      } else if (until === null && waitingSince !== null) {
        const last = phases.at(-1);
        if (last) last.waitedMs += now - waitingSince;
        counts.waitedMs += now - waitingSince;
        waitingSince = null;
      }
      waitingUntil = until;
      tell();
    },
    /** Something worth reading afterwards; neither it nor what fills its places may be a secret. */
    note(level: RunLevel, said: Said) {
      note(level, said);
      tell();
    },
    /** A request is made again, because of this. */
    retry(why: Said) {
      counts.retries += 1;
      note('warn', say('runs.again', { why }));
      tell();
    },
    table(dataset: string, change: Partial<TableProgress>) {
      const before = tables.get(dataset) as TableProgress;
      const now = clock.now();
      reckon(now);
      tables.set(dataset, { ...before, ...change });
      if (change.status === 'reading' && before.status !== 'reading') {
        reads.set(dataset, { dataset, startedAt: iso(now), ms: 0, pages: 0 });
        const { fetched = 0, total = null } = change;
        const goesOn = total === null ? say('runs.readsOn', { dataset, fetched }) : null;
        note(
          'info',
          fetched === 0
            ? say('runs.reads', { dataset })
            : (goesOn ?? say('runs.readsOnOf', { dataset, fetched, total: total ?? 0 })),
        );
      } else if (change.status === 'done' && before.status === 'reading')
        note('info', say('runs.haveRead', { dataset, count: change.fetched ?? before.fetched }));
      tell();
    },
    /** A page of a dataset is written. */
    page(dataset: string, change: Pick<TableProgress, 'fetched' | 'total'>) {
      const read = reads.get(dataset);
      if (read) read.pages += 1;
      this.table(dataset, change);
    },
    /** Requests so far. */
    requests: () => counts.requests,
    /** A dataset is refreshed by its changes, and proven. */
    delta(found: RunDelta) {
      deltas = [...deltas.filter(({ dataset }) => dataset !== found.dataset), found];
      const { dataset, asked, total, requests, whole, gone } = found;
      note('info', say('runs.delta.done', { dataset, asked, total, requests, whole }));
      if (gone > 0) note('info', say('runs.delta.found', { dataset, gone }));
      tell();
    },
    /** Everything is read, though only changes were to be. */
    fellBack(why: Said) {
      deltas = [];
      fellBack = why;
      note('warn', say('runs.delta.fellBack', { why }));
      tell();
    },
    commit() {
      commits += 1;
      tell();
    },
    /** The same exchange, with its requests counted. */
    counting:
      (exchange: Exchange): Exchange =>
      (request, signal) => {
        counts.requests += 1;
        return exchange(request, signal);
      },
    committed: () => commits,
    fetched: () => [...tables.values()].reduce((sum, table) => sum + table.fetched, 0),
  };
}
