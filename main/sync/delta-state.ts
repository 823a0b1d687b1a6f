import type { SyncConfig } from '../../preload/contract/models.ts';
import type { Json } from '../connectors/json.ts';

/**
 * Raised when what is remembered for the next refresh changes, or how records become tables: everything is read then, since
 * rows that were published by another version may be others than those of this one.
 */
const deltaVersion = 1;

/** From so many published records on a refresh reads only what changed, where nobody said otherwise and the source lets it. */
const largeFrom = 50_000;

/** What is remembered of one dataset of the connector. */
export interface DatasetDelta {
  /** Where its source stood before it was read. */
  readonly mark: Json;
  /** Its tables and columns, as they were saved. */
  readonly layout: readonly string[];
  /** ISO instant at which everything of it was read last. */
  readonly wholeAt: string;
  /** Everything before this instant of the field it is counted by was read again since; null at the beginning of a round. */
  readonly audited: string | null;
  /** ISO instant up to which the reading again keeps pace. */
  readonly auditedAt: string;
  /** Records of one request of its source; null where that was not seen. */
  readonly page: number | null;
}

/** What a publish leaves for the next refresh, which reads only what changed since; it holds for the tables of one job. */
export interface DeltaState {
  readonly version: number;
  /** What is read and how. */
  readonly fingerprint: string;
  readonly datasets: Readonly<Record<string, DatasetDelta>>;
}

/** What a run may do about changes. */
export interface DeltaSpec {
  /** Whether it leaves what the next refresh needs. */
  readonly track: boolean;
  /** The job that published last, and what it left; null where everything is to be read. */
  readonly base: { readonly job: string; readonly state: DeltaState } | null;
  readonly wholeEveryDays: number;
}

/** Everything is read, and nothing left for the next refresh. */
export const noDelta: DeltaSpec = { track: false, base: null, wholeEveryDays: 7 };

const dayMs = 24 * 60 * 60 * 1000;

/** Decides whether a refresh reads everything. `records` are those that are published; `base` is what the last publish left. */
export function deltaSpecOf(
  { how, wholeEveryDays }: SyncConfig['refresh'],
  records: number,
  base: DeltaSpec['base'],
  now: number,
): DeltaSpec {
  const track = how === 'delta' || (how === 'automatic' && records >= largeFrom);
  const isGood =
    base !== null &&
    Object.keys(base.state.datasets).length > 0 &&
    now < wholeAfter(base.state, wholeEveryDays);
  return { track, base: track && isGood ? base : null, wholeEveryDays };
}

/** When the dataset that was read whole the longest ago was; ISO. */
export const wholeAtOf = ({ datasets }: DeltaState): string =>
  Object.values(datasets)
    .map(({ wholeAt }) => wholeAt)
    .reduce((a, b) => (a < b ? a : b));

/** When everything is read again at the latest. */
const wholeAfter = (state: DeltaState, wholeEveryDays: number): number =>
  Date.parse(wholeAtOf(state)) + wholeEveryDays * dayMs;

/** Whether what was left can be built on by this version, for what is read now. */
export const isUsable = (state: DeltaState, fingerprint: string): boolean =>
  state.version === deltaVersion && state.fingerprint === fingerprint;

export const stateOf = (fingerprint: string, datasets: DeltaState['datasets']): DeltaState => ({
  ...{ version: deltaVersion, fingerprint, datasets },
});
