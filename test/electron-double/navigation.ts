import type { CdpSession } from './cdp.ts';
import type { WebContents } from './contents.ts';
import type { Core } from './core.ts';
import { preventable } from './strict.ts';
import { originOf, schemeOf, toApp, toBrowser } from './urls.ts';

interface Paused {
  readonly requestId: string;
  readonly frameId: string;
  readonly resourceType: string;
  readonly redirectedRequestId?: string;
  readonly request: {
    readonly url: string;
    readonly urlFragment?: string;
    readonly method: string;
    readonly headers: Record<string, string>;
    readonly postData?: string;
  };
}

interface Requested {
  readonly frameId: string;
  readonly url: string;
  readonly disposition: 'currentTab' | 'newTab' | 'newWindow' | 'download';
}

export interface Opening {
  readonly url: string;
  readonly frameName: string;
  readonly features: string;
  readonly disposition: 'new-window' | 'foreground-tab';
}

/** Tries at following a link to a scheme of the app; each is over in milliseconds unless the machine is very busy. */
const followAttempts = 40;
const followPauseMs = 50;

/** Navigation of one page: asks the app before it happens, and serves the schemes of the app. */
export class Navigation {
  private readonly core: Core;
  private readonly contents: WebContents;
  private readonly cdp: CdpSession;
  private readonly mainFrameId: string;
  /** What scripts, links and forms of the page asked for, by frame, until it is let through or refused. */
  private readonly requested = new Map<string, string>();
  /** Windows the page tried to open that Chromium has not shown yet. */
  private readonly openings: Opening[] = [];
  private expected: string | undefined;

  constructor(core: Core, contents: WebContents, cdp: CdpSession, mainFrameId: string) {
    this.core = core;
    this.contents = contents;
    this.cdp = cdp;
    this.mainFrameId = mainFrameId;
    cdp.handle<Requested>('Page.frameRequestedNavigation', (event) => this.onRequested(event));
    cdp.handle<{ url: string; windowName: string; windowFeatures: string[] }>('Page.windowOpen', (event) => {
      this.openings.push({
        url: toApp(event.url),
        frameName: event.windowName,
        features: event.windowFeatures.join(','),
        disposition: event.windowFeatures.length > 0 ? 'new-window' : 'foreground-tab',
      });
    });
    cdp.handle<Paused>('Fetch.requestPaused', (event) => {
      this.onPaused(event).catch(() => {
        cdp.tell('Fetch.failRequest', { requestId: event.requestId, errorReason: 'Failed' });
      });
    });
  }

  enable(): Promise<unknown> {
    return this.cdp.send('Fetch.enable', {
      patterns: [{ urlPattern: '*' }],
    });
  }

