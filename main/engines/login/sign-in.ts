import type pg from 'pg';
import type { TlsDetails } from '../../../preload/contract/models.ts';
import { say } from '../../../preload/messages/said.ts';
import { AppError } from '../../errors.ts';
import type { Target } from '../engine.ts';
import { placeText } from '../wire/tcp.ts';
import { insistClearTextAllowed } from './clear-text.ts';
import { asDriverPrepares, saslprep } from './saslprep.ts';
import { scramProof } from './scram.ts';

/** How the server asked who we are. */
export type AuthMethod = 'none' | 'cleartext' | 'md5' | 'scram';

/** What there is of pg's client and of its connection that it does not type. */
interface Inside {
  readonly connection: {
    once(event: string, listener: (message: { mechanisms: string[]; data: string }) => void): void;
    emit(event: 'error', error: unknown): void;
    sendSCRAMClientFinalMessage(response: string): void;
  };
  /** Set while it is not proven yet that the server knows the password too. */
  readonly saslSession: { clientNonce: string; serverSignature: string } | null | undefined;
}

/** Names of the methods as PostgreSQL has them. */
const wanted: Readonly<Record<Exclude<Target['signIn'], 'any'>, string>> = {
  scram: 'SCRAM-SHA-256',
  channel_binding: 'SCRAM-SHA-256 with channel binding',
};

/** One sign-in of a client of pg: what the server asks for, and whether that is enough. */
export interface SignIn {
  readonly method: AuthMethod;
  /** The server has said anything. */
  readonly heard: boolean;
  /** The server has said yes. */
  readonly letIn: boolean;
  /** For pg: asked for at the moment it is needed, so that it is no text before. Fails with DB_PASSWORD_ASKED or DB_SIGN_IN. */
  readonly password: () => string;
  /** Listens to a client that has not connected yet. */
  attach(client: pg.Client): void;
  /** Once signed in. Fails with DB_SIGN_IN where the server has not proven what the connection asks for. */
  insist(): void;
}

/** A sign-in over a stream on which `tls` was agreed. */
export function createSignIn(target: Target, tls: TlsDetails): SignIn {
  let method: AuthMethod = 'none';
  let bound = false;
  let heard = false;
  let letIn = false;
  let proven = false;
  let inside: Inside | null = null;

  const refuse = (): AppError =>
    new AppError(
      'DB_SIGN_IN',
      say(`engine.signIn.${method}`, {
        place: placeText(target.host, target.port),
        wanted: target.signIn === 'any' ? '' : wanted[target.signIn],
      }),
    );
  const isEnough = (): boolean =>
    target.signIn === 'any' || (method === 'scram' && (target.signIn === 'scram' || bound));

  /** pg prepares also a password that can't be prepared, which libpq and the server then take as it is. */
  const proveUnprepared = (text: string): void => {
    const { connection } = inside as Inside;
    let serverFirst = '';
    connection.once('authenticationSASLContinue', ({ data }) => {
      serverFirst = data;
    });
    const send = connection.sendSCRAMClientFinalMessage.bind(connection);
    connection.sendSCRAMClientFinalMessage = (response) => {
      const session = inside?.saslSession;
      if (!session) return;
      const withoutProof = response.slice(0, response.lastIndexOf(',p='));
      const { clientNonce } = session;
      scramProof(text, { clientNonce, serverFirst, withoutProof })
        .then(({ proof, serverSignature }) => {
          session.serverSignature = serverSignature;
          send(`${withoutProof},p=${proof}`);
        })
        .catch((error: unknown) => connection.emit('error', error));
    };
  };

  return {
    get method() {
      return method;
    },
    get heard() {
      return heard;
    },
    get letIn() {
      return letIn;
    },
    password() {
      if (!isEnough()) throw refuse();
      if (method === 'cleartext') insistClearTextAllowed(target, tls);
      const text = new TextDecoder().decode(target.password);
      if (method === 'scram' && saslprep(text) !== asDriverPrepares(text)) proveUnprepared(text);
      return text;
    },
    attach(client) {
      inside = client as unknown as Inside;
      const { connection } = inside;
      const hear = (event: string, then: (message: { mechanisms: string[] }) => void): void =>
        connection.once(event, (message) => {
          heard = true;
          then(message);
        });
      hear('errorMessage', () => {});
      hear('authenticationCleartextPassword', () => {
        method = 'cleartext';
      });
      hear('authenticationMD5Password', () => {
        method = 'md5';
      });
      hear('authenticationSASL', ({ mechanisms }) => {
        method = 'scram';
        bound = tls.protocol !== null && mechanisms.includes('SCRAM-SHA-256-PLUS');
      });
      hear('authenticationOk', () => {
        letIn = true;
        // It may say yes in the middle of the exchange, before it has shown that it knows the password.
        proven = method === 'scram' && !inside?.saslSession;
      });
    },
    insist() {
      if (target.signIn !== 'any' && !(isEnough() && proven)) throw refuse();
    },
  };
}
