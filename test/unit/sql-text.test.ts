import fc from 'fast-check';
import createGrammar from 'libpg-query/wasm/libpg-query.js';
import { beforeAll, describe, expect, it } from 'vitest';
import { type Grammar, loadGrammar } from '../../main/query/check/grammar.ts';
import { withParameters } from '../../main/query/check/parameters.ts';
import { parameterPlaces, wantedBy } from '../../preload/contract/sql-text.ts';
import { askedWith } from '../../renderer/screens/query/editor/parameters.ts';

/* What the window takes for a place of a value, held against PostgreSQL's own tokens in the core. */

let grammar: Grammar;
beforeAll(async () => {
  grammar = await loadGrammar(createGrammar);
});

const names = (sql: string): string[] =>
  parameterPlaces(sql).map(({ kind, name }) => `${kind === 'number' ? '$' : ':'}${name}`);

const sly: readonly (readonly [sql: string, wanted: readonly string[]])[] = [
  ['SELECT $1, $2', ['$1', '$2']],
  ['SELECT * FROM t WHERE id=:id AND (:a,:b) IS NOT NULL', [':id', ':a', ':b']],
  ["SELECT '2026-01-01'::date, now()::timestamp, x :: text", []],
  ["SELECT ':a $1', E'\\':b', 'it''s :c', \"col:d\", \"x\"\":e\"", []],
  ['SELECT 1 -- :a $1\n, :b /* :c /* :d */ $2 */', [':b']],
  ['SELECT $x$ :a $1 $$ $x$, $$ :b $2 $$, :c', [':c']],
  ['SELECT a$1, a$b$, :c', [':c']],
  ['SELECT a[1:n], a[lo:hi], a[f(x):n], a[b[1]:n], a[:n]', []],
  ['SELECT a[1 :n]', [':n']],
  ['SELECT a[(:n):m], ARRAY[:x, :y], ARRAY[[:z]]', [':n', ':x', ':y', ':z']],
  ['SELECT f(a := :v, b => :w)', [':v', ':w']],
  ["SELECT :e'x'", []],
  ["SELECT 'a' :b", [':b']],
  ['SELECT :a::int + :b::date', [':a', ':b']],
  ["SELECT U&'\\0441:a', U&\"d:b\", B'01', X'1F', N':c', :d", [':d']],
  ['SELECT :naïve, :a$b, :_ok', [':_ok']],
  ["SELECT éE'\\', :a", [':a']],
  ['SELECT 1--:a\r, :b', [':b']],
  ['SELECT : a, 5 : b', []],
  ['SELECT \'{"a":1}\'::jsonb ->> :key, x @> :doc', [':key', ':doc']],
  ['SELECT $0, $1001, $01', ['$1']],
  ["SELECT 'open :a", []],
  ['SELECT CASE WHEN :x THEN 1 END', [':x']],
  ['SELECT :constructor, :toString', [':constructor', ':toString']],
];

describe('places of values', () => {
  it.each(sly)('%s', (sql, wanted) => {
    expect(names(sql)).toEqual(wanted);
  });

  it('are those that the core finds, also where nothing else is in its place', () => {
    for (const [sql] of sly) {
      const { kind, names: wanted } = wantedBy(sql);
      if (kind === 'mixed' || sql.includes("'open") || sql.includes('$0')) continue;
      const numbers = grammar.tokens(sql).filter((token) => token.kind === 'PARAM');
      if (kind !== 'name') {
        expect([...new Set(numbers.map(({ text }) => text))], sql).toHaveLength(wanted.length);
        continue;
      }
      // One that is missing, or one too many, is refused by the core.
      const { values, sql: numbered } = withParameters(
        grammar,
        sql,
        Object.fromEntries(wanted.map((name) => [name, name])),
      );
      expect([...values], sql).toEqual(wanted);
      expect(numbered, sql).toContain(`$${wanted.length}`);
    }
  });

  it('of any text made of sly pieces are those of the core', () => {
    const pieces = [
      ...["'", "''", '"', '$$', '$x$', '--', '\n', '/*', '*/', '::', ':=', ' :a', '=:b', '(:c)', ', $1'],
      ...[' ', 'x', '[', ']', '(', ')', ',', "E'", '\\', ' 1', 'é', ' ARRAY', ':d', "N'"],
    ];
    let named = 0;
    fc.assert(
      fc.property(fc.array(fc.constantFrom(...pieces), { maxLength: 14 }), (chosen) => {
        const sql = `SELECT ${chosen.join('')}`;
        const tokens = grammar.tokens(sql);
        // Of a text that never ends the core has no tokens at all.
        if (tokens.length === 0) return;
        const places = parameterPlaces(sql).filter(({ kind }) => kind === 'name');
        // Byte offsets, as the core counts.
        const at = (index: number): number => Buffer.byteLength(sql.slice(0, index));
        for (const { from, to } of places) {
          const colon = tokens.findIndex(({ start }) => start === at(from));
          expect(tokens[colon]?.text, sql).toBe(':');
          expect(tokens[colon + 1], sql).toMatchObject({ start: at(from + 1), end: at(to) });
          named++;
        }
        // What is left out stands right behind something, as the bound of a slice does.
        const taken = new Set(places.map(({ from }) => at(from)));
        tokens.forEach(({ text, start, end }, n) => {
          const next = tokens[n + 1];
          if (text !== ':' || taken.has(start) || next?.start !== end) return;
          if (/^[A-Za-z_]\w*$/.test(next.text)) expect(tokens[n - 1]?.end, sql).toBe(start);
        });
      }),
      { numRuns: 3000, seed: 7 },
    );
    expect(named).toBeGreaterThan(300);
  });
});

describe('what is asked', () => {
  const statement = (sql: string) => ({ sql, from: 0, to: sql.length });
  it('has its values in their order, or names what is missing', () => {
    expect(askedWith(statement('SELECT 1'), { a: 'x' })).toEqual({ asked: statement('SELECT 1') });
    expect(askedWith(statement('SELECT $2'), { 2: 'b' })).toEqual({ missing: ['1'] });
    expect(askedWith(statement('SELECT $2'), { 1: null, 2: 'b', a: 'x' })).toMatchObject({
      asked: { parameters: [null, 'b'] },
    });
    expect(askedWith(statement('SELECT :a, :b, :a'), { b: '', a: "'; DROP" })).toMatchObject({
      asked: { parameters: { a: "'; DROP", b: '' } },
    });
    expect(askedWith(statement('SELECT :constructor'), {})).toEqual({ missing: ['constructor'] });
  });

  it('by numbers and names at once is refused, since a name would take the place of a number', () => {
    expect(wantedBy('SELECT $1, :a')).toEqual({ kind: 'mixed', names: ['a'] });
    expect(() => withParameters(grammar, 'SELECT $1, :a', { a: 'x' })).toThrow(/by number and by name/);
    expect(withParameters(grammar, "SELECT '$1', :a", { a: 'x' }).values).toEqual(['x']);
  });
});
