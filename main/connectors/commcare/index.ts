import { say } from '../../../preload/messages/said.ts';
import { AppError } from '../../errors.ts';
import type { OAuthEndpoints } from '../../oauth/endpoint.ts';
import {
  type Choice,
  type Connector,
  type Delta,
  defineConnector,
  type MeetContext,
  type Page,
  type ReadContext,
} from '../connector.ts';
import { parseDocument } from '../document.ts';
import { listAnswer } from './answers.ts';
import { applicationsShape, readApplications } from './applications.ts';
import { attachmentsShape, readAttachments } from './attachments.ts';
import { caseDelta } from './case-delta.ts';
import { casesShape, readCases } from './cases.ts';
import { formDelta } from './form-delta.ts';
import { readForms } from './form-reading.ts';
import { formsShape } from './forms.ts';
import { commcareChoices, describeForms } from './labels.ts';
import { largestListPage, readList, type Series } from './lists.ts';
import { lookupRowsShape, lookupTablesShape, readLookupRows, readLookupTables } from './lookup.ts';
import { commcareOptions } from './options.ts';
import { groupsShape, readUsers, usersShape, webUsersShape } from './people.ts';
import { largestLocationPage, locationsShape, locationTypesShape } from './places.ts';
import { errorText, explain, keyElsewhere } from './refusals.ts';

const identityPath = '/api/identity/v1/';

/** The dataset that is read with each of HQ's short lists, which need nothing but their address. */
const shortLists: Readonly<Record<string, Series>> = {
  web_users: {
    resource: 'web-user/v1',
    query: {},
    key: 'id',
    largestPage: largestListPage,
    noun: 'web users',
  },
  groups: { resource: 'group/v1', query: {}, key: 'id', largestPage: largestListPage, noun: 'groups' },
  locations: {
    resource: 'location/v2',
    // Without it the order is whatever the database finds first; with it a location that changes moves to the end.
    query: { order_by: 'last_modified' },
    key: 'location_id',
    largestPage: largestLocationPage,
    noun: 'locations',
  },
  location_types: {
    resource: 'location_type/v1',
    query: {},
    key: 'id',
    largestPage: largestListPage,
    noun: 'location types',
  },
};

/** How each of the other datasets is read. */
const readers: Readonly<Record<string, (base: string, context: ReadContext) => AsyncGenerator<Page, void>>> =
  {
    forms: readForms,
    cases: readCases,
    form_attachments: readAttachments,
    users: readUsers,
    applications: readApplications,
    lookup_tables: readLookupTables,
    lookup_rows: readLookupRows,
  };

/** The datasets whose changes can be found and proven. */
const deltas: Readonly<Record<string, (base: string) => Delta>> = {
  forms: (base) => formDelta(base),
  cases: (base) => caseDelta(base),
};

/** The address below which the chosen project space has its API. */
function baseOf({ settings }: Pick<ReadContext, 'settings'>): string {
  const space = settings['domain'];
  if (!space) {
    throw new AppError('INPUT_INVALID', say('commcare.sourceNoProjectSpace'), {
      advice: say('commcare.sourceNoProjectSpace.advice'),
    });
  }
  return `/a/${encodeURIComponent(space)}/api`;
}

/** The project spaces of the account. */
async function scopes({ http, signal }: MeetContext): Promise<Choice[]> {
  const { records } = await http.get('/api/user_domains/v1/', (body) => listAnswer(body, 'objects'), signal);
  return records.map((space) => {
    const value = space.get('domain_name')?.text() ?? '';
    return { value, label: space.get('project_name')?.text() || value };
  });
}

/**
 * The list of spaces is not counted against the space's allowance, but leaves some out at older servers, and does not look at
 * what a key is limited to: where it does not settle the matter, one form is asked for.
 */
const reaches: Connector['reaches'] = async ({ http, settings, signal, kind }) => {
  const space = settings['domain'];
  if (!space) return true;
  const listed = (await scopes({ http, signal })).some(({ value }) => value === space);
  if (listed && kind === 'oauth') return true;
  try {
    await http.get(`${baseOf({ settings })}/form/v1/?limit=1`, (body) => listAnswer(body, 'objects'), signal);
    return true;
  } catch (error) {
    if (!(error instanceof AppError)) throw error;
    if (error.code === 'SOURCE_FORBIDDEN') return true;
    if (error.code !== 'SOURCE_NOT_AUTHORISED' && error.code !== 'SOURCE_NO_SUCH_SPACE') throw error;
    // A member who may not read forms may still read something else.
    return listed;
  }
};

/** Where CommCare HQ has its OAuth endpoints. */
export const commcareOAuth: OAuthEndpoints = {
  authorizePath: '/oauth/authorize/',
  tokenPath: '/oauth/token/',
  revokePath: '/oauth/revoke_token/',
  scopes: ['access_apis'],
};

