import { randomUUID } from 'node:crypto';
import { systemClock } from '../../../main/clock.ts';
import type { Exchange } from '../../../main/net/exchange.ts';
import type { OAuthClient, TokenSet } from '../../../main/oauth/endpoint.ts';
import { sealedTokens } from '../../../main/oauth/sealed.ts';
import type { TokenKeeper } from '../../../main/oauth/token-keeper.ts';
import { createTokenKeeper } from '../../../main/oauth/tokens.ts';
import type { Credential } from '../../../preload/contract/models.ts';
import { directExchange } from '../../support/exchanges.ts';
import { instant, keptLog, nothingShared, storeIn, temporaryFolder, vaultIn } from '../../support/parts.ts';

/** What a server answered to a request for tokens: the status, and the word or the scope that it came with. */
export type Answered = readonly [status: number, said: string];

/** Requests as the application makes them, with what was answered to each; never what was in it. */
export function watchedExchange(): { exchange: Exchange; answered: Answered[] } {
  const direct = directExchange();
  const answered: Answered[] = [];
  return {
    answered,
    async exchange(request, signal) {
      const answer = await direct(request, signal);
      const text = answer.body.toString('utf8');
      const read = text.startsWith('{') ? (JSON.parse(text) as Record<string, unknown>) : {};
      answered.push([answer.status, String(read['error'] ?? read['scope'] ?? '')]);
      return answer;
    },
  };
}

/** A workspace with one sign-in, and its keeper. */
export interface SignedIn extends Disposable {
  readonly tokens: TokenKeeper;
  readonly answered: Answered[];
  readonly credential: () => Credential;
  readonly id: string;
  /** A token to send to the site. */
  current(): Promise<string>;
}

/** Keeps a pair as after a sign-in; the access token is believed to run out in `expiresInMs`. */
export async function signedIn(
  client: OAuthClient,
  pair: TokenSet,
  expiresInMs = 900_000,
): Promise<SignedIn> {
  const folder = temporaryFolder();
  const store = storeIn(folder.path);
  const { vault, redactor } = await vaultIn(folder.path);
  const { exchange, answered } = watchedExchange();
  const id = randomUUID();
  const tokens = createTokenKeeper({
    shared: nothingShared,
    ...{ store, vault, exchangeOf: () => exchange, random: () => 0.5, log: keptLog(redactor).log },
    // Waits of retries are over at once; what is waited for otherwise is another process, and there is none.
    clock: { now: systemClock.now, sleep: async () => {} },
    ...{ clientOf: async () => client, holder: randomUUID(), onChanged: () => {}, onRefreshed: () => {} },
  });
  const personId = randomUUID();
  const sourceId = randomUUID();
  store.people.create(personId, 'Ada', ['analyst'], instant);
  const source = { name: 'HQ', sourceType: 'commcare', baseUrl: client.baseUrl, clientId: client.clientId };
  store.sources.create({ id: sourceId, ...source, settings: {}, tlsCa: null }, personId, instant);
  await vault.put(id, sealedTokens(pair, client.baseUrl));
  const fields = { account: 'john@example.com', externalUserId: '1', scopes: ['access_apis'] };
  const accessExpiresAt = new Date(Date.now() + expiresInMs).toISOString();
  store.credentials.create(id, sourceId, { personId }, { ...fields, accessExpiresAt }, instant);
  return {
    ...{ tokens, answered, id },
    credential: () => store.credentials.get(id),
    current: () => tokens.accessToken(id, client.baseUrl),
    [Symbol.dispose]() {
      vault.close();
      store.close();
      folder[Symbol.dispose]();
    },
  };
}
