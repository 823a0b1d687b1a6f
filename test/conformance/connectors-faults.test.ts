import { isDeepStrictEqual } from 'node:util';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { Page } from '../../main/connectors/connector.ts';
import type { FaultRule } from '../simulators/shared/types.ts';
import { keptLog } from '../support/parts.ts';
import { fixtures } from './connectors/all.ts';
import type { Site } from './connectors/fixture.ts';
import {
  expectedOf,
  liveTokens,
  outcomeOf,
  pagesOf,
  readWhole,
  skippingClock,
  textsOf,
} from './connectors/harness.ts';

/* What every connector must do when its source, or the network before it, misbehaves. */

/** More than a page may have, compressed to next to nothing. */
const tooLarge = gzipSync(Buffer.alloc(130 * 1024 * 1024, ' '), { level: 1 });

describe.each(fixtures)('%s', (_, fixture) => {
  const { connector } = fixture;
  const [first] = fixture.datasets;
  let site: Site;
  beforeAll(async () => {
    site = await fixture.middle.start();
  });
  afterAll(() => site[Symbol.asyncDispose]());
  beforeEach(() => site.faults.clear());

  describe('rides out', () => {
    const passing: readonly (readonly [string, Omit<FaultRule, 'match'>])[] = [
      ['bodies cut off', { kind: 'cut', after: 1, times: 3 }],
      ['halves of bodies that look whole', { kind: 'truncated', after: 1, times: 3 }],
      ['500s', { kind: 'status', status: 500, after: 1, times: 3 }],
      ['a gateway that times out', { kind: 'status', status: 504, body: '<html>', times: 2 }],
      ['JSON that is none', { kind: 'wrongJson', after: 2, times: 2 }],
      ['JSON of another kind', { kind: 'wrongJson', body: '[1, "two"]', after: 2 }],
      ['a JSON text and more behind it', { kind: 'wrongJson', body: '{"results": []} {"next": null}' }],
      ['an empty body', { kind: 'wrongJson', body: '' }],
      ['connections that break', { kind: 'resetBeforeHeaders', times: 2 }],
      ['a portal of the network', { kind: 'html', after: 1 }],
      [
        'a portal that redirects',
        { kind: 'status', status: 302, headers: { location: 'http://portal.test/' } },
      ],
      [
        'another content type',
        { kind: 'wrongJson', headers: { 'Content-Type': 'text/csv' }, body: 'id,name\r\n1,a\r\n' },
      ],
      [
        'bytes that are no UTF-8',
        { kind: 'wrongJson', body: Buffer.from([0x7b, 0x22, 0xc3, 0x28, 0x22, 0x7d]) },
      ],
      ['a bare NUL', { kind: 'wrongJson', body: '{"a": "\0"}' }],
      ['slow answers', { kind: 'slow', ms: 30, times: 4 }],
      ['bodies that drip', { kind: 'slow', ms: 5, drip: true, times: 2 }],
      [
        '429 with a time',
        { kind: 'status', status: 429, headers: { 'Retry-After': '0.3' }, after: 1, times: 2 },
      ],
    ];
    it.each(passing)('%s', async (_name, rule) => {
      site.faults.add({ ...rule, match: first.kind });
      const fired = site.faults.fired;
      const whole = await readWhole(fixture, site, first.name, null, { pageSize: 15 });
      expect(site.faults.fired).toBeGreaterThan(fired);
      expect(whole.records).toEqual(await expectedOf(site, first.name));
    });

    it('a page that comes a second time, once', async () => {
      const pages = await readWhole(fixture, site, first.name, null, { pageSize: 15 });
      const fired = site.faults.fired;
      // In place of each answer after the first one that is followed by more.
      for (let after = 1; after < pages.pages.length; after += 1) {
        site.faults.clear();
        site.faults.add({ match: first.kind, kind: 'repeat', after, times: 1 });
        const whole = await readWhole(fixture, site, first.name, null, { pageSize: 15 });
        const same = isDeepStrictEqual(whole.records, await expectedOf(site, first.name));
        expect({ after, same }).toEqual({ after, same: true });
      }
      expect(site.faults.fired).toBeGreaterThan(fired);
    });

    it('503 with a time that is not long', async () => {
      const headers = { 'Retry-After': '0.2' };
      site.faults.add({ match: first.kind, kind: 'status', status: 503, headers, after: 1, times: 3 });
      const whole = await readWhole(fixture, site, first.name, null, { pageSize: 15 });
      expect(whole.records).toEqual(await expectedOf(site, first.name));
    });

    it('429 without a time, or asks to be called again later', async () => {
      site.faults.add({ match: first.kind, kind: 'status', status: 429, body: '', after: 1 });
      const code = await outcomeOf(readWhole(fixture, site, first.name, null, { pageSize: 15 }));
      expect(['read', 'SOURCE_RATE_LIMITED']).toContain(code);
    });

    it('NULs in texts, which stay what they are', async () => {
      const body = (text: Buffer): Buffer =>
        Buffer.from(text.toString('utf8').replaceAll(fixture.beforeText, `${fixture.beforeText}\\u0000`));
      const whole = await readWhole(fixture, site, first.name, null, { body });
      expect(whole.records).toHaveLength((await expectedOf(site, first.name)).length);
      expect(whole.records.join('')).toContain('\\u0000');
    });
  });

  describe('gives up with', () => {
    const lasting: readonly (readonly [string, string, Omit<FaultRule, 'match'>])[] = [
      ['SOURCE_FAILING', 'nothing but 500s', { kind: 'status', status: 500 }],
      ['SOURCE_BAD_ANSWER', 'nothing but halves of bodies', { kind: 'truncated' }],
      ['SOURCE_UNREACHABLE', 'nothing but cut bodies', { kind: 'cut' }],
      ['SOURCE_LOGIN_PAGE', 'nothing but a portal', { kind: 'html' }],
      [
        'SOURCE_RATE_LIMITED',
        'maintenance that ends in twenty minutes',
        { kind: 'status', status: 503, headers: { 'Retry-After': '1200' } },
      ],
      [
        'SOURCE_RATE_LIMITED',
        'an hour to wait',
        { kind: 'status', status: 429, headers: { 'Retry-After': '3600' } },
      ],
    ];
    it.each(lasting)('%s on %s, and what was handed over before counts', async (code, _name, rule) => {
      site.faults.add({ ...rule, match: first.kind, after: 2, times: 'always' });
      const so: Page[] = [];
      const clock = skippingClock();
      const reading = async (): Promise<void> => {
        for await (const page of pagesOf(fixture, site, first.name, null, { pageSize: 8, clock }))
          so.push(page);
      };
      await expect(reading()).rejects.toMatchObject({ code, advice: expect.stringMatching(/\w/) });
      site.faults.clear();
      const rest = await readWhole(fixture, site, first.name, so.at(-1)?.cursor ?? null);
      expect(textsOf([...so, ...rest.pages])).toEqual(await expectedOf(site, first.name));
    });

    it('SOURCE_BAD_ANSWER on half an answer, which is never taken for the end of any dataset', async () => {
      for (const { name, kind } of fixture.datasets) {
        site.faults.clear();
        site.faults.add({ match: kind, kind: 'truncated', times: 'always' });
        expect(await outcomeOf(readWhole(fixture, site, name)), name).toBe('SOURCE_BAD_ANSWER');
        site.faults.clear();
        site.faults.add({ match: kind, kind: 'truncated', times: 2 });
        expect((await readWhole(fixture, site, name)).records, name).toEqual(await expectedOf(site, name));
      }
    });

    it.runIf(connector.signIn[0]?.kind !== 'none')('no secret in its error or in the log', async () => {
      const { log, lines } = keptLog();
      const tokens = liveTokens(connector, site);
      // A server that repeats what it was sent.
      const body = JSON.stringify({ detail: tokens.access, error: tokens.access });
      for (const status of [400, 401, 403, 404, 406, 500]) {
        site.faults.clear();
        site.faults.add({ match: first.kind, kind: 'status', status, body, times: 'always' });
        await readWhole(fixture, site, first.name, null, { tokens, log }).then(
          () => expect.unreachable(`${status} is an error`),
          (error: Error) => lines.push(`${error.message} ${String(error.cause)}`),
        );
      }
      expect(lines.length).toBeGreaterThan(5);
      expect(lines.join('\n')).not.toContain(tokens.first);
    });

    it('SOURCE_BAD_ANSWER on an answer that is too large, before it is in memory', async () => {
      site.faults.add({
        match: first.kind,
        kind: 'wrongJson',
        body: tooLarge,
        headers: { 'Content-Encoding': 'gzip' },
        times: 'always',
      });
      await expect(readWhole(fixture, site, first.name)).rejects.toMatchObject({
        code: 'SOURCE_BAD_ANSWER',
        message: expect.stringContaining('128 MB'),
      });
    });

    it('SOURCE_BAD_ANSWER on a page that comes again and again', async () => {
      site.faults.add({ match: first.kind, kind: 'repeat', after: 3, times: 'always' });
      const before = site.requests(first.kind);
      const reading = readWhole(fixture, site, first.name, null, { pageSize: 5 });
      expect(await outcomeOf(reading)).toBe('SOURCE_BAD_ANSWER');
      expect(site.requests(first.kind) - before).toBeLessThan(60);
    });
  });
});
