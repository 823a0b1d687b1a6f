import { createHash, randomBytes } from 'node:crypto';
import type { OAuthBehaviour, OAuthClient, OAuthHelpers, SimPerson } from './types.ts';

/** What differs between the OAuth of one server and the next (§1). */
export interface OAuthProfile {
  /** Name of the server, for its pages. */
  readonly title: string;
  /** Where the endpoints are: `/oauth` or `/o`. */
  readonly base: string;
  /** Every scope there is, with what the consent page says about it; a request without `scope` means all. */
  readonly scopes: Readonly<Record<string, string>>;
  /** Scopes of tokens that a test asks for without naming any. */
  readonly usualScope: string;
  /** Days a refresh token outlives its access token; null when it never ends. */
  readonly refreshDays: number | null;
}

export interface Grant {
  readonly clientId: string;
  readonly redirectUri: string;
  readonly username: string;
  readonly scope: string;
  readonly challenge: string | undefined;
  readonly method: 'S256' | 'plain';
  readonly expires: number;
}

/** Why a code was not exchanged. */
export type CodeFault = 'invalid' | 'no-verifier' | 'redirect';

interface AccessToken {
  readonly username: string;
  readonly scope: string;
  readonly expires: number;
}

interface RefreshToken extends AccessToken {
  readonly clientId: string;
  readonly accessToken: string;
}

export interface IssuedTokens {
  readonly accessToken: string;
  readonly refreshToken: string;
  readonly scope: string;
}

export interface OAuthSettings<U extends SimPerson> {
  readonly profile: OAuthProfile;
  readonly clients: readonly OAuthClient[];
  readonly users: readonly U[];
  readonly clock: () => number;
  readonly accessTokenSeconds: number;
  readonly codeSeconds: number;
  /** What the server's operators have chosen, and how old its software is; read at each request. */
  readonly behaviour?: OAuthBehaviour;
}

const opaque = (): string => randomBytes(24).toString('base64url').replaceAll(/[-_]/g, 'x').slice(0, 30);

/** Codes and tokens of the simulated server, with the rotation rules of §1. */
export class OAuthState<U extends SimPerson = SimPerson> implements OAuthHelpers {
  readonly settings: OAuthSettings<U>;
  readonly #codes = new Map<string, Grant>();
  readonly #access = new Map<string, AccessToken>();
  readonly #refresh = new Map<string, RefreshToken>();
  /** What came of refresh tokens that are used up, and when. */
  readonly #used = new Map<string, { readonly next: IssuedTokens; readonly at: number }>();

  constructor(settings: OAuthSettings<U>) {
    this.settings = settings;
  }

  client(id: string | undefined): OAuthClient | undefined {
    return this.settings.clients.find((client) => client.clientId === id);
  }

  user(username: string | undefined): U | undefined {
    return this.settings.users.find((user) => user.username === username);
  }

  newCode(grant: Omit<Grant, 'expires'>): string {
    const code = opaque();
    this.#codes.set(code, { ...grant, expires: this.settings.clock() + this.settings.codeSeconds * 1000 });
    return code;
  }

  /**
   * Takes a code: it works once, for its client, within its lifetime, with the verifier of its challenge and
   * with the redirect URI repeated exactly. A failed attempt leaves the code.
   */
  takeCode(
    code: string,
    clientId: string,
    redirectUri: string,
    verifier: string | undefined,
  ): Grant | CodeFault {
    const grant = this.#codes.get(code);
    if (grant === undefined || grant.clientId !== clientId) return 'invalid';
    if (grant.expires <= this.settings.clock()) {
      this.#codes.delete(code);
      return 'invalid';
    }
    if (grant.challenge !== undefined && verifier === undefined) return 'no-verifier';
    if (!verified(grant, verifier)) return 'invalid';
    if (grant.redirectUri !== redirectUri) return 'redirect';
    this.#codes.delete(code);
    return grant;
  }

