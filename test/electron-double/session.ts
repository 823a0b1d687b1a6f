import type {
  Session as ElectronSession,
  PermissionCheckHandlerHandlerDetails,
  Protocol,
  ProxyConfig,
} from 'electron';
import type { WebContents } from './contents.ts';
import type { Core } from './core.ts';
import { insistKnown, resolved } from './session-proxy.ts';
import { strict, strictEmitter } from './strict.ts';

type Handler = (request: Request) => Response | Promise<Response>;
type PermissionName = string;
type CheckHandler = (
  contents: WebContents | null,
  permission: PermissionName,
  origin: string,
  details: PermissionCheckHandlerHandlerDetails,
) => boolean;
type RequestHandler = (
  contents: WebContents,
  permission: PermissionName,
  callback: (granted: boolean) => void,
  details: { requestingUrl: string; isMainFrame: boolean },
) => void;

type RequestListener = (details: { url: string }, answer: (response: { cancel?: boolean }) => void) => void;

/** Electron's names of permissions, with the descriptors Chromium knows them by. */
const permissionDescriptors: Readonly<Record<string, readonly Record<string, unknown>[]>> = {
  geolocation: [{ name: 'geolocation' }],
  notifications: [{ name: 'notifications' }],
  midi: [{ name: 'midi' }],
  midiSysex: [{ name: 'midi', sysex: true }],
  'clipboard-read': [{ name: 'clipboard-read' }],
  'clipboard-sanitized-write': [{ name: 'clipboard-write' }],
  media: [{ name: 'camera' }, { name: 'microphone' }],
  'persistent-storage': [{ name: 'persistent-storage' }],
  'idle-detection': [{ name: 'idle-detection' }],
  'screen-wake-lock': [{ name: 'screen-wake-lock' }],
  'window-management': [{ name: 'window-management' }],
  'local-fonts': [{ name: 'local-fonts' }],
  'storage-access': [{ name: 'storage-access' }],
  'display-capture': [{ name: 'display-capture' }],
  sensors: [{ name: 'accelerometer' }, { name: 'gyroscope' }, { name: 'magnetometer' }],
};

const SessionBase = strictEmitter('session');

type Checked = Pick<
  ElectronSession,
  | 'isPersistent'
  | 'setDevicePermissionHandler'
  | 'setDisplayMediaRequestHandler'
  | 'setBluetoothPairingHandler'
  | 'setUSBProtectedClassesHandler'
  | 'setSpellCheckerEnabled'
  | 'clearCache'
  | 'clearStorageData'
  | 'setProxy'
  | 'resolveProxy'
>;

/** A session: its own protocol handlers, permission handlers and, in Chromium, its own browser context. */
export class Session extends SessionBase implements Checked {
  readonly protocol: CheckedProtocol & { readonly handlerOf: (scheme: string) => Handler | undefined };
  private readonly core: Core;
  private readonly partition: string | null;
  private check: CheckHandler | null = null;
  private listener: RequestListener | null = null;
  private proxy: ProxyConfig = { mode: 'direct' };
  private request: RequestHandler | null = null;
  private context: Promise<string | undefined> | undefined;

  constructor(core: Core, partition: string | null) {
    super();
    this.core = core;
    this.partition = partition;
    this.protocol = createProtocol(core);
  }

  isPersistent(): boolean {
    return this.partition === null || this.partition.startsWith('persist:');
  }

  readonly webRequest = {
    onBeforeRequest: (listener: RequestListener): void => {
      this.listener = listener;
    },
  };

  /** For the double's own use: whether the app lets a request go out. */
  lets(url: string): boolean {
    let cancelled = false;
    this.listener?.({ url }, ({ cancel }) => {
      cancelled = cancel === true;
    });
    return !cancelled;
  }

  setPermissionCheckHandler(handler: CheckHandler | null): void {
    this.check = handler;
  }

  setPermissionRequestHandler(handler: RequestHandler | null): void {
    this.request = handler;
  }

  setDevicePermissionHandler(handler: unknown): void {
    this.core.recorder.add('session.setDevicePermissionHandler', { set: handler !== null });
  }

  setDisplayMediaRequestHandler(handler: unknown): void {
    this.core.recorder.add('session.setDisplayMediaRequestHandler', { set: handler !== null });
  }

  setBluetoothPairingHandler(handler: unknown): void {
    this.core.recorder.add('session.setBluetoothPairingHandler', { set: handler !== null });
  }

