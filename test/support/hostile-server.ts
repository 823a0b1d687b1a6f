import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';

/** What somebody's own web server got: every request with its headers and body, as one text each. */
export interface HostileServer extends AsyncDisposable {
  readonly url: string;
  readonly received: string[];
}

async function textOf(request: IncomingMessage): Promise<string> {
  const pieces: Buffer[] = [];
  for await (const piece of request) pieces.push(piece as Buffer);
  return [
    `${request.method} ${request.url}`,
    JSON.stringify(request.headers),
    Buffer.concat(pieces).toString(),
  ].join('\n');
}

/** Answers everything as if the token had run out, which makes a careless client send the refresh token. */
export async function startHostileServer(): Promise<HostileServer> {
  const received: string[] = [];
  const server = createServer((request, response) => {
    void textOf(request).then((text) => {
      received.push(text);
      response.writeHead(401, { 'content-length': '0' }).end();
    });
  });
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    received,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((done) => server.close(done));
    },
  };
}
