/** Public types of the local CommCare Connect server. Section numbers refer to the API reference it follows. */

import type * as shared from '../shared/types.ts';
import type { AutoConsent, JsonObject, OAuthClient, OAuthHelpers, SimPerson } from '../shared/types.ts';
import type { ListName, RequestKind } from './request-kinds.ts';

export type { AutoConsent, Json, JsonObject, OAuthClient, OAuthHelpers } from '../shared/types.ts';
export type { ListName, RequestKind } from './request-kinds.ts';
export type RecordedRequest = shared.RecordedRequest<RequestKind>;
export type Stats = shared.Stats<RequestKind>;
export type FaultRule = shared.FaultRule<RequestKind>;
export type Faults = shared.Faults<RequestKind>;

export interface OrganizationSpec {
  readonly slug: string;
  readonly name?: string;
  readonly funder?: boolean;
}

export interface ProgramSpec {
  readonly id: number;
  readonly name?: string;
  /** Slug of the organisation that manages it: its members see the opportunities of the others in it. */
  readonly organization: string;
}

export interface OpportunitySpec {
  readonly id: number;
  readonly name?: string;
  /** Slug; default the first organisation. */
  readonly organization?: string;
  readonly program?: number;
  readonly active?: boolean;
  /** Rows of each of its lists; a list that is not named is empty. */
  readonly rows?: Partial<Record<ListName, number>>;
}

export interface ConnectUser extends SimPerson {
  /** Slugs of the organisations the user belongs to; default every one. */
  readonly organizations?: readonly string[];
  /** Whether the list of LLO entities is shown, which takes a permission of Dimagi's own; default true. */
  readonly internal?: boolean;
}

export interface ConnectSimulatorOptions {
  readonly opportunities: readonly OpportunitySpec[];
  /** Default one, `acme`. */
  readonly organizations?: readonly OrganizationSpec[];
  readonly programs?: readonly ProgramSpec[];
  /** Rows of the list of LLO entities, which belongs to no opportunity. */
  readonly lloEntities?: number;
  /** The same seed, opportunities and sizes always give the same bytes. */
  readonly seed?: number;
  /** Above this `page_size` is clamped (§4); default 5000. */
  readonly maxPageSize?: number;
  /** Default 0, an ephemeral port; the server only ever listens on 127.0.0.1. */
  readonly port?: number;
  /** Who can consent; default one, john@example.com, a member of every organisation. */
  readonly users?: readonly ConnectUser[];
  /** Default one public client, `headgate-desktop`, redirect `http://127.0.0.1/callback`. PKCE is required of all. */
  readonly clients?: readonly OAuthClient[];
  /** Milliseconds since 1970; default `Date.now`. Drives token expiry. */
  readonly clock?: () => number;
  /** Default 1,209,600, two weeks. */
  readonly accessTokenSeconds?: number;
  readonly codeSeconds?: number;
  /** Skips the consent page; without it a person (or a test) answers the page. */
  readonly consent?: AutoConsent;
  /** Added to every answer. */
  readonly latencyMs?: number;
  /** Default: gzip when the client accepts it. */
  readonly gzip?: boolean;
  /** Called for every request before it is answered. */
  readonly onRequest?: (request: RecordedRequest) => void | Promise<void>;
}

/** Changes the rows of one opportunity while clients read it. */
export interface OpportunityHandle {
  readonly id: number;
  count(list: ListName): number;
  /** The primary keys of the rows that are there, ascending. */
  ids(list: ListName): number[];
  /** The row at a position of the generator, as the list would show it. */
  row(list: ListName, index: number): JsonObject;
  /** New rows at the end. */
  add(list: ListName, count: number): void;
  /** The given rows change their status; ids and order stay, so a reader that went past does not see it (§4). */
  edit(list: ListName, indexes: readonly number[]): void;
  /** The rows disappear without a trace. */
  vanish(list: ListName, indexes: readonly number[]): void;
  /** The whole opportunity answers 404 and is no longer listed. */
  remove(): void;
}

export interface ConnectSimulator {
  readonly url: string;
  readonly port: number;
  readonly faults: Faults;
  readonly stats: Stats;
  readonly oauth: OAuthHelpers;
  opportunity(id: number): OpportunityHandle;
  close(): Promise<void>;
}
