import { say } from '../../preload/messages/said.ts';
import { AppError } from '../errors.ts';
import type { Clock } from '../host.ts';
import type { Logger } from '../log.ts';
import type { Ended } from '../store/data/credentials.ts';
import type { Store } from '../store/index.ts';
import type { Secrets, Vault } from '../vault/vault.ts';
import {
  openShare,
  parseShare,
  type Share,
  type SharedContent,
  sealShare,
  shareKeyBytes,
  untrusted,
} from './shared-content.ts';
import type { SharedTable, StoredShare } from './shared-table.ts';

/** How often whoever waits for another workspace looks whether it is done. */
const lookMs = 250;
/** So long another workspace is waited for; longer than the lease of one that died. */
const patienceMs = 150_000;
/** Whoever renews asks for more time so often. */
const beatMs = 30_000;
/** A write whose answer was lost is tried so often, with this between. */
const writes = 3;
const betweenWritesMs = 500;

/** It is over for everybody who shares it; `why` as the workspace that ended it said. */
export class ShareOver extends Error {
  readonly why: NonNullable<SharedContent['ended']>;
  constructor(why: NonNullable<SharedContent['ended']>) {
    super(`the shared sign-in is over: ${why}`);
    this.why = why;
  }
}

/** What another workspace needs to share a sign-in. */
export interface ShareTicket {
  readonly id: string;
  /** 32 bytes in base64url: whoever has them and the database has the sign-in. */
  readonly key: string;
  /** What is older is refused. */
  readonly version: number;
}

/**
 * The step of a sign-in that several workspaces share. Its newest tokens are in a database that all of them use; the vault of
 * each has the newest that it has seen. Everything here is for who has the turn among the processes of this workspace. What
 * can't be had of the database fails as `SharedTable` does, what is in it and can't be trusted with SHARED_SIGN_IN_REFUSED.
 */
export interface SharedSignIns {
  isShared(credentialId: string): boolean;
  /** Whether what is here has not got to the others yet. */
  isPending(credentialId: string): Promise<boolean>;
  /** What a bundle needs of it; of one that is not shared yet, what it will be shared by. Changes nothing. */
  ticket(credentialId: string): Promise<ShareTicket>;
  /** Shares it from now on, in the database of a connection. */
  begin(credentialId: string, ticket: ShareTicket, connectionId: string): Promise<void>;
  /** What the vault is to hold of a sign-in that came in a bundle; its tokens are taken when they are needed first. */
  imported(ticket: ShareTicket, connectionId: string, origin: string): Secrets;
  /**
   * Takes what others published since. False where there was nothing; fails with `ShareOver` where they ended it. Tokens
   * that are only here are published.
   */
  catchUp(credentialId: string): Promise<boolean>;
  /**
   * Does `work`, which asks the source, while no other workspace does, unless `settled` says first that what they published
   * is enough; it is told how long ago that was. Fails with DB_TIMEOUT where one does not come to an end.
   */
  turn<T>(
    credentialId: string,
    settled: (ageMs: number) => Promise<T | null>,
    work: () => Promise<T>,
  ): Promise<T>;
  /**
   * Seals what the source gave out here and for the others; where the database is away, for the others later. `anew`: by a
   * new sign-in, which takes the place of whatever is there, and has to get there.
   */
  keep(credentialId: string, tokens: Secrets, expiresAt: string, anew: boolean): Promise<void>;
  /** Tells the others that it is over. False where one of them has a newer sign-in: that is taken. */
  end(credentialId: string, why: NonNullable<SharedContent['ended']>): Promise<boolean>;
}

export interface SharedDeps {
  readonly store: Store;
  readonly vault: Vault;
  readonly table: SharedTable;
  readonly clock: Clock;
  readonly log: Logger;
  readonly random: (bytes: number) => Buffer;
  readonly newId: () => string;
  /** Names this process among all that there are. */
  readonly holder: string;
  /** A row was refused; null once it is good again. */
  readonly onRefused: (credentialId: string, error: AppError | null) => void;
}

interface Known {
  readonly secrets: Secrets;
  readonly share: Share;
  readonly key: string;
  readonly origin: string;
}

