/** Public types that the local servers share. Section numbers refer to the API reference they follow. */

export type Json = null | boolean | number | string | readonly Json[] | JsonObject;
export interface JsonObject {
  readonly [key: string]: Json;
}

/** Somebody who can consent. */
export interface SimPerson {
  readonly username: string;
  readonly id?: string;
  readonly firstName?: string;
  readonly lastName?: string;
  readonly email?: string;
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

/** What is remembered of a request: never a header, so no credential. */
export interface RecordedRequest<K extends string = string> {
  readonly kind: K;
  readonly method: string;
  /** Path with its query. */
  readonly path: string;
  /** Position among the requests of its kind, from 1. */
  readonly nth: number;
}

export interface AnsweredRequest<K extends string = string> extends RecordedRequest<K> {
  readonly status: number;
  readonly bytes: number;
}

export interface Stats<K extends string = string> {
  readonly requests: Record<K, number>;
  readonly byStatus: Record<number, number>;
  readonly bytes: number;
  readonly inFlight: number;
  readonly maxInFlight: number;
  /** The last 1000, oldest first. */
  readonly recent: readonly AnsweredRequest<K>[];
}

export type FaultKind =
  | 'cut'
  /** A complete answer of half the body: a server that failed midway and a proxy that did not notice. */
  | 'truncated'
  /** What was sent last for this path, whatever its query: a cache that does not look at it. */
  | 'repeat'
  | 'status'
  | 'slow'
  | 'wrongJson'
  | 'html'
  | 'hang'
  | 'resetBeforeHeaders';

export interface FaultRule<K extends string = string> {
  /** A request kind, or a pattern for `METHOD path?query`; a string that is no kind is read as a pattern. */
  readonly match: K | RegExp | string;
  /** Matching requests to let through first; default 0. */
  readonly after?: number;
  /** How many requests to spoil then; default 1. */
  readonly times?: number | 'always';
  readonly kind: FaultKind;
  /** For `status`; default 500. */
  readonly status?: number;
  /** For `status` and `wrongJson`. */
  readonly body?: string | Buffer;
  readonly headers?: Readonly<Record<string, string>>;
  /** For `slow`: delay before the answer, or between its chunks with `drip`; default 1000. */
  readonly ms?: number;
  readonly drip?: boolean;
  /** For `status`, `html`, `hang` and `resetBeforeHeaders`: act on the request first, then lose the answer. */
  readonly processed?: boolean;
}

export interface Faults<K extends string = string> {
  add(...rules: readonly FaultRule<K>[]): void;
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
  /** A token pair without the browser dance; scope defaults to what the server's API needs. */
  issueTokens(
    username?: string,
    options?: { readonly clientId?: string; readonly scope?: string },
  ): TokenPair;
  /** Makes one access token stop working now; its refresh token lives on. */
  expire(accessToken: string): void;
  /** Deletes an access token and leaves its refresh token, as the server's page of authorised tokens does. */
  deleteAccess(accessToken: string): void;
  /** The clean-up job: refresh tokens end with it, and not by themselves. */
  clearTokens(): void;
  /** Forgets every token and code. */
  revokeAll(): void;
  /** How many refresh tokens of a user would still work. */
  live(username: string): number;
}

/** In what servers with the same software differ. */
export interface OAuthBehaviour {
  /** A refresh token that comes twice ends what came of it: django-oauth-toolkit's REFRESH_TOKEN_REUSE_PROTECTION. */
  reuseProtection?: boolean;
  /** Requests that come so many ms after a rotation, as if with it, get its pair too; default 0. */
  overlapMs?: number;
  /**
   * What a refresh brings whose access token was deleted: tokens without a scope (django-oauth-toolkit 2.4 to 3.4.0, HQ's),
   * a 500 (1.7.0), or a refusal (3.4.1). Default `no-scope`.
   */
  withoutAccess?: 'no-scope' | 'error' | 'refused';
}
