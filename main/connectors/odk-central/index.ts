import { say } from '../../../preload/messages/said.ts';
import { AppError } from '../../errors.ts';
import { type Connector, defineConnector } from '../connector.ts';
import { parseDocument } from '../document.ts';
import { isObject } from '../json.ts';
import { findForms, formSpecs } from './forms.ts';
import { projectPath } from './paths.ts';
import { readForm } from './read.ts';
import { explain } from './refusals.ts';

const listOf = (body: Buffer) => {
  const root = parseDocument(body);
  if (root.kind !== 'array') throw new SyntaxError('not a list');
  return root.items();
};

/** The project is asked for: who may not see it is told so by its status. */
const reaches: Connector['reaches'] = async ({ http, settings, signal }) => {
  if (!settings['project']) return true;
  try {
    await http.get(projectPath(settings), parseDocument, signal);
    return true;
  } catch (error) {
    const code = error instanceof AppError ? error.code : '';
    if (code === 'SOURCE_FORBIDDEN' || code === 'SOURCE_NO_SUCH_SPACE') return false;
    throw error;
  }
};

/**
 * ODK Central, by its OData feeds: every form of a project is a dataset that the server is asked for, its tables and types
 * follow from the feed's metadata, and one signs in with the password of an account.
 */
export const odkCentral = defineConnector({
  type: 'odk_central',
  title: 'ODK Central (OData)',
  defaultBaseUrl: '',
  settings: [
    {
      name: 'project',
      label: say('odk.scope'),
      noun: say('odk.scope.noun'),
      help: say('odk.scope.help'),
      required: true,
      isScope: true,
    },
  ],
  options: [],
  signIn: [
    {
      kind: 'password',
      fields: [
        { name: 'user', content: 'email', label: say('odk.user'), help: say('odk.user.help') },
        { name: 'password', content: 'password', label: say('odk.password'), help: say('odk.password.help') },
      ],
      scheme: 'Bearer',
      send: {
        as: 'session',
        path: '/v1/sessions',
        body: ({ user = '', password = '' }) => ({ email: user, password }),
        read({ body }) {
          const session = JSON.parse(body.toString('utf8')) as unknown;
          const token = isObject(session) ? session['token'] : undefined;
          // It stands in a header: visible ASCII only.
          if (!isObject(session) || typeof token !== 'string' || !/^[!-~]+$/.test(token))
            throw new SyntaxError('not a session');
          const endsAt = Date.parse(String(session['expiresAt']));
          return { token, endsAt: Number.isNaN(endsAt) ? null : endsAt };
        },
        isRefused: ({ status }) => status === 401,
      },
    },
  ],
  // The list of forms then says how many submissions each has.
  headers: { 'x-extended-metadata': 'true' },
  // All that a project has is its own.
  datasets: [],
  discovery: { find: findForms, specs: formSpecs },
  // There is one kind of 401 only; what the account may not see is a 403 or a 404.
  isTokenFault: () => true,
  explain,
  async identity({ http, signal }) {
    const me = await http.get('/v1/users/current', parseDocument, signal);
    const [id, email, name] = ['id', 'email', 'displayName'].map((field) => me.get(field)?.text() ?? '');
    if (!id) throw new AppError('SOURCE_BAD_ANSWER', say('odk.didNotSayWho'));
    return { externalUserId: id, account: email || name || id };
  },
  async scopes({ http, signal }) {
    return (await http.get('/v1/projects', listOf, signal)).map((project) => {
      const value = project.get('id')?.text() ?? '';
      return { value, label: project.get('name')?.text() || value };
    });
  },
  reaches,
  tidyAddress(baseUrl) {
    const url = new URL(baseUrl);
    const [, before = '', project] =
      /^(.*?)(?:\/v1)?(?:\/projects\/(\d+)(?:\/.*)?)?\/?$/.exec(url.pathname) ?? [];
    url.pathname = before;
    const settings: Record<string, string> = project === undefined ? {} : { project };
    return { baseUrl: url.href.replace(/\/+$/, ''), settings };
  },
  read: readForm,
});
