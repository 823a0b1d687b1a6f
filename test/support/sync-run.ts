import { systemClock } from '../../main/clock.ts';
import { localTarget } from '../../main/engines/engine.ts';
import { directly } from '../../main/net/proxy.ts';
import { runSync } from '../../main/sync/run/run.ts';
import type { RunDeps, RunEnd, RunSpec } from '../../main/sync/run-spec.ts';
import { noNames } from '../../main/sync/shape/names.ts';
import type { HqSimulator } from '../simulators/commcare-hq/index.ts';
import { directExchange } from './exchanges.ts';
import type { PostgresAccess } from './global-setup.ts';
import { keptLog } from './parts.ts';

/** What a run of one domain's forms needs, without an application around it. */
export function specOf(
  place: { postgres: PostgresAccess; database: string; schema: string },
  sim: Pick<HqSimulator, 'url'>,
  change: Partial<RunSpec> = {},
): RunSpec {
  const id = crypto.randomUUID();
  return {
    datasetId: id,
    jobId: crypto.randomUUID(),
    claim: 1,
    workspaceId: id,
    schema: place.schema,
    target: localTarget(place.postgres, place.database),
    source: { type: 'commcare', baseUrl: sim.url, settings: { domain: 'demo' }, signIn: 'oauth' },
    route: { ways: directly, ca: null },
    datasets: ['forms'],
    options: {},
    keepRaw: false,
    readerRoles: [],
    refreshViews: false,
    secondColumn: false,
    names: noNames,
    mode: 'continue',
    guards: { on: true, shrinkPercent: 30 },
    published: { rowCounts: {}, tables: [] },
    intent: null,
    siblings: [],
    ...change,
  };
}

export interface StandingRun {
  readonly ended: Promise<RunEnd>;
  /** Resolves when it stands still. */
  readonly reached: Promise<void>;
  readonly letGo: () => void;
}

/** Runs a sync in this thread; it stands still before the request after `requests`, until it is let go. */
export function standingRun(
  spec: RunSpec,
  sim: HqSimulator,
  requests = Number.POSITIVE_INFINITY,
  change: Partial<RunDeps> = {},
): StandingRun {
  const { accessToken } = sim.oauth.issueTokens();
  const gate = Promise.withResolvers<void>();
  const reached = Promise.withResolvers<void>();
  let asked = 0;
  const ended = runSync(spec, {
    tokens: { current: async () => accessToken, renew: async () => accessToken },
    gate: {
      async enter() {
        asked += 1;
        if (asked > requests) {
          reached.resolve();
          await gate.promise;
        }
        return 0;
      },
      refused: () => {},
      closed: () => {},
    },
    exchange: directExchange(),
    clock: systemClock,
    random: () => 0.5,
    log: keptLog().log,
    onProgress: () => {},
    intend: async () => {},
    signal: new AbortController().signal,
    ...change,
  });
  ended.catch(() => {});
  return { ended, reached: reached.promise, letGo: () => gate.resolve() };
}
