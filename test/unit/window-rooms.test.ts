import { describe, expect, it } from 'vitest';
import type { DatasetTitles, Drift, TableTitle } from '../../preload/contract/models.ts';
import { fieldRows, fieldSummary, reasonOf } from '../../renderer/screens/field/rows.ts';
import { together } from '../../renderer/screens/project/grouped-changes.ts';
import { type State, type Watched, watch } from '../../renderer/watch/dataset-state.ts';
import { freshnessMessage } from '../../renderer/watch/message.ts';
import { nested } from '../../renderer/watch/table-tree.ts';
import { linkOf } from '../support/renderer-fixture/builders.ts';
import { minutes, now } from '../support/renderer-fixture/scenario.ts';
import { busy } from '../support/renderer-fixture/scenarios.ts';

/* What the screens make of what they are told, without a window. */

const change = (
  kind: Drift['kind'],
  table: string,
  column: string | null,
  over: Partial<Drift> = {},
): Drift => ({
  ...{ at: minutes(-10), jobId: 'j1', kind, table, column },
  ...{ before: null, after: null },
  ...over,
});

describe('changes that belong together', () => {
  it('are one line: the same columns gone from several forms, and tables that came together', () => {
    const gone = ['form_a', 'form_b', 'form_c'].flatMap((table) =>
      ['age', 'village'].map((column) => change('column_removed', table, column)),
    );
    const lines = together([
      ...gone,
      change('column_removed', 'form_d', 'age'),
      change('table_added', 'form_y', null),
      change('table_added', 'form_x', null),
    ]);
    expect(lines.map(({ kind, tables, columns }) => [kind, tables, columns])).toEqual([
      ['column_removed', ['form_a', 'form_b', 'form_c'], ['age', 'village']],
      ['column_removed', ['form_d'], ['age']],
      ['table_added', ['form_x', 'form_y'], []],
    ]);
  });

  it('are apart where the types differ, and where another refresh brought them', () => {
    const retyped = (table: string, after: string, jobId = 'j1') =>
      change('column_retyped', table, 'age', { before: 'bigint', after, jobId });
    const lines = together([
      retyped('form_a', 'text'),
      retyped('form_b', 'text'),
      retyped('form_c', 'numeric'),
      retyped('form_a', 'text', 'j0'),
    ]);
    expect(lines.map(({ jobId, tables, retyped: types }) => [jobId, tables, types?.after])).toEqual([
      ['j1', ['form_a', 'form_b'], 'text'],
      ['j1', ['form_c'], 'numeric'],
      ['j0', ['form_a'], 'text'],
    ]);
    expect(new Set(lines.map(({ key }) => key)).size).toBe(3);
  });

  it('loses none of them', () => {
    const many = Array.from({ length: 300 }, (_, n) =>
      change(n % 3 === 0 ? 'column_added' : 'column_removed', `form_${n % 17}`, `c${n % 11}`, {
        jobId: `j${n % 4}`,
      }),
    );
    const distinct = new Set(
      many.map(({ jobId, kind, table, column }) => `${jobId} ${kind} ${table} ${column}`),
    );
    const told = together(many).flatMap(({ jobId, kind, tables, columns }) =>
      tables.flatMap((table) => columns.map((column) => `${jobId} ${kind} ${table} ${column}`)),
    );
    expect(new Set(told)).toEqual(distinct);
  });
});

const title = (name: string, rows: number, over: Partial<TableTitle> = {}): TableTitle => ({
  ...{ name, title: name, dataset: 'forms', rows, columns: 5, filled: null, parent: null },
  ...over,
});

function world(): { watched: Watched[]; titles: DatasetTitles[] } {
  const scenario = busy();
  const watched = scenario.datasets.map((dataset) => watch(linkOf(dataset), true, now));
  const [first] = scenario.datasets;
  const titles = [
    {
      datasetId: first?.id ?? '',
      tables: [
        title('form_visit', 1458, { title: 'Household visit' }),
        title('form_visit_members', 3000, { title: 'members', parent: 'form_visit' }),
        title('form_child', 2000, { title: 'शिशु पंजीकरण' }),
        title('forms', 3458, { title: null }),
      ],
    },
  ];
  return { watched, titles };
}

