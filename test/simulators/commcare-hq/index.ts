import { control } from '../shared/control.ts';
import { FaultList } from '../shared/faults.ts';
import { type OAuthProfile, OAuthState } from '../shared/oauth-state.ts';
import { hexId } from '../shared/random.ts';
import { listen } from '../shared/server.ts';
import { StatsBook } from '../shared/stats.ts';
import { type Change, change } from './control.ts';
import { type Domain, makeDomain, makeHandle } from './domain.ts';
import { REQUEST_KINDS } from './request-kinds.ts';
import { route, type World } from './routes.ts';
import { Throttle } from './throttle.ts';
import type { DomainHandle, HqSimulator, HqSimulatorOptions, OAuthClient, SimUser } from './types.ts';

export type * from './types.ts';

const PROFILE: OAuthProfile = {
  title: 'CommCare HQ',
  base: '/oauth',
  scopes: {
    access_apis: 'Access API data on all your CommCare projects',
    'reports:view': 'View reports',
    mobile_access: 'Access mobile endpoints',
    sync: 'Sync (and submit) data',
  },
  usualScope: 'access_apis',
  refreshDays: 15,
};

/** The client used when none is given: public, loopback, PKCE required. */
export const DEFAULT_CLIENT: OAuthClient = {
  clientId: 'headgate-desktop',
  name: 'Headgate',
  redirectUris: ['http://127.0.0.1/callback'],
  pkceRequired: true,
};

/** The user used when none is given. */
export const DEFAULT_USER: SimUser = {
  username: 'john@example.com',
  id: hexId('john@example.com'),
  firstName: 'John',
  lastName: 'Doe',
  email: 'john@example.com',
};

/**
 * Starts a local CommCare HQ on 127.0.0.1: OAuth, identity, forms, cases, applications, throttle and faults.
 * It knows no HTTPS, no Digest auth and no writes to forms or cases.
 */
export async function createHqSimulator(options: HqSimulatorOptions): Promise<HqSimulator> {
  const clock = options.clock ?? Date.now;
  const domains = new Map<string, Domain>();
  const settings = {
    preserialise: options.preserialise ?? false,
    publicUrl: options.publicUrl ?? 'https://www.commcarehq.org',
  };
  for (const spec of options.domains) domains.set(spec.name, makeDomain(spec, settings));
  const oauth = new OAuthState<SimUser>({
    profile: PROFILE,
    clients: options.clients ?? [DEFAULT_CLIENT],
    users: (options.users ?? [DEFAULT_USER]).map((user) => ({ id: hexId(user.username), ...user })),
    clock,
    behaviour: options.oauth ?? {},
    accessTokenSeconds: options.accessTokenSeconds ?? 900,
    codeSeconds: options.codeSeconds ?? 60,
  });
  const faults = new FaultList(REQUEST_KINDS, options.latencyMs ?? 0);
  const stats = new StatsBook(REQUEST_KINDS);
  const world: World = { domains, oauth, throttle: new Throttle(clock), consent: options.consent };
  const domain = (name: string): DomainHandle => {
    const found = domains.get(name);
    if (found === undefined) throw new Error(`No domain ${name}`);
    return makeHandle(found);
  };
  const { port, gzip, onRequest } = options;
  const listening = await listen({
    port,
    gzip,
    onRequest,
    faults,
    stats,
    route: (path) => route(path, world),
    control: (call) =>
      control(call, { faults, stats, oauth, change: (wanted) => change(wanted as Change, domain) }),
  });
  return { ...listening, faults, stats, oauth, domain };
}
