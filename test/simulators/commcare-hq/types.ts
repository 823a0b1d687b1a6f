/** Public types of the local CommCare HQ server. Section numbers refer to the API reference it follows. */

export type Json = null | boolean | number | string | readonly Json[] | JsonObject;
export interface JsonObject {
  readonly [key: string]: Json;
}

/** A permission a project member may lack; reading forms and cases needs both (§2). */
export type Permission = 'edit_data' | 'access_api';

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
}

/** A domain made of real submissions, read from a folder with `submissions`, `xforms` and `applications`. */
export interface RealDomainSpec extends DomainCommon {
  readonly real: string;
}

export type DomainSpec = GeneratedDomainSpec | RealDomainSpec;

export interface SimUser {
  readonly username: string;
  readonly id?: string;
  readonly firstName?: string;
  readonly lastName?: string;
  readonly email?: string;
  /** Domains the user belongs to; default every one. */
  readonly domains?: readonly string[];
  /** Permissions the user lacks, per domain. */
  readonly lacks?: Readonly<Record<string, readonly Permission[]>>;
  /** Accepted as `Authorization: ApiKey username:key` and as the Basic password. */
  readonly apiKey?: string;
}

export interface OAuthClient {
  readonly clientId: string;
  readonly name?: string;
  /** Present for confidential clients only. */
  readonly clientSecret?: string;
  readonly redirectUris: readonly string[];
  readonly pkceRequired: boolean;
}

/** Decides a consent without a person: the username that allows, or `deny`. */
export type AutoConsent = { readonly allow: string } | 'deny';

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

export type RequestKind =
  | 'form'
  | 'case'
  | 'application'
  | 'identity'
  | 'user_domains'
  | 'authorize'
  | 'token'
  | 'revoke'
  | 'other';

/** What is remembered of a request: never a header, so no credential. */
export interface RecordedRequest {
  readonly kind: RequestKind;
  readonly method: string;
  /** Path with its query. */
  readonly path: string;
  /** Position among the requests of its kind, from 1. */
  readonly nth: number;
}

export interface AnsweredRequest extends RecordedRequest {
  readonly status: number;
  readonly bytes: number;
}

export interface Stats {
  readonly requests: Record<RequestKind, number>;
  readonly byStatus: Record<number, number>;
  readonly bytes: number;
  readonly inFlight: number;
  readonly maxInFlight: number;
  /** The last 1000, oldest first. */
  readonly recent: readonly AnsweredRequest[];
}

export type FaultKind = 'cut' | 'status' | 'slow' | 'wrongJson' | 'html' | 'hang' | 'resetBeforeHeaders';

export interface FaultRule {
  /** A request kind, or a pattern for `METHOD path?query`; a string that is no kind is read as a pattern. */
  readonly match: RequestKind | RegExp | string;
  /** Matching requests to let through first; default 0. */
  readonly after?: number;
  /** How many requests to spoil then; default 1. */
  readonly times?: number | 'always';
  readonly kind: FaultKind;
  /** For `status`; default 500. */
  readonly status?: number;
  /** For `status` and `wrongJson`. */
  readonly body?: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** For `slow`: delay before the answer, or between its chunks with `drip`; default 1000. */
  readonly ms?: number;
  readonly drip?: boolean;
  /** For `status`, `html`, `hang` and `resetBeforeHeaders`: act on the request first, then lose the answer. */
  readonly processed?: boolean;
}

export interface Faults {
  add(...rules: readonly FaultRule[]): void;
  clear(): void;
  /** Latency added to every answer. */
  setLatency(ms: number): void;
  /** How many requests have been spoilt so far. */
  readonly fired: number;
}

export interface TokenPair {
  readonly accessToken: string;
  readonly refreshToken: string;
}

export interface OAuthHelpers {
  /** A token pair without the browser dance; scope defaults to `access_apis`. */
  issueTokens(
    username?: string,
    options?: { readonly clientId?: string; readonly scope?: string },
  ): TokenPair;
  /** Makes one access token stop working now; its refresh token lives on. */
  expire(accessToken: string): void;
  /** Forgets every token and code. */
  revokeAll(): void;
}

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
