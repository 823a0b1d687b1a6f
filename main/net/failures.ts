import type { ErrorCode } from '../../preload/contract/errors.ts';
import { AppError } from '../errors.ts';
import { isCertificateFault, isUnknownAuthority } from './authorities.ts';
import { type ExchangeFailed, notTls, type ProxyTrouble } from './exchange.ts';

/** What a failed exchange with a source means, for people. `again`: asking once more may help. */
export interface Explained {
  readonly error: AppError;
  readonly again: boolean;
}

type Sentence = readonly [code: ErrorCode, message: string, advice?: string];

function proxySentence(site: string, { what, place, detail }: ProxyTrouble): Sentence {
  const who = `The proxy ${place}`;
  switch (what) {
    case 'unreachable':
      return ['PROXY_UNREACHABLE', `${who} can not be reached${detail ? ` (${detail})` : ''}.`];
    case 'silent':
      return ['PROXY_UNREACHABLE', `${who} did not answer in time.`];
    case 'asks':
      return ['PROXY_LOGIN', `${who} asks for a user and a password.`];
    case 'refuses':
      return ['PROXY_LOGIN', `${who} does not accept its user and password.`];
    case 'schemes':
      return [
        'PROXY_UNSUPPORTED',
        `${who} lets people in by ${detail} only, and Headgate knows Basic only.`,
        'Ask whoever runs the proxy to allow Basic for this computer, or to let this source through without a sign-in.',
      ];
    case 'kind':
      return [
        'PROXY_UNSUPPORTED',
        `The settings of this computer name a proxy of the kind ${detail}, and Headgate knows HTTP proxies only.`,
      ];
    case 'blocks':
      return ['PROXY_REFUSED', `${who} does not let requests through to ${site} (${detail}).`];
    case 'away':
      return ['SOURCE_UNREACHABLE', `${who} can not reach ${site} (${detail}).`];
  }
}

function certificateSentence(site: string, code: string): Sentence {
  if (code === 'CERT_HAS_EXPIRED' || code === 'CERT_NOT_YET_VALID') {
    const when = code === 'CERT_HAS_EXPIRED' ? 'has expired' : 'is not valid yet';
    return [
      'SOURCE_CERTIFICATE',
      `The certificate of ${site} ${when}.`,
      'Check date and time of this computer. If they are right, ask whoever runs the server to renew its certificate.',
    ];
  }
  if (code === 'ERR_TLS_CERT_ALTNAME_INVALID') {
    return [
      'SOURCE_CERTIFICATE',
      `The certificate that answers at ${site} is made for another name.`,
      'Check the address of the source. A network that wants you to sign in first does this too: open a browser, then try again.',
    ];
  }
  return isUnknownAuthority(code)
    ? [
        'SOURCE_CERTIFICATE',
        `The certificate of ${site} was issued by nobody that is trusted for this source (${code}).`,
      ]
    : ['SOURCE_CERTIFICATE', `The certificate of ${site} did not pass the check (${code}).`];
}

/** What a failed exchange with a source means. */
export function explainExchange(site: string, failed: ExchangeFailed): Explained {
  const { code, proxy } = failed;
  const made = ([known, message, advice]: Sentence): AppError =>
    new AppError(known, message, { cause: failed, ...(advice === undefined ? {} : { advice }) });
  if (proxy !== null) {
    const again = ['unreachable', 'silent', 'away'].includes(proxy.what);
    return { error: made(proxySentence(site, proxy)), again };
  }
  if (code !== null && isCertificateFault(code))
    return { error: made(certificateSentence(site, code)), again: false };
  if (code === notTls) {
    return {
      error: made(['SOURCE_LOGIN_PAGE', `What answers instead of ${site} does not speak TLS.`]),
      again: true,
    };
  }
  if (code === 'ENOTFOUND' || code === 'EAI_AGAIN')
    return { error: made(['SOURCE_UNREACHABLE', `The address ${site} is not known.`]), again: true };
  const text = `${site} can not be reached or cut the connection${code ? ` (${code})` : ''}.`;
  return { error: made(['SOURCE_UNREACHABLE', text]), again: true };
}