/** CommCare HQ, its own servers and self-hosted ones. */
export const commcare = defineConnector({
  type: 'commcare',
  title: 'CommCare HQ',
  defaultBaseUrl: 'https://www.commcarehq.org',
  settings: [
    {
      name: 'domain',
      label: say('commcare.scope'),
      noun: say('commcare.scope.noun'),
      help: say('commcare.scope.help'),
      required: true,
      isScope: true,
    },
  ],
  options: commcareOptions,
  signIn: [
    {
      kind: 'oauth',
      endpoints: commcareOAuth,
      clientAuth: 'form',
      defaultClientId: '',
      registerPath: '/oauth/applications/register/',
    },
    {
      kind: 'api_key',
      fields: [
        {
          name: 'user',
          content: 'user',
          label: say('commcare.keyUser'),
          help: say('commcare.keyUser.help'),
        },
        { name: 'apiKey', content: 'key', label: say('commcare.key'), help: say('commcare.key.help') },
      ],
      scheme: 'ApiKey',
      token: ({ user, apiKey }) => `${user}:${apiKey}`,
      anyKeyPath: identityPath,
      limited: keyElsewhere,
    },
  ],
  datasets: [
    {
      name: 'forms',
      label: 'Forms',
      description:
        'Every submission: one table for all, one per form with its questions, one per repeat group.',
      hasBlanks: true,
      tellsChanges: true,
      shape: formsShape,
    },
    {
      name: 'cases',
      label: 'Cases',
      description:
        'Every case: one table for all, one per case type with its properties. CommCare HQ’s list of cases leaves out who opened and closed a case, its forms, and properties of your own that are called as one of its columns, such as “closed_on” or “last_modified”.',
      hasBlanks: true,
      tellsChanges: true,
      shape: casesShape,
    },
    {
      name: 'users',
      label: 'Mobile workers',
      description: 'Everybody who submits forms, also those who are deactivated.',
      onRequest: true,
      shape: usersShape,
    },
    {
      name: 'web_users',
      label: 'Web users',
      description: 'Everybody who signs in to CommCare HQ, with role and permissions.',
      onRequest: true,
      shape: webUsersShape,
    },
    {
      name: 'groups',
      label: 'Groups',
      description: 'Groups of mobile workers, with the ids of their members.',
      onRequest: true,
      shape: groupsShape,
    },
    {
      name: 'locations',
      label: 'Locations',
      description: 'The organisation: every location with its parent, place and data.',
      onRequest: true,
      shape: locationsShape,
    },
    {
      name: 'location_types',
      label: 'Location types',
      description: 'The levels of the organisation.',
      onRequest: true,
      shape: locationTypesShape,
    },
    {
      name: 'applications',
      label: 'Applications',
      description: 'Applications with their modules, forms, questions and choices.',
      onRequest: true,
      shape: applicationsShape,
    },
    {
      name: 'lookup_tables',
      label: 'Lookup tables',
      description: 'What lookup tables there are, and their fields.',
      onRequest: true,
      shape: lookupTablesShape,
    },
    {
      name: 'lookup_rows',
      label: 'Lookup rows',
      description: 'The rows of all lookup tables: one table for all, one per lookup table with its fields.',
      onRequest: true,
      shape: lookupRowsShape,
    },
    {
      name: 'form_attachments',
      label: 'Form attachments',
      description:
        'What was handed in with forms: name, type, size and address of every file. Reads all forms once more.',
      onRequest: true,
      shape: attachmentsShape,
    },
  ],
  // The allowance is a project space's; who somebody is and what they see is asked of none.
  isCounted: (path) => path.startsWith('/a/'),
  // An empty 401 is about the token; one with a JSON text is about the account or the project space.
  isTokenFault: (refusal) => errorText(refusal) === '',
  explain,
  async identity({ http, signal }) {
    const body = await http.get(identityPath, parseDocument, signal);
    const [id = '', username, email] = ['id', 'username', 'email'].map((name) => body.get(name)?.text());
    if (body.kind !== 'object') throw new AppError('SOURCE_BAD_ANSWER', say('commcare.commcareHqDidNot'));
    return { externalUserId: id, account: username || email || id };
  },
  scopes,
  reaches,
  tidyAddress(baseUrl) {
    const url = new URL(baseUrl);
    const [, before = '', space] = /^(.*?)\/a\/([^/]+)(?:\/.*)?$/.exec(url.pathname) ?? [];
    if (space === undefined) return { baseUrl, settings: {} };
    url.pathname = before;
    return { baseUrl: url.href.replace(/\/+$/, ''), settings: { domain: decodeURIComponent(space) } };
  },
  read(dataset, context) {
    const base = baseOf(context);
    const list = shortLists[dataset];
    if (list !== undefined) return readList(base, [list], context);
    const reader = readers[dataset];
    if (reader === undefined)
      throw new AppError('INPUT_INVALID', say('commcare.commcareHqNoDataset', { dataset }));
    return reader(base, context);
  },
  delta: (dataset, context) => deltas[dataset]?.(baseOf(context)),
  async describe(datasets, context) {
    return datasets.includes('forms') ? describeForms(baseOf(context), context) : [];
  },
  choices: async (context) => commcareChoices(baseOf(context), context),
});
