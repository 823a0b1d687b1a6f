import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { Page } from '../../main/connectors/connector.ts';
import { allConnectors } from '../../main/connectors/registry.ts';
import { endSession, openSession } from '../../main/connectors/session.ts';
import { revokeToken } from '../../main/oauth/endpoint.ts';
import { signIn } from '../../main/oauth/flow.ts';
import { scriptedBrowser } from '../../main/sample/consent.ts';
import { isSecretContent, type TypedField } from '../../preload/contract/models.ts';
import { english } from '../../preload/messages/said.ts';
import { endpointDeps } from '../support/parts.ts';
import { fixtures } from './connectors/all.ts';
import { changedNumbers, deafBetweenPages, deafWhileWaiting } from './connectors/checks.ts';
import type { Sessions, Site } from './connectors/fixture.ts';
import {
  clientOf,
  endToken,
  expectedOf,
  httpFor,
  issuedBy,
  keysOfPage,
  liveTokens,
  outcomeOf,
  pagesOf,
  passwordOf,
  readWhole,
  sessionDeps,
  skippingClock,
  specsFor,
  textsOf,
} from './connectors/harness.ts';

/* What every connector must do, whatever it reads. A connector joins by a folder of its own beside this file. */

it('every connector of a server has a fixture, in a folder called after it', () => {
  // What is read over a connection is tried with real databases, by `table-sources.test.ts`.
  const served = allConnectors.filter(({ signIn }) => signIn.every(({ kind }) => kind !== 'connection'));
  expect(fixtures.map(([name]) => name)).toEqual(expect.arrayContaining(served.map(({ type }) => type)));
  for (const [name, { connector }] of fixtures) expect(connector.type).toBe(name);
});

const isSecret = (field: TypedField | undefined): boolean =>
  field !== undefined && isSecretContent(field.content);

