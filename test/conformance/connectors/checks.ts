import { setTimeout as sleep } from 'node:timers/promises';
import type { Fixture, Site } from './fixture.ts';
import { outcomeOf, pagesOf, readWhole } from './harness.ts';

/* Checks that a connector with a usual mistake fails, each with a sentence for whoever wrote it; null when it passes. */

/** A double holds neither of them. */
const numbers = '12345678901234567891,1.10';

/** Whether numbers keep every digit that the source sent. */
export async function changedNumbers(fixture: Fixture, site: Site): Promise<string | null> {
  const [{ name }] = fixture.datasets;
  const numbered = `"of_the_suite":[${numbers}],${fixture.beforeText}`;
  const body = (text: Buffer): Buffer =>
    Buffer.from(text.toString('utf8').replaceAll(fixture.beforeText, numbered));
  const { pages } = await readWhole(fixture, site, name, null, { body });
  const sources = pages.flatMap(({ records }) => records.map((record) => record.source())).join();
  return sources.includes(`[${numbers}]`)
    ? null
    : `“${name}”: the source sent the numbers ${numbers}, and no record has them. Hand over values of parseDocument; JSON.parse changes numbers.`;
}

/** Whether a reading stops, within some seconds, when it is told to while the source does not answer. */
export async function deafWhileWaiting(
  fixture: Fixture,
  site: Site,
  patienceMs = 5000,
): Promise<string | null> {
  const [{ name, kind }] = fixture.datasets;
  const [stop, over] = [new AbortController(), new AbortController()];
  const before = site.requests(kind);
  site.faults.add({ match: kind, kind: 'hang', after: 1, times: 'always' });
  const reading = outcomeOf(readWhole(fixture, site, name, null, { pageSize: 5, signal: stop.signal }));
  while (site.requests(kind) < before + 2) await sleep(5);
  stop.abort();
  const late = sleep(patienceMs, 'nothing', { signal: over.signal }).catch(() => 'nothing');
  const outcome = await Promise.race([reading, late]);
  over.abort();
  site.faults.clear();
  return outcome === 'CANCELLED'
    ? null
    : `“${name}”: told to stop while the source did not answer, it ended with ${outcome}. Pass the signal of the context to every http.get.`;
}

/** Whether a reading asks for anything more after it was told to stop between two pages. */
export async function deafBetweenPages(
  fixture: Fixture,
  site: Site,
  { name, kind }: Fixture['datasets'][number],
): Promise<string | null> {
  const stop = new AbortController();
  const pages = pagesOf(fixture, site, name, null, { pageSize: 3, signal: stop.signal });
  await pages.next();
  stop.abort();
  const before = site.requests(kind);
  const rest = async (): Promise<void> => {
    for await (const _ of pages);
  };
  const outcome = await outcomeOf(rest());
  const asked = site.requests(kind) - before;
  return asked === 0 && ['CANCELLED', 'read'].includes(outcome)
    ? null
    : `“${name}”: told to stop between two pages, it sent ${asked} more requests and ended with ${outcome}. Pass the signal of the context to every http.get.`;
}
