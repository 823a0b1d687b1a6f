import type { Connector, Options } from '../../../main/connectors/connector.ts';
import type { Faults, OAuthHelpers } from '../../simulators/shared/types.ts';

/** A running simulator of a connector's source. */
export interface Site extends AsyncDisposable {
  readonly url: string;
  readonly faults: Faults;
  readonly oauth: OAuthHelpers;
  /** How many requests of a kind came so far. */
  requests(kind: string): number;
  /** Every record of a dataset, as the source sends it, in any order; found without the connector. */
  records(dataset: string): Promise<readonly unknown[]> | readonly unknown[];
}

/** A source of some size. */
export interface World {
  readonly label: string;
  start(options?: { readonly gzip?: boolean }): Promise<Site>;
}

/** A dataset that the suite reads, and what the simulator calls the requests for its pages. */
export interface CoveredDataset {
  readonly name: string;
  readonly kind: string;
}

/** What the suite needs to know of a connector. A folder with a `fixture.ts` that exports one as `fixture` is enough. */
export interface Fixture {
  readonly connector: Connector;
  readonly settings: Readonly<Record<string, string>>;
  readonly options: Options;
  /** How the account that signs in is called. */
  readonly account: string;
  /** Each way of paging at least once. The faults are tried on the first. */
  readonly datasets: readonly [CoveredDataset, ...CoveredDataset[]];
  /** Several sizes: nothing but one record, exactly full pages, one more … */
  readonly worlds: readonly World[];
  /** Some dozens of records in each dataset: read in small pages, resumed at every one. */
  readonly middle: World;
  readonly empty: World;
  /** Makes the source give at most so many records a page, whatever it was asked for: rewrites a request's query. */
  clamp(query: URLSearchParams, most: number): void;
  /** A piece of JSON, of a record of the first dataset, that a text follows: `"village":"`. */
  readonly beforeText: string;
}