describe('tables below tables', () => {
  it('are there each once, also where what they name is not, or names them', () => {
    const tables = [
      title('form_visit_members', 30, { parent: 'form_visit' }),
      title('form_visit', 10),
      title('lost_child', 5, { parent: 'no_such_table' }),
      title('form_large', 90),
    ];
    const bySize = (siblings: readonly TableTitle[]) => siblings.toSorted((a, b) => b.rows - a.rows);
    expect(nested(tables, bySize).map(({ name, depth }) => `${'  '.repeat(depth)}${name}`)).toEqual([
      'form_large',
      'form_visit',
      '  form_visit_members',
      'lost_child',
    ]);
    // A table that lies in itself ends.
    const round = [title('a', 1, { parent: 'b' }), title('b', 1, { parent: 'a' })];
    expect(nested(round, bySize).length).toBeLessThanOrEqual(round.length + 1);
  });
});

describe('the view for people in the field', () => {
  it('has a row for each form that has a title, and one for a source without', () => {
    const { watched, titles } = world();
    const [first] = watched;
    const history = {
      ...{ datasetId: first?.dataset?.id ?? '', days: [] },
      before: { form_visit: 1422, form_child: 2000 },
    };
    const rows = fieldRows(watched, titles, new Map([[history.datasetId, history]]));
    const ofFirst = rows.filter(({ key }) => key.startsWith(first?.link.id ?? '-'));
    expect(ofFirst.map(({ name, records, fresh }) => [name, records, fresh])).toEqual([
      ['शिशु पंजीकरण', 2000, 0],
      ['Household visit', 1458, 36],
    ]);
    expect(rows.length).toBe(watched.length - 1 + ofFirst.length);
  });

  it('says that all is complete only where every row is, and how many are late otherwise', () => {
    const { watched, titles } = world();
    const rows = fieldRows(watched, titles, new Map());
    const late = rows.filter(({ state }) => state !== 'upToDate').length;
    expect(late).toBeGreaterThan(0);
    expect(fieldSummary(rows)).toMatchObject({ kind: 'some', late });
    const fresh = rows.filter(({ state }) => state === 'upToDate');
    expect(fieldSummary(fresh)).toMatchObject({ kind: 'all', late: 0 });
    // It is as old as the oldest of what it is said of.
    expect(fieldSummary(fresh).asOf).toBe(fresh.map(({ asOf }) => asOf).sort()[0]);
    expect(fieldSummary(rows.filter(({ state }) => state !== 'upToDate')).kind).toBe('late');
    expect(fieldSummary([]).kind).toBe('none');
    expect(fieldSummary(rows.map((row) => ({ ...row, asOf: null, state: 'none' as const }))).kind).toBe(
      'none',
    );
  });

  it('gives a reason for what is late, and none where nothing is', () => {
    const state = (over: Partial<State>): State => ({ data: 'late', doing: 'idle', need: null, ...over });
    expect(reasonOf(state({ data: 'upToDate', need: 'database' }))).toBeNull();
    expect(reasonOf(state({ data: 'upToDate', doing: 'running' }))).toBe('updating');
    expect(reasonOf(state({ need: 'reconnect', doing: 'waiting' }))).toBe('team');
    expect(reasonOf(state({ doing: 'held', need: 'review' }))).toBe('checked');
    expect(reasonOf(state({ doing: 'paused' }))).toBe('paused');
    expect(reasonOf(state({ doing: 'waiting' }))).toBe('waits');
    expect(reasonOf(state({}))).toBe('soon');
  });
});

it('writes a message that tells every source and nothing of servers, accounts or errors', () => {
  const { watched } = world();
  const [first] = watched;
  if (first?.dataset) {
    Object.assign(first.dataset, {
      error: {
        ...{ code: 'DB_LOGIN_FAILED', kind: 'config', advice: 'Enter it again.' },
        message: 'db.secret-host.example refused user etl.',
      },
    });
  }
  const message = freshnessMessage('One source is late.', watched, now);
  const lines = message.split('\n');
  expect(lines[0]).toBe('One source is late.');
  expect(lines).toHaveLength(watched.length + 2);
  for (const { link } of watched) expect(message).toContain(`${link.projectName} · ${link.sourceName}`);
  expect(message).not.toMatch(/secret-host|etl|DB_LOGIN/);
  expect(lines.slice(1, -1).every((line) => /^[✓!–] /.test(line))).toBe(true);
});
