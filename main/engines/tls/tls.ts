import { X509Certificate } from 'node:crypto';
import { isIP } from 'node:net';
import {
  connect as connectTls,
  createSecureContext,
  getCACertificates,
  type SecureContext,
  type TLSSocket,
} from 'node:tls';
import type { TlsDetails } from '../../../preload/contract/models.ts';
import type { Said } from '../../../preload/contract/said.ts';
import { say } from '../../../preload/messages/said.ts';
import { AppError } from '../../errors.ts';
import type { Target } from '../engine.ts';
import { type Bounds, bounded } from '../wire/bounded.ts';
import type { Wire } from '../wire/channel.ts';
import { placeText } from '../wire/tcp.ts';
import { describeCertificate } from './certificate.ts';
import { type ClientCertificate, clientCertificate } from './client-certificate.ts';
import { refuse } from './tls-verdict.ts';

export interface Secured {
  readonly stream: Wire;
  readonly details: TlsDetails;
}

/** Not encrypted. */
export const noTls: TlsDetails = { protocol: null, cipher: null, certificate: null };

/** The authorities that this computer trusts: its own store where there is one, else those that came with Node. */
function trusted(): string[] {
  const system = getCACertificates('system');
  return system.length > 0 ? [...system, ...getCACertificates('extra')] : getCACertificates('default');
}

/** Whether the chain is checked: always with a CA of its own, as libpq does, and else only where the mode says so. */
const checksChain = ({ tlsMode, tlsCa }: Target): boolean =>
  tlsCa !== null || tlsMode === 'verify-ca' || tlsMode === 'verify-full';

function contextFor(target: Target, client: ClientCertificate | null): SecureContext {
  try {
    return createSecureContext({
      ...(target.tlsCa === null
        ? checksChain(target)
          ? { ca: trusted() }
          : {}
        : // A CA that is entered is trusted as it is, also one that another signed.
          { ca: target.tlsCa, allowPartialTrustChain: true }),
      ...(client ?? {}),
    });
  } catch (cause) {
    throw new AppError('DB_TLS', say('engine.caCertificateConnectionCan'), {
      cause,
      advice: say('engine.caCertificateConnectionCan.advice'),
    });
  }
}

/** Why no TLS could be agreed, in words. */
export function explainHandshake(error: unknown, target: Target): AppError {
  if (error instanceof AppError) return error;
  const { code = '', message = '' } = error as { code?: string; message?: string };
  const where = placeText(target.host, target.port);
  const text = `${code} ${message}`;
  const made = (message_: Said, advice: Said): AppError =>
    new AppError('DB_TLS', message_, { cause: error, advice });
  if (/PROTOCOL_VERSION|UNSUPPORTED_PROTOCOL|VERSION_TOO_LOW|protocol version/i.test(text)) {
    return made(say('engine.offersOnlyVersionsTls', { where }), say('engine.offersOnlyVersionsTls.advice'));
  }
  if (
    /ALERT_UNKNOWN_CA|BAD_CERTIFICATE|CERTIFICATE_(EXPIRED|REVOKED|UNKNOWN)|unknown ca|alert.*certificate/i.test(
      text,
    )
  ) {
    return target.tlsCert === null
      ? made(say('engine.letsNobodyWithoutClient', { where }), say('engine.enterClientCertificateKey'))
      : refusedClient(where, error);
  }
  if (/HANDSHAKE_FAILURE|NO_SHARED_CIPHER|handshake failure/i.test(text)) {
    return made(
      say('engine.computerNoWayEncrypting', { where }),
      say('engine.computerNoWayEncrypting.advice'),
    );
  }
  return made(say('engine.tlsHandshakeFailed', { where }), say('engine.tlsHandshakeFailed.advice'));
}

/** The error of a server that hangs up as soon as the handshake is over. */
export function hungUp(target: Target, cause: unknown): AppError {
  const where = placeText(target.host, target.port);
  return target.tlsCert === null
    ? new AppError('DB_LOST', say('engine.hungUpRightAfter', { where }), {
        cause,
        advice: say('engine.hungUpRightAfter.advice'),
      })
    : refusedClient(where, cause);
}

const refusedClient = (where: string, cause: unknown): AppError =>
  new AppError('DB_TLS', say('engine.doesNotAcceptClient', { where }), {
    cause,
    advice: say('engine.doesNotAcceptClient.advice'),
  });

/**
 * Encrypts a stream on which the server said that it speaks TLS. The certificate is looked at before it is judged:
 * `onDetails` is told also when it is refused. Nothing is sent before the verdict. Fails with DB_TLS, naming the cause.
 */
export async function startTls(
  stream: Wire,
  target: Target,
  bounds: Bounds,
  onDetails: (details: TlsDetails) => void,
): Promise<Secured> {
  const client = clientCertificate(target);
  const secureContext = contextFor(target, client);
  const socket = await bounded<TLSSocket>(bounds, (resolve, reject) => {
    const encrypting = connectTls({
      socket: stream,
      secureContext,
      // Names are for host names only (RFC 6066, 3).
      ...(isIP(target.host) === 0 && !target.host.startsWith('/') ? { servername: target.host } : {}),
      // Judged below, once it is known what there is to judge.
      rejectUnauthorized: false,
      checkServerIdentity: () => undefined,
    });
    const failed = (error: unknown): void => reject(explainHandshake(error, target));
    const closed = (): void => failed(new Error('closed'));
    encrypting.once('error', failed);
    encrypting.once('close', closed);
    encrypting.once('secureConnect', () => {
      // Whoever takes the stream listens for itself; until then nobody may be hurt by it.
      encrypting.on('error', () => {});
      encrypting.off('error', failed);
      encrypting.off('close', closed);
      resolve(encrypting);
    });
    return () => {
      encrypting.on('error', () => {});
      encrypting.destroy();
    };
  });
  // getPeerX509Certificate() would take it out of the session, where the login looks for it (findings/).
  const { raw } = socket.getPeerCertificate();
  const certificate = raw && new X509Certificate(raw);
  const details: TlsDetails = {
    protocol: socket.getProtocol(),
    cipher: socket.getCipher().standardName ?? socket.getCipher().name,
    certificate: certificate ? describeCertificate(certificate, target.host) : null,
  };
  onDetails(details);
  const verdict = checksChain(target)
    ? refuse(target, details.certificate, socket.authorizationError as unknown as string | Error | null)
    : null;
  if (verdict) {
    socket.destroy();
    throw verdict;
  }
  return { stream: socket as unknown as Wire, details };
}
