import { EventEmitter } from 'node:events';

export type Params = Record<string, unknown>;

interface Waiting {
  readonly resolve: (result: unknown) => void;
  readonly reject: (error: Error) => void;
  readonly method: string;
}

/** One session of the DevTools protocol. Emits protocol events by their name, with their parameters. */
export class CdpSession extends EventEmitter<Record<string, [never]>> {
  readonly id: string | undefined;
  private readonly connection: CdpConnection;

  constructor(connection: CdpConnection, id: string | undefined) {
    super();
    this.setMaxListeners(0);
    this.connection = connection;
    this.id = id;
  }

  send<R = unknown>(method: string, params: Params = {}): Promise<R> {
    return this.connection.send(method, params, this.id) as Promise<R>;
  }

  /** Sends something whose failure does not matter, such as a change to a page that has just gone. */
  tell(method: string, params: Params = {}): void {
    this.send(method, params).catch(() => {});
  }

  handle<P>(event: string, listener: (params: P) => void): void {
    this.on(event, listener as (params: never) => void);
  }
}

/** The connection to a Chromium: commands out, answers and events back, one session per target. */
export class CdpConnection {
  readonly root: CdpSession;
  readonly closed: Promise<void>;
  private readonly socket: WebSocket;
  private readonly waiting = new Map<number, Waiting>();
  private readonly sessions = new Map<string, CdpSession>();
  private lastId = 0;

  private constructor(socket: WebSocket) {
    this.socket = socket;
    this.root = new CdpSession(this, undefined);
    socket.addEventListener('message', (message) => this.receive(String(message.data)));
    this.closed = new Promise((resolve) => {
      socket.addEventListener('close', () => {
        for (const { reject, method } of this.waiting.values())
          reject(new Error(`${method}: Chromium has gone`));
        this.waiting.clear();
        resolve();
      });
    });
  }

  static connect(url: string): Promise<CdpConnection> {
    return new Promise((resolve, reject) => {
      const socket = new WebSocket(url);
      socket.addEventListener('open', () => resolve(new CdpConnection(socket)), { once: true });
      socket.addEventListener('error', () => reject(new Error(`can not connect to ${url}`)), { once: true });
    });
  }

  session(id: string): CdpSession {
    const known = this.sessions.get(id);
    if (known) return known;
    const session = new CdpSession(this, id);
    this.sessions.set(id, session);
    return session;
  }

  send(method: string, params: Params, sessionId: string | undefined): Promise<unknown> {
    if (this.socket.readyState !== WebSocket.OPEN) {
      return Promise.reject(new Error(`${method}: Chromium has gone`));
    }
    const id = ++this.lastId;
    return new Promise((resolve, reject) => {
      this.waiting.set(id, { resolve, reject, method });
      this.socket.send(JSON.stringify({ id, method, params, ...(sessionId ? { sessionId } : {}) }));
    });
  }

  private receive(text: string): void {
    const message = JSON.parse(text) as {
      id?: number;
      result?: unknown;
      error?: { message: string };
      method?: string;
      params?: never;
      sessionId?: string;
    };
    if (message.id !== undefined) {
      const waiting = this.waiting.get(message.id);
      this.waiting.delete(message.id);
      if (message.error) waiting?.reject(new Error(`${waiting.method}: ${message.error.message}`));
      else waiting?.resolve(message.result);
    } else if (message.method) {
      const session = message.sessionId ? this.session(message.sessionId) : this.root;
      session.emit(message.method, message.params as never);
    }
  }
}
