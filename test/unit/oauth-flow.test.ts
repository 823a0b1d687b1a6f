import { createHash } from 'node:crypto';
import { request } from 'node:http';
import { connect } from 'node:net';
import { setTimeout as wait } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { commcareOAuth } from '../../main/connectors/commcare/index.ts';
import { AppError } from '../../main/errors.ts';
import { exchangeCode, type OAuthClient, type TokenSet } from '../../main/oauth/endpoint.ts';
import { type FlowDeps, signIn } from '../../main/oauth/flow.ts';
import { openReceiver } from '../../main/oauth/loopback.ts';
import { englishPages, signInPages } from '../../main/oauth/pages.ts';
import { scriptedBrowser } from '../../main/sample/consent.ts';
import { createWords, writtenIn } from '../../main/words.ts';
import { plain } from '../../preload/contract/said.ts';
import { createHqSimulator, type HqSimulatorOptions } from '../simulators/commcare-hq/index.ts';
import { byFetch } from '../support/exchanges.ts';
import { codeOf, endpointDeps, random } from '../support/parts.ts';

const domains = [{ name: 'demo', forms: 1, cases: 1, seed: 1 }];

async function simulator(options: Partial<HqSimulatorOptions> = {}) {
  const sim = await createHqSimulator({ domains, ...options });
  const client: OAuthClient = { baseUrl: sim.url, clientId: 'headgate-desktop', endpoints: commcareOAuth };
  const urls: string[] = [];
  const start = (change: Partial<FlowDeps> = {}, as: OAuthClient = client): Promise<TokenSet> => {
    const deps = {
      ...endpointDeps(),
      bytes: random,
      openUrl: scriptedBrowser('allow'),
      onUrl: (url: string) => void urls.push(url),
      timeoutMs: 5000,
      ...change,
    };
    return signIn(as, deps, async (tokens) => tokens);
  };
  const works = async (token: string): Promise<boolean> =>
    (await fetch(`${sim.url}/api/identity/v1/`, { headers: { authorization: `Bearer ${token}` } })).status ===
    200;
  return { sim, client, urls, start, works, [Symbol.asyncDispose]: () => sim.close() };
}

/** The address that the browser is to come back to. */
const redirectOf = (url: string | undefined): URL => {
  const asked = new URL(url as string);
  const back = new URL(asked.searchParams.get('redirect_uri') as string);
  back.searchParams.set('state', asked.searchParams.get('state') as string);
  return back;
};
const isOpen = (port: number): Promise<boolean> =>
  new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1', () => resolve(true)).once('error', () => resolve(false));
    socket.once('connect', () => socket.destroy());
  });
/** The status of a request made by hand; `closed` when there was no answer. */
const statusOf = (target: URL, options: { method?: string; headers?: Record<string, string> } = {}) =>
  new Promise<number | 'closed'>((resolve) => {
    request(target, options, (response) => {
      response.resume();
      resolve(response.statusCode ?? 0);
    })
      .once('error', () => resolve('closed'))
      .end();
  });
const state = 's'.repeat(32);
const pages = await englishPages();
const receiver = async (timeoutMs = 5000) => {
  const abort = new AbortController();
  const opened = await openReceiver(state, abort.signal, pages, timeoutMs);
  // Whoever has the answer says at once what came of it.
  opened.answer.then(
    () => opened.tell(true),
    () => {},
  );
  const back = new URL(opened.redirectUri);
  const good = new URL(`${opened.redirectUri}?state=${state}&code=the-code`);
  return { ...opened, abort, back, good, port: Number(back.port), [Symbol.dispose]: () => opened.close() };
};

