import fc from 'fast-check';
import createGrammar from 'libpg-query/wasm/libpg-query.js';
import { beforeAll, describe, expect, it } from 'vitest';
import { type Grammar, loadGrammar } from '../../main/query/check/grammar.ts';
import { codeOf, formatted } from '../../renderer/screens/query/editor/format.ts';
import { honestStatements } from '../support/sly-statements.ts';

/* Formatting changes space and nothing else: PostgreSQL's own tokens are the same before and after. */

let grammar: Grammar;
beforeAll(async () => {
  grammar = await loadGrammar(createGrammar);
});
const tokens = (sql: string): string[] => grammar.tokens(sql).map(({ text }) => text);

describe('formatting', () => {
  it.each([
    'select a,b from t where x=:village and y>$1 order by 1',
    "select $x$ :a;  keep   $x$ as q, E'it\\'s', 'two  spaces', \"Odd  Name\" from t -- why\nwhere a[1:2] @> '{}'::int[]",
    "with x as (select 1) select case when a then 'b' else c end, count(*) filter (where d) over (partition by e) from x",
    'select doc->>:key, doc#>>array[:a,:b] from t; select 2',
  ])('keeps every word of %s', async (sql) => {
    const text = await formatted(sql);
    expect(text).not.toBeNull();
    expect(text).toContain('\n');
    expect(codeOf(text ?? '')).toEqual(codeOf(sql));
    expect(tokens(text ?? '')).toEqual(tokens(sql));
    // Formatted once more it stays.
    expect(await formatted(text ?? '')).toBe(text);
  });

  it('keeps every token of statements that people ask, or changes nothing', async () => {
    let done = 0;
    for (const [, sql] of honestStatements) {
      const text = await formatted(sql);
      if (text === null) continue;
      done++;
      expect(tokens(text), sql).toEqual(tokens(sql));
    }
    expect(done).toBeGreaterThan(honestStatements.length / 2);
  });

  it('keeps every token of statements made of sly pieces, or changes nothing', {
    timeout: 60_000,
  }, async () => {
    const pieces = [
      ...['a', '"b  c"', "'d  e'", '$$ f;  g $$', ':name', '$1', '::int', '->>', '(', ')', ',', ' FROM t '],
      ...[
        ' WHERE ',
        ' AND ',
        '=',
        '-- h\n',
        '/* i */',
        "E'\\''",
        '[1:2]',
        ' CASE WHEN a THEN b END ',
        ';',
        '1.5e3',
      ],
    ];
    let done = 0;
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.constantFrom(...pieces), { minLength: 1, maxLength: 12 }),
        async (chosen) => {
          const sql = `SELECT ${chosen.join(' ')}`;
          const text = await formatted(sql);
          if (text === null) return;
          done++;
          expect(tokens(text), sql).toEqual(tokens(sql));
        },
      ),
      { numRuns: 400, seed: 11 },
    );
    expect(done).toBeGreaterThan(100);
  });

  it('changes nothing that it can not read', async () => {
    expect(await formatted("SELECT 'open")).toBeNull();
    expect(await formatted('SELECT (1')).not.toBe('SELECT');
  });
});
