import { endOfQuoted } from '../../../../preload/contract/sql-text.ts';

/** A statement of the editor's text: from where to where it stands, without the semicolon and the space around it. */
export interface Statement {
  readonly sql: string;
  readonly from: number;
  readonly to: number;
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
