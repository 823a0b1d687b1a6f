import type { Said } from '../../../preload/contract/said.ts';
import { type SentenceId, say } from '../../../preload/messages/said.ts';
import { AppError } from '../../errors.ts';
import type { Refusal } from '../http.ts';
import { isObject } from '../json.ts';

type Data = SentenceId extends infer I ? (I extends `commcare.data.${infer N}` ? N : never) : never;
interface Need {
  readonly data: Data;
  /** As HQ's role editor names it, in the language that it has: English. */
  readonly edit: string | null;
}

/** What a role in HQ needs for each resource beside “Access APIs”, and what a person calls the data. */
const needs: Readonly<Record<string, Need>> = {
  form: { data: 'forms', edit: 'Edit Data' },
  case: { data: 'cases', edit: 'Edit Data' },
  user: { data: 'mobileWorkers', edit: 'Edit Mobile Workers' },
  group: { data: 'groups', edit: 'Edit Mobile Workers' },
  'web-user': { data: 'webUsers', edit: 'Edit Web Users' },
  location: { data: 'locations', edit: 'Edit Locations' },
  location_type: { data: 'locationTypes', edit: 'Edit Locations' },
  application: { data: 'applications', edit: null },
  lookup_table: { data: 'lookupTables', edit: null },
  lookup_table_item: { data: 'lookupTables', edit: null },
};
const otherNeeds: Need = { data: 'any', edit: 'Edit Data' };
const access = 'Access APIs';
const permissionsOf = ({ edit }: Need): Said =>
  edit === null
    ? say('commcare.permissions.one', { first: access })
    : say('commcare.permissions.two', { first: edit, second: access });

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
    const need = needs[resource] ?? otherNeeds;
    const role = say('commcare.askAdministrator', { space, permissions: permissionsOf(need) });
    const data = say(`commcare.data.${need.data}`);
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
