import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openWorkspace, type Workspace } from '../support/workspace.ts';
import { clients, john, mina, type Site, sites } from './oauth/sites.ts';

/* The whole application over the software that CommCare HQ runs on, and over the simulator: sign-ins, and what is left of them. */

function cases(start: () => Promise<Site>): void {
  let site: Site;
  let ws: Workspace;
  /** Who sits in front of the browser, and what is done to the address that it is sent to. */
  let visitor: { person: typeof john; choice: 'allow' | 'deny'; change: (url: URL) => void };
  const nobodyElse = { person: john, choice: 'allow', change: () => {} } as const;

  beforeAll(async () => {
    site = await start();
    visitor = nobodyElse;
    ws = await openWorkspace({
      async openUrl(address) {
        const url = new URL(address);
        visitor.change(url);
        await site.browser(visitor.person, visitor.choice).visit(url.href);
      },
    });
  });
  afterAll(async () => {
    await ws?.[Symbol.asyncDispose]();
    await site?.[Symbol.asyncDispose]();
  });

  let count = 0;
  const sourceOf = async (client: object = { clientId: clients.public.id }): Promise<string> => {
    count += 1;
    const common = { name: `HQ ${count}`, sourceType: 'commcare' as const, baseUrl: site.url };
    return (await ws.api.sources.create({ ...common, settings: { domain: 'demo' }, clientId: '', ...client }))
      .id;
  };
  const signInAs = async (sourceId: string, change: Partial<typeof visitor> = {}) => {
    visitor = { ...nobodyElse, ...change };
    return ws.api.credentials.signIn({ sourceId });
  };

  it('somebody signs in, is known by name, sees the project spaces, and disconnects at the source too', async () => {
    const id = await sourceOf();
    const made = await signInAs(id);
    expect(made).toMatchObject({
      account: john.name,
      state: 'valid',
      renewable: true,
      scopes: ['access_apis'],
    });
    expect(await site.live(john)).toBe(1);
    expect((await ws.api.sources.discover({ id })).scopes.map(({ value }) => value)).toEqual(['demo']);
    expect(await ws.api.credentials.disconnect({ id: made.id })).toEqual({ atSource: 'revoked' });
    expect(await site.live(john)).toBe(0);
  });

  it.each(['form', 'basic'] as const)(
    'a client that proves itself by %s signs in and disconnects',
    async (clientAuth) => {
      const { id: clientId, secret: clientSecret } = clients.confidential;
      const id = await sourceOf({ clientId, clientSecret, clientAuth });
      const made = await signInAs(id);
      expect((await ws.api.sources.discover({ id })).scopes.map(({ value }) => value)).toEqual(['demo']);
      expect(await ws.api.credentials.disconnect({ id: made.id })).toEqual({ atSource: 'revoked' });
      expect(await site.live(john)).toBe(0);
      expect([...ws.logs, JSON.stringify(ws.events)].join('')).not.toContain(clientSecret);
    },
  );

  it('who signs in again leaves nothing of before at the source', async () => {
    const id = await sourceOf();
    const first = await signInAs(id);
    const second = await signInAs(id);
    expect(second.id).toBe(first.id);
    expect(await site.live(john)).toBe(1);
    await ws.api.credentials.disconnect({ id: second.id });
    expect(await site.live(john)).toBe(0);
  });

  it('an account that has no access is told, kept out, and leaves nothing at the source', async () => {
    const id = await sourceOf();
    const working = await signInAs(id);
    await expect(signInAs(id, { person: mina })).rejects.toMatchObject({
      code: 'WRONG_ACCOUNT',
      message: expect.stringContaining(`The working sign-in as ${john.name} was kept`),
    });
    expect([await site.live(john), await site.live(mina)]).toEqual([1, 0]);
    expect((await ws.api.sources.discover({ id })).scopes).toHaveLength(1);
    await ws.api.credentials.disconnect({ id: working.id });
  });

  it('what is denied, or allowed in part, is told and stored nowhere', async () => {
    const id = await sourceOf();
    await expect(signInAs(id, { choice: 'deny' })).rejects.toMatchObject({ code: 'OAUTH_DENIED' });
    const change = (url: URL): void => url.searchParams.set('scope', 'reports:view');
    await expect(signInAs(id, { change })).rejects.toMatchObject({
      code: 'OAUTH_DENIED',
      message: expect.stringContaining('did not allow Headgate to read data'),
    });
    expect(await site.live(john)).toBe(0);
    expect(await ws.api.credentials.list()).toEqual([]);
  });

  it('a token that has run out is renewed on the way to the data', async () => {
    const id = await sourceOf();
    const made = await signInAs(id);
    await site.age();
    expect((await ws.api.sources.discover({ id })).scopes).toHaveLength(1);
    expect((await ws.api.credentials.list())[0]).toMatchObject({ id: made.id, state: 'valid' });
    await site.age();
    await site.cleanUp();
    await expect(ws.api.sources.discover({ id })).rejects.toMatchObject({ code: 'SIGN_IN_EXPIRED' });
    expect((await ws.api.credentials.list())[0]).toMatchObject({ id: made.id, state: 'expired' });
    await signInAs(id);
    expect((await ws.api.sources.discover({ id })).scopes).toHaveLength(1);
    await ws.api.credentials.disconnect({ id: made.id });
  });
}

for (const [name, missing, start] of sites)
  describe.skipIf(missing !== null)(`${name} ${missing ?? ''}`.trim(), () => cases(start));
