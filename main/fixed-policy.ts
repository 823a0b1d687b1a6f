import { closeSync, fstatSync, openSync, readFileSync } from 'node:fs';
import { policy } from '../preload/contract/models.ts';
import { AppError } from './errors.ts';
import type { Host } from './host.ts';

/** Where whoever manages the computer decides for everybody on it. */
const usualPlace = '/etc/headgate/policy.json';

const fields = policy.omit({ fixed: true }).partial();

/**
 * What the computer's policy file decides: the file that `HEADGATE_POLICY` names, else the one in /etc if there is one. A
 * file that can't be read, says something that is not known, or can be changed by others is no policy: the start fails
 * with INPUT_INVALID and names it, rather than go on without what somebody decided.
 */
export function readFixedPolicy(
  env: Readonly<Record<string, string | undefined>>,
  place: string = usualPlace,
): Host['fixedPolicy'] {
  const named = env['HEADGATE_POLICY'];
  const file = named || place;
  const refuse = (why: string, cause?: unknown): AppError =>
    new AppError('INPUT_INVALID', `The policy file ${file} ${why}.`, {
      cause,
      advice: `Correct ${file}${named ? ', or start without HEADGATE_POLICY' : ''}, then start Headgate again.`,
    });

  let text: string;
  try {
    const handle = openSync(file, 'r');
    try {
      // Windows has no such bits; there the folder's access list decides.
      if (process.platform !== 'win32' && (fstatSync(handle).mode & 0o022) !== 0) {
        throw refuse('can be changed by other users; run chmod go-w on it');
      }
      text = readFileSync(handle, 'utf8');
    } finally {
      closeSync(handle);
    }
  } catch (cause) {
    if (cause instanceof AppError) throw cause;
    const missing = (cause as NodeJS.ErrnoException).code === 'ENOENT';
    if (missing && !named) return {};
    throw refuse(missing ? 'is not there' : 'can not be read', cause);
  }
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (cause) {
    throw refuse('is not JSON', cause);
  }
  const parsed = fields.safeParse(value);
  if (!parsed.success) {
    const issue = parsed.error.issues[0];
    throw refuse(`does not fit: ${[issue?.path.join('.'), issue?.message].filter(Boolean).join(': ')}`);
  }
  return Object.fromEntries(
    Object.entries(parsed.data).filter(([, given]) => given !== undefined),
  ) as Host['fixedPolicy'];
}
