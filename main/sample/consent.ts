import { say } from '../../preload/messages/said.ts';
import { AppError } from '../errors.ts';

/** The simulator's consent page and the redirect behind it; nothing that a person would wait for. */
const stepTimeoutMs = 10_000;

/**
 * Does what a person does in the browser on the simulator's consent page: reads the form, chooses, follows the
 * redirect to the loopback receiver. For the demo and the tests, where no browser is opened; it works on pages of
 * this computer only.
 */
export function scriptedBrowser(choice: 'allow' | 'deny'): (url: string) => Promise<void> {
  return async (address) => {
    const url = new URL(address);
    if (!['127.0.0.1', '[::1]', 'localhost'].includes(url.hostname)) {
      throw new AppError('OAUTH_FAILED', say('command.consentGivenPersonOnly'));
    }
    const signal = (): AbortSignal => AbortSignal.timeout(stepTimeoutMs);
    const page = await (await fetch(url, { signal: signal() })).text();
    const form = /<form[^>]*action="([^"]*)"[^>]*>([\s\S]*?)<\/form>/i.exec(page);
    if (!form) throw new AppError('OAUTH_FAILED', say('command.consentPageNoForm'));
    const fields = new URLSearchParams();
    for (const [, attributes = ''] of (form[2] ?? '').matchAll(/<input\b([^>]*)>/gi)) {
      const name = /\bname="([^"]*)"/i.exec(attributes)?.[1];
      if (name)
        fields.set(unescapeHtml(name), unescapeHtml(/\bvalue="([^"]*)"/i.exec(attributes)?.[1] ?? ''));
    }
    for (const [, attributes = '', label = ''] of (form[2] ?? '').matchAll(
      /<button\b([^>]*)>([\s\S]*?)<\/button>/gi,
    )) {
      const isAllow = /allow|authori[sz]e/i.test(label);
      if (isAllow !== (choice === 'allow')) continue;
      const name = /\bname="([^"]*)"/i.exec(attributes)?.[1];
      if (name)
        fields.set(unescapeHtml(name), unescapeHtml(/\bvalue="([^"]*)"/i.exec(attributes)?.[1] ?? ''));
    }
    const answer = await fetch(new URL(unescapeHtml(form[1] ?? ''), url), {
      method: 'POST',
      body: fields,
      redirect: 'manual',
      signal: signal(),
    });
    const target = answer.headers.get('location');
    if (!target)
      throw new AppError(
        'OAUTH_FAILED',
        say('command.consentPageAnsweredWithout', { status: String(answer.status) }),
      );
    await (await fetch(target, { signal: signal() })).text();
  };
}

function unescapeHtml(text: string): string {
  return text
    .replaceAll('&quot;', '"')
    .replaceAll('&#39;', "'")
    .replaceAll('&#x27;', "'")
    .replaceAll('&lt;', '<')
    .replaceAll('&gt;', '>')
    .replaceAll('&amp;', '&');
}
