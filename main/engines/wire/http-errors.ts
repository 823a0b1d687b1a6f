import { say } from '../../../preload/messages/said.ts';
import { AppError } from '../../errors.ts';

const lost = new Set([
  'ECONNRESET',
  'EPIPE',
  'ETIMEDOUT',
  'ERR_STREAM_PREMATURE_CLOSE',
  'ERR_STREAM_DESTROYED',
]);

/**
 * What a request fails with where no answer of the service explains it: the line was lost, or something answered that does
 * not speak HTTP, for which `another` says what was expected at `where`.
 */
export function explainHttpLine(error: unknown, where: string, another: () => AppError): AppError {
  const { code = '', message = '' } = error as { code?: string; message?: string };
  if (/^HPE_/.test(code)) return another();
  if (lost.has(code) || /socket hang up|aborted/i.test(message))
    return new AppError('DB_LOST', say('engine.connectionLost', { where }), { cause: error });
  return new AppError('INTERNAL', say('engine.somethingWentWrongInside', { where }), { cause: error });
}
