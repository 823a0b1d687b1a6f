import { describe, expect, it } from 'vitest';
import { commcare } from '../../main/connectors/commcare/index.ts';
import { createHttp, type Gate } from '../../main/connectors/http.ts';
import { RateLimited } from '../../main/retries.ts';
import { byFetch } from '../support/exchanges.ts';
import { keptLog } from '../support/parts.ts';

/** A source that answers as told, on a clock that passes only while somebody waits. */
function source(answers: Response[], gate?: Gate) {
  const time = { now: Date.parse('2026-03-01T08:00:00.000Z'), slept: [] as number[], requests: 0 };
  const told: (number | null)[] = [];
  const http = createHttp({
    baseUrl: 'https://hq.org',
    connector: commcare,
    tokens: { current: async () => 'token', renew: async () => 'token' },
    exchange: byFetch(async () => {
      time.requests += 1;
      return answers.shift() ?? new Response('{}', { headers: { 'content-type': 'application/json' } });
    }),
    clock: {
      now: () => time.now,
      sleep: async (ms) => {
        time.slept.push(ms);
        time.now += ms;
      },
    },
    random: () => 1,
    log: keptLog().log,
    onWait: (until) => void told.push(until),
    ...(gate ? { gate } : {}),
  });
  const get = (path = '/a/demo/api/x'): Promise<string> =>
    http.get(path, (body) => body.toString(), new AbortController().signal);
  return { time, told, get };
}
const limited = (after?: string): Response =>
  new Response('', { status: 429, headers: after === undefined ? {} : { 'retry-after': after } });

describe('a rate limit', () => {
  it('of up to five seconds in all is sat out inside the request, and said', async () => {
    const one = source([limited('2'), limited('2.5')]);
    expect(await one.get()).toBe('{}');
    expect(one.time.slept).toEqual([2000, 2500]);
    expect(one.told.filter((until) => until === null)).toHaveLength(2);
  });

  it('of more is handed on with its time, before anybody waits', async () => {
    const one = source([limited('90')]);
    const error = (await one.get().catch((thrown: unknown) => thrown)) as RateLimited;
    expect(error).toBeInstanceOf(RateLimited);
    expect(error).toMatchObject({ code: 'SOURCE_RATE_LIMITED', until: one.time.now + 90_000 });
    expect(error.message).toContain('90 seconds');
    expect(one.time.slept).toEqual([]);
  });

  it('counts the waits of one request together', async () => {
    const one = source([limited('3'), limited('3')]);
    expect(await one.get().catch((thrown: RateLimited) => thrown.until)).toBe(one.time.now + 3000);
    expect(one.time.slept).toEqual([3000]);
  });

  it('without a time is tried shortly, then handed on without one', async () => {
    const one = source(Array.from({ length: 9 }, () => limited()));
    expect(await one.get().catch((thrown: RateLimited) => thrown.until)).toBeNull();
    expect(one.time.slept).toEqual([1000, 2000]);
  });

  it('of zero seconds, again and again, does not become a tight loop', async () => {
    const one = source(Array.from({ length: 1000 }, () => limited('0')));
    expect(await one.get().catch((thrown: RateLimited) => thrown.code)).toBe('SOURCE_RATE_LIMITED');
    expect(one.time.requests).toBeLessThanOrEqual(101);
  });

  it('of a year is asked about again in a day', async () => {
    const one = source([limited(String(365 * 86_400))]);
    expect(await one.get().catch((thrown: RateLimited) => thrown.until)).toBe(one.time.now + 86_400_000);
  });
});

describe('a server that is down for maintenance', () => {
  const down = (after?: string): Response =>
    new Response('', { status: 503, headers: after === undefined ? {} : { 'retry-after': after } });

  it('and says until when is asked again then', async () => {
    const one = source([down('1200')]);
    const error = (await one.get().catch((thrown: unknown) => thrown)) as RateLimited;
    expect(error).toMatchObject({ code: 'SOURCE_RATE_LIMITED', until: one.time.now + 1_200_000 });
    expect(error.message).toBe('hq.org asks to wait 20 minutes, because of maintenance.');
    expect(one.time).toMatchObject({ slept: [], requests: 1 });
  });

  it('for seconds is waited for, and told to all who ask the same source', async () => {
    const heard: unknown[] = [];
    const gate: Gate = {
      enter: async () => 0,
      refused: () => void heard.push('refused'),
      closed: (until) => void heard.push(until),
    };
    const one = source([down('2')], gate);
    const begun = one.time.now;
    expect(await one.get()).toBe('{}');
    expect(one.time.slept).toEqual([2000]);
    expect(heard).toEqual([begun + 2000]);
  });

  it('and does not say so is tried again as any server that fails', async () => {
    const one = source([down(), down('soon')]);
    expect(await one.get()).toBe('{}');
    expect(one.time.slept).toHaveLength(2);
    const gone = source(Array.from({ length: 9 }, () => down()));
    expect(await gone.get().catch((thrown: { code: string }) => thrown.code)).toBe('SOURCE_FAILING');
  });
});

describe('a token', () => {
  const refused = (): Response => new Response('', { status: 401 });
  const failing = (): Response => new Response('', { status: 502 });

  it('that runs out once more while a page is tried again is renewed once more', async () => {
    const one = source([refused(), ...Array.from({ length: 4 }, failing), refused()]);
    expect(await one.get()).toBe('{}');
    expect(one.time.requests).toBe(7);
  });

  it('that is refused as soon as it is new is not asked for without end', async () => {
    const one = source(Array.from({ length: 9 }, refused));
    expect(await one.get().catch((thrown: { code: string }) => thrown.code)).toBe('SIGN_IN_EXPIRED');
    expect(one.time.requests).toBe(2);
  });
});

describe('the gate', () => {
  it('is asked before every request and told of every refusal', async () => {
    const heard: unknown[] = [];
    const gate: Gate = {
      async enter() {
        heard.push('enter');
        return 0;
      },
      refused: (until) => void heard.push(until),
      closed: () => void heard.push('closed'),
    };
    const one = source([limited('1'), limited()], gate);
    const begun = one.time.now;
    await one.get();
    expect(heard).toEqual(['enter', begun + 1000, 'enter', null, 'enter']);
  });

  it('keeps a request waiting for as long as a request may, and no request is sent meanwhile', async () => {
    let opens = 0;
    const gate: Gate = { enter: async () => opens, refused: () => {}, closed: () => {} };
    const one = source([], gate);
    opens = one.time.now + 4000;
    expect(await one.get()).toBe('{}');
    expect(one.time.slept).toEqual([4000]);
    opens = one.time.now + 6000;
    expect(await one.get().catch((thrown: RateLimited) => thrown.until)).toBe(opens);
    expect(one.time.requests).toBe(1);
  });

  it('is not asked for what is of no project space', async () => {
    const asked: string[] = [];
    const gate: Gate = {
      enter: async () => {
        asked.push('enter');
        return 0;
      },
      refused: () => void asked.push('refused'),
      closed: () => void asked.push('closed'),
    };
    const one = source([limited('1')], gate);
    expect(await one.get('/api/user_domains/v1/')).toBe('{}');
    expect(asked).toEqual([]);
  });
});
