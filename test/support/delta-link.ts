import type { DeltaSpec } from '../../main/sync/delta-state.ts';
import type { RunDeps, RunEnd, RunProgress, RunResult, RunSpec } from '../../main/sync/run-spec.ts';
import { noNames } from '../../main/sync/shape/names.ts';
import type { RunDelta, RunFacts } from '../../preload/contract/models.ts';
import type { Said } from '../../preload/contract/said.ts';
import { english } from '../../preload/messages/said.ts';
import type { HqSimulator } from '../simulators/commcare-hq/index.ts';
import type { TestDatabase } from './database.ts';
import { specOf, standingRun } from './sync-run.ts';

/** One link that is refreshed again and again, by changes or whole, as the application does it. */
export interface DeltaLink {
  readonly schema: string;
  refresh(change?: Partial<RunSpec>, deps?: Partial<RunDeps>): Promise<RunEnd>;
  /** Publishes, or says why not. */
  publish(change?: Partial<RunSpec>, deps?: Partial<RunDeps>): Promise<RunResult>;
  /** Of the last refresh. */
  facts(): RunFacts;
  /** How a dataset was refreshed; null where everything was read. */
  delta(dataset?: string): RunDelta | null;
  /** Why everything was read although changes were to be. */
  fellBack(): string | null;
  /** What the last publish left. */
  last(): { readonly result: RunResult; readonly job: string } | null;
}

export interface DeltaLinkOptions {
  readonly mode?: 'delta' | 'full';
  readonly spec?: Partial<RunSpec>;
  readonly deps?: Partial<RunDeps>;
}

export type Source = Parameters<typeof standingRun>[1];

export function deltaLink(
  db: Pick<TestDatabase, 'postgres' | 'database'>,
  schema: string,
  sim: Pick<HqSimulator, 'url' | 'oauth'>,
  how: DeltaLinkOptions = {},
): DeltaLink {
  const { mode = 'delta', deps: always = {}, spec: options = {} } = how;
  const first = specOf({ postgres: db.postgres, database: db.database, schema }, sim, options);
  let last: { result: RunResult; job: string } | null = null;
  let progress: RunProgress | null = null;
  const link: DeltaLink = {
    schema,
    async refresh(change = {}, deps = {}) {
      const jobId = change.jobId ?? crypto.randomUUID();
      const state = last?.result.delta;
      const delta: DeltaSpec = {
        track: mode === 'delta',
        base: last && state ? { job: last.job, state } : null,
        wholeEveryDays: 7,
      };
      const { names, rowCounts, tables } = last?.result ?? { names: noNames, ...first.published };
      const spec = {
        ...first,
        ...{ jobId, names, delta, published: { rowCounts, tables } },
        ...change,
      };
      const end = await standingRun(spec, sim as Source, undefined, {
        onProgress: (now) => {
          progress = now;
        },
        ...always,
        ...deps,
      }).ended;
      if (end.kind === 'published') last = { result: end.result, job: jobId };
      return end;
    },
    async publish(change, deps) {
      const end = await link.refresh(change, deps);
      if (end.kind !== 'published') throw new Error(end.reasons.map(({ message }) => message).join(' '));
      return end.result;
    },
    facts: () => (progress as RunProgress).facts,
    delta: (dataset = 'forms') => link.facts().deltas?.find((one) => one.dataset === dataset) ?? null,
    fellBack: () => {
      const { fellBack } = link.facts();
      return fellBack === undefined ? null : english(fellBack as Said);
    },
    last: () => last,
  };
  return link;
}
