import { escapeHtml } from './http.ts';
import type { OAuthProfile } from './oauth-state.ts';
import type { OAuthClient, SimPerson } from './types.ts';

const STYLE = `
  :root { color-scheme: light dark; font: 16px/1.5 system-ui, sans-serif; }
  body { margin: 0; display: grid; place-items: center; min-height: 100vh; background: Canvas; color: CanvasText; }
  main { width: min(28rem, calc(100vw - 3rem)); padding: 1.5rem 2rem; border: 1px solid color-mix(in srgb, CanvasText 20%, Canvas); border-radius: 12px; }
  h1 { font-size: 1.25rem; margin: 0 0 .5rem; }
  ul { margin: .25rem 0 1rem; padding-left: 1.25rem; }
  fieldset { border: 0; padding: 0; margin: 0 0 1rem; }
  label { display: block; padding: .25rem 0; }
  .actions { display: flex; gap: .75rem; justify-content: flex-end; margin-top: 1.5rem; }
  button { font: inherit; padding: .5rem 1.25rem; border-radius: 8px; border: 1px solid #5d70d2; background: transparent; color: inherit; cursor: pointer; }
  button[value="Allow"] { background: #4353b3; border-color: #4353b3; color: #fff; }
  small { opacity: .7; }
`;

function page(title: string, body: string): string {
  return `<!doctype html><html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>${escapeHtml(title)}</title><style>${STYLE}</style></head><body><main>${body}</main></body></html>`;
}

/** The HTML 400 of a bad client or redirect. */
export function errorPage(error: string, description: string): string {
  return page('Error', `<h1>Error: ${escapeHtml(error)}</h1><p>${escapeHtml(description)}</p>`);
}

/** The consent page: who signs in, what is asked for, and a form that posts the decision back. */
export function consentPage(
  profile: OAuthProfile,
  client: OAuthClient,
  scope: string,
  users: readonly { readonly user: SimPerson; readonly projects: readonly string[] }[],
  params: URLSearchParams,
): string {
  const name = escapeHtml(client.name ?? client.clientId);
  const hidden = [...params]
    .filter(([key]) => key !== 'username' && key !== 'allow')
    .map(([key, value]) => `<input type="hidden" name="${escapeHtml(key)}" value="${escapeHtml(value)}">`)
    .join('');
  const scopes = scope
    .split(' ')
    .map((s) => `<li>${escapeHtml(profile.scopes[s] ?? s)}</li>`)
    .join('');
  const people = users
    .map(({ user, projects }, index) => {
      const list = projects.length > 0 ? projects.map(escapeHtml).join(', ') : 'no project';
      const text = `${escapeHtml(user.username)} <small>(${list})</small>`;
      const value = escapeHtml(user.username);
      return users.length === 1
        ? `<p>Signed in as <strong>${text}</strong></p><input type="hidden" name="username" value="${value}">`
        : `<label><input type="radio" name="username" value="${value}"${index === 0 ? ' checked' : ''}> ${text}</label>`;
    })
    .join('');
  const picker = users.length === 1 ? people : `<fieldset><legend>Sign in as</legend>${people}</fieldset>`;
  return page(
    `Authorize ${client.name ?? client.clientId}?`,
    `<h1>Authorize ${name}?</h1><form method="post" action="${profile.base}/authorize/">${hidden}${picker}<p>${name} would like to:</p><ul>${scopes}</ul><div class="actions"><button type="submit" name="allow" value="Deny">Deny</button><button type="submit" name="allow" value="Allow">Allow</button></div></form>`,
  );
}
