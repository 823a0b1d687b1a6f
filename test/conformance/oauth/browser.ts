/** What a person sees at the end of a visit. */
export interface Page {
  readonly url: string;
  readonly status: number;
  readonly text: string;
}

export interface Person {
  readonly name: string;
  readonly password: string;
}

/** A browser with a person in front of it. */
export interface Browser {
  /**
   * Opens an address and does what its pages ask for until there is nothing left to do: logs in, decides on a consent,
   * follows redirects. Resolves with the last page.
   */
  visit(url: string): Promise<Page>;
  /** Takes away everything that was ever allowed, on the pages of django-oauth-toolkit. */
  takeAway(site: string): Promise<void>;
}

const mostSteps = 10;
const stepMs = 20_000;

const signs: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>', quot: '"' };
const unescapeHtml = (text: string): string =>
  text.replace(/&(?:#(\d+)|#x([\da-f]+)|(\w+));/gi, (whole, decimal, hex, name) => {
    if (decimal) return String.fromCodePoint(Number(decimal));
    return hex ? String.fromCodePoint(Number.parseInt(hex, 16)) : (signs[name] ?? whole);
  });

type Attributes = ReadonlyMap<string, string>;
const attributesOf = (tag: string): Attributes =>
  new Map(
    [...tag.matchAll(/([\w-]+)(?:="([^"]*)")?/g)].map(([, name = '', value = '']) => [
      name.toLowerCase(),
      unescapeHtml(value),
    ]),
  );

/** What is sent for the first form of a page, and where to; null where there is none that is posted. */
function filled(page: Page, person: Person, allow: boolean): { to: string; fields: URLSearchParams } | null {
  const [, tag = '', inside = ''] = /<form\b([^>]*)>([\s\S]*?)<\/form>/i.exec(page.text) ?? [];
  const form = attributesOf(tag);
  if (form.get('method')?.toLowerCase() !== 'post') return null;
  const fields = new URLSearchParams();
  const buttons: { name: string; value: string; label: string }[] = [];
  for (const [, input, button = '', label] of inside.matchAll(
    /<(?:input\b([^>]*)>|button\b([^>]*)>([^<]*)<\/button>)/gi,
  )) {
    const attributes = attributesOf(input ?? button);
    const [name = '', value = '', type = ''] = ['name', 'value', 'type'].map((each) => attributes.get(each));
    if (type === 'submit') buttons.push({ name, value, label: label ?? value });
    else if (type === 'password') fields.set(name, person.password);
    else if (type === 'text' || type === 'email') fields.set(name, person.name);
    else if (type !== 'radio' || value === person.name) fields.set(name, value);
  }
  const means = allow ? /allow|authori[sz]e/i : /deny|cancel/i;
  const button =
    buttons.find(({ label }) => means.test(label)) ?? (buttons.length === 1 ? buttons[0] : undefined);
  if (button === undefined) throw new Error(`no button to press at ${page.url}`);
  if (button.name !== '') fields.set(button.name, button.value);
  return { to: new URL(form.get('action') || page.url, page.url).href, fields };
}

/** A browser that does what this person would, who allows or denies what is asked for. */
export function browserOf(person: Person, choice: 'allow' | 'deny' = 'allow'): Browser {
  const cookies = new Map<string, Map<string, string>>();

  /** One request, and what its answer redirects to. */
  async function load(url: string, fields?: URLSearchParams): Promise<{ page: Page; next: string | null }> {
    const { origin } = new URL(url);
    const jar = cookies.get(origin) ?? new Map<string, string>();
    cookies.set(origin, jar);
    const answer = await fetch(url, {
      ...(fields ? { method: 'POST', body: fields } : {}),
      headers: { cookie: [...jar].map(([name, value]) => `${name}=${value}`).join('; ') },
      redirect: 'manual',
      signal: AbortSignal.timeout(stepMs),
    });
    for (const cookie of answer.headers.getSetCookie()) {
      const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(cookie) ?? [];
      jar.set(name, value);
    }
    const text = await answer.text();
    const to = answer.status >= 300 && answer.status < 400 ? answer.headers.get('location') : null;
    return { page: { url, status: answer.status, text }, next: to === null ? null : new URL(to, url).href };
  }

  async function visit(url: string): Promise<Page> {
    let { page, next } = await load(url);
    for (let step = 0; step < mostSteps; step += 1) {
      if (next !== null) {
        ({ page, next } = await load(next));
        continue;
      }
      const form = page.status === 200 ? filled(page, person, choice === 'allow') : null;
      if (form === null) return page;
      ({ page, next } = await load(form.to, form.fields));
    }
    throw new Error(`no end of pages after ${url}`);
  }

  return {
    visit,
    async takeAway(site) {
      const list = `${site}/oauth/authorized_tokens/`;
      for (let step = 0; step < 100; step += 1) {
        const { text } = await visit(list);
        const link = /href="([^"]*\/delete\/)"/.exec(text)?.[1];
        if (link === undefined) return;
        await visit(new URL(unescapeHtml(link), list).href);
      }
      throw new Error('no end of what was allowed');
    },
  };
}
