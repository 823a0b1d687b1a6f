import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { request } from 'node:http';
import { createInterface } from 'node:readline';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { FaultRule, RecordedRequest } from '../simulators/commcare-hq/index.ts';
import { type FormPage, type Running, SMALL, start } from './commcare-hq-simulator-support.ts';

const FORMS = '/a/demo/api/form/v1/?limit=50';
let hq: Running;
const asked: RecordedRequest[] = [];
beforeAll(async () => {
  hq = await start({ domains: [SMALL], onRequest: (record) => void asked.push(record) });
});
afterAll(() => hq.sim.close());
beforeEach(() => hq.sim.faults.clear());

const forms = (): Promise<Response> => hq.get(FORMS);
const outcome = async (): Promise<string> => {
  try {
    const response = await forms();
    const text = await response.text();
    return `${response.status} ${text.length > 1000}`;
  } catch (error) {
    return error instanceof TypeError ? 'broken' : String(error);
  }
};

describe('faults', () => {
  it('cuts an answer in half after announcing its whole length', async () => {
    const whole = (await (await hq.get(FORMS, { 'Accept-Encoding': 'identity' })).arrayBuffer()).byteLength;
    hq.sim.faults.add({ match: 'form', kind: 'cut' });
    const seen = await new Promise<{ length: number; bytes: number; error: string }>((resolve) => {
      let bytes = 0;
      request(hq.sim.url + FORMS, { headers: { Authorization: `Bearer ${hq.token}` } }, (response) => {
        response.on('data', (chunk: Buffer) => {
          bytes += chunk.length;
        });
        response.on('error', (error) =>
          resolve({ length: Number(response.headers['content-length']), bytes, error: error.message }),
        );
      }).end();
    });
    expect(seen).toEqual({ length: whole, bytes: Math.floor(whole / 2), error: 'aborted' });
    expect(await outcome()).toBe('200 true');
  });

  it('cuts compressed answers too', async () => {
    hq.sim.faults.add({ match: 'form', kind: 'cut' });
    expect(await outcome()).toBe('broken');
  });

  it('answers with any status, body and headers', async () => {
    hq.sim.faults.add({
      match: 'form',
      kind: 'status',
      status: 503,
      body: 'later',
      headers: { 'Retry-After': '2' },
    });
    const response = await forms();
    expect([response.status, response.headers.get('retry-after'), await response.text()]).toEqual([
      503,
      '2',
      'later',
    ]);
  });

  it('counts after and times, per rule', async () => {
    hq.sim.faults.add({ match: 'form', kind: 'status', after: 2, times: 2 });
    const statuses: number[] = [];
    for (let i = 0; i < 6; i += 1) statuses.push((await forms()).status);
    expect(statuses).toEqual([200, 200, 500, 500, 200, 200]);
    hq.sim.faults.add({ match: /offset=100$/, kind: 'status', status: 502, times: 'always' });
    expect((await hq.get(`${FORMS}&offset=100`)).status).toBe(502);
    expect((await hq.get(`${FORMS}&offset=100`)).status).toBe(502);
    expect((await hq.get(`${FORMS}&offset=150`)).status).toBe(200);
    expect(hq.sim.faults.fired).toBeGreaterThanOrEqual(4);
  });

  it('sends broken JSON, or JSON of the wrong shape', async () => {
    hq.sim.faults.add(
      { match: 'form', kind: 'wrongJson' },
      { match: 'form', kind: 'wrongJson', body: '{"objects":7}' },
    );
    const broken = await forms();
    expect(broken.headers.get('content-type')).toBe('application/json');
    await expect(broken.json()).rejects.toThrow(SyntaxError);
    expect(await (await forms()).json()).toEqual({ objects: 7 });
  });

  it('sends a login page with 200', async () => {
    hq.sim.faults.add({ match: 'form', kind: 'html' });
    const response = await forms();
    expect([response.status, response.headers.get('content-type')]).toEqual([
      200,
      'text/html; charset=utf-8',
    ]);
    expect(await response.text()).toContain('Log In');
  });

  it('answers late, or drop by drop', async () => {
    hq.sim.faults.add(
      { match: 'form', kind: 'slow', ms: 80 },
      { match: 'form', kind: 'slow', ms: 10, drip: true },
    );
    for (const least of [75, 90]) {
      const began = performance.now();
      expect(((await (await forms()).json()) as FormPage).objects).toHaveLength(50);
      expect(performance.now() - began).toBeGreaterThan(least);
    }
  });

  it('never answers', async () => {
    hq.sim.faults.add({ match: 'form', kind: 'hang' });
    await expect(fetch(hq.sim.url + FORMS, { signal: AbortSignal.timeout(60) })).rejects.toThrow('timeout');
    expect(await outcome()).toBe('200 true');
  });

  it('resets the connection before the headers', async () => {
    hq.sim.faults.add({ match: 'form', kind: 'resetBeforeHeaders' });
    await expect(forms()).rejects.toThrow('fetch failed');
    expect(await outcome()).toBe('200 true');
  });

  it('loses the answer of a refresh that took effect', async () => {
    const pair = hq.sim.oauth.issueTokens();
    const body = new URLSearchParams({
      grant_type: 'refresh_token',
      refresh_token: pair.refreshToken,
      client_id: 'headgate-desktop',
    });
    const refresh = (): Promise<Response> => fetch(`${hq.sim.url}/oauth/token/`, { method: 'POST', body });
    hq.sim.faults.add({ match: 'token', kind: 'status', status: 502 });
    expect((await refresh()).status).toBe(502);
    hq.sim.faults.add({ match: 'token', kind: 'resetBeforeHeaders', processed: true });
    await expect(refresh()).rejects.toThrow('fetch failed');
    expect([(await refresh()).status]).toEqual([400]);
  });

  it('refuses a fault it does not know', () => {
    expect(() => hq.sim.faults.add({ match: 'form', kind: 'explode' } as unknown as FaultRule)).toThrow(
      'Unknown fault kind',
    );
  });

  it('delays everything by the latency', async () => {
    hq.sim.faults.setLatency(40);
    const began = performance.now();
    await forms();
    expect(performance.now() - began).toBeGreaterThan(35);
    hq.sim.faults.setLatency(0);
  });

  it('closes at once, whatever hangs', async () => {
    const own = await start({ domains: [SMALL] });
    own.sim.faults.add({ match: 'form', kind: 'hang' }, { match: 'form', kind: 'slow', ms: 60_000 });
    const waiting = [1, 2].map(() => own.get(FORMS).catch(() => 'gone'));
    while (own.sim.stats.inFlight < 2) await new Promise((resolve) => setTimeout(resolve, 5));
    await own.sim.close();
    expect(await Promise.all(waiting)).toEqual(['gone', 'gone']);
  });
});

