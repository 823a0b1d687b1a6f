import { describe, expect, it } from 'vitest';
import { cellsText, prettyJson, textOf } from '../../renderer/components/grid/copy-as.ts';
import { moved, scaleOf } from '../../renderer/components/grid/grid-moves.ts';
import { createRows } from '../../renderer/components/grid/rows.ts';
import { type KnownTable, mentionedIn, nameOf } from '../../renderer/screens/query/editor/completion.ts';
import { startersFor } from '../../renderer/screens/query/editor/starters.ts';
import {
  indexOfCharacter,
  statementAt,
  statementsOf,
  wordAt,
} from '../../renderer/screens/query/editor/statements.ts';
import { linesOf } from '../../renderer/screens/query/result/plan.tsx';
import { addTab, closeTab, freshTabs, keepTabs, readTabs } from '../../renderer/screens/query/tabs.ts';

describe('statements of a text', () => {
  const sqls = (text: string): string[] => statementsOf(text).map(({ sql }) => sql);

  it('are parted by semicolons, but not by those in texts, names and comments', () => {
    expect(sqls('SELECT 1; SELECT 2;')).toEqual(['SELECT 1', 'SELECT 2']);
    expect(sqls(`SELECT 'a;''b', "c;d"; SELECT 2`)).toEqual([`SELECT 'a;''b', "c;d"`, 'SELECT 2']);
    expect(sqls("SELECT E'\\';' ; SELECT 2")).toEqual(["SELECT E'\\';'", 'SELECT 2']);
    expect(sqls("SELECT '\\'; SELECT 2")).toEqual(["SELECT '\\'", 'SELECT 2']);
    expect(sqls('SELECT $x$;$$;$x$; SELECT 2')).toEqual(['SELECT $x$;$$;$x$', 'SELECT 2']);
    expect(sqls('SELECT a$b;c$d')).toEqual(['SELECT a$b', 'c$d']);
    expect(sqls('-- a;b\nSELECT 1 /* x /* ; */ ; */; SELECT 2')).toEqual([
      '-- a;b\nSELECT 1 /* x /* ; */ ; */',
      'SELECT 2',
    ]);
    expect(sqls(" ;\n; 'open")).toEqual(["'open"]);
  });

  it('are run where the cursor is, or as selected', () => {
    const text = 'SELECT 1;\n\nSELECT 2;\n';
    expect(statementAt(text, 0, 0)?.sql).toBe('SELECT 1');
    expect(statementAt(text, 10, 10)?.sql).toBe('SELECT 1');
    expect(statementAt(text, text.length, text.length)).toEqual({ sql: 'SELECT 2', from: 11, to: 19 });
    expect(statementAt(text, 2, 10)).toEqual({ sql: 'LECT 1', from: 2, to: 8 });
    expect(statementAt('  ', 0, 0)).toBeNull();
  });

  it('have their places counted as PostgreSQL counts', () => {
    expect(indexOfCharacter('😀ab', 2)).toBe(2);
    expect(indexOfCharacter('ab', 9)).toBe(2);
    expect(wordAt('SELECT naïve_1 FROM', 7)).toEqual({ from: 7, to: 14 });
    expect(wordAt('SELECT "a b" FROM', 7)).toEqual({ from: 7, to: 12 });
    expect(wordAt('a,b', 1)).toEqual({ from: 1, to: 2 });
  });
});

describe('rows', () => {
  it('come out as they went in, NULL apart from the empty text', () => {
    const rows = createRows(3);
    const first = [
      [null, '', 'a'],
      ['', null, null],
    ];
    const second = [['𝄞', '9007199254740993', 'x'.repeat(5000)]];
    rows.append(first);
    rows.append([]);
    rows.append(second);
    expect(rows.count).toBe(3);
    expect([rows.row(0), rows.row(1), rows.row(2)]).toEqual([...first, ...second]);
    expect(rows.value(3, 0)).toBeUndefined();
    expect(rows.value(0, 3)).toBeUndefined();
    const none = createRows(0);
    none.append([[], []]);
    expect([none.count, none.row(1)]).toEqual([2, []]);
  });
});