describe('signing in', () => {
  it('ends with tokens that work, after one trip through the browser', async () => {
    await using hq = await simulator();
    const tokens = await hq.start();
    expect(await hq.works(tokens.accessToken)).toBe(true);
    expect(tokens).toMatchObject({ expiresIn: 900, scopes: ['access_apis'] });
    const asked = new URL(hq.urls[0] as string);
    expect(Object.fromEntries(asked.searchParams)).toMatchObject({
      response_type: 'code',
      client_id: 'headgate-desktop',
      scope: 'access_apis',
      code_challenge_method: 'S256',
      redirect_uri: expect.stringMatching(/^http:\/\/127\.0\.0\.1:\d+\/callback$/),
      state: expect.stringMatching(/^[\w-]{32}$/),
      code_challenge: expect.stringMatching(/^[\w-]{43}$/),
    });
    expect(await isOpen(Number(redirectOf(hq.urls[0]).port))).toBe(false);
  });

  it('proves itself with a verifier that only it knows, a new one each time', async () => {
    await using hq = await simulator();
    const verifiers: string[] = [];
    const seeing =
      (change: (body: URLSearchParams) => void): typeof fetch =>
      (input, init) => {
        const body = new URLSearchParams(String(init?.body));
        verifiers.push(body.get('code_verifier') as string);
        change(body);
        return fetch(input, { ...init, body: body.toString() });
      };
    await hq.start({ exchange: byFetch(seeing(() => {})) });
    await hq.start({ exchange: byFetch(seeing(() => {})) });
    expect(new Set(verifiers).size).toBe(2);
    verifiers.forEach((verifier, n) => {
      const asked = new URL(hq.urls[n] as string).searchParams;
      expect(createHash('sha256').update(verifier).digest('base64url')).toBe(asked.get('code_challenge'));
      expect(hq.urls[n]).not.toContain(verifier);
    });
    expect(new Set(hq.urls.map((url) => new URL(url).searchParams.get('state'))).size).toBe(2);
    // Whoever steals the code has no use for it.
    const stolen = (body: URLSearchParams): void => body.set('code_verifier', 'x'.repeat(43));
    expect(await codeOf(() => hq.start({ exchange: byFetch(seeing(stolen)) }))).toBe('OAUTH_CODE_EXPIRED');
    const without = (body: URLSearchParams): void => body.delete('code_verifier');
    expect(await codeOf(() => hq.start({ exchange: byFetch(seeing(without)) }))).toBe('OAUTH_FAILED');
  });

  it('says so when consent is denied, and closes its port', async () => {
    await using hq = await simulator();
    await expect(hq.start({ openUrl: scriptedBrowser('deny') })).rejects.toMatchObject({
      code: 'OAUTH_DENIED',
      kind: 'config',
    });
    expect(hq.sim.stats.requests.token).toBe(0);
    expect(await isOpen(Number(redirectOf(hq.urls[0]).port))).toBe(false);
  });

  it.each([
    ['Connected', async () => {}],
    ['Not connected', () => Promise.reject(new AppError('WRONG_ACCOUNT', plain('somebody else')))],
  ])('lets the browser say “%s” only once it is known', async (title, use) => {
    await using hq = await simulator();
    const pages: string[] = [];
    const used = Promise.withResolvers<void>();
    let early = true;
    const browser = async (url: string): Promise<void> => {
      const consent = new URL(url);
      const form = new URLSearchParams(consent.search);
      form.set('username', 'john@example.com');
      form.set('allow', 'Allow');
      const answer = await fetch(new URL(consent.pathname, consent), {
        ...{ method: 'POST', body: form, redirect: 'manual' },
      });
      const page = fetch(answer.headers.get('location') ?? '').then((response) => {
        early = false;
        return response.text();
      });
      pages.push(await page);
      used.resolve();
    };
    const deps = { ...endpointDeps(), bytes: random, openUrl: browser, onUrl: () => {}, timeoutMs: 5000 };
    let wasEarly = false;
    await signIn(hq.client, deps, async () => {
      wasEarly = early;
      await use();
    }).catch(() => {});
    await used.promise;
    expect(wasEarly).toBe(true);
    expect(pages).toEqual([expect.stringContaining(`<h1>${title}</h1>`)]);
  });

  it('says so when the code is too old', async () => {
    let now = Date.now();
    await using hq = await simulator({ clock: () => now });
    const late: typeof fetch = (input, init) => {
      now += 61_000;
      return fetch(input, init);
    };
    expect(await codeOf(() => hq.start({ exchange: byFetch(late) }))).toBe('OAUTH_CODE_EXPIRED');
  });

  it('says so when the source does not know its client', async () => {
    await using hq = await simulator();
    const unknown = { ...hq.client, clientId: 'somebody-else' };
    // The source shows the person an error page and never sends the browser back.
    expect(await codeOf(() => hq.start({ timeoutMs: 150 }, unknown))).toBe('OAUTH_TIMEOUT');
    const grant = { code: 'c', redirectUri: 'http://127.0.0.1:1/callback', verifier: 'v' };
    expect(await codeOf(() => exchangeCode(unknown, grant, endpointDeps()))).toBe('OAUTH_CLIENT_REFUSED');
  });

  it.each([
    ['access_denied', 'OAUTH_DENIED'],
    ['unauthorized_client', 'OAUTH_CLIENT_REFUSED'],
    ['invalid_scope', 'OAUTH_FAILED'],
    ['<script>alert(1)</script>', 'OAUTH_FAILED'],
  ])('understands the answer %s', async (word, code) => {
    await using hq = await simulator();
    const openUrl = async (url: string): Promise<void> => {
      const back = redirectOf(url);
      back.searchParams.set('error', word);
      const text = await (await fetch(back)).text();
      expect(text).toContain('Not connected');
      expect(text).not.toContain('script');
    };
    const failure = await hq.start({ openUrl }).catch((error: unknown) => error as Error & { code: string });
    expect(failure).toMatchObject({ code });
    expect((failure as Error).message).not.toContain('<');
  });

  it('goes on waiting where no browser opens, for somebody who copies the address', async () => {
    await using hq = await simulator();
    const openUrl = (): Promise<void> => Promise.reject(new Error('no browser'));
    const onUrl = (url: string): void => void scriptedBrowser('allow')(url);
    expect(await hq.works((await hq.start({ openUrl, onUrl })).accessToken)).toBe(true);
  });

  it('ends when it is cancelled, before and during', async () => {
    await using hq = await simulator();
    const abort = new AbortController();
    const openUrl = async (): Promise<void> => abort.abort();
    expect(await codeOf(() => hq.start({ openUrl, signal: abort.signal }))).toBe('CANCELLED');
    expect(await isOpen(Number(redirectOf(hq.urls[0]).port))).toBe(false);
    expect(await codeOf(() => hq.start({ signal: abort.signal }))).toBe('CANCELLED');
    const later = new AbortController();
    const hanging: typeof fetch = (input, init) => {
      later.abort();
      return fetch(input, init);
    };
    expect(await codeOf(() => hq.start({ exchange: byFetch(hanging), signal: later.signal }))).toBe(
      'CANCELLED',
    );
  });

  it('is not lost when the browser goes away before it has the page', async () => {
    await using hq = await simulator();
    const openUrl = async (url: string): Promise<void> => {
      const page = await fetch(url.replace('/oauth/authorize/?', '/oauth/authorize/?username=x&'));
      expect(page.status).toBe(200);
      const answer = await fetch(`${hq.sim.url}/oauth/authorize/`, {
        method: 'POST',
        body: new URLSearchParams([
          ...new URL(url).searchParams,
          ['username', 'john@example.com'],
          ['allow', 'Allow'],
        ]),
        redirect: 'manual',
      });
      const back = new URL(answer.headers.get('location') as string);
      const socket = connect(Number(back.port), '127.0.0.1', () => {
        socket.write(`GET ${back.pathname}${back.search} HTTP/1.1\r\nHost: ${back.host}\r\n\r\n`, () =>
          socket.resetAndDestroy(),
        );
      });
      socket.on('error', () => {});
    };
    expect(await hq.works((await hq.start({ openUrl, timeoutMs: 2000 })).accessToken)).toBe(true);
  });
});

