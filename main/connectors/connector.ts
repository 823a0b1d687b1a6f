import type { SourceType } from '../../preload/contract/models.ts';
import type { OAuthEndpoints } from '../oauth/endpoint.ts';
import type { SourceHttp, SourceRules } from './http.ts';
import type { Json, JsonObject } from './json.ts';

export interface SettingField {
  readonly name: string;
  readonly label: string;
  readonly help: string;
  readonly required: boolean;
}

/** Types that a path can be pinned to before a value was seen. `json` keeps a subtree as one jsonb column. */
export type PinnedType = 'text' | 'boolean' | 'bigint' | 'timestamptz' | 'json';

/**
 * One table's share of a record. A record may be spread over several tables (a common one and one per form); all of
 * them carry the record's key.
 */
export interface Part {
  /** Stable id of the table, the same in every run: `forms`, `form/http://…`. */
  readonly table: string;
  /** What a person calls it; the table's name is made from it. */
  readonly label: string;
  readonly value: JsonObject;
  /** Top-level keys of `value` that belong to another part. */
  readonly skip?: ReadonlySet<string>;
}

/** How the records of a dataset become tables. Pure functions; the sync engine does the rest. */
export interface RecordShape {
  /** Top-level field that identifies a record. */
  readonly key: string;
  /** Name of the key in the tables that hang below the main one: `form_id`. */
  readonly keyName: string;
  /** The main table: its id is the dataset's name. Made even when the source is empty, with these columns. */
  readonly columns: readonly { readonly path: string; readonly type: PinnedType }[];
  /** Main table first. */
  parts(record: JsonObject): Part[];
  /** Pins the type of a path in any part, e.g. ids that must join across tables. */
  pin(path: readonly string[]): PinnedType | undefined;
  /** Columns of the main table that get an index when they exist. */
  readonly indexes: readonly string[];
}

export interface DatasetSpec {
  readonly name: string;
  readonly label: string;
  readonly description: string;
  readonly shape: RecordShape;
}

/** What the source handed over in one answer. */
export interface Page {
  readonly records: readonly JsonObject[];
  /** The source text of each record, cut from the answer; called only when `raw` is kept. */
  readonly sources: () => readonly string[];
  /** Continues after this page, also in another process. */
  readonly cursor: Json;
  /** How many records the source says there are in all; null when it does not say. */
  readonly total: number | null;
}

export interface ReadContext {
  readonly http: SourceHttp;
  readonly settings: Readonly<Record<string, string>>;
  /** Null at the beginning. */
  readonly cursor: Json | null;
  readonly signal: AbortSignal;
}

export interface Identity {
  readonly externalUserId: string;
  /** How the person is known there, e.g. an e-mail address. */
  readonly account: string;
}

/**
 * Reads one kind of data source, and nothing else: paging, errors and shape are its business; staging, resuming,
 * rate limits, typing and tokens are the engine's. A connector sees neither store nor vault nor tokens.
 */
export interface Connector extends SourceRules {
  readonly type: SourceType;
  readonly defaultBaseUrl: string;
  readonly defaultClientId: string;
  readonly settings: readonly SettingField[];
  readonly oauth: OAuthEndpoints;
  readonly datasets: readonly DatasetSpec[];
  identity(http: SourceHttp, signal: AbortSignal): Promise<Identity>;
  /** Project spaces the account can see. */
  spaces(http: SourceHttp, signal: AbortSignal): Promise<{ value: string; label: string }[]>;
  /** Pages in a stable order, each with the cursor after it. Returning means: everything was read. */
  read(dataset: string, context: ReadContext): AsyncGenerator<Page, void>;
}

/** Declares a connector; exists so that the literal types of a definition are checked where it is written. */
export function defineConnector(definition: Connector): Connector {
  return definition;
}