describe('what is copied', () => {
  const columns = [
    { name: 'id', type: 'bigint' },
    { name: 'say "x"', type: 'text' },
    { name: 'doc', type: 'jsonb' },
    { name: 'ok', type: 'boolean' },
  ];
  const rows = [
    ['9007199254740993', `it's a|b\\`, '{"a":1}', 't'],
    [null, '', null, 'f'],
  ];

  it('is exact in every format', () => {
    expect(textOf('csv', columns, rows)).toBe(
      `id,"say ""x""",doc,ok\r\n9007199254740993,it's a|b\\,"{""a"":1}",t\r\n,"",,f`,
    );
    expect(textOf('json', columns, rows)).toBe(
      `[\n  {"id": 9007199254740993, "say \\"x\\"": "it's a|b\\\\", "doc": {"a":1}, "ok": true},\n  {"id": null, "say \\"x\\"": "", "doc": null, "ok": false}\n]`,
    );
    expect(textOf('insert', columns, rows)).toBe(
      `INSERT INTO "table" ("id", "say ""x""", "doc", "ok") VALUES\n  (9007199254740993, E'it''s a|b\\\\', '{"a":1}', true),\n  (NULL, '', NULL, false);`,
    );
    expect(textOf('markdown', columns, rows).split('\n')[2]).toBe(
      `| 9007199254740993 | it's a\\|b\\\\ | {"a":1} | t |`,
    );
  });

  it('has one cell as it is, and several by tabs', () => {
    expect(cellsText([['a\tb']])).toBe('a\tb');
    expect(cellsText([['a\tb', null]])).toBe('"a\tb"\t');
  });

  it('has JSON with its lines, nothing rounded and no key moved', () => {
    expect(prettyJson('{"b":[1.50,{}],"a:,":"{\\"x"}')).toBe(
      '{\n  "b": [\n    1.50,\n    {}\n  ],\n  "a:,": "{\\"x"\n}',
    );
    expect(prettyJson('no {json')).toBe('no {json');
  });
});

describe('the grid', () => {
  it('goes where keys lead, and no further', () => {
    const size = { rows: 10, columns: 3, page: 4 };
    const key = (name: string, ctrlKey = false) => ({ key: name, ctrlKey, metaKey: false });
    expect(moved({ row: 9, column: 2 }, key('ArrowDown'), size)).toEqual({ row: 9, column: 2 });
    expect(moved({ row: 8, column: 1 }, key('PageDown'), size)).toEqual({ row: 9, column: 1 });
    expect(moved({ row: 5, column: 1 }, key('Home'), size)).toEqual({ row: 5, column: 0 });
    expect(moved({ row: 5, column: 1 }, key('End', true), size)).toEqual({ row: 9, column: 2 });
    expect(moved({ row: 5, column: 1 }, key('x'), size)).toBeNull();
  });

  it('reaches the last of more rows than a browser can scroll through', () => {
    expect(scaleOf(1000, 27, 500)).toEqual({ height: 27_000, ratio: 1 });
    const { height, ratio } = scaleOf(5_000_000, 27, 500);
    expect(height).toBeLessThan(33_000_000);
    expect(Math.round((height - 500) * ratio)).toBe(5_000_000 * 27 - 500);
  });
});

