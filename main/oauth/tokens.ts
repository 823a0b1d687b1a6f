import type { Credential } from '../../preload/contract/models.ts';
import { say } from '../../preload/messages/said.ts';
import { AppError } from '../errors.ts';
import type { Clock } from '../host.ts';
import type { Logger } from '../log.ts';
import type { Exchange } from '../net/exchange.ts';
import type { Ended } from '../store/data/credentials.ts';
import type { Store } from '../store/index.ts';
import type { Secrets, Vault } from '../vault/vault.ts';
import { lacksScope, type OAuthClient, OAuthRefusal, refreshTokens, type TokenSet } from './endpoint.ts';
import { originOf, sealedTokens, type TypedToken } from './sealed.ts';
import { endedAs, type SharedSignIns, ShareOver } from './shared-sign-ins.ts';
import type { TokenKeeper } from './token-keeper.ts';

/** A token that runs out within this time is renewed before it is used: a page may take a minute to answer. */
const earlyMs = 90_000;
/** How long another process may take between the answer of the token endpoint and its own commit. */
const otherProcessMs = 1500;
/** For so long a process that renews keeps others from it, unless it asks for more time; one that died is waited for so long. */
const renewalMs = 30_000;
/** What another workspace published within this time is what the source gave out after it refused a token here. */
const freshMs = 60_000;
/** How often whoever waits looks whether there is something new. */
const lookMs = 150;

/** Why a token is to be renewed: the source refused it, or it runs out. */
type Because = 'refused' | 'due';

const hasEnded = (state: Credential['state']): boolean =>
  state === 'expired' || state === 'revoked' || state === 'reauthorise';

