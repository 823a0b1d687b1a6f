import { say } from '../../../preload/messages/said.ts';
import { AppError } from '../../errors.ts';
import { blanksOption } from '../blanks.ts';
import { type Choice, defineConnector, type MeetContext } from '../connector.ts';
import type { Value } from '../document.ts';
import { oneObject } from './answers.ts';
import { connectDatasets, opportunityDatasets } from './datasets.ts';
import { listEverything } from './opportunities.ts';
import { readConnect } from './read.ts';
import { explain } from './refusals.ts';

const textOf = (record: Value, field: string): string => record.get(field)?.text() ?? '';

/** The organisations of the account. */
async function scopes({ http, signal }: MeetContext): Promise<Choice[]> {
  const { organizations } = await listEverything({ http, settings: {}, signal });
  return organizations.map((each) => {
    const value = textOf(each, 'slug');
    return { value, label: textOf(each, 'name') || value };
  });
}

/** CommCare Connect: opportunities, their workers, visits and payments. */
export const commcareConnect = defineConnector({
  type: 'commcare_connect',
  title: 'CommCare Connect',
  // Without the version the lists stream CSV in no order, and a failure in the middle looks like the end.
  accept: 'application/json; version=2.0',
  defaultBaseUrl: 'https://connect.dimagi.com',
  settings: [
    {
      name: 'organization',
      label: say('connect.organization'),
      noun: say('connect.organization.noun'),
      help: say('connect.organization.help'),
      required: false,
    },
  ],
  options: [
    {
      name: 'opportunities',
      label: 'Opportunities',
      help: 'Ids of the opportunities to read. Empty for all of them.',
      kind: 'list',
      datasets: opportunityDatasets,
    },
    blanksOption(['user_visits']),
  ],
  signIn: [
    {
      kind: 'oauth',
      endpoints: {
        authorizePath: '/o/authorize/',
        tokenPath: '/o/token/',
        revokePath: '/o/revoke_token/',
        scopes: ['export', 'openid'],
      },
      clientAuth: 'form',
      defaultClientId: '',
      registerPath: '/o/applications/register/',
    },
  ],
  datasets: connectDatasets.map(({ spec }) => spec),
  // There is one kind of 401 only; what the account may not see is a 403 or a 404.
  isTokenFault: () => true,
  explain,
  async identity({ http, signal }) {
    const body = await http.get('/o/userinfo/', oneObject, signal);
    const [id, username, email] = ['sub', 'username', 'email'].map((field) => textOf(body, field));
    if (!id) throw new AppError('SOURCE_BAD_ANSWER', say('connect.commcareConnectDidNot'));
    return { externalUserId: id, account: username || email || id };
  },
  scopes,
  async reaches({ http, settings, signal }) {
    const { organization } = settings;
    return !organization || (await scopes({ http, signal })).some(({ value }) => value === organization);
  },
  read: readConnect,
  async choices(context) {
    const { opportunities } = await listEverything(context);
    return {
      opportunities: opportunities.map((each) => {
        const value = textOf(each, 'id');
        return {
          value,
          label: `${textOf(each, 'name') || value} (${textOf(each, 'organization')}, ${value})`,
        };
      }),
    };
  },
});
