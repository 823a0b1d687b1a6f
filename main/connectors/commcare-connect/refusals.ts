import { say } from '../../../preload/messages/said.ts';
import { AppError } from '../../errors.ts';
import type { Refusal } from '../http.ts';
import { isObject } from '../json.ts';

/** A word without a gap that is longer than this is no sentence; it may be what we sent, such as the token. */
const longWord = /[^\s"',;:(){}[\]]{20,}/g;

/** The `detail` of an answer, or the first complaint about a parameter (`{"page_size":["…"]}`); empty for others. */
function saidIn(refusal: Refusal): string {
  try {
    const body = JSON.parse(refusal.body) as unknown;
    if (!isObject(body)) return '';
    const { detail } = body;
    if (typeof detail === 'string') return detail;
    const [field, texts] = Object.entries(body)[0] ?? [];
    return field !== undefined && Array.isArray(texts) ? `${field}: ${String(texts[0])}` : '';
  } catch {
    return '';
  }
}

/** What an answer of CommCare Connect that trying again does not cure means to the person who waits for the data. */
export function explain(refusal: Refusal): AppError | null {
  const said = saidIn(refusal).replace(longWord, '…');
  const opportunity = /^\/export\/opportunity\/(\d+)\//.exec(refusal.path)?.[1];
  if (refusal.status === 403) {
    return new AppError('SOURCE_FORBIDDEN', say('connect.signMayNotExport'), {
      advice: say('connect.signMayNotExport.advice'),
    });
  }
  if (refusal.status === 404 && refusal.path.startsWith('/export/llo_entity/')) {
    return new AppError('SOURCE_FORBIDDEN', say('connect.accountMayNotRead'), {
      advice: say('connect.accountMayNotRead.advice'),
    });
  }
  if (refusal.status === 404) {
    return opportunity === undefined
      ? new AppError('SOURCE_NO_SUCH_SPACE', say('connect.commcareConnectNothingAddress'), {
          advice: say('connect.commcareConnectNothingAddress.advice'),
        })
      : new AppError('SOURCE_NO_SUCH_SPACE', say('connect.commcareConnectShowsAccountNo', { opportunity }), {
          advice: say('connect.commcareConnectShowsAccountNo.advice'),
        });
  }
  if (refusal.status === 406) {
    return new AppError('SOURCE_BAD_ANSWER', say('connect.serverCommcareConnectDoes'), {
      advice: say('connect.serverCommcareConnectDoes.advice'),
    });
  }
  if (refusal.status === 400 && said !== '') {
    return new AppError(
      'SOURCE_BAD_ANSWER',
      say('connect.commcareConnectDidNotAccept', { answer: said.slice(0, 300) }),
    );
  }
  return null;
}
