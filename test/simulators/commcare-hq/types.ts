/** Public types of the local CommCare HQ server. Section numbers refer to the API reference it follows. */

import type * as shared from '../shared/types.ts';
import type { AutoConsent, JsonObject, OAuthClient, OAuthHelpers, SimPerson } from '../shared/types.ts';
import type { RequestKind } from './request-kinds.ts';

export type {
  AutoConsent,
  Json,
  JsonObject,
  OAuthBehaviour,
  OAuthClient,
  OAuthHelpers,
  TokenPair,
} from '../shared/types.ts';
export type { RequestKind } from './request-kinds.ts';

/** A permission a project member may lack; reading forms and cases needs the first two (§2). */
export type Permission =
  | 'edit_data'
  | 'access_api'
  | 'edit_commcare_users'
  | 'edit_web_users'
  | 'edit_locations'
  | 'edit_apps';

/** The short lists of a domain; the deactivated mobile workers are a list of their own. */
export type ListName =
  | 'user'
  | 'inactive_user'
  | 'web-user'
  | 'group'
  | 'location'
  | 'location_type'
  | 'lookup_table'
  | 'lookup_table_item';

/** The three 401 bodies that are not about the token (§2). */
export type Refusal = 'not-authorized' | 'subscription' | 'cut-off';

interface DomainCommon {
  readonly name: string;
  readonly projectName?: string;
  /** N of the throttle formula (§2); default 0. */
  readonly activeMobileWorkers?: number;
  /** The second throttle bucket, shared by every domain of one billing account. */
  readonly billing?: { readonly account: string; readonly users: number };
  /** Turns the per-domain throttle on; off by default. */
  readonly throttle?: boolean;
  /** Answers every call to this domain with one of the JSON 401s. */
  readonly refuse?: Refusal;
  /** Case types the data dictionary marks deprecated: hidden from case v2 unless `include_deprecated`. */
  readonly deprecatedCaseTypes?: readonly string[];
  /** Makes every tastypie list clamp its pages to so many rows, as a server with smaller limits does. */
  readonly largestPage?: number;
  /** Lists without a declared order come in another order in every request (§3.4). */
  readonly unorderedLists?: boolean;
}

/** A generated domain: the same name, seed and sizes always give the same bytes. */
export interface GeneratedDomainSpec extends DomainCommon {
  readonly forms: number;
  readonly cases: number;
  readonly seed: number;
  /** Gives `count` consecutive forms and cases, from index `at` on, one single `indexed_on`. */
  readonly tie?: { readonly at: number; readonly count: number };
  /** Rows of a tie differ below the millisecond, where the index cannot tell them apart. */
  readonly subMillisecond?: boolean;
  /** Rows that share a moment come in another order in every request of a tastypie list, as ties may (§3.1). */
  readonly unstableTies?: boolean;
  /** Active mobile workers; default those who submit the forms, eight. */
  readonly mobileWorkers?: number;
  /** Deactivated mobile workers; default 2. */
  readonly deactivated?: number;
  /** Default 3. */
  readonly webUsers?: number;
  /** Default 3. */
  readonly groups?: number;
  /** Default 12. */
  readonly locations?: number;
  /** Default 3. */
  readonly lookupTables?: number;
  /** Rows of all lookup tables together; default 24. */
  readonly lookupRows?: number;
  /** Which of the two applications were deleted: their forms stay, the application list lacks them. */
  readonly deletedApplications?: readonly number[];
}

/** A domain made of real submissions, read from a folder with `submissions`, `xforms` and `applications`. */
export interface RealDomainSpec extends DomainCommon {
  readonly real: string;
}

export type DomainSpec = GeneratedDomainSpec | RealDomainSpec;

/** Rules of a key. What is not kept is answered in one and the same way: an empty 401. */
export interface KeyLimits {
  /** Accepted for this project space, and where the address names none. */
  domain?: string;
  /** Where requests have to come from. */
  addresses?: readonly string[];
  inactive?: boolean;
  /** Milliseconds since 1970. */
  expires?: number;
}

