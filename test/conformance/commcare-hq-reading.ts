import { commcare } from '../../main/connectors/commcare/index.ts';
import type { Options, Page, ReadContext } from '../../main/connectors/connector.ts';
import { createHttp } from '../../main/connectors/http.ts';
import type { Json } from '../../main/connectors/json.ts';
import type { HqSimulator } from '../simulators/commcare-hq/index.ts';
import { directExchange } from '../support/exchanges.ts';
import { keptLog } from '../support/parts.ts';

/** What a connector gets to read with, against a simulator, as the person named. */
export function contextFor(
  sim: HqSimulator,
  domain: string,
  given: { options?: Options; cursor?: Json | null; username?: string } = {},
): ReadContext {
  const { accessToken } = sim.oauth.issueTokens(given.username);
  return {
    http: createHttp({
      baseUrl: sim.url,
      connector: commcare,
      tokens: { current: async () => accessToken, renew: async () => accessToken },
      exchange: directExchange(),
      clock: { now: Date.now, sleep: async () => {} },
      random: () => 0.5,
      log: keptLog().log,
    }),
    settings: { domain },
    options: given.options ?? {},
    cursor: given.cursor ?? null,
    signal: new AbortController().signal,
  };
}

/** One page as it would be kept: the identity of its records, and its cursor after a trip through JSON. */
export interface ReadPage {
  readonly ids: readonly string[];
  readonly cursor: Json;
  readonly total: number | null;
}

export function toReadPage(dataset: string, page: Page): ReadPage {
  const key = commcare.datasets.find(({ name }) => name === dataset)?.shape.key ?? '';
  return {
    ids: page.keys ?? page.records.map((record) => record.get(key)?.text() ?? ''),
    cursor: JSON.parse(JSON.stringify(page.cursor)) as Json,
    total: page.total,
  };
}

/** Reads a dataset to its end. `onPage` is called before the next page is asked for. */
export async function readPages(
  dataset: string,
  context: ReadContext,
  onPage: (page: number) => void = () => {},
): Promise<ReadPage[]> {
  const pages: ReadPage[] = [];
  for await (const page of commcare.read(dataset, context)) {
    pages.push(toReadPage(dataset, page));
    onPage(pages.length);
  }
  return pages;
}

export const idsOf = (pages: readonly ReadPage[]): string[] => pages.flatMap(({ ids }) => [...ids]);
