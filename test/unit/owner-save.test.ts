import { expect, it } from 'vitest';
import { AppError } from '../../main/errors.ts';
import type { Desk, Saved } from '../../main/host.ts';
import { serveDesk } from '../../main/owner/desk-server.ts';
import { createRemoteDesk } from '../../main/owner/remote-desk.ts';
import { type FromClient, type FromOwner, fromClient, fromOwner } from '../../main/owner/wire.ts';
import { plain } from '../../preload/contract/said.ts';

/* A file that is made at the owner of a workspace and saved at the desk of whoever asked: bytes as they are, one piece at a time. */

/** Both ends of a connection: each message is a line of JSON that the other side parses, as it is on the socket. */
function joined(save: (content: Saved) => Promise<string | null>): Desk {
  const later = (work: () => void): void => void setImmediate(work);
  const across = <T>(parse: (line: unknown) => T, message: unknown): T =>
    parse(JSON.parse(JSON.stringify(message)));
  const remote = createRemoteDesk(
    (message) =>
      later(() => {
        const said = across((line) => fromOwner.parse(line), message) as Extract<
          FromOwner,
          { say: 'do' | 'undo' | 'piece' }
        >;
        server.take(said);
      }),
    () => () => {},
  );
  const server = serveDesk({ save: (_, content) => save(content) } as Desk, (message) =>
    later(() => {
      const said = across((line) => fromClient.parse(line), message) as Extract<
        FromClient,
        { say: 'done' | 'next' }
      >;
      remote.take(said);
    }),
  );
  return remote.desk;
}

it('brings texts and bytes over as they are, and asks for no piece before the last one is written', async () => {
  const every = Uint8Array.from({ length: 256 }, (_, at) => at);
  const log: string[] = [];
  async function* pieces(): AsyncGenerator<string | Uint8Array> {
    log.push('made 1');
    yield 'é "\n\u2028';
    log.push('made 2');
    // A view of a part, as they are cut from blocks.
    yield every.subarray(100, 256);
    log.push('made 3');
    yield new Uint8Array(0);
    yield Buffer.from(every);
  }
  const got: Buffer[] = [];
  const desk = joined(async (content) => {
    for await (const piece of content as AsyncIterable<string | Uint8Array>) {
      log.push(`took ${got.length + 1}`);
      got.push(Buffer.from(piece as string));
      await new Promise((resolve) => setTimeout(resolve, 5));
      log.push(`wrote ${got.length}`);
    }
    return '/where/it/is';
  });
  expect(await desk.save('x', pieces())).toBe('/where/it/is');
  expect(Buffer.concat(got)).toEqual(Buffer.concat([Buffer.from('é "\n\u2028'), every.subarray(100), every]));
  expect(log.indexOf('made 2')).toBeGreaterThan(log.indexOf('wrote 1'));
  expect(log.indexOf('made 3')).toBeGreaterThan(log.indexOf('wrote 2'));
});

it('passes on what the pieces fail with, and lets go of them when the desk fails', async () => {
  let isLeft = false;
  async function* failing(): AsyncGenerator<Uint8Array> {
    yield new Uint8Array(1);
    throw new AppError('QUERY_TIMEOUT', plain('late'));
  }
  async function* endless(): AsyncGenerator<Uint8Array> {
    try {
      for (;;) yield new Uint8Array(1);
    } finally {
      isLeft = true;
    }
  }
  const taking = joined(async (content) => {
    for await (const _ of content as AsyncIterable<Uint8Array>);
    return 'x';
  });
  await expect(taking.save('x', failing())).rejects.toMatchObject({ code: 'QUERY_TIMEOUT' });
  const full = joined(async (content) => {
    for await (const _ of content as AsyncIterable<Uint8Array>)
      throw new AppError('FILE_NOT_WRITTEN', plain('the disk is full'));
    return 'x';
  });
  await expect(full.save('x', endless())).rejects.toMatchObject({ code: 'FILE_NOT_WRITTEN' });
  expect(isLeft).toBe(true);
});