export interface SimUser extends SimPerson {
  /** Domains the user belongs to; default every one. */
  readonly domains?: readonly string[];
  /** Permissions the user lacks, per domain. */
  readonly lacks?: Readonly<Record<string, readonly Permission[]>>;
  /** Accepted as `Authorization: ApiKey username:key` and as the Basic password. */
  readonly apiKey?: string;
  /** What the key is limited to; read at each request, so that a test can change it. */
  readonly keyLimits?: KeyLimits;
}

export interface HqSimulatorOptions {
  readonly domains: readonly DomainSpec[];
  /** Default 0, an ephemeral port; the server only ever listens on 127.0.0.1. */
  readonly port?: number;
  /** Who can consent; default one, john@example.com, a member of every domain. */
  readonly users?: readonly SimUser[];
  /** Default one public client, `headgate-desktop`, redirect `http://127.0.0.1/callback`, PKCE required. */
  readonly clients?: readonly OAuthClient[];
  /** Milliseconds since 1970; default `Date.now`. Drives token expiry and the throttle. */
  readonly clock?: () => number;
  readonly accessTokenSeconds?: number;
  /** In what its OAuth differs from HQ's; read at each request. */
  readonly oauth?: shared.OAuthBehaviour;
  readonly codeSeconds?: number;
  /** Skips the consent page; without it a person (or a test) answers the page. */
  readonly consent?: AutoConsent;
  /** Added to every answer. */
  readonly latencyMs?: number;
  /** Keeps the serialised bytes of every row once served, so that repeated pulls cost next to nothing. */
  readonly preserialise?: boolean;
  /** Default: gzip when the client accepts it, except for rows kept by `preserialise`. */
  readonly gzip?: boolean;
  /** Origin used in attachment links; fixed by default so that rows do not depend on the port. */
  readonly publicUrl?: string;
  /** Called for every request before it is answered. */
  readonly onRequest?: (request: RecordedRequest) => void | Promise<void>;
}

export type RecordedRequest = shared.RecordedRequest<RequestKind>;
export type Stats = shared.Stats<RequestKind>;
export type FaultRule = shared.FaultRule<RequestKind>;
export type Faults = shared.Faults<RequestKind>;

export type Resource = 'form' | 'case';

/** Changes the rows of one domain while clients read it. */
export interface DomainHandle {
  readonly name: string;
  count(resource: Resource): number;
  /** The id of the row at a position of the generator. */
  id(resource: Resource, index: number): string;
  /** The row as its list endpoint (forms v1, cases v2) would show it. */
  row(resource: Resource, index: number): JsonObject;
  /** The given rows keep id and content and move to the end of `indexed_on`. */
  touch(resource: Resource, indexes: readonly number[] | number): void;
  /** As `touch`, with changed content; forms also get `edited_on`. */
  edit(resource: Resource, indexes: readonly number[] | number): void;
  /** Forms only appear with `include_archived` from now on. */
  archive(ids: readonly string[]): void;
  /** The rows disappear without a tombstone. */
  vanish(resource: Resource, ids: readonly string[]): void;
  /** New rows at the end. */
  add(resource: Resource, count: number): void;
  /** Moves `indexed_on` of every row, keeping the order. */
  reindex(resource?: Resource): void;
  /** The rows of a short list, in no particular order. */
  rows(list: ListName): readonly JsonObject[];
  /** New rows of a short list, in among the others where it has an order. */
  addRows(list: ListName, count: number): void;
  /** Rows of a short list disappear without a trace. */
  removeRows(list: ListName, ids: readonly string[]): void;
  /** Mobile workers move from the active to the deactivated ones. */
  deactivate(ids: readonly string[]): void;
  /** And back, from the deactivated to the active ones. */
  activate(ids: readonly string[]): void;
  /** Changes the JSON 401 this domain answers with; null lets calls through again. */
  refuse(refusal: Refusal | null): void;
  /** Fills the serialised cache ahead; only useful with `preserialise`. */
  warm(resource: Resource): void;
}

export interface HqSimulator {
  readonly url: string;
  readonly port: number;
  readonly faults: Faults;
  readonly stats: Stats;
  readonly oauth: OAuthHelpers;
  domain(name: string): DomainHandle;
  close(): Promise<void>;
}
