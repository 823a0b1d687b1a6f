import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { defineConnector, type Page, type ReadContext } from '../../main/connectors/connector.ts';
import { documentOf } from '../../main/connectors/document.ts';
import type { Json } from '../../main/connectors/json.ts';
import { changedNumbers, deafBetweenPages, deafWhileWaiting } from './connectors/checks.ts';
import { fixture as example } from './connectors/example/fixture.ts';
import { type Fixture, mistakesIn, type Site } from './connectors/fixture.ts';
import { outcomeOf, readWhole } from './connectors/harness.ts';

/* Usual mistakes of whoever writes a connector or its fixture: the suite finds them, and says what to do. */

let site: Site;
beforeAll(async () => {
  site = await example.middle.start();
});
afterAll(() => site[Symbol.asyncDispose]());

/** The example, read in another way. */
const reading = (read: (context: ReadContext) => AsyncGenerator<Page, void>): Fixture => ({
  ...example,
  connector: defineConnector({ ...example.connector, read: (_dataset, context) => read(context) }),
});

interface Wells {
  readonly wells: Json[];
  readonly from: string | null;
}

describe('a connector', () => {
  it('without a mistake passes', async () => {
    expect(await changedNumbers(example, site)).toBeNull();
    expect(await deafWhileWaiting(example, site)).toBeNull();
    expect(await deafBetweenPages(example, site, example.datasets[0])).toBeNull();
  });

  it('whose numbers went through JSON.parse is found', async () => {
    const parsing = reading(async function* ({ http, signal }) {
      const read = (body: Buffer): Wells => JSON.parse(body.toString('utf8')) as Wells;
      const { wells } = await http.get('/api/wells?limit=100&from=W0000', read, signal);
      yield { records: documentOf(wells).items(), cursor: null, total: null };
    });
    expect(await changedNumbers(parsing, site)).toContain('JSON.parse changes numbers');
  });

  it('that does not listen to its signal is found', async () => {
    const deaf = reading((context) =>
      example.connector.read('wells', { ...context, signal: new AbortController().signal }),
    );
    expect(await deafWhileWaiting(deaf, site, 300)).toContain('it ended with nothing. Pass the signal');
    expect(await deafBetweenPages(deaf, site, example.datasets[0])).toContain(
      'more requests and ended with read',
    );
  });

  it('whose simulator throws is told so, and not that its source fails', async () => {
    site.faults.add({
      match: 'wells',
      kind: 'status',
      status: 500,
      body: 'Simulator fault: no such well',
      times: 'always',
    });
    const outcome = await outcomeOf(readWhole(example, site, 'wells'));
    site.faults.clear();
    expect(outcome).toBe('The simulator threw while “wells” was read, /api/wells: no such well');
  });
});

describe('a fixture', () => {
  const { connector: _, ...without } = example;
  const wrong: readonly (readonly [string, Partial<Fixture> | undefined, string])[] = [
    ['that is not exported', undefined, 'exports nothing called “fixture”'],
    ['without a connector', without, '“connector” is missing'],
    [
      'without an address',
      { ...example, connector: { ...example.connector, defaultBaseUrl: 'wells' } },
      '“defaultBaseUrl” is “wells”; it must be an address that begins with https://',
    ],
    ['without a setting', { ...example, settings: {} }, '“settings” lacks “region”'],
    ['without sizes', { ...example, worlds: [] }, '“worlds” is empty'],
    [
      'with a dataset that there is not',
      { ...example, datasets: [{ name: 'well', kind: 'wells' }] },
      'has no dataset “well”; it has wells',
    ],
    [
      'with a kind that there is not',
      { ...example, datasets: [{ name: 'wells', kind: 'well' }] },
      'counts no requests of the kind “well”',
    ],
    ['whose source is small', { ...example, middle: example.empty }, '“middle” has 0 records of “wells”'],
    ['whose empty source is not', { ...example, empty: example.middle }, '“empty” has 47 records of “wells”'],
    [
      'that names no text',
      { ...example, beforeText: '"nom":"' },
      'has the piece of JSON “beforeText”: "nom":"',
    ],
  ];
  it.each(wrong)('%s is told what is wrong', async (_, fixture, said) => {
    expect((await mistakesIn('example', fixture)).join('\n')).toContain(`connectors/example/fixture.ts`);
    expect((await mistakesIn('example', fixture)).join('\n')).toContain(said);
  });

  it('in a folder of another name is told so', async () => {
    expect(await mistakesIn('wells', example)).toEqual([
      'connectors/wells/fixture.ts: it is in the folder “wells”, but its connector’s type is “example”.',
    ]);
  });
});
