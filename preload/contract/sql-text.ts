/*
 * What of a text of SQL is code and what is not, for the window. The core has PostgreSQL's own tokens, which decide; a test
 * holds both against each other.
 */

/** Letters that PostgreSQL takes for part of a name, a digit and the dollar sign included. */
const inName = /[\w$\u0080-\uffff]/;

/** Where what begins at `at` ends, if it is a text, a quoted name or a comment; else null. */
export function endOfQuoted(text: string, at: number): number | null {
  const rest = (end: number, length: number): number => (end < 0 ? text.length : end + length);
  const first = text[at];
  if (first === '-' && text[at + 1] === '-') {
    const end = text.slice(at).search(/[\r\n]/);
    return rest(end < 0 ? end : at + end, 0);
  }
  if (first === '/' && text[at + 1] === '*') {
    // PostgreSQL's comments nest.
    let depth = 1;
    for (let on = at + 2; on < text.length; on++) {
      if (text.startsWith('/*', on)) {
        depth++;
        on++;
      } else if (text.startsWith('*/', on)) {
        on++;
        if (--depth === 0) return on + 1;
      }
    }
    return text.length;
  }
  if (first === "'" || first === '"') {
    const escapes = first === "'" && /[eE]/.test(text[at - 1] ?? '') && !inName.test(text[at - 2] ?? '');
    for (let on = at + 1; on < text.length; on++) {
      if (escapes && text[on] === '\\') on++;
      else if (text[on] === first) {
        if (text[on + 1] !== first) return on + 1;
        on++;
      }
    }
    return text.length;
  }
  if (first === '$' && !inName.test(text[at - 1] ?? '')) {
    const tag = /^\$([A-Za-z_\u0080-\uffff][\w\u0080-\uffff]*)?\$/.exec(text.slice(at, at + 66))?.[0];
    if (tag !== undefined) return rest(text.indexOf(tag, at + tag.length), tag.length);
  }
  return null;
}

/** A place of a statement that a value goes to: `$1`, or `:name`. */
export interface ParameterPlace {
  /** `1` or `name`: what it is called without its sign. */
  readonly name: string;
  readonly kind: 'number' | 'name';
  readonly from: number;
  readonly to: number;
}

const shape = /^[A-Za-z_][A-Za-z0-9_]{0,62}$/;
/** A number beyond it is no place that a value can be given for. */
const mostNumber = 1000;

/**
 * The places for values in a statement, in their order. A colon is none in `::`, `:=`, a text, a name in quotes, a comment, or
 * between the bounds of a slice (`a[1:n]`, `a[:n]`); `ARRAY[:a, :b]` has two.
 */
export function parameterPlaces(text: string): ParameterPlace[] {
  const found: ParameterPlace[] = [];
  /** Of each open bracket: whether it asks for a part of what stands before it. */
  const open: boolean[] = [];
  /** The last sign or word that is neither space nor comment, and where it ended. */
  let before = '';
  let ended = 0;
  for (let at = 0; at < text.length; ) {
    const quoted = endOfQuoted(text, at);
    const first = text[at] ?? '';
    if (quoted !== null) {
      if (!/^(--|\/\*)/.test(text.slice(at, at + 2))) {
        before = "'";
        ended = quoted;
      }
      at = quoted;
      continue;
    }
    const rest = text.slice(at, at + 200);
    const word = /^[A-Za-z_\u0080-\uffff][\w$\u0080-\uffff]*/.exec(rest)?.[0];
    if (word !== undefined) {
      // One that goes on beyond what was looked at is read on.
      let end = at + word.length;
      while (end < text.length && inName.test(text[end] ?? '')) end++;
      before = text.slice(at, end);
      ended = at = end;
      continue;
    }
    const number = /^\$(\d+)/.exec(rest);
    const digits = number ?? /^\d[\w.]*/.exec(rest);
    if (digits) {
      const end = at + digits[0].length;
      const value = Number(number?.[1] ?? 0);
      if (value >= 1 && value <= mostNumber) {
        found.push({ name: String(value), kind: 'number', from: at, to: end });
      }
      before = '1';
      ended = at = end;
      continue;
    }
    if (first === ':' && (text[at + 1] === ':' || text[at + 1] === '=')) {
      before = '::';
      ended = at += 2;
      continue;
    }
    if (first === ':') {
      const name = /^:([A-Za-z_][\w$\u0080-\uffff]*)/.exec(rest)?.[1];
      const after = name === undefined ? '' : text.slice(at + 1 + name.length, at + 3 + name.length);
      const isText =
        name !== undefined &&
        ((/^[ebxn]$/i.test(name) && after.startsWith("'")) || (/^u$/i.test(name) && /^&['"]/.test(after)));
      const isBound =
        open.at(-1) === true && ended === at && (before === '[' || /[\w$\u0080-\uffff)\]'"]$/.test(before));
      if (name !== undefined && shape.test(name) && !isText && !isBound) {
        const end = at + 1 + name.length;
        found.push({ name, kind: 'name', from: at, to: end });
        before = name;
        ended = at = end;
        continue;
      }
    }
    if (first === '(' || first === '[') {
      const follows = /[\w$\u0080-\uffff)\]'"]$/.test(before) && !/^array$/i.test(before);
      open.push(first === '[' && follows);
    } else if (first === ')' || first === ']') open.pop();
    if (!/\s/.test(first)) {
      before = first;
      ended = at + 1;
    }
    at++;
  }
  return found;
}

/** What a statement wants to be given, each once: by numbers from 1 without a gap, or by names in their order. */
export interface Wanted {
  readonly kind: 'none' | 'number' | 'name' | 'mixed';
  readonly names: readonly string[];
}

/** One way of naming them: a statement with both is given its names, and is refused for its numbers. */
export function wantedBy(text: string): Wanted {
  const places = parameterPlaces(text);
  const names = [...new Set(places.filter(({ kind }) => kind === 'name').map(({ name }) => name))];
  const highest = Math.max(
    0,
    ...places.filter(({ kind }) => kind === 'number').map(({ name }) => Number(name)),
  );
  if (names.length > 0) return { kind: highest > 0 ? 'mixed' : 'name', names };
  if (highest === 0) return { kind: 'none', names };
  return { kind: 'number', names: Array.from({ length: highest }, (_, at) => String(at + 1)) };
}
