import type { JobPhase, SourceType, TableProgress } from '../../preload/contract/models.ts';
import type { Tokens } from '../connectors/http.ts';
import type { Target } from '../engines/engine.ts';
import type { Clock } from '../host.ts';
import type { Logger } from '../log.ts';
import type { Names } from './finish.ts';

/** Everything one run needs, as plain data; handed to the worker by message and dropped with it. */
export interface RunSpec {
  readonly datasetId: string;
  readonly workspaceId: string;
  readonly schema: string;
  readonly target: Target;
  readonly source: {
    readonly type: SourceType;
    readonly baseUrl: string;
    readonly settings: Readonly<Record<string, string>>;
  };
  readonly datasets: readonly string[];
  readonly keepRaw: boolean;
  readonly readerRoles: readonly string[];
  readonly names: Names;
  /** Whether the published tables hold any row: then an empty answer of the source is not believed. */
  readonly hadRows: boolean;
}

export interface RunProgress {
  readonly phase: JobPhase;
  readonly tables: readonly TableProgress[];
  readonly waitingUntil: number | null;
}

export interface RunResult {
  readonly rowCounts: Readonly<Record<string, number>>;
  readonly names: Names;
  /** ISO instant: the tables are complete up to then. */
  readonly dataAsOf: string;
  readonly notice: string | null;
}

export interface RunDeps {
  readonly tokens: Tokens;
  readonly fetch: typeof fetch;
  readonly clock: Clock;
  readonly random: () => number;
  readonly log: Logger;
  readonly onProgress: (progress: RunProgress) => void;
  readonly signal: AbortSignal;
}
