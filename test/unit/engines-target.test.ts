import { expect, it } from 'vitest';
import { systemClock } from '../../main/clock.ts';
import { copyTarget, localTarget, type Target, wipeTarget } from '../../main/engines/engine.ts';
import { runInThread } from '../../main/sync/job/thread.ts';
import { createThreads } from '../../main/sync/job/threads.ts';
import { keptLog } from '../support/parts.ts';
import { specOf } from '../support/sync-run.ts';

/* Secrets of a target: overwritten when the work is done, and handed to a thread without what stands beside them. */

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);
const full = (): Target => ({
  ...localTarget({ host: 'db', port: 5432, user: 'etl', password: 'canary-password' }, 'field'),
  tlsKey: bytes('canary-tls-key'),
  tlsKeyPassphrase: bytes('canary-tls-passphrase'),
  ssh: [
    {
      host: 'a',
      port: 22,
      user: 'x',
      login: { kind: 'key', key: bytes('canary-key'), passphrase: bytes('canary-key-passphrase') },
    },
    { host: 'b', port: 22, user: 'x', login: { kind: 'password', password: bytes('canary-hop') } },
    { host: 'c', port: 22, user: 'x', login: { kind: 'agent', socket: '/run/agent', publicKey: null } },
    { host: 'd', port: 22, user: 'x', login: { kind: 'keys', keys: [bytes('canary-usual-key')] } },
  ],
});
/** Every byte of every field, as text. */
const texts = (value: unknown): string =>
  value instanceof Uint8Array
    ? Buffer.from(value).toString('latin1')
    : value !== null && typeof value === 'object'
      ? Object.values(value).map(texts).join(' ')
      : String(value);

it('a wiped target holds no secret any more, a copy of it still does', () => {
  const target = full();
  const copy = copyTarget(target);
  expect(texts(target).match(/canary/g)).toHaveLength(7);
  wipeTarget(target);
  expect(texts(target)).not.toContain('canary');
  expect(texts(copy).match(/canary/g)).toHaveLength(7);
  wipeTarget(copy);
  expect(texts(copy)).not.toContain('canary');
});

it('a thread gets the secrets without the memory they stood in, and here they are overwritten', async () => {
  // A buffer from Node's pool stands in a block with others.
  const password = Buffer.from('canary-password');
  expect(password.buffer.byteLength).toBeGreaterThan(password.byteLength);
  const worker = `import { parentPort } from 'node:worker_threads';
    parentPort.on('message', ({ type, spec }) => {
      if (type !== 'start') return;
      const { password } = spec.target;
      const got = { text: new TextDecoder().decode(password), block: password.buffer.byteLength };
      parentPort.postMessage({ type: 'done', end: { kind: 'held', reasons: [got] } });
      parentPort.close();
    });`;
  const place = {
    postgres: { host: '127.0.0.1', port: 1, user: 'u', password: '' },
    database: 'd',
    schema: 's',
  } as const;
  const target = { ...full(), password };
  const spec = { ...specOf(place, { url: 'http://127.0.0.1:1' } as never), target };
  const threads = createThreads({
    worker: new URL(`data:text/javascript,${encodeURIComponent(worker)}`),
    clock: systemClock,
  });
  const outcome = await runInThread(
    {
      threads,
      log: keptLog().log,
      gate: { enter: async () => 0, refused: () => {}, closed: () => {} },
      renewToken: async () => '',
      tokenRefused: async () => {},
      intend: async () => {},
      onProgress: () => {},
    },
    spec,
    'token',
    new AbortController().signal,
  );
  expect(outcome).toEqual({ kind: 'held', reasons: [{ text: 'canary-password', block: 15 }] });
  expect(texts(target)).not.toContain('canary');
});
