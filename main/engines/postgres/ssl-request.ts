import type { Duplex } from 'node:stream';
import { say } from '../../../preload/messages/said.ts';
import { AppError } from '../../errors.ts';
import type { Target } from '../engine.ts';
import { type Bounds, bounded } from '../wire/bounded.ts';
import { placeText } from '../wire/tcp.ts';

/** SSLRequest of the protocol (docs, "Message Formats"): its length, then 1234 and 5679. */
const sslRequest = Buffer.from([0, 0, 0, 8, 0x04, 0xd2, 0x16, 0x2f]);

/** What the server says to the question whether it speaks TLS. Nothing but its one byte may have come. */
export async function offersTls(stream: Duplex, target: Target, bounds: Bounds): Promise<boolean> {
  const where = placeText(target.host, target.port);
  const answer = await bounded<Buffer>(bounds, (resolve, reject) => {
    const onData = (piece: Buffer): void => {
      stream.pause();
      stop();
      resolve(piece);
    };
    const onEnd = (why?: unknown): void => {
      stop();
      if (why instanceof AppError) {
        reject(why);
        return;
      }
      reject(
        new AppError('DB_TLS', say('engine.hungUpWhenAsked', { where }), {
          advice: say('engine.hungUpWhenAsked.advice'),
        }),
      );
    };
    const stop = (): void => {
      stream.off('data', onData);
      for (const event of ['end', 'close', 'error']) stream.off(event, onEnd);
    };
    stream.on('data', onData);
    for (const event of ['end', 'close', 'error']) stream.on(event, onEnd);
    // One that broke before has said so, and says nothing any more.
    if (stream.destroyed) onEnd(stream.errored);
    else stream.write(sslRequest);
    return stop;
  });
  if (answer.length === 1 && answer[0] === 0x53) return true;
  if (answer.length === 1 && answer[0] === 0x4e) return false;
  if (answer[0] === 0x45) {
    // What it says is not told on: nobody has proven yet who says it (as libpq since CVE-2024-10977).
    throw new AppError('DB_LOST', say('engine.answeredQuestionTlsError', { where }), {
      advice: say('engine.answeredQuestionTlsError.advice'),
    });
  }
  throw new AppError('DB_TLS', say('engine.whatAnswersNotPostgresql', { where }), {
    advice: say('engine.whatAnswersNotPostgresql.advice'),
  });
}