  /** The main process itself goes to `url`: nobody is asked. Call the result when it is over. */
  expect(url: string): () => void {
    this.expected = url.replace(/#.*$/s, '');
    return () => {
      this.expected = undefined;
    };
  }

  /** The oldest attempt to open a window that was not dealt with yet. */
  takeOpening(): Opening | undefined {
    return this.openings.shift();
  }

  private onRequested({ frameId, url, disposition }: Requested): void {
    if (disposition === 'newTab' || disposition === 'newWindow') {
      this.openings.push({ url: toApp(url), frameName: '', features: '', disposition: 'foreground-tab' });
      return;
    }
    if (disposition !== 'currentTab') return;
    const scheme = schemeOf(url);
    if (scheme === 'http' || scheme === 'https' || scheme === 'file') {
      this.requested.set(frameId, url);
      return;
    }
    // These never become a request that could be held: ask now, and take an app's URL there ourselves.
    if (this.allowed(frameId, url) && this.core.schemes.has(scheme) && frameId === this.mainFrameId) {
      this.follow(toBrowser(url, this.core.schemes)).catch(() => {});
    }
  }

  /**
   * Goes where the page wanted to. The page's own attempt, which Chromium drops at a moment of its own, may drop this
   * one with it, before or after it was answered: so it counts only when the page is there.
   */
  private async follow(address: string): Promise<void> {
    for (let attempt = 0; attempt < followAttempts; attempt += 1) {
      const done = this.expect(address);
      const { errorText } = await this.cdp
        .send<{ errorText?: string }>('Page.navigate', { url: address })
        .catch(() => ({ errorText: 'net::ERR_ABORTED' }))
        .finally(done);
      if (errorText !== undefined && errorText !== 'net::ERR_ABORTED') return;
      await new Promise((resolve) => setTimeout(resolve, followPauseMs));
      if (errorText === undefined && (await this.isAt(address))) return;
    }
  }

  private async isAt(address: string): Promise<boolean> {
    const history = await this.cdp
      .send<{ currentIndex: number; entries: { url: string }[] }>('Page.getNavigationHistory', {})
      .catch(() => undefined);
    return history?.entries[history.currentIndex]?.url === address;
  }

  /** Asks the app; true when it does not object. */
  private allowed(frameId: string, url: string, event?: 'will-redirect'): boolean {
    const isMainFrame = frameId === this.mainFrameId;
    const target = toApp(url);
    const details = (): ReturnType<typeof preventable> & { url: string } =>
      preventable({
        url: target,
        isSameDocument: false,
        isMainFrame,
        frame: isMainFrame ? this.contents.mainFrame : null,
        initiator: this.contents.mainFrame,
      });
    if (event) {
      const asked = details();
      this.contents.emit(event, asked, target, false, isMainFrame, 0, 0);
      return !asked.defaultPrevented;
    }
    const ofFrame = details();
    this.contents.emit('will-frame-navigate', ofFrame);
    if (!isMainFrame) return !ofFrame.defaultPrevented;
    const ofMain = details();
    this.contents.emit('will-navigate', ofMain, target, false, true, 0, 0);
    return !ofFrame.defaultPrevented && !ofMain.defaultPrevented;
  }

  private async onPaused(event: Paused): Promise<void> {
    const { requestId, frameId, request } = event;
    const isMain = frameId === this.mainFrameId;
    if (event.resourceType === 'Document') {
      const ours = isMain && this.expected === request.url;
      if (event.redirectedRequestId) {
        if (!this.allowed(frameId, request.url, 'will-redirect')) return this.refuse(requestId);
      } else if (!ours) {
        const asked = await this.askedByPage(frameId);
        const byPage = asked !== undefined && asked.replace(/#.*$/s, '') === request.url;
        if (byPage && !this.allowed(frameId, asked)) return this.refuse(requestId);
      }
      if (isMain) {
        const origin = new URL(request.url).origin;
        await this.contents.session.applyPermissions(this.contents, originOf(toApp(request.url)), origin);
      }
    }
    const url = toApp(request.url);
    if (!this.contents.session.lets(url)) return this.refuse(requestId);
    if (url === request.url) return this.cdp.tell('Fetch.continueRequest', { requestId });
    const handler = this.contents.session.protocol.handlerOf(schemeOf(url));
    if (!handler) return this.cdp.tell('Fetch.failRequest', { requestId, errorReason: 'Failed' });
    await this.serve(handler, url, event);
  }

  /**
   * What the page asked for: reported by the page's process, held by another one, so it may come a moment later.
   * (The page itself can not be asked: Chromium sends it nothing while a navigation is held.)
   */
  private async askedByPage(frameId: string): Promise<string | undefined> {
    for (let waited = 0; waited < 200 && !this.requested.has(frameId); waited += 10) {
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
    const asked = this.requested.get(frameId);
    this.requested.delete(frameId);
    return asked;
  }

  private refuse(requestId: string): void {
    this.cdp.tell('Fetch.failRequest', { requestId, errorReason: 'Aborted' });
  }

  private async serve(
    handler: (request: Request) => Response | Promise<Response>,
    url: string,
    { requestId, request }: Paused,
  ): Promise<void> {
    const headers = new Headers();
    for (const [name, value] of Object.entries(request.headers)) headers.set(name, toApp(value));
    const hasBody = request.postData !== undefined && request.method !== 'GET' && request.method !== 'HEAD';
    const response = await handler(
      new Request(url, {
        method: request.method,
        headers,
        ...(hasBody ? { body: request.postData ?? '' } : {}),
      }),
    );
    if (response.type === 'error') {
      this.cdp.tell('Fetch.failRequest', { requestId, errorReason: 'Failed' });
      return;
    }
    const body = Buffer.from(await response.arrayBuffer());
    await this.cdp.send('Fetch.fulfillRequest', {
      requestId,
      responseCode: response.status,
      responseHeaders: [...response.headers].map(([name, value]) => ({
        name,
        // A policy that names the app's own origin must name what Chromium takes it for.
        value: name === 'content-security-policy' ? this.policy(value) : toBrowser(value, this.core.schemes),
      })),
      body: body.toString('base64'),
    });
  }

  private policy(value: string): string {
    return value.replace(/[a-z][a-z0-9-]*:\/\/[a-z0-9.-]+/gi, (origin) =>
      toBrowser(origin, this.core.schemes).replace(/\/$/, ''),
    );
  }
}
