import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { Page } from '../../main/connectors/connector.ts';
import { allConnectors } from '../../main/connectors/registry.ts';
import { revokeToken } from '../../main/oauth/endpoint.ts';
import { signIn } from '../../main/oauth/flow.ts';
import { scriptedBrowser } from '../../main/sample/consent.ts';
import { endpointDeps } from '../support/parts.ts';
import { fixtures } from './connectors/all.ts';
import { changedNumbers, deafBetweenPages, deafWhileWaiting } from './connectors/checks.ts';
import type { Site } from './connectors/fixture.ts';
import {
  clientOf,
  expectedOf,
  httpFor,
  keysOfPage,
  liveTokens,
  outcomeOf,
  pagesOf,
  readWhole,
  textsOf,
} from './connectors/harness.ts';

/* What every connector must do, whatever it reads. A connector joins by a folder of its own beside this file. */

it('every connector of the product has a fixture, in a folder called after it', () => {
  expect(fixtures.map(([name]) => name)).toEqual(
    expect.arrayContaining(allConnectors.map(({ type }) => type)),
  );
  for (const [name, { connector }] of fixtures) expect(connector.type).toBe(name);
});

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
      expect(connector.defaultBaseUrl, 'the default address of the source').toMatch(/^https:\/\/[^/]+/);
    });

    it('main tables that carry the dataset’s name', async () => {
      for (const { name } of fixture.datasets) {
        const shape = connector.datasets.find((each) => each.name === name)?.shape;
        const { pages } = await readWhole(fixture, site, name);
        const record = pages[0]?.records[0];
        expect(record, `${name} has no record to look at`).toBeDefined();
        if (record) expect(shape?.parts(record)[0]?.table).toBe(name);
      }
    });
  });

  describe('sign-in', () => {
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
      const identity = await connector.identity(http, signal());
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

    it('renews a token that ran out in the middle, once, and loses nothing', async () => {
      const tokens = liveTokens(connector, site);
      const pages: Page[] = [];
      for await (const page of pagesOf(fixture, site, first.name, null, { tokens, pageSize: 10 })) {
        pages.push(page);
        if (pages.length === 2) site.oauth.expire(tokens.access);
      }
      expect(tokens.renewals).toBe(1);
      expect(textsOf(pages)).toEqual(await expectedOf(site, first.name));
    });

    it('says that a revoked sign-in is over', async () => {
      const pair = site.oauth.issueTokens(undefined, { scope: connector.oauth.scopes.join(' ') });
      await revokeToken(clientOf(connector, site), pair.refreshToken, endpointDeps(signal()));
      const tokens = liveTokens(connector, site, pair);
      expect(await outcomeOf(readWhole(fixture, site, first.name, null, { tokens }))).toBe('SIGN_IN_EXPIRED');
      expect(tokens.renewals).toBe(1);
    });
  });

  describe('discovers', () => {
    it('what the account can see', async () => {
      const spaces = await connector.spaces(httpFor(fixture, site), signal());
      expect(spaces.length).toBeGreaterThan(0);
      for (const { value, label } of spaces) expect([value, label]).not.toContain('');
      const [required] = connector.settings.filter((field) => field.required);
      if (required) expect(spaces.map(({ value }) => value)).toContain(settings[required.name]);
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