describe('the receiver', () => {
  it('takes one answer: GET, its own path, its own host, its own state', async () => {
    using one = await receiver();
    const { good, back } = one;
    expect(await statusOf(new URL(`${back}?state=wrong&code=x`))).toBe(400);
    expect(await statusOf(new URL(`${back}?code=x`))).toBe(400);
    expect(await statusOf(new URL(`${back.origin}/?state=${state}&code=x`))).toBe(404);
    expect(await statusOf(new URL(`${back.origin}/callback/x?state=${state}&code=x`))).toBe(404);
    expect(await statusOf(good, { method: 'POST' })).toBe(405);
    expect(await statusOf(good, { method: 'HEAD' })).toBe(405);
    for (const host of [
      'evil.example',
      `localhost:${back.port}`,
      '127.0.0.1',
      `127.0.0.1:${Number(back.port) + 1}`,
    ]) {
      expect(await statusOf(good, { headers: { host } }), host).toBe(403);
    }
    // None of it used the receiver up.
    expect(await statusOf(good)).toBe(200);
    expect((await one.answer).get('code')).toBe('the-code');
  });

  it('answers with a page that does nothing, is kept by nobody, and loads nothing', async () => {
    using one = await receiver();
    const response = await fetch(one.good);
    const text = await response.text();
    expect(response.headers.get('cache-control')).toBe('no-store');
    expect(response.headers.get('referrer-policy')).toBe('no-referrer');
    expect(response.headers.get('x-content-type-options')).toBe('nosniff');
    expect(response.headers.get('content-security-policy')).toMatch(/^default-src 'none'/);
    expect(response.headers.get('content-security-policy')).not.toContain('script');
    expect(text).not.toMatch(/<script|https?:|\bon\w+=|the-code|<(img|link|iframe|form)\b/i);
    expect(text).not.toContain(state);
  });

  it('refuses a second answer that comes with the first', async () => {
    using one = await receiver();
    const text = `GET ${one.good.pathname}${one.good.search} HTTP/1.1\r\nHost: ${one.good.host}\r\n\r\n`;
    const open = async () => {
      let answer = '';
      const socket = connect(one.port, '127.0.0.1');
      const closed = new Promise<string>((resolve) => {
        socket.setEncoding('utf8').on('data', (piece: string) => {
          answer += piece;
        });
        socket.on('error', () => {}).once('close', () => resolve(answer.slice(9, 12) || 'closed'));
      });
      await new Promise((resolve) => socket.once('connect', resolve));
      // All but the last character: the request has begun, so the connection is not an idle one.
      socket.write(text.slice(0, -1));
      return { socket, closed };
    };
    const [first, second] = [await open(), await open()];
    await wait(20);
    for (const { socket } of [first, second]) socket.write(text.slice(-1));
    const answers = await Promise.all([first.closed, second.closed]);
    expect(answers.filter((status) => status === '200')).toHaveLength(1);
    expect(['410', 'closed']).toContain(answers.find((status) => status !== '200'));
    expect(await statusOf(one.good)).toBe('closed');
  });

  it('closes its port after the answer, whoever still holds a connection', async () => {
    using one = await receiver();
    const idle = connect(one.port, '127.0.0.1');
    const gone = new Promise<void>((resolve) => {
      idle.on('error', () => {}).once('close', () => resolve());
    });
    await new Promise((resolve) => idle.once('connect', resolve));
    expect(await statusOf(one.good)).toBe(200);
    await one.answer;
    expect(await isOpen(one.port)).toBe(false);
    await gone;
  });

  it('closes its port when the time is up, and when it is cancelled', async () => {
    using late = await receiver(80);
    const idle = connect(late.port, '127.0.0.1');
    const gone = new Promise<void>((resolve) => {
      idle.on('error', () => {}).once('close', () => resolve());
    });
    expect(await codeOf(() => late.answer)).toBe('OAUTH_TIMEOUT');
    expect(await isOpen(late.port)).toBe(false);
    await gone;

    using ended = await receiver();
    expect(await isOpen(ended.port)).toBe(true);
    ended.abort.abort();
    expect(await codeOf(() => ended.answer)).toBe('CANCELLED');
    expect(await isOpen(ended.port)).toBe(false);

    const abort = new AbortController();
    const opening = openReceiver(state, abort.signal, pages);
    abort.abort();
    expect(await codeOf(() => opening)).toBe('CANCELLED');
    await wait(10);
    expect(process.getActiveResourcesInfo().filter((name) => name === 'TCPServerWrap')).toEqual([]);
  });

  it('listens on this computer only', async () => {
    using one = await receiver();
    expect(one.back.hostname).toBe('127.0.0.1');
    // Another address of this computer reaches nothing.
    const other = await new Promise<boolean>((resolve) => {
      const socket = connect(one.port, '127.0.0.2', () => resolve(true)).once('error', () => resolve(false));
      socket.once('connect', () => socket.destroy());
    });
    expect(other).toBe(false);
  });
});

