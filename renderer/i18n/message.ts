/**
 * A small part of ICU MessageFormat: `{name}`, `{count, plural, =0 {…} one {…} other {…}}` with `#` for the number,
 * and `{kind, select, a {…} other {…}}`. Branches may nest.
 */

type Trim<S extends string> = S extends ` ${infer R}` ? Trim<R> : S;
type Word<S extends string> = S extends `${string}${' ' | '#' | '{'}${string}` | '' ? never : S;
type Name<P extends string> = P extends `${infer N},${string}` ? Word<Trim<N>> : Word<P>;

/** The parameter names in a message. Words in a plural branch contain a space or `#`, which tells them apart. */
export type ParamsOf<S extends string> = S extends `${string}{${infer P}}${infer Rest}`
  ? Name<P> | ParamsOf<Rest>
  : never;

type Values = Readonly<Record<string, string | number>>;

export function render(message: string, values: Values, language: string, locale: string): string {
  let out = '';
  let at = 0;
  while (at < message.length) {
    const open = message.indexOf('{', at);
    if (open < 0) return out + message.slice(at);
    const close = matching(message, open);
    out += message.slice(at, open) + argument(message.slice(open + 1, close), values, language, locale);
    at = close + 1;
  }
  return out;
}

function matching(text: string, open: number): number {
  let depth = 0;
  for (let at = open; at < text.length; at++) {
    if (text[at] === '{') depth++;
    else if (text[at] === '}' && --depth === 0) return at;
  }
  throw new Error(`unbalanced braces in message: ${text}`);
}

function argument(inner: string, values: Values, language: string, locale: string): string {
  const [name = '', kind, ...rest] = inner.split(',');
  const value = values[name.trim()];
  if (value === undefined) throw new Error(`message parameter missing: ${name.trim()}`);
  if (kind === undefined) return typeof value === 'number' ? value.toLocaleString(locale) : value;
  const branches = parseBranches(rest.join(','));
  const chosen =
    kind.trim() === 'plural'
      ? (branches.get(`=${value}`) ?? branches.get(new Intl.PluralRules(language).select(Number(value))))
      : branches.get(String(value));
  const branch = chosen ?? branches.get('other') ?? '';
  const text =
    kind.trim() === 'plural' ? branch.replaceAll('#', Number(value).toLocaleString(locale)) : branch;
  return render(text, values, language, locale);
}

function parseBranches(text: string): Map<string, string> {
  const branches = new Map<string, string>();
  let at = 0;
  for (;;) {
    const open = text.indexOf('{', at);
    if (open < 0) return branches;
    const close = matching(text, open);
    branches.set(text.slice(at, open).trim(), text.slice(open + 1, close));
    at = close + 1;
  }
}