describe('tabs', () => {
  const storage = (): Storage => {
    const kept = new Map<string, string>();
    return {
      ...{ length: 0, clear: () => kept.clear(), key: () => null },
      getItem: (key) => kept.get(key) ?? null,
      setItem: (key, value) => void kept.set(key, value),
      removeItem: (key) => void kept.delete(key),
    };
  };
  let next = 0;
  const newId = (): string => `t${next++}`;

  it('are kept for each person and project, and read over what others left there', () => {
    const store = storage();
    const tabs = addTab(freshTabs(newId), 'second', 'SELECT 2');
    expect(keepTabs(store, 'ada', 'p', tabs)).toBe(true);
    expect(readTabs(store, 'ada', 'p', newId)).toEqual(tabs);
    expect(readTabs(store, 'eve', 'p', newId).tabs[0]?.sql).toBe('');
    store.setItem('query-tabs ada p', '{"tabs":[{"id":1},7,null],"current":3}');
    expect(readTabs(store, 'ada', 'p', newId).tabs).toHaveLength(1);
    const full = {
      ...store,
      setItem: () => {
        throw new Error('full');
      },
    };
    expect(keepTabs(full, 'ada', 'p', tabs)).toBe(false);
  });

  it('close to their neighbour, and the last one to an empty one', () => {
    const tabs = addTab(addTab(freshTabs(newId), 'b'), 'c');
    expect(tabs.tabs.map(({ number }) => number)).toEqual([1, 2, 3]);
    expect(closeTab(tabs, 'c', newId).current).toBe('b');
    expect(closeTab(tabs, 'b', newId).current).toBe('c');
    expect(addTab(closeTab(tabs, 'b', newId), 'd').tabs.at(-1)?.number).toBe(2);
    const last = closeTab(closeTab(closeTab(tabs, 'b', newId), 'c', newId), tabs.tabs[0]?.id ?? '', newId);
    expect(last.tabs).toMatchObject([{ sql: '', number: 1 }]);
  });
});

describe('what the dictionary gives', () => {
  const column = (name: string, type: string) => ({ name, type, label: null, note: null });
  const known: KnownTable[] = [
    {
      schema: 'data_1',
      table: {
        ...{ name: 'forms', rows: 10, description: null },
        columns: [column('form_id', 'text'), column('received_on', 'timestamp with time zone')],
      },
    },
    {
      schema: 'data_1',
      table: {
        ...{ name: 'forms__nets', rows: 40, description: null },
        columns: [column('form_id', 'text'), column('order', 'bigint')],
      },
    },
  ];

  it('finds the tables of a statement by their aliases', () => {
    const found = (sql: string) =>
      mentionedIn(sql, known).map(({ alias, known: { table } }) => `${alias}=${table.name}`);
    expect(found('SELECT 1 FROM data_1.forms f JOIN "forms__nets" AS "N" ON true')).toEqual([
      'f=forms',
      'N=forms__nets',
    ]);
    expect(found('SELECT 1 FROM forms WHERE true')).toEqual(['forms=forms']);
    expect(found('SELECT forms FROM other.forms')).toEqual([]);
  });

  it('quotes a name only where it has to', () => {
    expect(['a_1', 'order', 'Ab', 'é', 'a"b'].map((name) => nameOf(name))).toEqual([
      'a_1',
      '"order"',
      '"Ab"',
      '"é"',
      '"a""b"',
    ]);
  });

  it('makes statements to begin with', () => {
    const made = startersFor(known);
    expect(made.map(({ kind, table }) => `${kind} ${table}`)).toEqual([
      'latest forms',
      'months forms',
      'repeat forms__nets',
    ]);
    expect(made[2]?.sql).toContain('JOIN data_1.forms AS p ON p.form_id = r.form_id');
    expect(startersFor([])).toEqual([]);
  });
});

describe('a plan', () => {
  it('says what share each step has of its own', () => {
    const step = (what: string, cost: number, steps: Parameters<typeof linesOf>[0]['steps'] = []) => ({
      ...{ what, on: null, rows: 1, actualRows: null, cost, ms: null, details: [], steps },
    });
    const lines = linesOf(step('Join', 100, [step('Scan', 60), step('Hash', 30, [step('Index', 30)])]));
    expect(lines.map(({ step: { what }, share }) => [what, Math.round(share * 100)])).toEqual([
      ['Join', 10],
      ['Scan', 60],
      ['Hash', 0],
      ['Index', 30],
    ]);
  });
});