describe('what the browser shows in the end', () => {
  const words = createWords(
    () => ({ language: 'fr', locale: 'fr' }),
    (iso) => iso,
  );
  const inFrench = () => signInPages(async (told) => writtenIn(words, told));

  it('is in the language of whoever signs in, and says so to what reads it out', async () => {
    const opened = await openReceiver(state, new AbortController().signal, await inFrench(), 5000);
    const shown = fetch(`${opened.redirectUri}?state=${state}&code=the-code`).then((page) => page.text());
    await opened.answer;
    opened.tell(true);
    expect(await shown).toContain('<html lang="fr">');
    expect(await shown).toContain('<h1>Connecté</h1>');
    expect(await shown).toContain('Vous pouvez fermer cet onglet et revenir à Headgate.');
    expect(await shown).not.toMatch(/Connected|close this tab/);
    opened.close();
  });

  it('is so too where nothing came of it', async () => {
    const { notConnected } = await inFrench();
    expect(notConnected).toContain('<h1>Non connecté</h1>');
    expect((await englishPages()).notConnected).toContain('Not connected');
  });

  it('holds nothing but text, whatever a translator wrote', async () => {
    const { connected } = await signInPages(async (told) => ({
      language: 'fr"><script>',
      texts: told.map(() => '<img src=x onerror=alert(1)>'),
    }));
    expect(connected).not.toMatch(/<img|<script/);
  });
});
