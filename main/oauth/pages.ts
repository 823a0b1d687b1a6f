import type { Said } from '../../preload/contract/said.ts';
import { english, say } from '../../preload/messages/said.ts';
import type { Written } from '../host.ts';
import { escaped } from '../words.ts';

/** What the browser shows once the sign-in is over, and what it shows where nothing came of it; HTML. */
export interface SignInPages {
  readonly connected: string;
  readonly notConnected: string;
}

/** In this order: title and text of each page. */
const told: readonly Said[] = [
  say('oauth.page.connected'),
  say('oauth.page.connectedText'),
  say('oauth.page.notConnected'),
  say('oauth.page.notConnectedText'),
];

const page = (language: string, title: string, text: string): string => `<!doctype html>
<html lang="${escaped(language)}"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark"><title>${escaped(title)} – Headgate</title>
<style>body{font:16px/1.5 system-ui,sans-serif;max-width:32rem;margin:20vh auto;padding:0 1rem;overflow-wrap:anywhere;color:#16242b;background:#f6f8f8}
@media (prefers-color-scheme:dark){body{color:#e6eeee;background:#10181b}}h1{font-size:1.25rem;line-height:1.3}</style></head>
<body><main><h1>${escaped(title)}</h1><p>${escaped(text)}</p></main></body></html>`;

/** The pages in the language of whoever signs in; `write` writes in it. */
export async function signInPages(write: (told: readonly Said[]) => Promise<Written>): Promise<SignInPages> {
  const { language, texts } = await write(told);
  const [title = '', text = '', noTitle = '', noText = ''] = texts;
  return { connected: page(language, title, text), notConnected: page(language, noTitle, noText) };
}

/** Where nobody was asked for their language. */
export const englishPages = (): Promise<SignInPages> =>
  signInPages(async (said) => ({ language: 'en', texts: said.map(english) }));
