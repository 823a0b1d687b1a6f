import { createServer, request as httpRequest, type IncomingMessage, type ServerResponse } from 'node:http';
import { createServer as createSecureServer } from 'node:https';
import { type AddressInfo, connect, type Socket } from 'node:net';

/** An HTTP proxy as offices have them: it tunnels to where it is asked, and writes down where that was. */
export interface ProxyServer extends AsyncDisposable {
  /** With the sign-in, where it wants one. */
  readonly url: string;
  readonly port: number;
  /** `CONNECT host:port` or `GET http://…`, one for each request that was let through. */
  readonly asked: string[];
  /** Everything that it was sent before a tunnel was open, as it came. */
  readonly heard: string[];
}

export interface ProxyWishes {
  readonly login?: { readonly user: string; readonly password: string };
  /** What it answers instead of letting anybody through: a whole answer, or null for never. */
  readonly answers?: string | null;
  readonly tls?: { readonly cert: string; readonly key: string };
  /** Where it listens; 127.0.0.1 unless given. */
  readonly host?: string;
}

/** A name that only the proxy can look up. */
export const behindProxy = 'hq.example.org';

export async function startProxy(wishes: ProxyWishes = {}): Promise<ProxyServer> {
  const { login, answers, tls, host = '127.0.0.1' } = wishes;
  const asked: string[] = [];
  const heard: string[] = [];
  const sockets = new Set<Socket>();
  const wanted = login && `Basic ${Buffer.from(`${login.user}:${login.password}`).toString('base64')}`;
  const note = ({ method, url, rawHeaders }: IncomingMessage): void =>
    void heard.push(`${method} ${url}\n${rawHeaders.join('\n')}`);
  const refuses = (request: IncomingMessage): string | null | undefined => {
    if (answers !== undefined) return answers;
    if (wanted === undefined || request.headers['proxy-authorization'] === wanted) return undefined;
    return 'HTTP/1.1 407 Proxy Authentication Required\r\nProxy-Authenticate: Basic realm="office"\r\nContent-Length: 0\r\n\r\n';
  };
  const listener = (request: IncomingMessage, response: ServerResponse): void => {
    note(request);
    const no = refuses(request);
    if (no !== undefined) {
      if (no !== null) request.socket.end(no);
      return;
    }
    asked.push(`${request.method} ${request.url}`);
    const { 'proxy-authorization': _, ...headers } = request.headers;
    const url = new URL(request.url ?? '');
    const onward = httpRequest(
      {
        host: url.hostname === behindProxy ? '127.0.0.1' : url.hostname,
        port: url.port,
        path: url.pathname + url.search,
        method: request.method,
        headers,
      },
      (answer) => {
        response.writeHead(answer.statusCode ?? 502, answer.headers);
        answer.pipe(response);
      },
    );
    onward.on('error', () => response.destroy());
    request.pipe(onward);
  };
  const server = tls ? createSecureServer(tls, listener) : createServer(listener);
  server.on('connection', (socket: Socket) => {
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
  });
  server.on('connect', (request: IncomingMessage, client: Socket) => {
    client.on('error', () => {});
    note(request);
    const no = refuses(request);
    if (no !== undefined) {
      if (no !== null) client.end(no);
      return;
    }
    asked.push(`CONNECT ${request.url}`);
    const { hostname, port } = new URL(`http://${request.url}`);
    const to = hostname === behindProxy ? '127.0.0.1' : hostname.replace(/^\[|\]$/g, '');
    const inward = connect(Number(port || 80), to, () => {
      client.write('HTTP/1.1 200 Connection established\r\n\r\n');
      inward.pipe(client).pipe(inward);
    });
    sockets.add(inward);
    inward.on('error', () => client.destroy());
    inward.on('close', () => sockets.delete(inward));
  });
  await new Promise<void>((done) => server.listen(0, host, done));
  const { port } = server.address() as AddressInfo;
  const signIn = login ? `${login.user}:${encodeURIComponent(login.password)}@` : '';
  return {
    url: `${tls ? 'https' : 'http'}://${signIn}${host.includes(':') ? `[${host}]` : host}:${port}`,
    ...{ port, asked, heard },
    async [Symbol.asyncDispose]() {
      for (const socket of sockets) socket.destroy();
      await new Promise((done) => server.close(done));
    },
  };
}
