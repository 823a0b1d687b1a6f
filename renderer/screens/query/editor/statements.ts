/** A statement of the editor's text: from where to where it stands, without the semicolon and the space around it. */
export interface Statement {
  readonly sql: string;
  readonly from: number;
  readonly to: number;
}

/** Where what begins at `at` ends, if it is a text, a quoted name or a comment; else null. */
function endOfQuoted(text: string, at: number): number | null {
  const rest = (end: number, length: number): number => (end < 0 ? text.length : end + length);
  const first = text[at];
  if (first === '-' && text[at + 1] === '-') return rest(text.indexOf('\n', at), 0);
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
    const escapes = first === "'" && /(^|[^\w$])[eE]$/.test(text.slice(Math.max(0, at - 2), at));
    for (let on = at + 1; on < text.length; on++) {
      if (escapes && text[on] === '\\') on++;
      else if (text[on] === first) {
        if (text[on + 1] !== first) return on + 1;
        on++;
      }
    }
    return text.length;
  }
  if (first === '$' && !/[\w$]/.test(text[at - 1] ?? '')) {
    const tag = /^\$([A-Za-z_\u0080-\uffff][\w\u0080-\uffff]*)?\$/.exec(text.slice(at, at + 66))?.[0];
    if (tag !== undefined) return rest(text.indexOf(tag, at + tag.length), tag.length);
  }
  return null;
}

/** The statements of a text, parted by semicolons that stand in no text, name or comment. */
export function statementsOf(text: string): Statement[] {
  const found: Statement[] = [];
  const take = (from: number, to: number): void => {
    const part = text.slice(from, to);
    const sql = part.trim();
    if (sql === '') return;
    const start = from + part.indexOf(sql);
    found.push({ sql, from: start, to: start + sql.length });
  };
  let from = 0;
  for (let at = 0; at < text.length; ) {
    const end = endOfQuoted(text, at);
    if (end !== null) at = end;
    else if (text[at++] === ';') {
      take(from, at - 1);
      from = at;
    }
  }
  take(from, text.length);
  return found;
}

/** What a run at this place means: the selection if there is one, else the statement under the cursor or the one before it. */
export function statementAt(text: string, from: number, to: number): Statement | null {
  if (from !== to) {
    const part = text.slice(from, to);
    const sql = part.trim().replace(/;\s*$/, '').trimEnd();
    if (sql === '') return null;
    const start = from + part.indexOf(sql);
    return { sql, from: start, to: start + sql.length };
  }
  const all = statementsOf(text);
  return all.findLast((each) => each.from <= from) ?? all[0] ?? null;
}

/** The index in a JavaScript string of a place that PostgreSQL counts in characters from 1. */
export function indexOfCharacter(text: string, position: number): number {
  let at = 0;
  for (let left = position - 1; left > 0 && at < text.length; left--) {
    at += (text.codePointAt(at) ?? 0) > 0xffff ? 2 : 1;
  }
  return at;
}

/** The word or quoted name that begins at an index; at least one character, so that it can be marked. */
export function wordAt(text: string, index: number): { from: number; to: number } {
  if (text[index] === '"') return { from: index, to: endOfQuoted(text, index) ?? index + 1 };
  const word = /^[\w$\u0080-\uffff]+/.exec(text.slice(index))?.[0] ?? '';
  return { from: index, to: Math.min(text.length, index + Math.max(1, word.length)) };
}
