import type { AddressInfo } from 'node:net';
import { SMTPServer, type SMTPServerOptions } from 'smtp-server';
import type { Identity } from './certificates.ts';

export interface Mail {
  readonly from: string;
  readonly to: readonly string[];
  readonly text: string;
  readonly secure: boolean;
}

export interface Mailbox extends AsyncDisposable {
  readonly port: number;
  readonly mails: Mail[];
  /** Every user and password that was shown to it. */
  readonly logins: string[];
}

/** A server for mail on this computer: with STARTTLS unless `disabledCommands` names it; it takes one user and password. */
export async function startMailbox(
  identity: Identity,
  login: { readonly user: string; readonly password: string },
  options: SMTPServerOptions = {},
): Promise<Mailbox> {
  const mails: Mail[] = [];
  const logins: string[] = [];
  const server = new SMTPServer({
    key: identity.key,
    cert: identity.cert,
    authMethods: ['PLAIN', 'LOGIN'],
    logger: false,
    ...options,
    onAuth({ username, password }, _, done) {
      logins.push(`${username} ${password}`);
      if (username === login.user && password === login.password) done(null, { user: username });
      else done(new Error('wrong'));
    },
    onData(stream, session, done) {
      const pieces: Buffer[] = [];
      stream.on('data', (piece: Buffer) => pieces.push(piece));
      stream.on('end', () => {
        const { mailFrom, rcptTo } = session.envelope;
        mails.push({
          from: mailFrom === false ? '' : mailFrom.address,
          to: rcptTo.map(({ address }) => address),
          text: Buffer.concat(pieces).toString('utf8'),
          secure: session.secure,
        });
        done();
      });
    },
  });
  // Who talks to it and goes away is what is tested.
  server.on('error', () => {});
  await new Promise<void>((done) => void server.listen(0, '127.0.0.1', done));
  return {
    port: (server.server.address() as AddressInfo).port,
    mails,
    logins,
    [Symbol.asyncDispose]: () => new Promise<void>((done) => void server.close(() => done())),
  };
}
