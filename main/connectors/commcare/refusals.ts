import { say } from '../../../preload/messages/said.ts';
import { AppError } from '../../errors.ts';
import type { Refusal } from '../http.ts';
import { isObject } from '../json.ts';

/** What a role in HQ needs for each resource, as HQ's role editor names it, and what a person calls the data. */
const needs: Readonly<Record<string, { readonly data: string; readonly permissions: string }>> = {
  form: { data: 'forms', permissions: '“Edit Data” and “Access APIs”' },
  case: { data: 'cases', permissions: '“Edit Data” and “Access APIs”' },
  user: { data: 'mobile workers', permissions: '“Edit Mobile Workers” and “Access APIs”' },
  group: { data: 'groups', permissions: '“Edit Mobile Workers” and “Access APIs”' },
  'web-user': { data: 'web users', permissions: '“Edit Web Users” and “Access APIs”' },
  location: { data: 'locations', permissions: '“Edit Locations” and “Access APIs”' },
  location_type: { data: 'location types', permissions: '“Edit Locations” and “Access APIs”' },
  application: { data: 'applications', permissions: '“Access APIs”' },
  lookup_table: { data: 'lookup tables', permissions: '“Access APIs”' },
  lookup_table_item: { data: 'lookup tables', permissions: '“Access APIs”' },
};
const otherNeeds = { data: 'data', permissions: '“Edit Data” and “Access APIs”' };

/** The project space and the resource a path is about: `/a/<domain>/api/<resource>/…`. */
function subjectOf(path: string): { space: string; resource: string } {
  const [, space = '', resource = ''] = /^\/a\/([^/]+)\/api\/([^/?]+)/.exec(path) ?? [];
  return { space: decodeURIComponent(space), resource };
}

const entities: Readonly<Record<string, string>> = {
  ...{ '&lt;': '<', '&gt;': '>', '&amp;': '&', '&quot;': '"', '&#39;': "'", '&#x27;': "'" },
};

/** Texts of tastypie are written for a web page, and shown as text here. */
const unescaped = (text: string): string =>
  text.replace(/&(?:lt|gt|amp|quot|#39|#x27);/g, (found) => entities[found] ?? found);

/** The `error` text of a JSON answer; empty for anything else. */
export function errorText(refusal: Refusal): string {
  try {
    const body = JSON.parse(refusal.body) as unknown;
    return isObject(body) && typeof body['error'] === 'string' ? unescaped(body['error']) : '';
  } catch {
    return '';
  }
}

/** What an answer of HQ that trying again does not cure means to the person who waits for the data. */
export function explain(refusal: Refusal): AppError | null {
  const { space, resource } = subjectOf(refusal.path);
  const text = errorText(refusal);
  if (refusal.status === 401) {
    if (/subscription/i.test(text)) {
      return new AppError('SOURCE_FORBIDDEN', say('commcare.planProjectSpaceDoes', { space }), {
        advice: say('commcare.planProjectSpaceDoes.advice'),
      });
    }
    if (/too many requests/i.test(text)) {
      return new AppError('SOURCE_NOT_AUTHORISED', say('commcare.commcareHqCutOff', { space }), {
        advice: say('commcare.commcareHqCutOff.advice'),
      });
    }
    if (/\botp\b/i.test(text)) {
      return new AppError('SOURCE_FORBIDDEN', say('commcare.commcareHqAsksSecond'), {
        advice: say('commcare.commcareHqAsksSecond.advice', { space }),
      });
    }
    if (/attempts exceeded/i.test(text)) {
      return new AppError('SOURCE_FORBIDDEN', say('commcare.commcareHqLockedAccount'), {
        advice: say('commcare.commcareHqLockedAccount.advice'),
      });
    }
    return new AppError('SOURCE_NOT_AUTHORISED', say('commcare.yourAccountNotAuthorised', { space }));
  }
  if (refusal.status === 403) {
    const { data, permissions } = needs[resource] ?? otherNeeds;
    const role = `an administrator of “${space}” to give your role ${permissions}`;
    return /html/i.test(refusal.contentType) && refusal.body.trim() !== ''
      ? new AppError('SOURCE_FORBIDDEN', say('commcare.yourRoleLacksPermission', { space }), {
          advice: say('commcare.yourRoleLacksPermission.advice', { role }),
        })
      : new AppError('SOURCE_NOT_AUTHORISED', say('commcare.yourAccountNotMember', { space, data }), {
          advice: say('commcare.yourAccountNotMember.advice', { role }),
        });
  }
  if (refusal.status === 404 && space === '') {
    return new AppError('SOURCE_BAD_ANSWER', say('commcare.commcareHqNothingAddress'), {
      advice: say('commcare.commcareHqNothingAddress.advice'),
    });
  }
  if (refusal.status === 404) {
    return new AppError('SOURCE_NO_SUCH_SPACE', say('commcare.commcareHqKnowsNo', { space }));
  }
  if (refusal.status === 400 && text !== '') {
    return new AppError(
      'SOURCE_BAD_ANSWER',
      say('commcare.commcareHqDidNotAccept', { answer: text.slice(0, 300) }),
    );
  }
  return null;
}

/**
 * A key that CommCare HQ accepts, but not for this: it is limited to another project space. One that is unknown, switched off,
 * has run out or is used from a wrong IP address is refused everywhere, in the same words.
 */
export function keyElsewhere(refusal: Refusal): AppError {
  const { space } = subjectOf(refusal.path);
  return new AppError('KEY_LIMITED', say('commcare.apiKeyLimitedAnother', { space }));
}
