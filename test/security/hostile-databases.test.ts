import { writeFileSync } from 'node:fs';
import { createServer as createHttpServer } from 'node:http';
import { createServer, type Socket } from 'node:net';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { clickhouse } from '../../main/engines/clickhouse/clickhouse.ts';
import { linesOf } from '../../main/engines/clickhouse/tab-separated.ts';
import { localTarget, type Target } from '../../main/engines/engine.ts';
import { mysql } from '../../main/engines/mysql/mysql.ts';
import { signInPlugins } from '../../main/engines/mysql/sign-in.ts';
import { noTls } from '../../main/engines/tls/tls.ts';
import { poolSettings } from '../../preload/contract/models.ts';
import { codeOf, temporaryFolder } from '../support/parts.ts';

/* Whoever poses as a database of another kind: it gets neither the password nor a file, and fills no memory. */

const never = new AbortController().signal;
const canary = 'canary-4c19ae02';
const asked = { limit: 10, timeoutMs: 5000, idleMs: 60_000 };
const clock = { now: () => Date.now(), sleep: async () => {} } as never;
const settings = poolSettings.parse({ size: 1 });

describe('a server of MySQL that asks for the password itself', () => {
  const target = (more: Partial<Target>): Target => ({
    ...localTarget({ host: 'db.example.org', port: 3306, user: 'u', password: canary }, 'd'),
    engine: 'mysql',
    ...more,
  });
  const full = Buffer.of(4);
  const encrypted = { ...noTls, protocol: 'TLSv1.3' };
  it.each([
    ['without TLS', target({}), noTls],
    ['over TLS that checks nothing', target({ tlsMode: 'require' }), encrypted],
    ['over TLS that checks the chain of the world and no name', target({ tlsMode: 'verify-ca' }), encrypted],
  ])('does not get it %s', (_, to, tls) => {
    const plugins = signInPlugins(to, () => tls);
    for (const [name, questions] of [
      ['mysql_clear_password', [Buffer.alloc(0)]],
      ['sha256_password', [Buffer.alloc(20)]],
      ['dialog', [Buffer.alloc(1)]],
      ['caching_sha2_password', [Buffer.alloc(20), full]],
    ] as const) {
      const answer = plugins[name]?.({});
      const ask = () => questions.map((question) => answer?.(question));
      expect(ask, name).toThrow(expect.objectContaining({ code: 'DB_PASSWORD_ASKED' }));
    }
  });
  it('gets it where it is certain who asks, and a proof without it everywhere', () => {
    const sure = signInPlugins(target({ tlsMode: 'verify-full' }), () => encrypted);
    expect(sure['mysql_clear_password']?.({})(Buffer.alloc(0))?.toString()).toBe(`${canary}\0`);
    const unsure = signInPlugins(target({}), () => noTls)['caching_sha2_password']?.({});
    const proof = unsure?.(Buffer.alloc(20, 7));
    expect(proof).toHaveLength(32);
    expect(proof?.toString('latin1')).not.toContain(canary);
  });
});

it('a server of MySQL that asks for a file of this computer gets none', async () => {
  using folder = temporaryFolder();
  const file = join(folder.path, 'secret.txt');
  writeFileSync(file, canary);
  const packet = (sequence: number, body: Buffer): Buffer => {
    const head = Buffer.alloc(4);
    head.writeUIntLE(body.length, 0, 3);
    head[3] = sequence;
    return Buffer.concat([head, body]);
  };
  const greeting = Buffer.concat([
    ...[Buffer.of(10), Buffer.from('8.0.36\0'), Buffer.from([1, 0, 0, 0]), Buffer.alloc(8, 65), Buffer.of(0)],
    // CLIENT_LONG_PASSWORD … PROTOCOL_41, LOCAL_FILES, SECURE_CONNECTION, PLUGIN_AUTH.
    ...[
      Buffer.from([0xff, 0xf7, 45, 2, 0, 0xff, 0x81, 21]),
      Buffer.alloc(10),
      Buffer.alloc(12, 66),
      Buffer.of(0),
    ],
    Buffer.from('mysql_native_password\0'),
  ]);
  const ok = Buffer.from([0, 0, 0, 2, 0, 0, 0]);
  const received: Buffer[] = [];
  const server = createServer((socket: Socket) => {
    let step = 0;
    socket.on('error', () => {});
    socket.write(packet(0, greeting));
    socket.on('data', (piece) => {
      received.push(piece);
      step += 1;
      // The login is answered behind its own number, what prepares the session with a yes; then comes the question.
      const number = piece[3] ?? 0;
      if (number > 0 && step < 3) socket.write(packet(number + 1, ok));
      // An empty packet: no file.
      else if (piece.length === 4) socket.write(packet(number + 1, ok));
      else if (piece.includes('SET ')) socket.write(packet(1, ok));
      else socket.write(packet(1, Buffer.concat([Buffer.of(0xfb), Buffer.from(file)])));
    });
  });
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  const { port } = server.address() as { port: number };
  const look = mysql.reader({
    target: async () => ({
      ...localTarget({ host: '127.0.0.1', port, user: 'u', password: 'x' }, 'd'),
      engine: 'mysql' as const,
      connectTimeoutMs: 3000,
      statementTimeoutMs: 3000,
    }),
    settings,
    clock,
  });
  expect(await codeOf(() => look.ask({ ...asked, sql: 'SELECT 1' }, never))).toBe('DB_REFUSED');
  await look.close();
  server.close();
  expect(Buffer.concat(received).toString('latin1')).not.toContain(canary);
  expect(received.length).toBeGreaterThan(2);
});

describe('a server of ClickHouse', () => {
  it('whose row never ends is left before it fills the memory', async () => {
    async function* endless(): AsyncGenerator<Uint8Array> {
      for (;;) yield Buffer.alloc(1024, 97);
    }
    const lines = linesOf(endless(), 100_000);
    await expect(lines.next()).rejects.toThrow();
  });
  it('that refuses with a page without end is not read to it', async () => {
    let sent = 0;
    const server = createHttpServer((request, answer) => {
      request.resume();
      answer.writeHead(500);
      const more = (): void => {
        while (!answer.destroyed && answer.write('x'.repeat(64 * 1024))) sent += 64;
        sent += 64;
      };
      answer.on('drain', more);
      answer.on('error', () => {});
      more();
    });
    await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
    const { port } = server.address() as { port: number };
    const test = await clickhouse.test(
      {
        ...localTarget({ host: '127.0.0.1', port, user: 'u', password: canary }, 'd'),
        engine: 'clickhouse',
      },
      { at: new Date().toISOString(), readOnly: true, lease: null, signal: never },
    );
    expect(test.error?.code).toBe('DB_REFUSED');
    expect(JSON.stringify(test)).not.toContain(canary);
    server.closeAllConnections();
    server.close();
    // Kilobytes: what stood in the buffers of the line, and no more.
    expect(sent).toBeLessThan(64 * 1024);
  });
});
