import { AppError } from '../errors.ts';
import type { Clock } from '../host.ts';
import type { Logger } from '../log.ts';
import type { Exchange } from '../net/exchange.ts';
import type { Ended } from '../store/data/credentials.ts';
import type { Store } from '../store/index.ts';
import type { Vault } from '../vault/vault.ts';
import { lacksScope, type OAuthClient, OAuthRefusal, refreshTokens, type TokenSet } from './endpoint.ts';

/** A token that runs out within this time is renewed before it is used: a page may take a minute to answer. */
const earlyMs = 90_000;
/** How long another process may take between the answer of the token endpoint and its own commit. */
const otherProcessMs = 1500;
/** For so long a process that renews keeps others from it, unless it asks for more time; one that died is waited for so long. */
const renewalMs = 30_000;
/** How often whoever waits looks whether there is something new. */
const lookMs = 150;

/** The life of the tokens of all credentials: who needs one gets a valid one, and no two refreshes run at once. */
export interface TokenKeeper {
  /** Seals the tokens that the server at `baseUrl` gave out; only then may they be used. */
  keep(credentialId: string, tokens: TokenSet, baseUrl: string): Promise<void>;
  /** Seals a key that the server at `baseUrl` has accepted, in the place of what was there. */
  keepKey(credentialId: string, key: ApiKey, baseUrl: string): Promise<void>;
  /**
   * A token believed to be valid, to be sent to `baseUrl` and nowhere else. Fails with SIGN_IN_NEEDED where another server
   * gave it out, SIGN_IN_EXPIRED, VAULT_* or what kept it from being renewed.
   */
  accessToken(credentialId: string, baseUrl: string): Promise<string>;
  /** The same, newer than `stale`, which the source refused. However many ask at once, one refresh is made. */
  renew(credentialId: string, stale: string, baseUrl: string): Promise<string>;
  /** Told that the newest token was refused: what the source accepts it only gives out, and does not take. */
  refused(credentialId: string, token: string): Promise<void>;
  /** Renews it though nobody needs it yet; false where nothing was given out to renew it with. */
  renewAhead(credentialId: string, baseUrl: string): Promise<boolean>;
}

/** What somebody made at the source to sign in with. */
export interface ApiKey {
  readonly user: string;
  readonly apiKey: string;
}

/** A key as it is handed to whoever asks the source, in the place of a token. */
export const keyToken = ({ user, apiKey }: ApiKey): string => `${user}:${apiKey}`;

/** The server that an address leads to, by which sign-ins are kept apart. */
export const originOf = (baseUrl: string): string => new URL(baseUrl).origin;

/** What is sealed of a sign-in. The server that gave it out is sealed with it: whoever moves a source can't move that. */
export const sealedTokens = (
  { accessToken, refreshToken }: Pick<TokenSet, 'accessToken' | 'refreshToken'>,
  baseUrl: string,
): Record<'accessToken' | 'refreshToken' | 'origin', string> => ({
  accessToken,
  refreshToken: refreshToken ?? '',
  origin: originOf(baseUrl),
});

/** The same of a key. */
export const sealedKey = ({ user, apiKey }: ApiKey, baseUrl: string) => ({
  ...{ user, apiKey, origin: originOf(baseUrl) },
});

