import { AppError } from '../../errors.ts';
import { defineConnector } from '../connector.ts';
import { parseDocument } from '../document.ts';
import type { Refusal } from '../http.ts';
import { isObject } from '../json.ts';
import { listAnswer } from './answers.ts';
import { casesShape, readCases } from './cases.ts';
import { formsShape, readForms } from './forms.ts';

/** The project space a path is about: `/a/<domain>/api/…`. */
const spaceOf = (path: string): string => decodeURIComponent(/^\/a\/([^/]+)\//.exec(path)?.[1] ?? '');

/** The `error` text of a JSON answer; empty for anything else. */
function errorText(refusal: Refusal): string {
  try {
    const body = JSON.parse(refusal.body) as unknown;
    return isObject(body) && typeof body['error'] === 'string' ? body['error'] : '';
  } catch {
    return '';
  }
}

function explain(refusal: Refusal): AppError | null {
  const space = spaceOf(refusal.path);
  const text = errorText(refusal);
  if (refusal.status === 401) {
    if (/subscription/i.test(text)) {
      return new AppError(
        'SOURCE_FORBIDDEN',
        `The plan of the project space “${space}” does not include API access.`,
        {
          advice: 'Ask the owner of the project space about its CommCare subscription.',
        },
      );
    }
    if (/too many requests/i.test(text)) {
      return new AppError(
        'SOURCE_NOT_AUTHORISED',
        `CommCare HQ has cut off API access of “${space}” after too many requests.`,
        {
          advice: 'Contact CommCare support to have it re-enabled.',
        },
      );
    }
    return new AppError(
      'SOURCE_NOT_AUTHORISED',
      `Your account is not authorised for the project space “${space}”.`,
    );
  }
  if (refusal.status === 403) {
    return /html/i.test(refusal.contentType) && refusal.body.trim() !== ''
      ? new AppError('SOURCE_FORBIDDEN', `Your role in “${space}” lacks a permission that this data needs.`, {
          advice: `Ask an administrator of “${space}” to give your role “Edit Data” and “Access APIs”.`,
        })
      : new AppError(
          'SOURCE_NOT_AUTHORISED',
          `Your account is not a member of the project space “${space}”, or lacks the permission to read this data.`,
        );
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

/** CommCare HQ, its own servers and self-hosted ones. */
export const commcare = defineConnector({
  type: 'commcare',
  title: 'CommCare HQ',
  defaultBaseUrl: 'https://www.commcarehq.org',
  defaultClientId: '',
  settings: [
    {
      name: 'domain',
      label: 'Project space',
      help: 'The name in the address of your project: www.commcarehq.org/a/<project space>/',
      required: true,
    },
  ],
  options: [],
  oauth: {
    authorizePath: '/oauth/authorize/',
    tokenPath: '/oauth/token/',
    revokePath: '/oauth/revoke_token/',
    scopes: ['access_apis'],
  },
  datasets: [
    {
      name: 'forms',
      label: 'Forms',
      description:
        'Every submission: one table for all, one per form with its questions, one per repeat group.',
      shape: formsShape,
    },
    {
      name: 'cases',
      label: 'Cases',
      description: 'Every case: one table for all, one per case type with its properties.',
      shape: casesShape,
    },
  ],
  // An empty 401 is about the token; one with a JSON text is about the account or the project space.
  isTokenFault: (refusal) => errorText(refusal) === '',
  explain,
  async identity(http, signal) {
    const body = await http.get('/api/identity/v1/', parseDocument, signal);
    const [id = '', username, email] = ['id', 'username', 'email'].map((name) => body.get(name)?.text());
    if (body.kind !== 'object')
      throw new AppError('SOURCE_BAD_ANSWER', 'CommCare HQ did not say who signed in.');
    return { externalUserId: id, account: username || email || id };
  },
  async spaces(http, signal) {
    const { records } = await http.get(
      '/api/user_domains/v1/',
      (body) => listAnswer(body, 'objects'),
      signal,
    );
    return records.map((space) => {
      const value = space.get('domain_name')?.text() ?? '';
      return { value, label: space.get('project_name')?.text() || value };
    });
  },
  read(dataset, context) {
    const space = context.settings['domain'];
    if (!space) {
      throw new AppError('INPUT_INVALID', 'The source has no project space.', {
        advice: 'Open Sources, sign in and choose the project space.',
      });
    }
    const base = `/a/${encodeURIComponent(space)}/api`;
    return dataset === 'forms' ? readForms(base, context) : readCases(base, context);
  },
});
