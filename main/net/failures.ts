import type { ErrorCode } from '../../preload/contract/errors.ts';
import type { Said } from '../../preload/contract/said.ts';
import { say } from '../../preload/messages/said.ts';
import { AppError } from '../errors.ts';
import { isCertificateFault, isUnknownAuthority } from './authorities.ts';
import { type ExchangeFailed, notTls, type ProxyTrouble } from './exchange.ts';

/** What a failed exchange with a source means, for people. `again`: asking once more may help. */
export interface Explained {
  readonly error: AppError;
  readonly again: boolean;
}

type Sentence = readonly [code: ErrorCode, message: Said, advice?: Said];

function proxySentence(site: string, { what, place, detail }: ProxyTrouble): Sentence {
  switch (what) {
    case 'unreachable':
      return [
        'PROXY_UNREACHABLE',
        detail
          ? say('network.proxyCanNotReached', { place, detail })
          : say('network.proxyCanNotReached2', { place }),
      ];
    case 'silent':
      return ['PROXY_UNREACHABLE', say('network.proxyDidNotAnswer', { place })];
    case 'asks':
      return ['PROXY_LOGIN', say('network.proxyAsksUserPassword', { place })];
    case 'refuses':
      return ['PROXY_LOGIN', say('network.proxyDoesNotAccept', { place })];
    case 'schemes':
      return [
        'PROXY_UNSUPPORTED',
        say('network.proxyLetsPeopleOnly', { place, detail }),
        say('network.proxyLetsPeopleOnly.advice'),
      ];
    case 'kind':
      return ['PROXY_UNSUPPORTED', say('network.settingsComputerNameProxy', { detail })];
    case 'blocks':
      return ['PROXY_REFUSED', say('network.proxyDoesNotLet', { place, site, detail })];
    case 'away':
      return ['SOURCE_UNREACHABLE', say('network.proxyCanNotReach', { place, site, detail })];
  }
}

function certificateSentence(site: string, code: string): Sentence {
  if (code === 'CERT_HAS_EXPIRED' || code === 'CERT_NOT_YET_VALID') {
    return [
      'SOURCE_CERTIFICATE',
      code === 'CERT_HAS_EXPIRED'
        ? say('network.certificateExpired', { site })
        : say('network.certificateNotValidYet', { site }),
      say('network.checkDateTimeComputer'),
    ];
  }
  if (code === 'ERR_TLS_CERT_ALTNAME_INVALID') {
    return [
      'SOURCE_CERTIFICATE',
      say('network.certificateAnswersMadeAnother', { site }),
      say('network.certificateAnswersMadeAnother.advice'),
    ];
  }
  return isUnknownAuthority(code)
    ? ['SOURCE_CERTIFICATE', say('network.certificateIssuedNobodyTrusted', { site, code: String(code) })]
    : ['SOURCE_CERTIFICATE', say('network.certificateDidNotPass', { site, code: String(code) })];
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
      error: made(['SOURCE_LOGIN_PAGE', say('network.whatAnswersInsteadDoes', { site })]),
      again: true,
    };
  }
  if (code === 'ENOTFOUND' || code === 'EAI_AGAIN')
    return { error: made(['SOURCE_UNREACHABLE', say('network.addressNotKnown', { site })]), again: true };
  const error = made([
    'SOURCE_UNREACHABLE',
    code
      ? say('network.canNotReachedCut', { site, code: String(code) })
      : say('network.canNotReachedCutConnection', { site }),
  ]);
  return { error, again: true };
}
