import type { Target } from '../../main/engines/engine.ts';
import type { DictionaryTable, RunDelta } from '../../preload/contract/models.ts';
import type { PostgresAccess } from '../support/global-setup.ts';
import type { Setup } from '../support/workspace.ts';

/** One look at a running sync. */
export interface Sample {
  readonly ms: number;
  /** Records read so far. */
  readonly fetched: number;
  /** Resident memory of the process. */
  readonly mb: number;
}

/** What one sync in a process of its own came to. Times in milliseconds. */
export interface SyncResult {
  readonly ms: number;
  readonly cpuMs: number;
  readonly peakMb: number;
  readonly idleMb: number;
  readonly loopP99Ms: number;
  readonly schema: string;
  readonly rowCounts: Readonly<Record<string, number>>;
  readonly tables: readonly DictionaryTable[];
  readonly samples: readonly Sample[];
}

/** What the hand-written script and the null client are given, and what they answer. */
export interface PullSetup {
  readonly url: string;
  readonly token: string;
  readonly domain: string;
  readonly dataset: 'forms' | 'cases';
  readonly postgres: { host: string; port: number; user: string; password: string };
  /** Where the tables are whose columns and keys the script's own copies have. */
  readonly schema: string;
  readonly tables: readonly DictionaryTable[];
}
export interface PullResult {
  readonly ms: number;
  readonly peakMb: number;
  readonly rows: number;
}

/** What one refresh in a process of its own is given, and what it came to. */
export interface RefreshSetup {
  readonly folder: string;
  /** What the workspace is made of; it is there already unless given. */
  readonly first?: Setup;
  /** Whether everything is read. */
  readonly whole: boolean;
}
export interface RefreshResult {
  readonly ms: number;
  readonly requests: number;
  /** Null where everything was read. */
  readonly delta: RunDelta | null;
  readonly records: number;
  readonly peakMb: number;
}

/** One line of the report: a scenario with the medians of its runs. */
export interface Line {
  readonly what: string;
  readonly records: number;
  readonly ms: number;
  readonly peakMb: number | null;
  readonly loopP99Ms: number | null;
  /** Milliseconds of `COPY` of the same final rows from files, and of the hand-written pipelined COPY, where they ran. */
  readonly limitMs: number | null;
  readonly scriptMs: number | null;
}

/** What landing a table in a process of its own needs. */
export interface TablesSetup {
  readonly from: Omit<Target, 'password'> & { readonly password: string };
  readonly schema: string;
  readonly table: string;
  readonly to: { readonly postgres: PostgresAccess; readonly database: string; readonly schema: string };
}