  setUSBProtectedClassesHandler(handler: unknown): void {
    this.core.recorder.add('session.setUSBProtectedClassesHandler', { set: handler !== null });
  }

  setSpellCheckerEnabled(enable: boolean): void {
    this.core.recorder.add('session.setSpellCheckerEnabled', { enable });
  }

  clearCache(): Promise<void> {
    this.core.recorder.add('session.clearCache', {});
    return Promise.resolve();
  }

  clearStorageData(): Promise<void> {
    this.core.recorder.add('session.clearStorageData', {});
    return Promise.resolve();
  }

  async setProxy(config: ProxyConfig): Promise<void> {
    insistKnown(config);
    this.proxy = config;
  }

  async resolveProxy(url: string): Promise<string> {
    return resolved(this.proxy, url);
  }

  /** For the double's own use: the browser context of this session; undefined is Chromium's own one. */
  browserContext(): Promise<string | undefined> {
    if (this.partition === null) return Promise.resolve(undefined);
    this.context ??= this.core.browser.then(async ({ connection }) => {
      const answer = await connection.root.send<{ browserContextId: string }>('Target.createBrowserContext', {
        disposeOnDetach: true,
      });
      return answer.browserContextId;
    });
    return this.context;
  }

  /**
   * For the double's own use. Chromium asks nobody while a page runs here, so the handlers are asked for every
   * permission before a document of `origin` (in Chromium: `browserOrigin`) loads, and Chromium is told.
   */
  async applyPermissions(contents: WebContents, origin: string, browserOrigin: string): Promise<void> {
    const { root } = (await this.core.browser).connection;
    const browserContextId = await this.browserContext();
    const details = { requestingUrl: `${origin}/`, isMainFrame: true, securityOrigin: origin };
    await Promise.all(
      Object.entries(permissionDescriptors).flatMap(([name, descriptors]) => {
        const checked = this.check ? this.check(contents, name, origin, details) : true;
        return descriptors.map(async (permission) => {
          const granted = await this.asked(contents, name, details);
          const setting = checked && granted ? 'granted' : 'denied';
          await root
            .send('Browser.setPermission', {
              permission,
              setting,
              origin: browserOrigin,
              ...(browserContextId ? { browserContextId } : {}),
            })
            // Chromium's list of permissions changes with its version.
            .catch(() => {});
        });
      }),
    );
  }

  private asked(
    contents: WebContents,
    name: string,
    details: { requestingUrl: string; isMainFrame: boolean },
  ): Promise<boolean> {
    const { request } = this;
    // Electron grants everything to an app without a handler.
    if (!request) return Promise.resolve(true);
    return new Promise((resolve) => request(contents, name, resolve, details));
  }
}

type CheckedProtocol = Pick<
  Protocol,
  'handle' | 'unhandle' | 'isProtocolHandled' | 'registerSchemesAsPrivileged'
>;

function createProtocol(core: Core): Session['protocol'] {
  const handlers = new Map<string, Handler>();
  return strict('protocol', {
    handle(scheme, handler) {
      if (handlers.has(scheme)) {
        throw new Error(`Failed to register protocol: ${scheme}`);
      }
      core.schemes.add(scheme);
      handlers.set(scheme, handler as Handler);
    },
    unhandle(scheme) {
      if (!handlers.delete(scheme)) throw new Error(`Failed to unhandle protocol: ${scheme}`);
    },
    isProtocolHandled: (scheme) => handlers.has(scheme),
    registerSchemesAsPrivileged(schemes) {
      if (core.state.ready) {
        throw new Error('protocol.registerSchemesAsPrivileged should be called before app is ready');
      }
      for (const { scheme } of schemes) core.schemes.add(scheme);
    },
    handlerOf: (scheme) => handlers.get(scheme),
  } satisfies Session['protocol']);
}

export interface Sessions {
  readonly defaultSession: Session;
  fromPartition(partition: string): Session;
}

export function createSessions(core: Core): Sessions {
  const defaultSession = new Session(core, null);
  const byPartition = new Map<string, Session>();
  return strict('session', {
    defaultSession,
    fromPartition(partition: string) {
      if (!partition) return defaultSession;
      const known = byPartition.get(partition);
      if (known) return known;
      const made = new Session(core, partition);
      byPartition.set(partition, made);
      core.tellApp('session-created', made);
      return made;
    },
  });
}