  issue(clientId: string, username: string, scope: string): IssuedTokens {
    const accessToken = opaque();
    const refreshToken = opaque();
    const now = this.settings.clock();
    const expires = now + this.settings.accessTokenSeconds * 1000;
    const { refreshDays } = this.settings.profile;
    this.#access.set(accessToken, { username, scope, expires });
    this.#refresh.set(refreshToken, {
      username,
      scope,
      clientId,
      accessToken,
      expires: refreshDays === null ? Number.POSITIVE_INFINITY : expires + refreshDays * 86_400_000,
    });
    return { accessToken, refreshToken, scope };
  }

  findRefresh(token: string, clientId: string): RefreshToken | undefined {
    const found = this.#refresh.get(token);
    return found !== undefined && found.clientId === clientId ? found : undefined;
  }

  /** The pair that a used token brought, to one that comes at the same time. */
  overlapping(token: string): IssuedTokens | undefined {
    const used = this.#used.get(token);
    const { overlapMs = 0 } = this.settings.behaviour ?? {};
    return used !== undefined && this.settings.clock() - used.at < overlapMs ? used.next : undefined;
  }

  /** Told of a refresh token that is not known any more. */
  reused(token: string): void {
    if (this.settings.behaviour?.reuseProtection !== true) return;
    for (let next = this.#used.get(token)?.next; next; next = this.#used.get(next.refreshToken)?.next)
      this.revoke(next.refreshToken);
  }

  /** Whether the access token of a refresh token is still there, run out or not. */
  hasAccess(found: RefreshToken): boolean {
    return this.#access.has(found.accessToken);
  }

  /** Rotation with no grace: both old tokens are dead at once. */
  rotate(token: string, found: RefreshToken, scope: string): IssuedTokens {
    this.#refresh.delete(token);
    this.#access.delete(found.accessToken);
    const next = this.issue(found.clientId, found.username, scope);
    this.#used.set(token, { next, at: this.settings.clock() });
    return next;
  }

  /** Revoking a refresh token deletes its access token; unknown tokens are ignored. */
  revoke(token: string): void {
    const refresh = this.#refresh.get(token);
    if (refresh !== undefined) this.#access.delete(refresh.accessToken);
    this.#refresh.delete(token);
    this.#access.delete(token);
  }

  /** Whose live bearer token it is, and what it may be used for. */
  bearer(token: string): { readonly user: U; readonly scopes: readonly string[] } | undefined {
    const found = this.#access.get(token);
    if (found === undefined || found.expires <= this.settings.clock()) return undefined;
    const user = this.user(found.username);
    return user && { user, scopes: found.scope.split(' ').filter(Boolean) };
  }

  issueTokens(
    username?: string,
    options: { readonly clientId?: string; readonly scope?: string } = {},
  ): { accessToken: string; refreshToken: string } {
    const name = username ?? this.settings.users[0]?.username ?? '';
    if (this.user(name) === undefined) throw new Error(`No user ${name}`);
    const clientId = options.clientId ?? this.settings.clients[0]?.clientId ?? '';
    const { accessToken, refreshToken } = this.issue(
      clientId,
      name,
      options.scope ?? this.settings.profile.usualScope,
    );
    return { accessToken, refreshToken };
  }

  expire(accessToken: string): void {
    const found = this.#access.get(accessToken);
    if (found !== undefined) this.#access.set(accessToken, { ...found, expires: 0 });
  }

  deleteAccess(accessToken: string): void {
    this.#access.delete(accessToken);
  }

  clearTokens(): void {
    const now = this.settings.clock();
    for (const [token, { expires }] of this.#refresh) if (expires <= now) this.#refresh.delete(token);
  }

  live(username: string): number {
    return [...this.#refresh.values()].filter((token) => token.username === username).length;
  }

  revokeAll(): void {
    this.#codes.clear();
    this.#access.clear();
    this.#refresh.clear();
  }
}

function verified(grant: Grant, verifier: string | undefined): boolean {
  if (grant.challenge === undefined) return true;
  if (verifier === undefined) return false;
  const seen = grant.method === 'S256' ? createHash('sha256').update(verifier).digest('base64url') : verifier;
  return seen === grant.challenge;
}
