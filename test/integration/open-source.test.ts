import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import type { Connector } from '../../main/connectors/connector.ts';
import { createWellSimulator } from '../conformance/connectors/example/simulator.ts';
import type { Site } from '../conformance/connectors/fixture.ts';
import { codeOf } from '../support/parts.ts';
import { openWorkspace, type Workspace } from '../support/workspace.ts';

/* A kind of source that is open to everybody: the examples of the conformance suite, as lines in the registry. */

vi.mock('../../main/connectors/registry.ts', async (original) => {
  const { openExample } = await import('../conformance/connectors/open_example/fixture.ts');
  const registry = await original<typeof import('../../main/connectors/registry.ts')>();
  return {
    allConnectors: [...registry.allConnectors, openExample],
    connectorFor: (type: string): Connector =>
      type === openExample.type ? openExample : registry.connectorFor(type),
  };
});

let ws: Workspace;
let site: Site;
beforeAll(async () => {
  site = await createWellSimulator(20, true, true);
  ws = await openWorkspace();
});
afterAll(async () => {
  await ws[Symbol.asyncDispose]();
  await site[Symbol.asyncDispose]();
});

it('is read without a sign-in once it was seen to answer, and names nobody in its requests', async () => {
  const types = await ws.api.sources.types();
  expect(types.find(({ type }) => type === 'open_example')?.signIn).toEqual([{ kind: 'none', fields: [] }]);
  const source = await ws.api.sources.create({
    ...{ name: 'Wells', sourceType: 'open_example', baseUrl: site.url, settings: { region: 'north' } },
  });
  const open = { sourceId: source.id, kind: 'none' as const };
  expect(await codeOf(() => ws.api.credentials.signInWith({ ...open, fields: { user: 'x' } }))).toBe(
    'INPUT_INVALID',
  );
  site.faults.add({ match: 'me', kind: 'status', status: 403, body: '{}', times: 1 });
  expect(await codeOf(() => ws.api.credentials.signInWith({ ...open, fields: {} }))).toBe(
    'SOURCE_BAD_ANSWER',
  );
  expect(await ws.api.credentials.list()).toEqual([]);
  const made = await ws.api.credentials.signInWith({ ...open, fields: {} });
  expect(made).toMatchObject({ kind: 'none', state: 'valid', renewable: false, accessExpiresAt: null });
  // The simulator refuses whoever says who they are.
  const { scopes } = await ws.api.sources.discover({ id: source.id });
  expect(scopes).toEqual([{ value: 'north', label: 'North' }]);
  expect(await ws.api.credentials.disconnect({ id: made.id })).toEqual({ atSource: 'revoked' });
});

it('is no way in to a source that wants a sign-in', async () => {
  const source = await ws.api.sources.create({
    ...{ name: 'HQ', sourceType: 'commcare', baseUrl: 'http://127.0.0.1:9', settings: { domain: 'demo' } },
  });
  const fields = {};
  expect(
    await codeOf(() => ws.api.credentials.signInWith({ sourceId: source.id, kind: 'none', fields })),
  ).toBe('INPUT_INVALID');
});
