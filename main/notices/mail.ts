import { createTransport } from 'nodemailer';
import type { MailSecurity } from '../../preload/contract/models.ts';
import type { Said } from '../../preload/contract/said.ts';
import { say } from '../../preload/messages/said.ts';
import { AppError } from '../errors.ts';
import { isCertificateFault, trusting } from '../net/authorities.ts';
import { isOwnComputer } from '../net/proxy.ts';
import type { Words } from '../words.ts';
import { addressesOf, type Lookup } from './reach.ts';
import { headlineOf, type Part, sentencesOf } from './words.ts';

const timeoutMs = 10_000;
/** The whole conversation with a server. */
const longestMs = 30_000;

/** The server that mail goes over, and who it is from. */
export interface MailTarget {
  readonly host: string;
  readonly port: number;
  readonly security: MailSecurity;
  readonly login: { readonly user: string; readonly password: string } | null;
  readonly from: string;
  readonly tlsCa: string | null;
}

/** What a message says, as plain text in the language of whoever reads it. */
export function mailOf(
  parts: readonly Part[],
  words: Words,
): { readonly subject: string; readonly text: string } {
  const sentences = sentencesOf(parts);
  const paragraphs = sentences.map(({ title, text }) =>
    [title, ...(text === null ? [] : [text])].map(words.text).join('\n'),
  );
  return {
    subject: words.text(say('told.subject', { headline: headlineOf(sentences) })),
    text: `${paragraphs.join('\n\n')}\n`,
  };
}

const notSent = (why: Said, cause: unknown): AppError => new AppError('NOTICE_NOT_SENT', why, { cause });

function whyNot(error: unknown, host: string): AppError {
  if (error instanceof AppError) return error;
  const { code, responseCode } = error as { code?: unknown; responseCode?: unknown };
  // The library puts a code of its own in the place of the one that TLS gave.
  const { message } = error as { message?: unknown };
  if (isCertificateFault(code) || /certificate|altname/i.test(String(message)))
    return notSent(say('notices.certificateNotTrustedHere', { host }), error);
  if (code === 'EAUTH') return notSent(say('notices.doesNotAcceptUser', { host }), error);
  if (code === 'ETLS') return notSent(say('notices.offersNoTlsTrusted', { host }), error);
  if (code === 'EENVELOPE' || code === 'EMESSAGE')
    return notSent(
      typeof responseCode === 'number'
        ? say('notices.didNotTake', { host, responseCode: String(responseCode) })
        : say('notices.didNotTake2', { host }),
      error,
    );
  if (code === 'ETIMEDOUT') return notSent(say('notices.didNotAnswerTime', { host }), error);
  return notSent(say('notices.canNotReached', { host }), error);
}

/**
 * Sends one mail as plain text. Without TLS only to this computer: elsewhere neither login nor message leave before the server
 * has shown a certificate that is trusted. Fails with NOTICE_NOT_SENT, or NOTICE_ADDRESS where nothing is sent.
 */
export async function sendMail(
  { host, port, security, login, from, tlsCa }: MailTarget,
  mail: {
    readonly id: string;
    readonly to: string;
    readonly subject: string;
    readonly text: string;
    /** What it is written in, for programs that read it out. */
    readonly language: string;
  },
  { signal, lookup }: { readonly signal: AbortSignal; readonly lookup?: Lookup | undefined },
): Promise<void> {
  if (security === 'none' && !isOwnComputer(host))
    throw new AppError('NOTICE_ADDRESS', say('notices.mailGoesOverTls', { host }));
  const late = AbortSignal.any([signal, AbortSignal.timeout(longestMs)]);
  // A mail server of the own network is one that an admin entered as such.
  const [at] = await addressesOf(host, { ownNetwork: true, signal: late, lookup });
  const transport = createTransport({
    host: at?.address ?? host,
    port,
    secure: security === 'tls',
    requireTLS: security === 'starttls',
    ignoreTLS: security === 'none',
    tls: {
      servername: host,
      minVersion: 'TLSv1.2',
      ...trusting(tlsCa),
    },
    ...(login === null ? {} : { auth: { user: login.user, pass: login.password } }),
    connectionTimeout: timeoutMs,
    greetingTimeout: timeoutMs,
    socketTimeout: timeoutMs,
    dnsTimeout: timeoutMs,
    disableFileAccess: true,
    disableUrlAccess: true,
    name: 'headgate.invalid',
  });
  const end = (): void => transport.close();
  try {
    await new Promise<void>((resolve, reject) => {
      late.addEventListener('abort', () => reject(late.reason), { once: true });
      transport
        .sendMail({
          ...{ from, to: mail.to, subject: mail.subject, text: mail.text },
          messageId: `<${mail.id}@headgate.invalid>`,
          headers: {
            'Auto-Submitted': 'auto-generated',
            'Content-Language': mail.language,
            'X-Headgate-Message': mail.id,
          },
          disableFileAccess: true,
          disableUrlAccess: true,
        })
        .then(() => resolve(), reject);
    });
  } catch (error) {
    if (signal.aborted) throw error;
    throw whyNot(error, host);
  } finally {
    end();
  }
}
