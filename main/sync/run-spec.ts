import type {
  CredentialKind,
  HeldReason,
  JobPhase,
  RunEntry,
  RunFacts,
  TableProgress,
} from '../../preload/contract/models.ts';
import type { Said } from '../../preload/contract/said.ts';
import type { Options } from '../connectors/connector.ts';
import type { Gate, Tokens } from '../connectors/http.ts';
import { type Target, wipeTarget } from '../engines/engine.ts';
import type { Clock } from '../host.ts';
import type { Logger } from '../log.ts';
import type { Exchange } from '../net/exchange.ts';
import type { Route } from '../net/requests.ts';
import type { JobMode } from '../store/data/jobs.ts';
import type { DeltaSpec, DeltaState } from './delta-state.ts';
import type { Fetcher } from './read/fetcher.ts';
import type { Names } from './shape/names.ts';
import type { PersonsNote } from './shape/notes.ts';
import type { Tables } from './shape/packed.ts';

/** Everything one run needs, as plain data; handed to the worker by message and dropped with it. */
export interface RunSpec {
  readonly datasetId: string;
  readonly jobId: string;
  /** How often the job was taken by a process; this run's is the highest. */
  readonly claim: number;
  readonly workspaceId: string;
  readonly schema: string;
  readonly target: Target;
  readonly source: {
    readonly type: string;
    readonly baseUrl: string;
    readonly settings: Readonly<Record<string, string>>;
    /** What it is signed in with. */
    readonly signIn: CredentialKind;
    /** Of a source that is a database: how to get there. */
    readonly target?: Target;
  };
  /** How the source is reached. */
  readonly route: Route;
  readonly datasets: readonly string[];
  readonly options: Options;
  readonly keepRaw: boolean;
  readonly readerRoles: readonly string[];
  /** Whether materialised views that people built on the tables are refreshed after each publish. */
  readonly refreshViews: boolean;
  /** Whether a column whose type can't change, because something uses it, gets a second one beside it. */
  readonly secondColumn: boolean;
  readonly names: Names;
  /** What it may use of what is in the staging schema. */
  readonly mode: JobMode;
  /** Whether only changes are read, and on top of what; everything is where it is left out. */
  readonly delta?: DeltaSpec;
  readonly guards: { readonly on: boolean; readonly shrinkPercent: number };
  /** What is published now, as the store knows it. */
  readonly published: {
    readonly rowCounts: Readonly<Record<string, number>>;
    readonly tables: Tables;
  };
  /** What people say of its tables; the run writes it into the database. */
  readonly notes?: readonly PersonsNote[];
  /** What an earlier attempt at this job was about to publish; null when none came so far. */
  readonly intent: RunResult | null;
  /** Jobs that run in this process: a lease of another job of this process is one that nobody holds any more. */
  readonly siblings: readonly string[];
}

export interface RunProgress {
  readonly phase: JobPhase;
  readonly tables: readonly TableProgress[];
  readonly waitingUntil: number | null;
  /** Commits so far; one means that something was read that will not be read again. */
  readonly committed: number;
  /** How this run went so far. */
  readonly facts: RunFacts;
}

export interface RunResult {
  readonly rowCounts: Readonly<Record<string, number>>;
  readonly names: Names;
  /** ISO instant: the tables are complete up to then. */
  readonly dataAsOf: string;
  /** What people should know of it. */
  readonly notice: Said | null;
  readonly tables: Tables;
  /** What the next refresh needs to read only what changed; null where it is to read everything. */
  readonly delta?: DeltaState | null;
}

/** Overwrites every secret of a run's places. */
export function wipeSpec({ target, source }: Pick<RunSpec, 'target' | 'source'>): void {
  wipeTarget(target);
  if (source.target) wipeTarget(source.target);
}

/** How a run that did not fail ended. */
export type RunEnd =
  | { readonly kind: 'published'; readonly result: RunResult }
  | {
      readonly kind: 'held';
      readonly reasons: readonly HeldReason[];
      /** Rows per table that would be published. */
      readonly rowCounts: Readonly<Record<string, number>>;
    };

export interface RunDeps {
  readonly tokens: Tokens;
  /** Asked before every request to the source. */
  readonly gate: Gate;
  readonly exchange: Exchange;
  /** Takes back the memory of documents that are done with; without it they are left to the garbage collector. */
  readonly release?: Fetcher['release'];
  readonly clock: Clock;
  readonly random: () => number;
  readonly log: Logger;
  readonly onProgress: (progress: RunProgress) => void;
  /** Something that is worth reading afterwards; told before the progress that goes with it. */
  readonly onNote?: (entry: RunEntry) => void;
  /** Resolves once it is written down what is about to be published; when it fails, nothing is. */
  readonly intend: (result: RunResult) => Promise<void>;
  readonly signal: AbortSignal;
}