export function createTokenKeeper(deps: {
  store: Store;
  vault: Vault;
  /** The sign-ins that other workspaces have too. */
  shared: SharedSignIns;
  /** How requests get to the server that a credential belongs to. */
  exchangeOf: (credentialId: string) => Exchange;
  clock: Clock;
  /** 0 ≤ n < 1, for the jitter of retries. */
  random: () => number;
  log: Logger;
  /** The client that a credential belongs to. */
  clientOf: (credentialId: string) => Promise<OAuthClient>;
  /**
   * What is sent for what somebody typed in of a credential, as its source hands it out anew; null where nothing is handed
   * out for it. Fails with PASSWORD_REFUSED where the source does not accept it, and with what keeps it from being asked.
   */
  openTyped?: (credentialId: string, typed: Secrets) => Promise<TypedToken | null>;
  /** Names this keeper among all processes of the workspace. */
  holder: string;
  onChanged: () => void;
  /** Tokens were used to get new ones. */
  onRefreshed: (credentialId: string) => void;
}): TokenKeeper {
  const { store, vault, shared, log, clock } = deps;
  const refreshing = new Map<string, Promise<string>>();
  /** New pairs that could not be sealed: they exist nowhere else, and the pair in the vault is dead. */
  const unsealed = new Map<string, { replaces: string; tokens: TokenSet }>();
  /** What is being stored of each credential; one after the other, so that a renewal never undoes a new sign-in. */
  const storing = new Map<string, Promise<unknown>>();
  /** Tokens that another workspace got: that the source refuses one says nothing of whether it would give out another. */
  const secondHand = new Map<string, string>();
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
    // Keys that were sealed before there were other things to type in stand there without what is sent for them.
    const { user = '', apiKey = '' } = secrets ?? {};
    const token = secrets?.['accessToken'] ?? (apiKey === '' ? undefined : `${user}:${apiKey}`);
    // One that came in a bundle has no token until it is needed first.
    const { kind } = store.credentials.get(credentialId);
    const mayLack = shared.isShared(credentialId) || ['password', 'none', 'connection'].includes(kind);
    if (!secrets || token === undefined || (token === '' && !mayLack)) {
      throw new AppError('SIGN_IN_EXPIRED', say('oauth.secretsSignNotVault'));
    }
    // Sign-ins of before have no server named; the source's address does not change under them.
    const wanted = originOf(baseUrl);
    const { refreshToken = '', origin = wanted } = secrets;
    if (origin !== wanted) {
      const { account } = store.credentials.get(credentialId);
      throw new AppError('SIGN_IN_NEEDED', say('oauth.signNotSent', { account, origin, wanted }));
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
    const until = iso(clock.now() + tokens.expiresIn * 1000);
    // The old pair is dead already: what isn't sealed now is lost, so it is sealed before anybody may use it.
    if (previous !== '') unsealed.set(credentialId, { replaces: previous, tokens });
    const sealed = sealedTokens({ accessToken: tokens.accessToken, refreshToken }, baseUrl);
    if (shared.isShared(credentialId)) await shared.keep(credentialId, sealed, until, previous === '');
    else await vault.put(credentialId, sealed);
    unsealed.delete(credentialId);
    store.credentials.refreshed(credentialId, until, tokens.scopes, iso(clock.now()));
  };

  /** Only a definite refusal ends a sign-in; a network error never does. */
  const end = (credentialId: string, why: Ended): void => {
    if (hasEnded(store.credentials.get(credentialId).state)) return;
    store.credentials.invalidate(credentialId, why, iso(clock.now()));
    log.warn('credential.refused', { credentialId, why });
    deps.onChanged();
  };
  const over = (credentialId: string, why: Ended, forAll = false): AppError => {
    const { account, kind } = store.credentials.get(credentialId);
    if (kind === 'api_key') {
      return new AppError('SIGN_IN_EXPIRED', say('oauth.apiKeyNotAccepted', { account }), {
        advice: say('oauth.apiKeyNotAccepted.advice'),
      });
    }
    if (kind === 'password')
      return new AppError('SIGN_IN_EXPIRED', say('oauth.passwordNotAccepted', { account }));
    if (forAll)
      return new AppError('SIGN_IN_EXPIRED', say('oauth.somebodyDisconnectedSignEverybody', { account }));
    const text =
      why === 'reauthorise'
        ? say('oauth.signMayNotRead', { account })
        : say('oauth.signNotAcceptedAny', { account });
    return new AppError('SIGN_IN_EXPIRED', text);
  };
  /** For everybody who shares it, where it is shared. Whoever of them signed in anew meanwhile has the newest token. */
  const giveUp = async (credentialId: string, why: Ended = 'expired'): Promise<string> => {
    if (shared.isShared(credentialId)) {
      const isOver = await shared.end(credentialId, why).catch((error: unknown) => {
        // The others will be refused as well, and are told by that.
        log.warn('shared_sign_in.end_not_told', { credentialId, error });
        return true;
      });
      if (!isOver) return (await vault.get(credentialId))?.['accessToken'] ?? '';
    }
    end(credentialId, why);
    throw over(credentialId, why);
  };

  /** What another workspace ended is over here too, and told here once. */
  const heeding = async <T>(credentialId: string, work: () => Promise<T>): Promise<T> => {
    try {
      return await work();
    } catch (error) {
      if (!(error instanceof ShareOver)) throw error;
      end(credentialId, endedAs(error.why));
      throw over(credentialId, endedAs(error.why), error.why === 'disconnected');
    }
  };

  /** A token that is newer than `stale` and has not run out; null where there is none here. */
  const newerThan = async (credentialId: string, stale: string, baseUrl: string): Promise<string | null> => {
    const { accessToken } = await read(credentialId, baseUrl);
    const { accessExpiresAt } = store.credentials.get(credentialId);
    const runsOut = accessExpiresAt === null ? Number.POSITIVE_INFINITY : Date.parse(accessExpiresAt);
    if (accessToken === stale || accessToken === '' || runsOut <= clock.now()) return null;
    secondHand.set(credentialId, accessToken);
    return accessToken;
  };

  /**
   * Does `work` while no other process of the workspace renews the sign-in; `enough` may say while it waits that there is
   * nothing to do any more.
   */
  const asOnlyOne = async <T>(
    credentialId: string,
    enough: () => Promise<T | null>,
    work: () => Promise<T>,
  ): Promise<T> => {
    const { holder } = deps;
    const take = (): boolean =>
      store.credentials.takeRenewal(credentialId, holder, iso(clock.now() + renewalMs), iso(clock.now()));
    while (!take()) {
      const done = await enough();
      if (done !== null) return done;
      await clock.sleep(lookMs);
    }
    // The answer may take long, and is waited for patiently.
    const asking = setInterval(() => {
      try {
        take();
      } catch {
        // The workspace was closed over an answer that does not come.
        clearInterval(asking);
      }
    }, renewalMs / 3);
    asking.unref();
    try {
      return await work();
    } finally {
      clearInterval(asking);
      store.credentials.freeRenewal(credentialId, holder);
    }
  };

  /**
   * Of all processes of the workspace one at a time renews a sign-in: some servers end one whose token comes twice. Whoever
   * waits gets what was sealed meanwhile.
   */
  const refresh = async (credentialId: string, stale: string, because: Because): Promise<string> => {
    const { baseUrl } = await deps.clientOf(credentialId);
    const enough = async (): Promise<string | null> => {
      const { accessToken } = await read(credentialId, baseUrl);
      if (accessToken !== stale) return accessToken;
      const { state } = store.credentials.get(credentialId);
      if (state === 'expired' || state === 'reauthorise') throw over(credentialId, state);
      return null;
    };
    return asOnlyOne(credentialId, enough, async () => {
      if (!shared.isShared(credentialId)) return await refreshAlone(credentialId, stale);
      return await heeding(credentialId, () =>
        shared.turn(
          credentialId,
          async (ageMs) =>
            because === 'refused' && ageMs > freshMs ? null : newerThan(credentialId, stale, baseUrl),
          async () => refreshAlone(credentialId, (await read(credentialId, baseUrl)).accessToken),
        ),
      );
    });
  };

  /** Signs in once more with what somebody typed in. */
  const openAnew = async (credentialId: string, stale: string): Promise<string> => {
    const typed = (await vault.get(credentialId)) ?? {};
    let fresh: TypedToken | null;
    try {
      fresh = (await deps.openTyped?.(credentialId, typed)) ?? null;
    } catch (error) {
      if (!(error instanceof AppError) || error.code !== 'PASSWORD_REFUSED') throw error;
      return giveUp(credentialId, 'revoked');
    }
    // What is sent is what was typed, and was refused.
    if (fresh === null) return giveUp(credentialId, 'revoked');
    const { token, endsAt } = fresh;
    return alone(credentialId, async () => {
      const now = (await vault.get(credentialId)) ?? {};
      // Somebody signed in anew meanwhile, maybe as somebody else: that is what counts.
      if (now['accessToken'] !== stale) return now['accessToken'] ?? '';
      await vault.put(credentialId, { ...now, accessToken: token });
      const until = endsAt === null ? null : iso(endsAt);
      store.credentials.refreshed(credentialId, until, null, iso(clock.now()));
      log.info('credential.refreshed', { credentialId });
      deps.onRefreshed(credentialId);
      return token;
    });
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
        const { kind } = store.credentials.get(credentialId);
        if (kind === 'password') return openAnew(credentialId, stale);
        return giveUp(credentialId, kind === 'api_key' ? 'revoked' : 'expired');
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
          if (lacksScope(tokens.scopes, client.endpoints.scopes)) return giveUp(credentialId, 'reauthorise');
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

  const renewed = (credentialId: string, stale: string, because: Because): Promise<string> => {
    const running = refreshing.get(credentialId);
    if (running !== undefined) return running;
    const work = refresh(credentialId, stale, because).finally(() => refreshing.delete(credentialId));
    refreshing.set(credentialId, work);
    return work;
  };

  /** Whoever asks gets it for an address; that it is the one the token is for was seen before it is handed out. */
  const renew = async (
    credentialId: string,
    stale: string,
    baseUrl: string,
    because: Because,
  ): Promise<string> => {
    await read(credentialId, baseUrl);
    const token = await renewed(credentialId, stale, because);
    await read(credentialId, baseUrl);
    return token;
  };

  const catchUp: TokenKeeper['catchUp'] = async (credentialId) => {
    const { holder } = deps;
    const [until, now] = [iso(clock.now() + renewalMs), iso(clock.now())];
    // Whoever renews it now sees to that as well.
    if (!shared.isShared(credentialId) || refreshing.has(credentialId)) return;
    if (!store.credentials.takeRenewal(credentialId, holder, until, now)) return;
    try {
      if (await heeding(credentialId, () => shared.catchUp(credentialId))) deps.onChanged();
    } finally {
      store.credentials.freeRenewal(credentialId, holder);
    }
  };

  const share: TokenKeeper['share'] = (credentialId, ticket, connectionId) =>
    asOnlyOne(
      credentialId,
      async () => null,
      () =>
        alone(credentialId, () =>
          heeding(credentialId, () => shared.begin(credentialId, ticket, connectionId)),
        ),
    );

  return {
    share,
    keep: (credentialId, tokens, baseUrl) => alone(credentialId, () => keep(credentialId, tokens, baseUrl)),
    keepTyped: (credentialId, sealed) => alone(credentialId, () => vault.put(credentialId, sealed)),
    async refused(credentialId, token) {
      const { baseUrl } = await deps.clientOf(credentialId);
      const { accessToken } = await read(credentialId, baseUrl);
      // Somebody signed in anew meanwhile.
      if (accessToken !== token || secondHand.get(credentialId) === token) return;
      if (shared.isShared(credentialId)) await giveUp(credentialId, 'reauthorise').catch(() => {});
      else end(credentialId, 'reauthorise');
    },
    async accessToken(credentialId, baseUrl) {
      const running = refreshing.get(credentialId);
      const { accessToken } = await read(credentialId, baseUrl);
      if (running !== undefined) return renew(credentialId, accessToken, baseUrl, 'due');
      store.credentials.touch(credentialId, iso(clock.now()));
      const isShared = shared.isShared(credentialId);
      const ended = (): boolean => hasEnded(store.credentials.get(credentialId).state);
      // Another workspace may have signed in anew since.
      if (isShared && ended())
        await catchUp(credentialId).catch((error: unknown) => {
          if ((error as { code?: unknown }).code === 'SIGN_IN_EXPIRED') throw error;
          log.info('credential.others_not_asked', { credentialId, error });
        });
      const { state, account, accessExpiresAt } = store.credentials.get(credentialId);
      if (state === 'reauthorise' || state === 'revoked') throw over(credentialId, state);
      if (state === 'expired') {
        throw new AppError('SIGN_IN_EXPIRED', say('oauth.signExpired', { account }));
      }
      const current = isShared ? (await read(credentialId, baseUrl)).accessToken : accessToken;
      if (accessExpiresAt === null) return current;
      const left = Date.parse(accessExpiresAt) - clock.now();
      if (current !== '' && left > earlyMs) return current;
      try {
        return await renew(credentialId, current, baseUrl, 'due');
      } catch (error) {
        // While the database that it is shared by is away, what is here is good as long as it lasts.
        if (!isShared || current === '' || left <= 0 || ended()) throw error;
        log.info('credential.not_renewed_yet', { credentialId, error });
        return current;
      }
    },
    renew: (credentialId, stale, baseUrl) => renew(credentialId, stale, baseUrl, 'refused'),
    catchUp,
    async renewAhead(credentialId, baseUrl) {
      const { accessToken, refreshToken } = await read(credentialId, baseUrl);
      if (refreshToken === '' && accessToken !== '') return false;
      await renew(credentialId, accessToken, baseUrl, 'due');
      return true;
    },
  };
}
