import { pathToFileURL } from 'node:url';
import type { WebContents as ElectronContents, HandlerDetails, WindowOpenHandlerResponse } from 'electron';
import type { CdpSession } from './cdp.ts';
import { createCodec } from './codec.ts';
import { type Core, wantsDark } from './core.ts';
import { Frame } from './frame.ts';
import { Navigation } from './navigation.ts';
import type { Incoming, Outgoing } from './page-scripts.ts';
import { PreloadChannel } from './preload-channel.ts';
import type { Session } from './session.ts';
import { preventable, strictEmitter } from './strict.ts';
import type { Target } from './targets.ts';
import { LoadError, schemeOf, toApp, toBrowser } from './urls.ts';

export interface ContentsOptions {
  readonly session: Session;
  readonly preload: string | undefined;
  readonly width: number;
  readonly height: number;
  /** Called when the page itself has gone, whoever closed it. */
  readonly onGone: () => void;
  /** Called when the app asks the contents to close. */
  readonly onClose: () => void;
  readonly deliver: (contents: WebContents, message: Outgoing, sentFrom: string) => void;
}

type Checked = Pick<
  ElectronContents,
  | 'id'
  | 'send'
  | 'loadURL'
  | 'loadFile'
  | 'getURL'
  | 'getTitle'
  | 'isDestroyed'
  | 'isCrashed'
  | 'isLoading'
  | 'isFocused'
  | 'close'
  | 'reload'
  | 'focus'
  | 'forcefullyCrashRenderer'
  | 'executeJavaScript'
  | 'setWindowOpenHandler'
  | 'setWebRTCIPHandlingPolicy'
  | 'getZoomFactor'
  | 'setZoomFactor'
  | 'getType'
  | 'openDevTools'
  | 'closeDevTools'
  | 'isDevToolsOpened'
  | 'toggleDevTools'
>;

const ContentsBase = strictEmitter('webContents');
const codec = createCodec();

/** The contents of one window: a page of Chromium, its frames, its navigation and its messages. */
export class WebContents extends ContentsBase implements Checked {
  readonly id: number;
  readonly session: Session;
  readonly mainFrame: Frame;
  /** For the double's own use. */
  readonly targetReady: Promise<Target>;
  /** Known once the page exists. */
  targetId: string | undefined;
  private readonly core: Core;
  private readonly options: ContentsOptions;
  private cdp: CdpSession | undefined;
  private navigation: Navigation | undefined;
  private currentUrl = '';
  private title = '';
  private channel: PreloadChannel | undefined;
  private destroyed = false;
  private crashed = false;
  private loading = false;
  private themed = false;
  private zoom = 1;
  private openHandler: ((details: HandlerDetails) => WindowOpenHandlerResponse) | undefined;
  private readonly loads = new Map<string, () => void>();
  private loaded = '';

  constructor(core: Core, options: ContentsOptions) {
    super();
    this.core = core;
    this.options = options;
    this.session = options.session;
    core.state.lastContentsId += 1;
    this.id = core.state.lastContentsId;
    this.mainFrame = new Frame(this);
    core.contents.set(this.id, this);
    this.targetReady = this.start();
    // Whoever waits for the page is told; nobody has to.
    this.targetReady.catch(() => {});
    queueMicrotask(() => core.tellApp('web-contents-created', preventable({}), this));
  }

  private async start(): Promise<Target> {
    const targets = await this.core.targets;
    const target = await targets.create({
      browserContextId: await this.session.browserContext(),
      width: this.options.width,
      height: this.options.height,
    });
    this.targetId = target.targetId;
    const cdp = target.session;
    this.cdp = cdp;
    this.listen(cdp, target.targetId);
    this.navigation = new Navigation(this.core, this, cdp, target.targetId);
    const steps = [
      cdp.send('Page.enable'),
      cdp.send('Inspector.enable'),
      cdp.send('Runtime.enable'),
      cdp.send('Page.setLifecycleEventsEnabled', { enabled: true }),
      this.navigation.enable(),
    ];
    const { preload } = this.options;
    if (preload !== undefined) {
      this.channel = new PreloadChannel({
        cdp,
        mainFrameId: target.targetId,
        preload,
        onMessage: (message, sentFrom) => this.options.deliver(this, message, sentFrom),
        onFailure: (error) => this.preloadFailed(preload, error),
      });
      steps.push(this.channel.install());
    }
    if (this.core.headless) this.resize(this.options.width, this.options.height);
    this.applyTheme();
    const resumed = cdp.send('Runtime.runIfWaitingForDebugger');
    await Promise.all([...steps, resumed]);
    return target;
  }

