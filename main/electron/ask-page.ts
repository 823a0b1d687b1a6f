import { longestTyped } from '../../preload/contract/typed.ts';
import { type SentenceId, say } from '../../preload/messages/said.ts';
import { escaped, type Words } from '../words.ts';
import { contentSecurityPolicy } from './protocol.ts';

type Plain = Extract<SentenceId, `ask.${'again' | 'caps' | 'show' | 'help' | 'goOn'}` | 'desk.cancel'>;

/** The page that passphrases and keys are typed into; whatever it does, its preload script does. */
const html = (lang: string, text: (id: Plain) => string): string => `<!doctype html>
<html lang="${lang}">
<head><meta charset="utf-8"><title>Headgate</title><link rel="stylesheet" href="ask.css"></head>
<body>
<main>
<h1 id="title">Headgate</h1>
<p id="what"></p>
<p id="problem" class="wrong" role="alert" hidden></p>
<form id="form" novalidate>
<label id="label" for="typed"></label>
<input id="typed" type="password" autocomplete="off" spellcheck="false" maxlength="${longestTyped}" aria-describedby="typed-problem rule caps help">
<textarea id="key" rows="3" autocomplete="off" spellcheck="false" maxlength="${longestTyped}" aria-describedby="typed-problem caps help" hidden></textarea>
<p id="typed-problem" class="wrong" role="alert" hidden></p>
<p id="rule" class="small" hidden></p>
<div id="twice" hidden>
<label for="again">${text('ask.again')}</label>
<input id="again" type="password" autocomplete="off" spellcheck="false" maxlength="${longestTyped}" aria-describedby="again-problem caps">
<p id="again-problem" class="wrong" role="alert" hidden></p>
</div>
<p id="caps" role="status" hidden>${text('ask.caps')}</p>
<p id="showing"><input id="show" type="checkbox"><label for="show">${text('ask.show')}</label></p>
<p id="help" class="small">${text('ask.help')}</p>
<div class="buttons">
<button type="button" id="cancel">${text('desk.cancel')}</button>
<button type="submit" class="primary">${text('ask.goOn')}</button>
</div>
</form>
</main>
</body>
</html>
`;

/** The colours are those of the windows (renderer/styles/tokens.css), in both themes. */
const css = `
:root { color-scheme: light dark; font: 15px/1.5 system-ui, sans-serif;
  --canvas: light-dark(#ffffff, #131b1c); --text: light-dark(#16211f, #e8eeec); --soft: light-dark(#4d5c58, #a9b8b4);
  --line: light-dark(#7b8a86, #70817d); --fill: light-dark(#0f6b5c, #8ad5c5); --on-fill: light-dark(#ffffff, #06251f);
  --bad: light-dark(#ab2419, #f59185); }
* { box-sizing: border-box; }
[hidden] { display: none !important; }
body { margin: 0; background: var(--canvas); color: var(--text); overflow-wrap: anywhere; }
main { padding: 20px 24px; }
h1 { margin: 0 0 4px; font-size: 18px; line-height: 1.3; }
p { margin: 0; color: var(--soft); white-space: pre-line; }
p.wrong { color: var(--bad); font-weight: 550; }
#what + .wrong { margin-top: 12px; }
form { margin-top: 16px; }
label { display: block; margin-bottom: 4px; font-weight: 550; }
input:not([type=checkbox]), textarea { display: block; inline-size: 100%; padding: 8px 10px; border: 1px solid var(--line);
  border-radius: 6px; background: var(--canvas); color: var(--text); font: inherit; }
textarea { font-family: ui-monospace, monospace; resize: none; }
[aria-invalid=true] { border-color: var(--bad); }
:focus-visible { outline: 2px solid var(--fill); outline-offset: 2px; }
.wrong, .small { margin-top: 4px; font-size: 13px; }
#twice { margin-top: 12px; }
#caps { margin-top: 4px; color: var(--text); font-weight: 550; }
#showing { display: flex; align-items: center; gap: 8px; margin-top: 10px; }
#showing input { inline-size: 18px; block-size: 18px; margin: 0; flex: none; accent-color: var(--fill); }
#showing label { margin: 0; font-weight: 400; color: var(--text); }
#help { margin-top: 8px; }
.buttons { display: flex; flex-wrap: wrap; justify-content: end; gap: 8px; margin-top: 16px; }
button { padding: 7px 16px; border: 1px solid var(--line); border-radius: 6px; background: none; color: var(--text);
  font: inherit; font-weight: 550; cursor: pointer; }
button.primary { border-color: transparent; background: var(--fill); color: var(--on-fill); }
`;

/** Answers requests of that window: two files, and nothing else. The page is in the language of this moment. */
export async function serveAskPage(request: Request, words: Words): Promise<Response> {
  const { pathname } = new URL(request.url);
  const page = (): string => html(words.spoken().language, (id) => escaped(words.text(say(id))));
  const found: readonly [type: string, text: string] | undefined =
    pathname === '/'
      ? ['text/html; charset=utf-8', page()]
      : pathname === '/ask.css'
        ? ['text/css; charset=utf-8', css]
        : undefined;
  if (request.method !== 'GET' || !found) return new Response('Not found', { status: 404 });
  const [type, text] = found;
  return new Response(text, {
    headers: {
      'content-security-policy': contentSecurityPolicy,
      'content-type': type,
      'cache-control': 'no-store',
      'x-content-type-options': 'nosniff',
    },
  });
}