export function createSharedSignIns(deps: SharedDeps): SharedSignIns {
  const { store, vault, table, clock, log, random, holder } = deps;
  const now = (): string => new Date(clock.now()).toISOString();

  const known = async (credentialId: string): Promise<Known> => {
    const secrets = await vault.get(credentialId);
    const share = parseShare(secrets?.['share']);
    const { shareKey, origin } = secrets ?? {};
    if (!secrets || !share || shareKey === undefined || origin === undefined)
      throw new AppError('SIGN_IN_EXPIRED', say('oauth.secretsSignNotVault'));
    return { secrets, share, key: shareKey, origin };
  };
  const opened = (credentialId: string, { share, key, origin }: Known, row: StoredShare | null) => {
    try {
      const content = openShare(key, { id: share.id, origin, seen: share.version }, row);
      deps.onRefused(credentialId, null);
      return content;
    } catch (error) {
      if (error instanceof AppError) deps.onRefused(credentialId, error);
      throw error;
    }
  };
  const remember = (credentialId: string, share: Share, more: Record<string, string> = {}): Promise<void> =>
    vault.patch(credentialId, { ...more, share: JSON.stringify(share) });

  /** What a version of these tokens says. */
  const contentOf = (
    credentialId: string,
    secrets: Secrets,
    ended: SharedContent['ended'] = null,
    expiresAt = store.credentials.get(credentialId).accessExpiresAt ?? now(),
  ): SharedContent => {
    const { account, scopes } = store.credentials.get(credentialId);
    const { accessToken = '', refreshToken = '' } = secrets;
    const externalUserId = store.credentials.externalUserOf(credentialId);
    return { accessToken, refreshToken, expiresAt, account, externalUserId, scopes, ended };
  };

  /** Writes what comes after `before`; where the line is bad now, once more. False where another version is there. */
  const write = async (
    { share, key, origin }: Known,
    before: number,
    version: number,
    content: SharedContent,
  ): Promise<boolean> => {
    const next = sealShare(key, { id: share.id, origin, version }, content, random);
    for (let tries = 1; ; tries += 1) {
      try {
        if (await table.write(share.connectionId, share.id, before, next, holder)) return true;
        // The answer to an earlier try may be what was lost.
        const there = await table.read(share.connectionId, share.id);
        return there?.sealed.equals(next.sealed) ?? false;
      } catch (error) {
        if (tries >= writes) throw error;
        log.info('shared_sign_in.write_again', { share: share.id, error });
        await clock.sleep(betweenWritesMs);
      }
    }
  };

  /** Takes a version that others wrote. */
  const take = async (credentialId: string, { share }: Known, version: number, content: SharedContent) => {
    const { accessToken, refreshToken, account, externalUserId, scopes, expiresAt } = content;
    await remember(credentialId, { ...share, version, pending: false }, { accessToken, refreshToken });
    const before = store.credentials.get(credentialId);
    if (before.account === account) store.credentials.refreshed(credentialId, expiresAt, scopes, now());
    // Somebody signed in anew there, as somebody else.
    else
      store.credentials.renew(
        credentialId,
        { account, externalUserId, scopes, accessExpiresAt: expiresAt, renewable: refreshToken !== '' },
        now(),
      );
    log.info('credential.taken', { credentialId, version });
  };

  /** Brings a row and what is here together. Fails with `ShareOver`. */
  const settle = async (credentialId: string, row: StoredShare | null): Promise<boolean> => {
    const here = await known(credentialId);
    const { share, secrets } = here;
    // The first version of all was not written yet.
    if (row === null && share.version === 0 && share.pending) {
      await publish(credentialId, here, 0, 1);
      return false;
    }
    const content = opened(credentialId, here, row);
    const { version } = row as StoredShare;
    if (share.pending) {
      // They are there, and the answer was lost; or nobody has written since, or whoever did found the old ones dead.
      const isThere = content.refreshToken === secrets['refreshToken'] && content.ended === null;
      if (isThere) await remember(credentialId, { ...share, version, pending: false });
      else if (version === share.version || content.ended !== null)
        await publish(credentialId, here, version, version + 1);
      else await take(credentialId, here, version, content);
      return true;
    }
    const isNew = version > share.version || secrets['accessToken'] === '';
    if (content.ended !== null) {
      if (isNew) await remember(credentialId, { ...share, version });
      throw new ShareOver(content.ended);
    }
    if (isNew) await take(credentialId, here, version, content);
    return isNew;
  };

  const publish = async (credentialId: string, here: Known, before: number, version: number) => {
    const done = await write(here, before, version, contentOf(credentialId, here.secrets));
    if (!done) throw untrusted(say('oauth.anotherWorkspaceWroteSame'));
    await remember(credentialId, { ...here.share, version, pending: false });
  };

  const catchUp: SharedSignIns['catchUp'] = async (credentialId) => {
    const { share } = await known(credentialId);
    return settle(credentialId, await table.read(share.connectionId, share.id));
  };

  return {
    isShared: (credentialId) => vault.has(credentialId, 'share'),
    isPending: async (credentialId) => (await known(credentialId)).share.pending,
    async ticket(credentialId) {
      const secrets = await vault.get(credentialId);
      const share = parseShare(secrets?.['share']);
      if (share && secrets?.['shareKey'])
        return { id: share.id, key: secrets['shareKey'], version: Math.max(1, share.version) };
      const key = random(shareKeyBytes);
      const ticket = { id: deps.newId(), key: key.toString('base64url'), version: 1 };
      key.fill(0);
      return ticket;
    },
    async begin(credentialId, ticket, connectionId) {
      const before = parseShare((await vault.get(credentialId))?.['share']);
      if (before?.id === ticket.id) return void (await catchUp(credentialId));
      if (before !== null) throw untrusted(say('oauth.sharedAnotherWaySince'));
      const share: Share = { id: ticket.id, version: 0, pending: true, connectionId };
      await remember(credentialId, share, { shareKey: ticket.key });
      try {
        await publish(credentialId, await known(credentialId), 0, 1);
      } catch (error) {
        await vault.patch(credentialId, {}, ['share', 'shareKey']);
        throw error;
      }
    },
    imported: ({ id, key, version }, connectionId, origin) => ({
      ...{ accessToken: '', refreshToken: '', origin, shareKey: key },
      share: JSON.stringify({ id, version, pending: false, connectionId } satisfies Share),
    }),
    catchUp,
    async turn(credentialId, settled, work) {
      const until = clock.now() + patienceMs;
      for (;;) {
        const { share } = await known(credentialId);
        const free = (): Promise<void> =>
          table.free(share.connectionId, share.id, holder).catch((error: unknown) => {
            // It runs out by itself.
            log.info('shared_sign_in.not_freed', { credentialId, error });
          });
        const { row, mine, ageMs } = await table.take(share.connectionId, share.id, holder);
        let beat: NodeJS.Timeout | null = null;
        try {
          await settle(credentialId, row);
          const enough = await settled(ageMs);
          if (enough !== null) return enough;
          if (mine) {
            beat = setInterval(() => {
              table.take(share.connectionId, share.id, holder).catch(() => {});
            }, beatMs);
            beat.unref();
            return await work();
          }
        } finally {
          if (beat !== null) clearInterval(beat);
          if (mine) await free();
        }
        if (clock.now() > until)
          throw new AppError('DB_TIMEOUT', say('oauth.anotherWorkspaceRenewsSign'), {
            advice: say('oauth.anotherWorkspaceRenewsSign.advice'),
          });
        await clock.sleep(lookMs);
      }
    },
    async keep(credentialId, tokens, expiresAt, anew) {
      const before = await known(credentialId);
      const here: Known = { ...before, secrets: { ...before.secrets, ...tokens } };
      const content = contentOf(credentialId, here.secrets, null, expiresAt);
      if (anew) {
        const { connectionId, id } = here.share;
        const row = await table.read(connectionId, id);
        const version = Math.max(row?.version ?? 0, here.share.version) + 1;
        if (!(await write(here, row?.version ?? 0, version, content)))
          throw untrusted(say('oauth.anotherWorkspaceWroteSame'));
        deps.onRefused(credentialId, null);
        return remember(credentialId, { ...here.share, version, pending: false }, { ...tokens });
      }
      // Here first: they exist nowhere else. What can't be sealed here is safe with the others.
      const local = await remember(credentialId, { ...here.share, pending: true }, { ...tokens }).then(
        () => null,
        (error: unknown) => ({ error }),
      );
      const { version } = here.share;
      try {
        if (await write(here, version, version + 1, content)) {
          await remember(
            credentialId,
            { ...here.share, version: version + 1, pending: false },
            { ...tokens },
          );
          return;
        }
        log.warn('shared_sign_in.overtaken', { credentialId, version });
      } catch (error) {
        // They are good here; the others get them once the database is back.
        log.warn('shared_sign_in.not_published', { credentialId, error });
      }
      if (local !== null) throw local.error;
    },
    async end(credentialId, why) {
      const here = await known(credentialId);
      const { version } = here.share;
      const content: SharedContent = {
        ...contentOf(credentialId, {}, why),
        ...{ accessToken: '', refreshToken: '' },
      };
      if (await write(here, version, version + 1, content)) {
        await remember(credentialId, { ...here.share, version: version + 1, pending: false });
        return true;
      }
      return !(await catchUp(credentialId).catch((error: unknown) => {
        if (error instanceof ShareOver) return false;
        throw error;
      }));
    },
  };
}

/** How the end of a shared sign-in is kept here. */
export const endedAs = (why: NonNullable<SharedContent['ended']>): Ended =>
  why === 'disconnected' ? 'revoked' : why;
