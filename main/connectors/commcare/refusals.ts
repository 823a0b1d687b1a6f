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
      return new AppError(
        'SOURCE_FORBIDDEN',
        `The plan of the project space “${space}” does not include API access.`,
        { advice: 'Ask the owner of the project space about its CommCare subscription.' },
      );
    }
    if (/too many requests/i.test(text)) {
      return new AppError(
        'SOURCE_NOT_AUTHORISED',
        `CommCare HQ has cut off API access of “${space}” after too many requests.`,
        { advice: 'Contact CommCare support to have it re-enabled.' },
      );
    }
    if (/\botp\b/i.test(text)) {
      return new AppError(
        'SOURCE_FORBIDDEN',
        'CommCare HQ asks for a second factor, which programs can’t give.',
        {
          advice: `Sign in with an API key or in the browser, or ask an administrator of “${space}”.`,
        },
      );
    }
    if (/attempts exceeded/i.test(text)) {
      return new AppError(
        'SOURCE_FORBIDDEN',
        'CommCare HQ has locked this account after too many failed sign-ins.',
        {
          advice: 'Wait an hour, or sign in to CommCare HQ in the browser; then try again.',
        },
      );
    }
    return new AppError(
      'SOURCE_NOT_AUTHORISED',
      `Your account is not authorised for the project space “${space}”.`,
    );
  }
  if (refusal.status === 403) {
    const { data, permissions } = needs[resource] ?? otherNeeds;
    const role = `an administrator of “${space}” to give your role ${permissions}`;
    return /html/i.test(refusal.contentType) && refusal.body.trim() !== ''
      ? new AppError('SOURCE_FORBIDDEN', `Your role in “${space}” lacks a permission that this data needs.`, {
          advice: `Ask ${role}.`,
        })
      : new AppError(
          'SOURCE_NOT_AUTHORISED',
          `Your account is not a member of the project space “${space}”, or lacks the permission to read its ${data}.`,
          { advice: `Sign in with an account that belongs to this project space, or ask ${role}.` },
        );
  }
  if (refusal.status === 404 && space === '') {
    return new AppError('SOURCE_BAD_ANSWER', 'CommCare HQ has nothing at this address.', {
      advice: 'Check the address of the source; a server that is too old for Headgate answers so too.',
    });
  }
  if (refusal.status === 404) {
    return new AppError(
      'SOURCE_NO_SUCH_SPACE',
      `CommCare HQ knows no project space “${space}” that this account can read.`,
    );
  }
  if (refusal.status === 400 && text !== '') {
    return new AppError('SOURCE_BAD_ANSWER', `CommCare HQ did not accept the request: ${text.slice(0, 300)}`);
  }
  return null;
}

/**
 * A key that CommCare HQ accepts, but not for this: it is limited to another project space. One that is unknown, switched off,
 * has run out or is used from a wrong IP address is refused everywhere, in the same words.
 */
export function keyElsewhere(refusal: Refusal): AppError {
  const { space } = subjectOf(refusal.path);
  return new AppError('KEY_LIMITED', `This API key is limited to another project space than “${space}”.`);
}
