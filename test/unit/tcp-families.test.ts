import type { AddressInfo } from 'node:net';
import { createServer } from 'node:net';
import { networkInterfaces } from 'node:os';
import { expect, it } from 'vitest';
import { openTcp } from '../../main/engines/wire/tcp.ts';
import { english } from '../../preload/messages/said.ts';
import { inProcess } from '../support/parts.ts';

/* A database at an IPv6 address, and at a name that has addresses of both families. */

const hasIpv6 = Object.values(networkInterfaces()).some((all) =>
  all?.some(({ family }) => family === 'IPv6'),
);

async function listening(host: string) {
  const server = createServer((socket) => socket.on('error', () => {}).end());
  await new Promise<void>((done) => server.listen(0, host, done));
  const { port } = server.address() as AddressInfo;
  return { port, [Symbol.asyncDispose]: () => new Promise<void>((done) => void server.close(() => done())) };
}

it.skipIf(!hasIpv6)('an address is connected to as it is, and told with its brackets', async () => {
  await using server = await listening('::1');
  const said: string[] = [];
  const socket = await openTcp(
    {
      ...{ host: '::1', port: server.port, prefix: '' },
      ...({ unknown: 'DB_HOST_UNKNOWN', refused: 'DB_REFUSED', silent: 'DB_TIMEOUT' } as const),
    },
    {
      ...{ signal: new AbortController().signal, ms: 5000 },
      watch: { done: (_, detail) => void said.push(english(detail)) },
    },
  );
  socket.destroy();
  expect(said).toEqual(['::1 is an address.', `Connected to [::1]:${server.port}.`]);
});

it('a name of both families is connected to at whichever answers', async () => {
  await using server = await listening('127.0.0.1');
  const said = await inProcess(
    `import dns from 'node:dns/promises';
     import { syncBuiltinESMExports } from 'node:module';
     dns.lookup = async () => [{ address: '::1', family: 6 }, { address: '127.0.0.1', family: 4 }];
     syncBuiltinESMExports();
     import { openTcp } from 'main/engines/wire/tcp.ts';
     const place = { host: 'db.example.org', port: ${server.port}, prefix: '', unknown: '', refused: '', silent: '' };
     const socket = await openTcp(place, { signal: new AbortController().signal, ms: 5000, watch: {} });
     process.stdout.write(socket.remoteAddress, () => process.exit(0));`,
  );
  expect(said).toBe('127.0.0.1');
});
