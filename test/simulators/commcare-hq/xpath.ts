import type { Json, JsonObject } from './types.ts';

type Keep = (row: JsonObject) => boolean;

const TOKEN = /\s*('[^']*'|"[^"]*"|-?\d+(?:\.\d+)?|!=|<=|>=|[=<>()]|@?[A-Za-z_][\w.-]*)/y;
const META: Readonly<Record<string, string>> = {
  '@case_id': 'case_id',
  '@case_type': 'case_type',
  '@owner_id': 'owner_id',
  '@status': 'closed',
  name: 'case_name',
  case_name: 'case_name',
  external_id: 'external_id',
  last_modified: 'last_modified',
};

/**
 * A small part of the case-search language: comparisons of a property with a constant, `and`, `or`,
 * `not(…)`, `match-all()` and parentheses. Anything else throws, which the API answers as `Bad query: …`.
 */
export function parseCaseQuery(text: string): Keep {
  const tokens = tokenise(text);
  let at = 0;
  const peek = (): string | undefined => tokens[at];
  const take = (expected?: string): string => {
    const token = tokens[at];
    if (token === undefined || (expected !== undefined && token !== expected)) {
      throw new Error(`Malformed search query: unexpected ${token === undefined ? 'end' : `'${token}'`}`);
    }
    at += 1;
    return token;
  };
  const or = (): Keep => {
    const parts = [and()];
    while (peek() === 'or' && take('or')) parts.push(and());
    return (row) => parts.some((part) => part(row));
  };
  const and = (): Keep => {
    const parts = [term()];
    while (peek() === 'and' && take('and')) parts.push(term());
    return (row) => parts.every((part) => part(row));
  };
  const inside = (): Keep => {
    take('(');
    const inner = or();
    take(')');
    return inner;
  };
  const term = (): Keep => {
    if (peek() === '(') return inside();
    const name = take();
    if (name === 'not') {
      const inner = inside();
      return (row) => !inner(row);
    }
    if (name === 'match-all') {
      take('(');
      take(')');
      return () => true;
    }
    if (!/^@?[A-Za-z_]/.test(name)) throw new Error(`Malformed search query: unexpected '${name}'`);
    return comparison(name, take(), take());
  };
  const result = or();
  if (peek() !== undefined) throw new Error(`Malformed search query: unexpected '${peek()}'`);
  return result;
}

function tokenise(text: string): string[] {
  const tokens: string[] = [];
  const pattern = new RegExp(TOKEN);
  const source = text.trimEnd();
  while (pattern.lastIndex < source.length) {
    const start = pattern.lastIndex;
    const token = pattern.exec(source)?.[1];
    if (token === undefined)
      throw new Error(`Malformed search query near '${source.slice(start, start + 20)}'`);
    tokens.push(token);
  }
  return tokens;
}

function comparison(name: string, operator: string, constant: string): Keep {
  if (!['=', '!=', '<', '<=', '>', '>='].includes(operator))
    throw new Error(`Unknown operator '${operator}'`);
  if (!/^(['"]|-?\d)/.test(constant)) throw new Error(`The right side of '${name}' must be a constant`);
  const value = /^['"]/.test(constant) ? constant.slice(1, -1) : constant;
  return (row) => {
    const found = read(row, name);
    if (operator === '=') return found === value;
    if (operator === '!=') return found !== value;
    if (found === '') return false;
    const numbers = /^-?\d+(\.\d+)?$/.test(value);
    const [a, b] = numbers ? [Number(found), Number(value)] : [found, value];
    if (operator === '<') return a < b;
    if (operator === '<=') return a <= b;
    return operator === '>' ? a > b : a >= b;
  };
}

function read(row: JsonObject, name: string): string {
  const field = META[name];
  if (field === 'closed') return row['closed'] === true ? 'closed' : 'open';
  const properties = row['properties'] as Readonly<Record<string, Json>> | undefined;
  const value = field === undefined ? properties?.[name] : row[field];
  return value === undefined || value === null ? '' : String(value);
}
