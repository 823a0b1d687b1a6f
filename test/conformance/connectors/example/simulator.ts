import { control } from '../../../simulators/shared/control.ts';
import { FaultList } from '../../../simulators/shared/faults.ts';
import { type Call, html, json, type Reply } from '../../../simulators/shared/http.ts';
import { authorize } from '../../../simulators/shared/oauth-authorize.ts';
import { OAuthState } from '../../../simulators/shared/oauth-state.ts';
import { revoke, token } from '../../../simulators/shared/oauth-token.ts';
import { listen, type Match } from '../../../simulators/shared/server.ts';
import { StatsBook } from '../../../simulators/shared/stats.ts';
import type { Json } from '../../../simulators/shared/types.ts';
import type { Site } from '../fixture.ts';

const KINDS = ['wells', 'me', 'regions', 'authorize', 'token', 'revoke', 'other'] as const;
type Kind = (typeof KINDS)[number];

/** `GET /api/wells?from=&limit=` -> `{"wells": [{"code", "name", "depth", "tests": [...]}], "from": "W0040"}`. */
export const well = (index: number): Json => ({
  code: `W${String(index).padStart(4, '0')}`,
  name: `Well ${index}`,
  depth: index * 1.5,
  dug_on: '2024-05-06',
  tests: Array.from({ length: index % 3 }, (_, n) => ({ on: `2025-01-0${n + 1}`, ph: 7.1 })),
});

/** A register of wells that nobody runs: small, but with sign-in, paging and errors as a real API has them. */
export async function createWellSimulator(count: number, gzip?: boolean, isOpen = false): Promise<Site> {
  const oauth = new OAuthState({
    profile: {
      title: 'Wells',
      base: '/auth',
      scopes: { read: 'Read the register' },
      usualScope: 'read',
      refreshDays: 30,
    },
    clients: [
      {
        clientId: 'headgate-desktop',
        redirectUris: ['http://127.0.0.1/callback'],
        pkceRequired: true,
      },
    ],
    users: [{ username: 'nadia', id: 'u1' }],
    clock: Date.now,
    accessTokenSeconds: 600,
    codeSeconds: 60,
  });
  const faults = new FaultList<Kind>(KINDS, 0);
  const stats = new StatsBook<Kind>(KINDS);
  const signedIn =
    (answer: (call: Call) => Reply) =>
    (call: Call): Reply => {
      if (isOpen)
        return call.headers.authorization === undefined
          ? answer(call)
          : json(400, { error: 'nobody has to say who they are' });
      const bearer = /^Bearer (.+)$/.exec(call.headers.authorization ?? '')?.[1];
      return oauth.bearer(bearer ?? '') === undefined ? json(401, { error: 'token' }) : answer(call);
    };
  const wells = ({ query }: Call): Reply => {
    const limit = Math.min(100, Number(query.get('limit') ?? 10));
    const from = Number((query.get('from') ?? 'W0000').slice(1));
    const end = Math.min(count, from + limit);
    const list = Array.from({ length: Math.max(0, end - from) }, (_, at) => well(from + at));
    return json(200, { wells: list, from: end < count ? `W${String(end).padStart(4, '0')}` : null });
  };
  const route = (path: string): Match<Kind> => {
    if (path === '/auth/authorize/')
      return { kind: 'authorize', answer: (call) => authorize(call, oauth, () => [], undefined) };
    if (path === '/auth/token/') return { kind: 'token', answer: (call) => token(call, oauth) };
    if (path === '/auth/revoke/') return { kind: 'revoke', answer: (call) => revoke(call, oauth) };
    if (path === '/api/me')
      return { kind: 'me', answer: signedIn(() => json(200, { id: 'u1', name: 'nadia' })) };
    if (path === '/api/regions')
      return { kind: 'regions', answer: signedIn(() => json(200, [{ code: 'north', name: 'North' }])) };
    if (path === '/api/wells') return { kind: 'wells', answer: signedIn(wells) };
    return { kind: 'other', answer: () => html(404, '') };
  };
  const listening = await listen<Kind>({
    gzip,
    faults,
    stats,
    route,
    control: (call) => control(call, { faults, stats, oauth, change: () => {} }),
  });
  return {
    url: listening.url,
    faults,
    ...(isOpen ? {} : { oauth }),
    requests: (kind) => stats.requests[kind as Kind],
    records: () => Array.from({ length: count }, (_, index) => well(index)),
    [Symbol.asyncDispose]: () => listening.close(),
  };
}
