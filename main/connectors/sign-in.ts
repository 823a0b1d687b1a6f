import type { ClientAuth, CredentialKind, TypedField, TypedKind } from '../../preload/contract/models.ts';
import type { AppError } from '../errors.ts';
import type { ExchangeAnswer } from '../net/exchange.ts';
import type { OAuthEndpoints } from '../oauth/endpoint.ts';

/* How one signs in to a kind of source, as data: forms, checks, what is sealed and what is hidden follow from it. */

/** What a source's answer means, when it is not a success. */
export interface Refusal {
  readonly status: number;
  readonly contentType: string;
  /** The first 64 kB. */
  readonly body: string;
  readonly path: string;
}

/** In the browser, by OAuth 2.0 with PKCE. */
export interface OAuthSignIn {
  readonly kind: 'oauth';
  readonly endpoints: OAuthEndpoints;
  /** How its server usually wants a client with a secret to prove itself. */
  readonly clientAuth: ClientAuth;
  /** The client that Headgate is registered as at the usual server; empty where it is at none. */
  readonly defaultClientId: string;
  /** Where clients are registered, below the base URL. */
  readonly registerPath?: string;
}

/** What was typed in, by the names of the fields. */
export type Typed = Readonly<Record<string, string>>;

/** What is sent in place of what was typed: handed out for it, and for some time. */
export interface Session {
  readonly token: string;
  /** When it ends, in ms since 1970; null where the source does not say. */
  readonly endsAt: number | null;
}

/** Exchanges what was typed for a session. */
export interface SessionRules {
  /** Where the session is asked for, below the base URL; ended there too, with its token behind it, by DELETE. */
  readonly path: string;
  /** The JSON that asks for it. */
  body(typed: Typed): Readonly<Record<string, string>>;
  /** The session in an answer of status 200; throws something that is no AppError for what is none. */
  read(answer: ExchangeAnswer): Session;
  /** Whether another answer means that the source does not accept what was typed. */
  isRefused(refusal: Refusal): boolean;
}

interface TypedSignInBase<K extends TypedKind> {
  readonly kind: K;
  /** The first one says whose account it is. */
  readonly fields: readonly TypedField[];
  /** Of the Authorization header. */
  readonly scheme: string;
}

/** Not at all: the source is open to everybody, and requests have no Authorization header. */
export interface OpenSignIn {
  readonly kind: 'none';
  readonly fields: readonly [];
}

/** With a key that somebody made at the source. */
export interface KeySignIn extends TypedSignInBase<'api_key'> {
  /** What stands behind the scheme. */
  token(typed: Typed): string;
  /** What every key may ask for that is accepted at all: by it a key that is limited is told from one that is refused. */
  readonly anyKeyPath: string;
  /** Told of a key that is accepted, but not here. */
  limited(refusal: Refusal): AppError;
}

/** With the password of an account: sent with every request, or exchanged for a session that is. */
export interface PasswordSignIn extends TypedSignInBase<'password'> {
  readonly send:
    | { readonly as: 'basic'; token(typed: Typed): string }
    | ({ readonly as: 'session' } & SessionRules);
}

/** With a connection of the vault that is lent: the source is the database behind it. */
export interface ConnectionSignIn {
  readonly kind: 'connection';
  readonly fields: readonly [];
}

export type TypedSignIn = KeySignIn | PasswordSignIn | OpenSignIn | ConnectionSignIn;
export type SignIn = OAuthSignIn | TypedSignIn;

/** A connector, as far as it says how one signs in. */
export interface SignsIn {
  /** The ways to sign in, each kind at most once; the usual one first. */
  readonly signIn: readonly SignIn[];
}

/** How a kind of sign-in works at a connector; undefined where it has none of that kind. */
export function signInOfKind<K extends CredentialKind>(
  { signIn }: SignsIn,
  kind: K,
): Extract<SignIn, { kind: K }> | undefined {
  return signIn.find((each): each is Extract<SignIn, { kind: K }> => each.kind === kind);
}

/** The secret parts of what was typed: what may stand in no log and no answer. */
export const secretsIn = ({ fields }: Pick<TypedSignIn, 'fields'>, typed: Typed): string[] =>
  fields.flatMap(({ name, content }) => {
    const value = typed[name] ?? '';
    return (content === 'key' || content === 'password') && value !== '' ? [value] : [];
  });

/** Basic's form of a user and a password, as UTF-8 (RFC 7617 §2). */
export const basicToken = (user: string, password: string): string =>
  Buffer.from(`${user}:${password}`, 'utf8').toString('base64');