  private preloadFailed(preload: string, error: Error): void {
    console.error(`Unable to load preload script: ${preload}\n${error.stack}`);
    this.emit('preload-error', preventable({}), preload, error);
  }

  private listen(cdp: CdpSession, mainFrameId: string): void {
    cdp.handle<{ frame: { parentId?: string; url: string; unreachableUrl?: string } }>(
      'Page.frameNavigated',
      ({ frame }) => {
        if (frame.parentId !== undefined) return;
        this.currentUrl = frame.url === 'about:blank' && !this.loading ? this.currentUrl : toApp(frame.url);
        if (frame.unreachableUrl === undefined && this.currentUrl !== '') {
          this.emit('did-navigate', preventable({}), this.currentUrl, 200, 'OK');
        }
      },
    );
    cdp.handle<{ frameId: string; url: string }>('Page.navigatedWithinDocument', ({ frameId, url }) => {
      if (frameId !== mainFrameId) return;
      this.currentUrl = toApp(url);
      this.emit('did-navigate-in-page', preventable({}), this.currentUrl, true, 0, 0);
    });
    cdp.handle<{ frameId: string; loaderId: string; name: string }>('Page.lifecycleEvent', (event) => {
      if (event.frameId !== mainFrameId || this.currentUrl === '' || this.destroyed) return;
      if (event.name === 'DOMContentLoaded') {
        this.emit('dom-ready', preventable({}));
      } else if (event.name === 'load' && this.loaded !== event.loaderId) {
        this.loaded = event.loaderId;
        this.finishLoad().catch(() => {});
      }
    });
    cdp.handle('Inspector.targetCrashed', () => {
      this.crashed = true;
      this.loading = false;
      this.channel?.lost();
      const details = { reason: 'crashed', exitCode: 5 };
      this.emit('render-process-gone', preventable({}), details);
      this.core.tellApp('render-process-gone', preventable({}), this, details);
    });
  }

  private async finishLoad(): Promise<void> {
    const loader = this.loaded;
    this.loading = false;
    this.crashed = false;
    if (!this.themed) {
      // A debugger that attached meanwhile may have set its own colour scheme.
      this.themed = true;
      this.applyTheme();
    }
    this.emit('did-finish-load', preventable({}));
    this.emit('did-stop-loading', preventable({}));
    this.loads.get(loader)?.();
    this.loads.delete(loader);
    const answer = await this.page().send<{ result: { value?: unknown } }>('Runtime.evaluate', {
      expression: 'document.title',
      returnByValue: true,
    });
    const title = String(answer.result.value ?? '');
    if (title !== this.title) {
      this.title = title;
      this.emit('page-title-updated', preventable({}), title, true);
    }
  }

  private page(): CdpSession {
    if (this.destroyed || !this.cdp) throw new TypeError('Object has been destroyed');
    return this.cdp;
  }

  private alive(): void {
    if (this.destroyed) throw new TypeError('Object has been destroyed');
  }

  async loadURL(url: string): Promise<void> {
    this.alive();
    await this.targetReady;
    const fail = (description: string): never => {
      const error = new LoadError(description, url);
      this.loading = false;
      this.emit('did-fail-load', preventable({}), error.errno, error.code, url, true, 0, 0);
      this.emit('did-stop-loading', preventable({}));
      throw error;
    };
    this.loading = true;
    this.emit('did-start-loading', preventable({}));
    const scheme = schemeOf(url);
    if (this.core.schemes.has(scheme) && !this.session.protocol.isProtocolHandled(scheme)) {
      fail('ERR_UNKNOWN_URL_SCHEME');
    }
    const address = toBrowser(url, this.core.schemes);
    const done = this.navigation?.expect(address);
    this.crashed = false;
    const answer = await this.page()
      .send<{ errorText?: string; loaderId?: string }>('Page.navigate', { url: address })
      .catch(() => ({ errorText: 'net::ERR_INVALID_URL', loaderId: undefined }));
    done?.();
    if (answer.errorText) fail(answer.errorText);
    const { loaderId } = answer;
    // A navigation within the document loads nothing.
    if (loaderId === undefined || this.loaded === loaderId) return;
    await new Promise<void>((resolve) => this.loads.set(loaderId, resolve));
  }

  loadFile(path: string): Promise<void> {
    return this.loadURL(pathToFileURL(path).href);
  }

  reload(): void {
    this.alive();
    // A page that crashed can only be entered anew.
    if (this.crashed) this.loadURL(this.currentUrl).catch(() => {});
    else this.page().tell('Page.reload');
  }

