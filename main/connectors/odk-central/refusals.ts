import { say } from '../../../preload/messages/said.ts';
import { AppError } from '../../errors.ts';
import type { Refusal } from '../http.ts';
import { isObject } from '../json.ts';

/** A word without a gap that is longer than this is no sentence; it may be what was sent, such as a token. */
const longWord = /[^\s"',;:(){}[\]]{20,}/g;

/** The `message` of an answer of ODK Central (`{"message": "…", "code": 404.1}`); empty for any other answer. */
export function messageIn(refusal: Pick<Refusal, 'body'>): string {
  try {
    const body = JSON.parse(refusal.body) as unknown;
    return isObject(body) && typeof body['message'] === 'string' ? body['message'] : '';
  } catch {
    return '';
  }
}

/** The project and the form that a path is about; undefined where it is about none. */
function subjectOf(path: string): { project: string | undefined; form: string | undefined } {
  const [, project, form] = /^\/v1\/projects\/([^/?]+)(?:\/forms\/([^/?]+))?/.exec(path) ?? [];
  return { project, form: form && decodeURIComponent(form.replace(/\.svc$/, '')) };
}

/** The sentence that a refused request is told with. */
export const notAccepted = 'odk.didNotAccept';

/** What an answer of ODK Central that trying again does not cure means to the person who waits for the data. */
export function explain(refusal: Refusal): AppError | null {
  const { project, form } = subjectOf(refusal.path);
  const text = messageIn(refusal);
  if (refusal.status === 403) {
    return new AppError('SOURCE_FORBIDDEN', say('odk.mayNotRead'), { advice: say('odk.mayNotRead.advice') });
  }
  if (refusal.status === 404 && (text === '' || project === undefined)) {
    return new AppError('SOURCE_BAD_ANSWER', say('odk.nothingAddress'), {
      advice: say('odk.nothingAddress.advice'),
    });
  }
  if (refusal.status === 404 && project !== undefined) {
    return form === undefined
      ? new AppError('SOURCE_NO_SUCH_SPACE', say('odk.noSuchProject', { project }), {
          advice: say('odk.noSuchProject.advice'),
        })
      : formsGone([form], project);
  }
  if (refusal.status === 400 && text !== '') {
    const answer = text.replace(longWord, '…').slice(0, 300);
    return new AppError('SOURCE_BAD_ANSWER', say(notAccepted, { answer }));
  }
  return null;
}

/** Forms that a link reads and the project does not have. */
export const formsGone = (forms: readonly string[], project: string): AppError =>
  new AppError('DATASET_GONE', say('odk.formGone', { forms: { quoted: forms }, project }), {
    advice: say('odk.formGone.advice'),
  });
