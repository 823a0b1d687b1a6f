import { type DataState, isFresh, needsAttention, type Watched } from './dataset-state.ts';

/** What keeps everything from being done, whatever its own state. */
export interface World {
  /** `forgets`: secrets are kept until Headgate closes. */
  readonly vault: 'keeps' | 'forgets' | 'locked';
  readonly offline: boolean;
}

/** The parts that the sentence is made from, worst first. */
export const summaryParts = [
  'attention',
  'blocked',
  'locked',
  'offline',
  'gone',
  'late',
  'arriving',
  'none',
  'paused',
  'forgets',
  'rest',
  'all',
  'nothing',
] as const;
export type SummaryPart = (typeof summaryParts)[number];

export interface Summary {
  /** `ok` exactly when every dataset is fresh and nothing keeps it from staying so. */
  readonly tone: 'ok' | 'warn' | 'bad' | 'info' | 'muted';
  /** `count` is of datasets, of `attention` of things to do; 0 where nothing is counted. */
  readonly parts: readonly { readonly part: SummaryPart; readonly count: number }[];
  /** The fresh ones are complete up to then at least. */
  readonly asOf: string | null;
}

/**
 * The whole workspace in a few words. `attention` is how many things the reader is asked to do; what stops datasets without
 * being among them is told as blocked.
 */
export function summarise(watched: readonly Watched[], world: World, attention: number): Summary {
  const fresh = watched.filter(({ state }) => isFresh(state));
  const other = watched.filter(({ state }) => !isFresh(state));
  const waiting = other.filter(({ state }) => needsAttention(state));
  const rest = other.filter(({ state }) => !needsAttention(state));
  const of = (data: DataState): number => rest.filter(({ state }) => state.data === data).length;
  const arriving = rest.filter(
    ({ state }) => state.data === 'none' && (state.doing === 'running' || state.doing === 'waiting'),
  ).length;
  const counts: Record<SummaryPart, number> = {
    attention,
    blocked: attention === 0 ? waiting.length : 0,
    locked: world.vault === 'locked' ? 1 : 0,
    offline: world.offline ? 1 : 0,
    gone: of('gone'),
    late: of('late'),
    arriving,
    none: of('none') - arriving,
    // Only what is up to date: the others are told by what they lack.
    paused: of('upToDate'),
    forgets: world.vault === 'forgets' ? 1 : 0,
    rest: other.length > 0 ? fresh.length : 0,
    all: other.length === 0 && fresh.length > 0 ? fresh.length : 0,
    nothing: watched.length === 0 ? 1 : 0,
  };
  const parts = summaryParts.flatMap((part) => (counts[part] > 0 ? [{ part, count: counts[part] }] : []));
  const asOf = fresh.flatMap((each) => each.asOf ?? []).sort()[0] ?? null;
  return { tone: toneOf(counts), parts, asOf };
}

function toneOf(counts: Record<SummaryPart, number>): Summary['tone'] {
  if (counts.attention + counts.blocked + counts.locked > 0) return 'bad';
  if (counts.gone + counts.late + counts.forgets > 0) return 'warn';
  if (counts.offline + counts.arriving > 0) return 'info';
  if (counts.none + counts.paused > 0) return 'muted';
  return counts.all > 0 ? 'ok' : 'muted';
}
