import { say } from '../../preload/messages/said.ts';
import { AppError } from '../errors.ts';

const loopback = new Set(['127.0.0.1', '[::1]', 'localhost']);

/** The address to open; only what a browser shows, never a program, a file or another app's scheme. */
export function openableUrl(text: string): string {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  const plain = url !== undefined && url.username === '' && url.password === '';
  if (plain && (url.protocol === 'https:' || (url.protocol === 'http:' && loopback.has(url.hostname)))) {
    return url.href;
  }
  throw new AppError('INPUT_INVALID', say('desktop.onlyHttpsAddressesHttp'));
}
