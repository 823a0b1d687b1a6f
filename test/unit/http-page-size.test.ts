import { expect, it } from 'vitest';
import { commcare } from '../../main/connectors/commcare/index.ts';
import { createHttp, createPageSize } from '../../main/connectors/http.ts';
import { byFetch } from '../support/exchanges.ts';
import { keptLog } from '../support/parts.ts';

/** A source whose records have so many bytes each; nothing of them is sent but their length. */
function source(bytesEach: number) {
  const asked: number[] = [];
  const http = createHttp({
    baseUrl: 'https://hq.org',
    connector: commcare,
    tokens: { current: async () => 'token', renew: async () => 'token' },
    exchange: byFetch(async (input) => {
      const limit = Number(new URL(String(input)).searchParams.get('limit'));
      asked.push(limit);
      const length = limit * bytesEach > 128 * 1024 * 1024 ? String(limit * bytesEach) : '2';
      return new Response('{}', {
        headers: { 'content-type': 'application/json', 'content-length': length },
      });
    }),
    clock: { now: () => 0, sleep: async () => {} },
    random: () => 1,
    log: keptLog().log,
  });
  const size = createPageSize(1000, 50);
  const get = (): Promise<string> =>
    http.get(
      { size, path: (limit) => `/x?limit=${limit}` },
      (body) => body.toString(),
      new AbortController().signal,
    );
  return { asked, get };
}

it('asks for smaller pages when one is too long, and never for so long a one again', async () => {
  const one = source(1024 * 1024);
  expect(await one.get()).toBe('{}');
  expect(one.asked).toEqual([1000, 500, 250, 125]);
  for (let n = 0; n < 3; n += 1) await one.get();
  expect(one.asked.slice(4)).toEqual([125, 125, 125]);
});

it('says what to do when the smallest page is too long', async () => {
  const one = source(40 * 1024 * 1024);
  await expect(one.get()).rejects.toMatchObject({
    code: 'SOURCE_BAD_ANSWER',
    message: expect.stringMatching(/more than 128 MB, although only 50 records/),
    advice: expect.stringContaining('options of the link'),
  });
  expect(one.asked).toEqual([1000, 500, 250, 125, 62, 50]);
});
