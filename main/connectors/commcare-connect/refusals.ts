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
    return new AppError(
      'SOURCE_FORBIDDEN',
      'This sign-in may not export data from CommCare Connect: it lacks the scope “export”.',
      {
        advice:
          'Sign in again and allow the export; if that is not offered, ask whoever registered the client.',
      },
    );
  }
  if (refusal.status === 404 && refusal.path.startsWith('/export/llo_entity/')) {
    return new AppError(
      'SOURCE_FORBIDDEN',
      'This account may not read the LLO entities of CommCare Connect.',
      {
        advice: 'Leave this dataset out of the link; the list is shown to staff of Dimagi.',
      },
    );
  }
  if (refusal.status === 404) {
    return opportunity === undefined
      ? new AppError('SOURCE_NO_SUCH_SPACE', 'CommCare Connect has nothing at this address.', {
          advice: 'Check the address of the source.',
        })
      : new AppError(
          'SOURCE_NO_SUCH_SPACE',
          `CommCare Connect shows this account no opportunity ${opportunity}.`,
          { advice: 'Ask for membership in its organisation, or leave it out of the link.' },
        );
  }
  if (refusal.status === 406) {
    return new AppError(
      'SOURCE_BAD_ANSWER',
      'This server of CommCare Connect does not know version 2.0 of the export that Headgate reads.',
      { advice: 'Leave this dataset out of the link until the server is updated.' },
    );
  }
  if (refusal.status === 400 && said !== '') {
    return new AppError(
      'SOURCE_BAD_ANSWER',
      `CommCare Connect did not accept the request: ${said.slice(0, 300)}`,
    );
  }
  return null;
}
