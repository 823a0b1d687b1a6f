import { createServer } from 'node:http';
import { type AddressInfo, connect } from 'node:net';

/** An HTTP proxy as offices have them: it wants a sign-in, tunnels to where it is asked, and writes down where that was. */
export interface ProxyServer extends AsyncDisposable {
  readonly url: string;
  /** `CONNECT host:port` or `GET http://…`, one for each request. */
  readonly asked: string[];
}

export async function startProxy(login: { user: string; password: string }): Promise<ProxyServer> {
  const asked: string[] = [];
  const wanted = `Basic ${Buffer.from(`${login.user}:${login.password}`).toString('base64')}`;
  const server = createServer(async (request, response) => {
    if (request.headers['proxy-authorization'] !== wanted) {
      response.writeHead(407, { 'proxy-authenticate': 'Basic realm="office"' }).end();
      return;
    }
    asked.push(`${request.method} ${request.url}`);
    const { 'proxy-authorization': _, ...headers } = request.headers;
    const answer = await fetch(request.url ?? '', { headers: headers as Record<string, string> });
    response
      .writeHead(answer.status, { 'content-type': answer.headers.get('content-type') ?? '' })
      .end(Buffer.from(await answer.arrayBuffer()));
  });
  server.on('connect', (request, client) => {
    client.on('error', () => {});
    if (request.headers['proxy-authorization'] !== wanted) {
      client.end(
        'HTTP/1.1 407 Proxy Authentication Required\r\nProxy-Authenticate: Basic realm="office"\r\n\r\n',
      );
      return;
    }
    asked.push(`CONNECT ${request.url}`);
    const { hostname, port } = new URL(`http://${request.url}`);
    const inward = connect(Number(port), hostname === 'hq.example.org' ? '127.0.0.1' : hostname, () => {
      client.write('HTTP/1.1 200 Connection established\r\n\r\n');
      inward.pipe(client).pipe(inward);
    });
    inward.on('error', () => client.destroy());
  });
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  return {
    url: `http://${login.user}:${encodeURIComponent(login.password)}@127.0.0.1:${(server.address() as AddressInfo).port}`,
    asked,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((done) => server.close(done));
    },
  };
}