describe('what it tells', () => {
  it('counts requests and bytes and remembers paths without credentials', async () => {
    const before = hq.sim.stats.requests.form;
    const response = await hq.get(FORMS, { 'Accept-Encoding': 'identity' });
    const size = (await response.arrayBuffer()).byteLength;
    expect(hq.sim.stats.requests.form).toBe(before + 1);
    expect(hq.sim.stats.recent.at(-1)).toEqual({
      kind: 'form',
      method: 'GET',
      path: FORMS,
      nth: before + 1,
      status: 200,
      bytes: size,
    });
    expect(asked.at(-1)).toMatchObject({ kind: 'form', nth: before + 1 });
    expect(JSON.stringify(hq.sim.stats)).not.toContain(hq.token);
    expect(hq.sim.stats.inFlight).toBe(0);
  });

  it('compresses when the client accepts it, but not rows kept serialised unless asked', async () => {
    const encoding = async (reader: Running, accept: string): Promise<string | null> => {
      const response = await reader.get(FORMS, { 'Accept-Encoding': accept });
      await response.arrayBuffer();
      return response.headers.get('content-encoding');
    };
    expect(await encoding(hq, 'gzip')).toBe('gzip');
    expect(await encoding(hq, 'identity')).toBeNull();
    await using kept = await start({ domains: [SMALL], preserialise: true });
    expect(await encoding(kept, 'gzip')).toBeNull();
    await using both = await start({ domains: [SMALL], preserialise: true, gzip: true });
    expect(await encoding(both, 'gzip')).toBe('gzip');
    await using never = await start({ domains: [SMALL], gzip: false });
    expect(await encoding(never, 'gzip')).toBeNull();
    expect(await kept.text(FORMS)).toBe(await hq.text(FORMS));
    kept.sim.domain('demo').warm('form');
    expect(await kept.text(FORMS)).toBe(await hq.text(FORMS));
  });
});

describe('as a process of its own', () => {
  it('serves, is controlled over HTTP and ends with its parent', async () => {
    const script = new URL('../simulators/commcare-hq/serve.ts', import.meta.url).pathname;
    const child = spawn(
      process.execPath,
      [script, '--domain', 'demo:forms=60,cases=30,seed=7', '--domain', 'other:forms=1,cases=1'],
      {
        stdio: ['pipe', 'pipe', 'inherit'],
      },
    );
    const ended = once(child, 'exit');
    const [line] = (await once(createInterface(child.stdout), 'line')) as [string];
    const { url } = JSON.parse(line) as { url: string };
    expect(url).toMatch(/^http:\/\/127\.0\.0\.1:\d+$/);
    const control = async (action: string, body?: unknown): Promise<Record<string, unknown>> => {
      const response = await fetch(
        `${url}/_sim/${action}`,
        body === undefined ? {} : { method: 'POST', body: JSON.stringify(body) },
      );
      return (await response.json()) as Record<string, unknown>;
    };
    const pair = await control('tokens', {});
    const get = (path: string): Promise<Response> =>
      fetch(url + path, { headers: { Authorization: `Bearer ${String(pair['accessToken'])}` } });
    expect(((await (await get('/a/demo/api/form/v1/')).json()) as FormPage).meta.total_count).toBe(60);
    await control('faults', [{ match: 'form', kind: 'status', status: 418, times: 2 }]);
    expect((await get('/a/demo/api/form/v1/')).status).toBe(418);
    await control('clear', {});
    expect((await get('/a/demo/api/form/v1/')).status).toBe(200);
    await control('change', { domain: 'demo', action: 'add', count: 5 });
    expect(((await (await get('/a/demo/api/form/v1/')).json()) as FormPage).meta.total_count).toBe(65);
    expect(await control('faults', { match: 'form', kind: 'nothing' })).toEqual({
      error: 'Unknown fault kind nothing',
    });
    expect(await control('stats')).toMatchObject({ requests: { form: 4 }, fired: 1 });
    child.stdin.end();
    expect(await ended).toEqual([0, null]);
  });
});
