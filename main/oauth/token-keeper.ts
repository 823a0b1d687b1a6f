import type { Secrets } from '../vault/vault.ts';
import type { TokenSet } from './endpoint.ts';
import type { ShareTicket } from './shared-sign-ins.ts';

/** The life of the tokens of all credentials: who needs one gets a valid one, and no two refreshes run at once. */
export interface TokenKeeper {
  /** Seals the tokens that the server at `baseUrl` gave out; only then may they be used. */
  keep(credentialId: string, tokens: TokenSet, baseUrl: string): Promise<void>;
  /** Seals what somebody typed in and the server accepted, in the place of what was there; see `sealedTyped`. */
  keepTyped(credentialId: string, sealed: Secrets): Promise<void>;
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
  /**
   * Of a shared sign-in: takes what other workspaces did with it, and gives them what they do not have yet. Fails with
   * SIGN_IN_EXPIRED where they ended it, SHARED_SIGN_IN_REFUSED, and with what keeps the database from being asked.
   */
  catchUp(credentialId: string): Promise<void>;
  /**
   * Shares a sign-in from now on by what `ticket` holds, in the database of a connection. Fails with SIGN_IN_EXPIRED, DB_* and
   * what else keeps the database from being written; it is shared with nobody then.
   */
  share(credentialId: string, ticket: ShareTicket, connectionId: string): Promise<void>;
}
