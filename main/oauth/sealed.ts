import { connectionOfAddress } from '../../preload/contract/connection-address.ts';
import type { TokenSet } from './endpoint.ts';

/** What is sent for what somebody typed in, and when it runs out: in ms since 1970, null where nothing says so. */
export interface TypedToken {
  readonly token: string;
  readonly endsAt: number | null;
}

/** The server, or the connection, that an address leads to, by which sign-ins are kept apart. */
export const originOf = (baseUrl: string): string =>
  connectionOfAddress(baseUrl) === null ? new URL(baseUrl).origin : baseUrl;

/** What is sealed of a sign-in. The server that gave it out is sealed with it: whoever moves a source can't move that. */
export const sealedTokens = (
  { accessToken, refreshToken }: Pick<TokenSet, 'accessToken' | 'refreshToken'>,
  baseUrl: string,
): Record<'accessToken' | 'refreshToken' | 'origin', string> => ({
  accessToken,
  refreshToken: refreshToken ?? '',
  origin: originOf(baseUrl),
});

/** The same of what somebody typed in, with what is sent for it; without a token where that is to be had first. */
export const sealedTyped = (
  typed: Readonly<Record<string, string>>,
  token: string,
  baseUrl: string,
): Record<string, string> => ({ ...typed, accessToken: token, origin: originOf(baseUrl) });
