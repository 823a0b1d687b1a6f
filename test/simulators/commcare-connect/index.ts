import { control } from '../shared/control.ts';
import { FaultList } from '../shared/faults.ts';
import { type OAuthProfile, OAuthState } from '../shared/oauth-state.ts';
import { listen } from '../shared/server.ts';
import { StatsBook } from '../shared/stats.ts';
import { REQUEST_KINDS } from './request-kinds.ts';
import { route } from './routes.ts';
import type {
  ConnectSimulator,
  ConnectSimulatorOptions,
  ConnectUser,
  ListName,
  OAuthClient,
  OpportunityHandle,
} from './types.ts';
import { makeHandle, makeWorld } from './world.ts';

export { OPPORTUNITY_LISTS, V2_ONLY } from './request-kinds.ts';
export type * from './types.ts';

const PROFILE: OAuthProfile = {
  title: 'CommCare Connect',
  base: '/o',
  scopes: {
    read: 'Read scope',
    write: 'Write scope',
    export: 'Allow exporting data to other platforms using export API’s.',
    openid: 'Know who you are',
  },
  usualScope: 'export openid',
  refreshDays: null,
};

const DEFAULT_CLIENT: OAuthClient = {
  clientId: 'headgate-desktop',
  name: 'Headgate',
  redirectUris: ['http://127.0.0.1/callback'],
  pkceRequired: true,
};

const DEFAULT_USER: ConnectUser = {
  username: 'john',
  id: '42',
  firstName: 'John',
  lastName: 'Doe',
  email: 'john@example.com',
};

/** Two weeks (§1). */
const ACCESS_TOKEN_SECONDS = 1_209_600;
const MAX_PAGE_SIZE = 5000;

interface Change {
  readonly opportunity: number;
  readonly action: 'add' | 'edit' | 'vanish' | 'remove';
  readonly list?: ListName;
  readonly count?: number;
  readonly indexes?: readonly number[];
}

/** What `POST /_sim/change` can ask for: `{"opportunity","action","list","count"|"indexes"}`. */
function change(wanted: Change, opportunity: (id: number) => OpportunityHandle): void {
  const handle = opportunity(wanted.opportunity);
  const list = wanted.list ?? 'user_visits';
  if (wanted.action === 'add') handle.add(list, wanted.count ?? 1);
  else if (wanted.action === 'edit') handle.edit(list, wanted.indexes ?? []);
  else if (wanted.action === 'vanish') handle.vanish(list, wanted.indexes ?? []);
  else if (wanted.action === 'remove') handle.remove();
  else throw new TypeError('Unknown action');
}

/** Starts a local CommCare Connect on 127.0.0.1: OAuth, the export API in both versions, faults. It writes nothing. */
export async function createConnectSimulator(options: ConnectSimulatorOptions): Promise<ConnectSimulator> {
  const world = makeWorld(options);
  const oauth = new OAuthState<ConnectUser>({
    profile: PROFILE,
    clients: (options.clients ?? [DEFAULT_CLIENT]).map((client) => ({ ...client, pkceRequired: true })),
    users: (options.users ?? [DEFAULT_USER]).map((user, index) => ({ id: String(42 + index), ...user })),
    clock: options.clock ?? Date.now,
    accessTokenSeconds: options.accessTokenSeconds ?? ACCESS_TOKEN_SECONDS,
    codeSeconds: options.codeSeconds ?? 60,
  });
  const faults = new FaultList(REQUEST_KINDS, options.latencyMs ?? 0);
  const stats = new StatsBook(REQUEST_KINDS);
  const opportunity = (id: number): OpportunityHandle => makeHandle(world, id);
  const site = {
    world,
    oauth,
    consent: options.consent,
    maxPageSize: options.maxPageSize ?? MAX_PAGE_SIZE,
  };
  const { port, gzip, onRequest } = options;
  const listening = await listen({
    port,
    gzip,
    onRequest,
    faults,
    stats,
    route: (path) => route(path, site),
    control: (call) =>
      control(call, { faults, stats, oauth, change: (wanted) => change(wanted as Change, opportunity) }),
  });
  return { ...listening, faults, stats, oauth, opportunity };
}