  send(channel: string, ...args: unknown[]): void {
    this.alive();
    if (typeof channel !== 'string') throw new TypeError('Missing required channel argument');
    this.push({ kind: 'message', channel, args: codec.encode(args) });
  }

  /** For the double's own use: to the preload script of the current document, or to nobody. */
  push(message: Incoming): void {
    if (!this.destroyed) this.channel?.push(message);
  }

  async executeJavaScript(code: string): Promise<unknown> {
    this.alive();
    await this.targetReady;
    const { result, exceptionDetails } = await this.page().send<{
      result: { value?: unknown };
      exceptionDetails?: { exception?: { description?: string } };
    }>('Runtime.evaluate', {
      expression: code,
      awaitPromise: true,
      returnByValue: true,
      replMode: false,
    });
    if (exceptionDetails)
      throw new Error(exceptionDetails.exception?.description ?? 'Script failed to execute');
    return result.value;
  }

  setWindowOpenHandler(handler: (details: HandlerDetails) => WindowOpenHandlerResponse): void {
    this.openHandler = handler;
  }

  setWebRTCIPHandlingPolicy(policy: string): void {
    this.core.recorder.add('webContents.setWebRTCIPHandlingPolicy', { policy });
  }

  /** For the double's own use: asks the app about a window that the page tried to open. It is never left open. */
  askToOpen(details: Pick<HandlerDetails, 'url' | 'frameName' | 'features' | 'disposition'>): void {
    const answer = this.openHandler?.({ ...details, referrer: { url: this.currentUrl, policy: 'default' } });
    if (answer?.action === 'deny') return;
    console.error(`electron double: windows opened by a page are not implemented; closed ${details.url}`);
  }

  /** For the double's own use: resolves when everything the page reported before now has arrived. */
  async settled(): Promise<Navigation | undefined> {
    const answered = this.page()
      .send('Runtime.evaluate', { expression: '0' })
      .catch(() => {});
    await Promise.race([answered, new Promise((resolve) => setTimeout(resolve, 2000))]);
    return this.navigation;
  }

  /** For the double's own use. */
  applyTheme(): void {
    const value = wantsDark(this.core.state) ? 'dark' : 'light';
    this.cdp?.tell('Emulation.setEmulatedMedia', { features: [{ name: 'prefers-color-scheme', value }] });
  }

  /** For the double's own use. */
  resize(width: number, height: number): void {
    if (!this.core.headless) return;
    this.cdp?.tell('Emulation.setDeviceMetricsOverride', {
      width,
      height,
      deviceScaleFactor: 0,
      mobile: false,
    });
  }

  /** For the double's own use: the page has gone, or must go. */
  destroy(): void {
    if (this.destroyed) return;
    this.destroyed = true;
    this.core.contents.delete(this.id);
    for (const done of this.loads.values()) done();
    const { targetId } = this;
    if (targetId !== undefined) this.core.targets.then((t) => t.close(targetId)).catch(() => {});
    else this.targetReady.then(async (t) => (await this.core.targets).close(t.targetId)).catch(() => {});
    this.emit('destroyed');
  }

  /** For the double's own use: Chromium says that the page has gone. */
  gone(): void {
    if (!this.destroyed) this.options.onGone();
  }

  close(): void {
    if (!this.destroyed) this.options.onClose();
  }

  forcefullyCrashRenderer(): void {
    this.page().tell('Page.crash');
  }

  focus(): void {
    this.page().tell('Page.bringToFront');
  }

  /** For the double's own use: names the document whose preload script may send now. */
  get documentId(): string {
    return this.channel?.documentId ?? '';
  }

  getURL(): string {
    return this.currentUrl;
  }

  getTitle(): string {
    return this.title;
  }

  getType(): 'window' {
    return 'window';
  }

  isDestroyed(): boolean {
    return this.destroyed;
  }

  isCrashed(): boolean {
    return this.crashed;
  }

  isLoading(): boolean {
    return this.loading;
  }

  isFocused(): boolean {
    return this.core.state.focused?.webContents === this;
  }

  getZoomFactor(): number {
    return this.zoom;
  }

  setZoomFactor(factor: number): void {
    this.zoom = factor;
  }

  openDevTools(): void {
    this.core.recorder.add('webContents.openDevTools', { id: this.id });
  }

  closeDevTools(): void {
    this.core.recorder.add('webContents.closeDevTools', { id: this.id });
  }

  toggleDevTools(): void {
    this.core.recorder.add('webContents.toggleDevTools', { id: this.id });
  }

  isDevToolsOpened(): boolean {
    return false;
  }
}
