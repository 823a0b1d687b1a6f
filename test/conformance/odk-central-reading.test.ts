import { describe, expect, it } from 'vitest';
import type { Page } from '../../main/connectors/connector.ts';
import { odkCentral } from '../../main/connectors/odk-central/index.ts';
import { createOdkSimulator, type OdkSimulator } from '../simulators/odk-central/index.ts';
import type { JsonObject } from '../simulators/shared/types.ts';
import type { Fixture, Site } from './connectors/fixture.ts';
import { pagesOf } from './connectors/harness.ts';
import { fixture as base } from './connectors/odk_central/fixture.ts';

/* Submissions that come, change and go while a form is read, with pages by token and by number. */

const fixture: Fixture = { ...base, datasets: [{ name: 'h', kind: 'submissions' }] };

async function form(submissions: number, pagesBySkip: boolean): Promise<{ sim: OdkSimulator; site: Site }> {
  const sim = await createOdkSimulator({
    projects: [{ id: 7, name: 'P', forms: [{ xmlFormId: 'h', name: 'H', submissions }] }],
    pagesBySkip,
  });
  const site: Site = {
    url: sim.url,
    faults: sim.faults,
    sessions: {
      ...{ typed: {}, wrong: {}, issue: () => sim.issueSession(), expire: () => {}, isLive: () => true },
      refuse: () => () => {},
    },
    requests: (kind) => sim.stats.requests[kind as 'submissions'],
    records: () => sim.form(7, 'h').records(),
    [Symbol.asyncDispose]: () => sim.close(),
  };
  return { sim, site };
}

const idsOf = (records: readonly unknown[]): string[] =>
  records.map((each) => String((each as JsonObject)['__id']));

/** What the tables hold in the end: the last state that was handed over of each submission. */
function landed(pages: readonly Page[]): Map<string, string> {
  const rows = new Map<string, string>();
  for (const { records } of pages)
    for (const record of records) rows.set(record.get('__id')?.text() ?? '', record.source());
  return rows;
}

/** Reads a form ten a page, and does something after the third page, once. */
async function readWhile(site: Site, change: () => void): Promise<Page[]> {
  const pages: Page[] = [];
  for await (const page of pagesOf(fixture, site, 'h', null, { pageSize: 10 })) {
    pages.push(page);
    if (pages.length === 3) change();
  }
  return pages;
}

describe.each([
  ['a token', false],
  ['a number to skip', true],
])('pages that are placed by %s', (_, pagesBySkip) => {
  it('lose nothing when submissions come meanwhile; those are read the next time', async () => {
    const { sim, site } = await form(65, pagesBySkip);
    await using _site = site;
    const before = idsOf(sim.form(7, 'h').records());
    const rows = landed(await readWhile(site, () => sim.form(7, 'h').add(7)));
    for (const id of before) expect(rows.has(id)).toBe(true);
  });

  it('lose nothing when some are deleted that were read already', async () => {
    const { sim, site } = await form(65, pagesBySkip);
    await using _site = site;
    const rows = landed(
      await readWhile(site, () => {
        for (let n = 0; n < 12; n += 1) sim.form(7, 'h').remove(4);
      }),
    );
    for (const id of idsOf(sim.form(7, 'h').records())) expect(rows.has(id), id).toBe(true);
  });

  it('have the later state of one that is edited after it was read, if it is read again, and never half of one', async () => {
    const { sim, site } = await form(45, pagesBySkip);
    await using _site = site;
    const rows = landed(await readWhile(site, () => sim.form(7, 'h').edit(40, { village: 'Elsewhere' })));
    const edited = sim.form(7, 'h').records()[40] as JsonObject;
    expect(JSON.parse(rows.get(String(edited['__id'])) ?? '{}')).toEqual(edited);
    expect(rows.size).toBe(45);
  });
});

it('a place that was deleted for good is left, and everything is read once more', async () => {
  const { sim, site } = await form(65, false);
  await using _site = site;
  const rows = landed(await readWhile(site, () => sim.form(7, 'h').purge(29)));
  for (const id of idsOf(sim.form(7, 'h').records())) expect(rows.has(id), id).toBe(true);
});

it('a server that refuses every place is given up on, with what it said', async () => {
  const { sim, site } = await form(65, false);
  await using _site = site;
  const body = '{"message":"Record associated with the provided $skiptoken not found.","code":400.34}';
  sim.faults.add({ match: /skiptoken/, kind: 'status', status: 400, body, times: 'always' });
  await expect(readWhile(site, () => {})).rejects.toMatchObject({
    code: 'SOURCE_BAD_ANSWER',
    message: expect.stringContaining('not found'),
  });
  expect(sim.stats.requests.submissions).toBeLessThan(20);
});

it('a list that never stands still is given up on', async () => {
  const { sim, site } = await form(65, true);
  await using _site = site;
  const reading = async (): Promise<void> => {
    let pages = 0;
    for await (const _page of pagesOf(fixture, site, 'h', null, { pageSize: 10 })) {
      pages += 1;
      if (pages % 3 === 0) sim.form(7, 'h').add(1);
    }
  };
  await expect(reading()).rejects.toMatchObject({
    code: 'SOURCE_BAD_ANSWER',
    advice: expect.stringContaining('ODK Central'),
  });
});

describe('what the server says', () => {
  it.each([
    [403, '{"message":"no","code":403.1}', 'SOURCE_FORBIDDEN'],
    [404, '{"message":"no","code":404.1}', 'DATASET_GONE'],
    [404, '<html>', 'SOURCE_BAD_ANSWER'],
    [429, '', 'SOURCE_RATE_LIMITED'],
    [503, '', 'SOURCE_FAILING'],
  ])('%i %s is told as %s', async (status, body, code) => {
    const { sim, site } = await form(5, false);
    await using _site = site;
    const headers = status === 429 ? { 'Retry-After': '3600' } : {};
    sim.faults.add({ match: 'submissions', kind: 'status', status, body, headers, times: 'always' });
    await expect(readWhile(site, () => {})).rejects.toMatchObject({
      code,
      advice: expect.stringMatching(/\w/),
    });
  });

  it.each([
    ['https://central.example.org', 'https://central.example.org', {}],
    ['https://central.example.org/v1', 'https://central.example.org', {}],
    ['https://example.org/odk/projects/12/forms/a%20b', 'https://example.org/odk', { project: '12' }],
    [
      'https://central.example.org/v1/projects/3/forms/x.svc',
      'https://central.example.org',
      { project: '3' },
    ],
  ])('of an address %s only where the server is, and the project', (address, baseUrl, settings) => {
    expect(odkCentral.tidyAddress?.(address)).toEqual({ baseUrl, settings });
  });
});