export function createTokenKeeper(deps: {
  store: Store;
  vault: Vault;
  /** How requests get to the server that a credential belongs to. */
  exchangeOf: (credentialId: string) => Exchange;
  clock: Clock;
  /** 0 ≤ n < 1, for the jitter of retries. */
  random: () => number;
  log: Logger;
  /** The client that a credential belongs to. */
  clientOf: (credentialId: string) => Promise<OAuthClient>;
  /** Names this keeper among all processes of the workspace. */
  holder: string;
  onChanged: () => void;
  /** Tokens were used to get new ones. */
  onRefreshed: (credentialId: string) => void;
}): TokenKeeper {
  const { store, vault, log, clock } = deps;
  const refreshing = new Map<string, Promise<string>>();
  /** New pairs that could not be sealed: they exist nowhere else, and the pair in the vault is dead. */
  const unsealed = new Map<string, { replaces: string; tokens: TokenSet }>();
  /** What is being stored of each credential; one after the other, so that a renewal never undoes a new sign-in. */
  const storing = new Map<string, Promise<unknown>>();
  const iso = (ms: number): string => new Date(ms).toISOString();

  const alone = <T>(credentialId: string, work: () => Promise<T>): Promise<T> => {
    const turn = (storing.get(credentialId) ?? Promise.resolve()).then(work, work);
    storing.set(credentialId, turn);
    const done = (): void => {
      if (storing.get(credentialId) === turn) storing.delete(credentialId);
    };
    turn.then(done, done);
    return turn;
  };

  const read = async (
    credentialId: string,
    baseUrl: string,
  ): Promise<{ accessToken: string; refreshToken: string }> => {
    const secrets = await vault.get(credentialId);
    const { user = '', apiKey } = secrets ?? {};
    const token = apiKey === undefined ? secrets?.['accessToken'] : keyToken({ user, apiKey });
    if (!secrets || !token) {
      throw new AppError('SIGN_IN_EXPIRED', 'The secrets of this sign-in are not in the vault any more.');
    }
    // Sign-ins of before have no server named; the source's address does not change under them.
    const wanted = originOf(baseUrl);
    const { refreshToken = '', origin = wanted } = secrets;
    if (origin !== wanted) {
      const { account } = store.credentials.get(credentialId);
      throw new AppError(
        'SIGN_IN_NEEDED',
        `The sign-in as ${account} is for ${origin}; it is not sent to ${wanted}.`,
      );
    }
    return { accessToken: token, refreshToken };
  };

  const keep = async (
    credentialId: string,
    tokens: TokenSet,
    baseUrl: string,
    previous = '',
  ): Promise<void> => {
    const refreshToken = tokens.refreshToken ?? previous;
    // The old pair is dead already: what isn't sealed now is lost, so it is sealed before anybody may use it.
    if (previous !== '') unsealed.set(credentialId, { replaces: previous, tokens });
    await vault.put(credentialId, sealedTokens({ accessToken: tokens.accessToken, refreshToken }, baseUrl));
    unsealed.delete(credentialId);
    const until = iso(clock.now() + tokens.expiresIn * 1000);
    store.credentials.refreshed(credentialId, until, tokens.scopes, iso(clock.now()));
  };

  /** Only a definite refusal ends a sign-in; a network error never does. */
  const end = (credentialId: string, why: Ended): void => {
    store.credentials.invalidate(credentialId, why, iso(clock.now()));
    log.warn('credential.refused', { credentialId, why });
    deps.onChanged();
  };
  const over = (credentialId: string, why: Ended): AppError => {
    const { account, kind } = store.credentials.get(credentialId);
    if (kind === 'api_key') {
      return new AppError('SIGN_IN_EXPIRED', `The API key of ${account} is not accepted any more.`, {
        advice:
          'Look at the source whether the key was deleted, is switched off, has run out or is limited to other IP addresses. Then open Sources and enter a new one.',
      });
    }
    const text =
      why === 'reauthorise'
        ? `The sign-in as ${account} may not read data any more: somebody took that away at the source.`
        : `The sign-in as ${account} is not accepted any more.`;
    return new AppError('SIGN_IN_EXPIRED', text);
  };
  const giveUp = (credentialId: string, why: Ended = 'expired'): never => {
    end(credentialId, why);
    throw over(credentialId, why);
  };

  /**
   * Of all processes of the workspace one at a time renews a sign-in: some servers end one whose token comes twice. Whoever
   * waits gets what was sealed meanwhile.
   */
  const refresh = async (credentialId: string, stale: string): Promise<string> => {
    const { holder } = deps;
    const take = (): boolean =>
      store.credentials.takeRenewal(credentialId, holder, iso(clock.now() + renewalMs), iso(clock.now()));
    const { baseUrl } = await deps.clientOf(credentialId);
    while (!take()) {
      const { accessToken } = await read(credentialId, baseUrl);
      if (accessToken !== stale) return accessToken;
      const { state } = store.credentials.get(credentialId);
      if (state === 'expired' || state === 'reauthorise') throw over(credentialId, state);
      await clock.sleep(lookMs);
    }
    // The answer may take long, and is waited for patiently.
    const asking = setInterval(take, renewalMs / 3);
    asking.unref();
    try {
      return await refreshAlone(credentialId, stale);
    } finally {
      clearInterval(asking);
      store.credentials.freeRenewal(credentialId, holder);
    }
  };

  const refreshAlone = async (credentialId: string, stale: string): Promise<string> => {
    const client = await deps.clientOf(credentialId);
    let tried = '';
    for (let round = 0; ; round += 1) {
      const { accessToken, refreshToken } = await read(credentialId, client.baseUrl);
      if (round > 0 && refreshToken === tried) return giveUp(credentialId);
      tried = refreshToken;
      // Another process on this workspace may have renewed it meanwhile.
      if (accessToken !== stale) return accessToken;
      if (refreshToken === '') {
        return giveUp(
          credentialId,
          store.credentials.get(credentialId).kind === 'api_key' ? 'revoked' : 'expired',
        );
      }
      const waiting = unsealed.get(credentialId);
      if (waiting?.replaces === refreshToken) {
        // The last renewal got this far: to ask again with the dead refresh token would end the sign-in.
        await keep(credentialId, waiting.tokens, client.baseUrl, refreshToken);
        return waiting.tokens.accessToken;
      }
      try {
        // Not abortable: the server has rotated by the time the answer arrives, so the answer must be kept.
        const tokens = await refreshTokens(client, refreshToken, {
          ...{ exchange: deps.exchangeOf(credentialId), clock, random: deps.random, log },
          signal: new AbortController().signal,
        });
        return await alone(credentialId, async () => {
          const now = await read(credentialId, client.baseUrl);
          // Somebody signed in anew meanwhile, maybe as somebody else: that is what counts.
          if (now.refreshToken !== refreshToken) return now.accessToken;
          await keep(credentialId, tokens, client.baseUrl, refreshToken);
          log.info('credential.refreshed', { credentialId });
          deps.onRefreshed(credentialId);
          // A source whose access was taken away may go on giving out tokens that are good for nothing.
          if (lacksScope(tokens.scopes, client.endpoints.scopes)) giveUp(credentialId, 'reauthorise');
          return tokens.accessToken;
        });
      } catch (error) {
        if (!(error instanceof OAuthRefusal) || error.oauthError !== 'invalid_grant') throw error;
        // Refused: either it is over, or another process was faster and is about to store what it got. The store tells.
        if (round === 0) {
          await clock.sleep(otherProcessMs);
          continue;
        }
        return giveUp(credentialId);
      }
    }
  };

  const renewed = (credentialId: string, stale: string): Promise<string> => {
    const running = refreshing.get(credentialId);
    if (running !== undefined) return running;
    const work = refresh(credentialId, stale).finally(() => refreshing.delete(credentialId));
    refreshing.set(credentialId, work);
    return work;
  };

  /** Whoever asks gets it for an address; that it is the one the token is for was seen before it is handed out. */
  const renew: TokenKeeper['renew'] = async (credentialId, stale, baseUrl) => {
    await read(credentialId, baseUrl);
    const token = await renewed(credentialId, stale);
    await read(credentialId, baseUrl);
    return token;
  };

  return {
    keep: (credentialId, tokens, baseUrl) => alone(credentialId, () => keep(credentialId, tokens, baseUrl)),
    keepKey: (credentialId, key, baseUrl) =>
      alone(credentialId, () => vault.put(credentialId, sealedKey(key, baseUrl))),
    async refused(credentialId, token) {
      const { baseUrl } = await deps.clientOf(credentialId);
      const { accessToken } = await read(credentialId, baseUrl);
      // Somebody signed in anew meanwhile.
      if (accessToken === token) end(credentialId, 'reauthorise');
    },
    async accessToken(credentialId, baseUrl) {
      const running = refreshing.get(credentialId);
      const { accessToken } = await read(credentialId, baseUrl);
      if (running !== undefined) return renew(credentialId, accessToken, baseUrl);
      const credential = store.credentials.get(credentialId);
      store.credentials.touch(credentialId, iso(clock.now()));
      const { state } = credential;
      if (state === 'reauthorise' || state === 'revoked') throw over(credentialId, state);
      if (state === 'expired') {
        throw new AppError('SIGN_IN_EXPIRED', `The sign-in as ${credential.account} has expired.`);
      }
      if (credential.accessExpiresAt === null) return accessToken;
      if (Date.parse(credential.accessExpiresAt) - clock.now() > earlyMs) return accessToken;
      return renew(credentialId, accessToken, baseUrl);
    },
    renew,
    async renewAhead(credentialId, baseUrl) {
      const { accessToken, refreshToken } = await read(credentialId, baseUrl);
      if (refreshToken === '') return false;
      await renew(credentialId, accessToken, baseUrl);
      return true;
    },
  };
}
