import type { Connector, Options } from '../../../main/connectors/connector.ts';
import type { Typed } from '../../../main/connectors/sign-in.ts';
import type { Faults, OAuthHelpers } from '../../simulators/shared/types.ts';

/** Sign-ins of a simulator that takes passwords and hands out sessions for them. */
export interface Sessions {
  /** What is typed in, and the same with another password. */
  readonly typed: Typed;
  readonly wrong: Typed;
  /** A session without a request for one. */
  issue(): string;
  expire(session: string): void;
  isLive(session: string): boolean;
  /** From now on what is typed in is refused; undone by what this returns. */
  refuse(): () => void;
}

/** A running simulator of a connector's source. */
export interface Site extends AsyncDisposable {
  readonly url: string;
  readonly faults: Faults;
  /** Where the connector signs in in the browser. */
  readonly oauth?: OAuthHelpers;
  /** Where it signs in with a password. */
  readonly sessions?: Sessions;
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
  /** Field that identifies a record of a dataset that is discovered. */
  readonly key?: string;
}

/** Records of the first dataset that are enough for several small pages. */
const severalPages = 30;

/** What keeps a fixture from saying anything about its connector, in sentences for whoever writes it; empty when nothing does. */
export async function mistakesIn(name: string, fixture: Partial<Fixture> | undefined): Promise<string[]> {
  const where = `connectors/${name}/fixture.ts`;
  if (fixture === undefined) return [`${where} exports nothing called “fixture”.`];
  const { connector, datasets = [], worlds = [], middle, empty } = fixture;
  if (connector === undefined) return [`${where}: “connector” is missing.`];
  if (middle === undefined || empty === undefined)
    return [
      `${where}: “middle” and “empty” are both needed: a source with some dozens of records, and one without any.`,
    ];
  const mistakes: string[] = [];
  const say = (text: string): void => void mistakes.push(`${where}: ${text}`);
  if (connector.type !== name)
    say(`it is in the folder “${name}”, but its connector’s type is “${connector.type}”.`);
  if (connector.defaultBaseUrl !== '' && !URL.canParse(connector.defaultBaseUrl))
    say(
      `the connector’s “defaultBaseUrl” is “${connector.defaultBaseUrl}”; it must be an address that begins with https://.`,
    );
  for (const { name: setting, required } of connector.settings)
    if (required && !fixture.settings?.[setting])
      say(`“settings” lacks “${setting}”, which the connector requires.`);
  if (worlds.length === 0) say('“worlds” is empty: give it several sizes.');
  if (datasets.length === 0) say('“datasets” is empty: name each way of paging at least once.');
  const known = connector.datasets.map((each) => each.name);
  const discovers = connector.discovery !== undefined;
  const unknown = datasets.filter((each) => !discovers && !known.includes(each.name));
  for (const each of unknown) say(`the connector has no dataset “${each.name}”; it has ${known.join(', ')}.`);
  if (mistakes.length > 0) return mistakes;
  await using site = await middle.start();
  for (const each of datasets) {
    if (!Number.isInteger(site.requests(each.kind)))
      say(`the simulator counts no requests of the kind “${each.kind}” (dataset “${each.name}”).`);
    const records = await site.records(each.name);
    const least = each === datasets[0] ? severalPages : 1;
    if (records.length < least)
      say(`“middle” has ${records.length} records of “${each.name}”; it should have ${least} at least.`);
    if (each === datasets[0] && !JSON.stringify(records).includes(fixture.beforeText ?? ''))
      say(`no record of “${each.name}” has the piece of JSON “beforeText”: ${fixture.beforeText}`);
  }
  await using none = await empty.start();
  for (const each of datasets) {
    const { length } = await none.records(each.name);
    if (length > 0) say(`“empty” has ${length} records of “${each.name}”.`);
  }
  return mistakes;
}