describe.each(fixtures)('%s', (_, fixture) => {
  const { connector, settings } = fixture;
  const [first] = fixture.datasets;
  const signal = (): AbortSignal => AbortSignal.timeout(15_000);
  let site: Site;
  beforeAll(async () => {
    site = await fixture.middle.start();
  });
  afterAll(() => site[Symbol.asyncDispose]());
  beforeEach(() => site.faults.clear());

  describe('declares', () => {
    it('datasets, settings and options with names that are unique and plain', () => {
      for (const list of [connector.datasets, connector.settings, connector.options]) {
        const names = list.map(({ name }) => name);
        expect(new Set(names).size).toBe(names.length);
        for (const name of names) expect(name).toMatch(/^[a-z][a-z0-9_]{0,40}$/);
      }
      for (const option of connector.options) {
        for (const name of option.datasets)
          expect(connector.datasets.map((each) => each.name)).toContain(name);
      }
      expect(connector.title).not.toBe('');
      // Empty where every server is somebody's own.
      expect(connector.defaultBaseUrl, 'the default address of the source').toMatch(/^(https:\/\/[^/]+|$)/);
    });

    it('ways to sign in, each kind once, whose fields say what they are for and are sealed apart from the rest', () => {
      const kinds = connector.signIn.map(({ kind }) => kind);
      expect(kinds.length).toBeGreaterThan(0);
      expect(new Set(kinds).size).toBe(kinds.length);
      for (const way of connector.signIn) {
        if (way.kind === 'oauth') continue;
        const names = way.fields.map(({ name }) => name);
        expect(new Set(names).size).toBe(names.length);
        for (const own of ['accessToken', 'refreshToken', 'origin', 'share'])
          expect(names).not.toContain(own);
        if (way.kind === 'none') continue;
        expect(way.fields.some(isSecret), 'one field at least is a secret').toBe(true);
        expect(isSecret(way.fields[0]), 'the first field names the account').toBe(false);
        for (const { label, help } of way.fields) expect([english(label), english(help)]).not.toContain('');
      }
      expect(connector.settings.filter(({ isScope }) => isScope).length).toBeLessThanOrEqual(1);
    });

    it('main tables that carry the dataset’s name', async () => {
      for (const { name, shape } of await specsFor(fixture, site)) {
        const { pages } = await readWhole(fixture, site, name);
        const record = pages[0]?.records[0];
        expect(record, `${name} has no record to look at`).toBeDefined();
        if (record) expect(shape.parts(record)[0]?.table).toBe(name);
      }
    });
  });

  describe.runIf(connector.signIn.some(({ kind }) => kind === 'password'))('sign-in with a password', () => {
    const sessions = (): Sessions => site.sessions as Sessions;

    it('gives a session that reads, says who signed in, and ends', async () => {
      const way = passwordOf(connector);
      const { token, isSession } = await openSession(way, sessions().typed, sessionDeps(connector, site));
      const tokens = { current: async () => token, renew: () => Promise.reject(new Error('refused')) };
      const http = httpFor(fixture, site, { tokens });
      const identity = await connector.identity({ http, signal: signal() });
      expect(identity.account).toBe(fixture.account);
      expect(identity.externalUserId).not.toBe('');
      expect(JSON.stringify(identity)).not.toContain(token);
      if (!isSession) return;
      expect(await endSession(way, token, sessionDeps(connector, site))).toBe(true);
      expect(sessions().isLive(token)).toBe(false);
    });

    it('says that a password is wrong, once, and repeats nothing of it', async () => {
      const { wrong } = sessions();
      const before = site.requests('sessions');
      const error = await openSession(passwordOf(connector), wrong, sessionDeps(connector, site)).then(
        () => expect.unreachable('a wrong password is refused'),
        (refusal: { code: string; message: string }) => refusal,
      );
      expect(error.code).toBe('PASSWORD_REFUSED');
      for (const value of Object.values(wrong)) expect(error.message).not.toContain(value);
      expect(site.requests('sessions') - before).toBe(1);
    });

    it.each([
      ['a server that fails', { kind: 'status', status: 502, times: 2 }],
      ['a portal of the network', { kind: 'html' }],
      ['half an answer', { kind: 'truncated' }],
      ['a connection that breaks', { kind: 'resetBeforeHeaders' }],
    ] as const)('gets over %s', async (_name, rule) => {
      site.faults.add({ ...rule, match: 'sessions' });
      const deps = { ...sessionDeps(connector, site), clock: skippingClock() };
      const { token } = await openSession(passwordOf(connector), sessions().typed, deps);
      expect(sessions().isLive(token)).toBe(true);
    });
  });

  it('says who reads, as far as anybody is', async () => {
    const identity = await connector.identity({ http: httpFor(fixture, site), signal: signal() });
    expect(identity.account).toBe(fixture.account);
  });

  it.runIf(connector.signIn[0]?.kind !== 'none')(
    'renews a sign-in that ran out in the middle, once, and loses nothing',
    async () => {
      const tokens = liveTokens(connector, site);
      const pages: Page[] = [];
      for await (const page of pagesOf(fixture, site, first.name, null, { tokens, pageSize: 10 })) {
        pages.push(page);
        if (pages.length === 2) endToken(site, tokens.access);
      }
      expect(tokens.renewals).toBe(1);
      expect(textsOf(pages)).toEqual(await expectedOf(site, first.name));
    },
  );

  describe.runIf(connector.signIn.some(({ kind }) => kind === 'oauth'))('sign-in in the browser', () => {
    const deps = (choice: 'allow' | 'deny') => ({
      ...endpointDeps(signal()),
      bytes: randomBytes,
      openUrl: scriptedBrowser(choice),
      onUrl: () => {},
    });

    it('gives tokens that read, and says who signed in', async () => {
      const tokens = await signIn(clientOf(connector, site), deps('allow'), async (fresh) => fresh);
      expect(tokens.refreshToken).not.toBeNull();
      const pair = { accessToken: tokens.accessToken, refreshToken: tokens.refreshToken ?? '' };
      const http = httpFor(fixture, site, { tokens: liveTokens(connector, site, pair) });
      const identity = await connector.identity({ http, signal: signal() });
      expect(identity.account).toBe(fixture.account);
      expect(identity.externalUserId).not.toBe('');
      expect(JSON.stringify(identity)).not.toContain(tokens.accessToken);
    });

    it('takes no for an answer', async () => {
      await expect(
        signIn(clientOf(connector, site), deps('deny'), async (fresh) => fresh),
      ).rejects.toMatchObject({
        code: 'OAUTH_DENIED',
      });
    });

    it('says that a revoked sign-in is over', async () => {
      const pair = issuedBy(connector, site);
      await revokeToken(clientOf(connector, site), pair.refreshToken, endpointDeps(signal()));
      const tokens = liveTokens(connector, site, pair);
      expect(await outcomeOf(readWhole(fixture, site, first.name, null, { tokens }))).toBe('SIGN_IN_EXPIRED');
      expect(tokens.renewals).toBe(1);
    });
  });

  describe('discovers', () => {
    it('what the account can see', async () => {
      const scopes = await connector.scopes({ http: httpFor(fixture, site), signal: signal() });
      expect(scopes.length).toBeGreaterThan(0);
      for (const { value, label } of scopes) expect([value, label]).not.toContain('');
      const [required] = connector.settings.filter((field) => field.required);
      if (required) expect(scopes.map(({ value }) => value)).toContain(settings[required.name]);
    });

    it('what a source has of its own, with how much of it there is, and says what is gone', async () => {
      const { discovery } = connector;
      if (discovery === undefined) return;
      const context = { http: httpFor(fixture, site), settings, signal: signal() };
      const found = await discovery.find(context);
      for (const { name } of fixture.datasets) {
        const dataset = found.find((each) => each.name === name);
        expect(dataset, `“${name}” is not found`).toBeDefined();
        expect(dataset?.label).not.toBe('');
        if (dataset?.total !== null) expect(dataset?.total).toBe((await expectedOf(site, name)).length);
      }
      const asked = { ...context, options: fixture.options };
      const gone = discovery.specs([fixture.datasets[0].name, 'there_is_no_such_thing'], asked);
      await expect(gone).rejects.toMatchObject({
        code: 'DATASET_GONE',
        message: expect.stringContaining('there_is_no_such_thing'),
      });
    });

    it('what can be chosen for its options', async () => {
      const choices = await connector.choices?.({ http: httpFor(fixture, site), settings, signal: signal() });
      const names = connector.options.map(({ name }) => name);
      for (const name of Object.keys(choices ?? {})) expect(names).toContain(name);
    });
  });

  describe('reads', () => {
    it.each(fixture.worlds)('$label: every record exactly once', async (world) => {
      await using own = await world.start();
      for (const { name } of fixture.datasets) {
        const whole = await readWhole(fixture, own, name);
        expect(whole.records, name).toEqual(await expectedOf(own, name));
        expect(new Set(whole.keys).size, `${name}: keys are unique`).toBe(whole.keys.length);
        for (const { total } of whole.pages) if (total !== null) expect(total).toBe(whole.records.length);
      }
    });

    it.each([2, 3, 10, 5000])('every record exactly once, %i a page', async (pageSize) => {
      for (const { name, kind } of fixture.datasets) {
        const before = site.requests(kind);
        const whole = await readWhole(fixture, site, name, null, { pageSize });
        expect(whole.records, name).toEqual(await expectedOf(site, name));
        expect(new Set(whole.keys).size).toBe(whole.keys.length);
        // A page, at most one request to find out something about it, and no more.
        expect(site.requests(kind) - before).toBeLessThanOrEqual(2 * whole.records.length + 40);
      }
    });

    it('from every page on, in another process, what is left and nothing twice', async () => {
      for (const { name } of fixture.datasets) {
        const expected = await expectedOf(site, name);
        const so: Page[] = [];
        for (const page of (await readWhole(fixture, site, name, null, { pageSize: 7 })).pages) {
          so.push(page);
          const rest = await readWhole(fixture, site, name, page.cursor, { pageSize: 7 });
          expect(textsOf([...so, ...rest.pages]), `${name} after ${so.length} pages`).toEqual(expected);
          const keys = [...so.flatMap((each) => keysOfPage(fixture, name, each)), ...rest.keys];
          expect(new Set(keys).size).toBe(keys.length);
        }
      }
    });

    it('also when it is cut off after each page and goes on with another page size', async () => {
      for (const { name } of fixture.datasets) {
        const so: Page[] = [];
        for (let size = 5; size < 200; size += 1) {
          const [page] = await firstPage(name, so.at(-1)?.cursor ?? null, size);
          if (!page) break;
          so.push(page);
        }
        expect(textsOf(so), name).toEqual(await expectedOf(site, name));
      }
    });

    it('an empty source as nothing, and no error', async () => {
      await using empty = await fixture.empty.start();
      for (const { name } of fixture.datasets) {
        const whole = await readWhole(fixture, empty, name);
        expect(whole.records, name).toEqual(await expectedOf(empty, name));
      }
    });

    it.each([true, false])('the same with compression %s', async (gzip) => {
      await using own = await fixture.middle.start({ gzip });
      expect((await readWhole(fixture, own, first.name)).records).toEqual(await expectedOf(site, first.name));
    });

    it('numbers with every digit that the source sent', async () => {
      expect(await changedNumbers(fixture, site)).toBeNull();
    });

    it('stops at once when told to, also while it waits for an answer', async () => {
      expect(await deafWhileWaiting(fixture, site)).toBeNull();
    });

    it('asks for nothing more once it was told to stop between two pages', async () => {
      for (const dataset of fixture.datasets)
        expect(await deafBetweenPages(fixture, site, dataset)).toBeNull();
    });

    const firstPage = async (name: string, cursor: Page['cursor'], pageSize: number): Promise<Page[]> => {
      for await (const page of pagesOf(fixture, site, name, cursor, { pageSize })) return [page];
      return [];
    };
  });
});
