import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { RecordShape } from '../../main/connectors/connector.ts';
import { documentOf } from '../../main/connectors/document.ts';
import type { JsonObject } from '../../main/connectors/json.ts';
import { createShape, type Shape } from '../../main/sync/shape/shape.ts';
import { bundle } from '../support/bundle.ts';
import { seeded } from '../support/random.ts';

const spec: RecordShape = {
  key: 'id',
  keyName: 'thing_id',
  columns: [{ path: 'at', type: 'timestamptz' }],
  parts: (record) => [
    { table: 'things', label: 'things', value: record },
    { table: `x/${record.get('x')?.text()}`, label: record.get('label')?.text() ?? '', value: record },
  ],
  pin: (path) => (path.at(-1) === 'whole' ? 'json' : undefined),
  indexes: [],
};

/** Everything that a layout is, as plain data. */
const contents = ({ parts, paths, tables }: Shape) => ({
  parts,
  paths: paths.map(({ segments }) => segments),
  tables: tables.map(({ part, path, repeats, seen, inlined, overflows, columns }) => ({
    part,
    path,
    repeats,
    seen,
    inlined: [...inlined],
    overflows,
    columns: columns.map((column) => [
      column.path,
      column.mask,
      column.format,
      column.evidence,
      column.keepsJson,
    ]),
  })),
});

const values = [
  '',
  'word',
  '1',
  '1.5',
  '2026-01-01',
  '2026-01-01T10:00:00.1Z',
  '2026-01-01T10:00:00Z',
  '10:00:00',
  'true',
];

function record(random: () => number, id: number): JsonObject {
  const pick = (n: number): number => Math.floor(random() * n);
  const fields = (depth: number): JsonObject => {
    const body: JsonObject = {};
    for (let n = pick(6); n >= 0; n -= 1) {
      const kind = pick(8);
      const name = `f${pick(9)}`;
      if (kind === 0 && depth < 3) body[name] = [fields(depth + 1), fields(depth + 1)];
      else if (kind === 1 && depth < 3) body[name] = fields(depth + 1);
      else if (kind === 2) body['whole'] = { a: id };
      else if (kind === 3) body[name] = [1, 2];
      else body[name] = values[pick(values.length)] as string;
    }
    return body;
  };
  return { ...fields(0), id: `r${id}`, x: `${pick(3)}`, label: `label ${pick(4)}` };
}

const add = (shape: Shape, records: readonly JsonObject[]): void => {
  for (const one of documentOf([...records]).items()) shape.add(one);
  shape.clearRows();
};

describe('a layout that is saved by difference', () => {
  it('is exactly the same again, wherever it was continued', () => {
    for (let seed = 1; seed <= 40; seed += 1) {
      const random = seeded(seed);
      const straight = createShape(spec, 'things');
      let continued = createShape(spec, 'things');
      const saved: string[] = [];
      for (let page = 0; page < 12; page += 1) {
        const records = Array.from({ length: 5 }, (_, at) => record(random, page * 5 + at));
        add(straight, records);
        add(continued, records);
        const change = continued.changes();
        if (change?.whole) saved.length = 0;
        if (change) saved.push(change.text);
        if (random() < 0.4) continued = createShape(spec, 'things', { layout: saved, seq: continued.seq });
      }
      const read = createShape(spec, 'things', { layout: saved, seq: straight.seq });
      expect(contents(read)).toEqual(contents(straight));
      expect(read.changes()).toBeNull();
    }
  });

  it('saves little when little is new, and never piles up far beyond its size', () => {
    const wide = (x: number, only?: number): JsonObject => ({
      id: 'a',
      x: `${x}`,
      label: '',
      ...Object.fromEntries(
        Array.from({ length: 300 }, (_, at) => [
          `question_${at}`,
          only === undefined || only === at ? 'word' : '',
        ]),
      ),
    });
    const shape = createShape(spec, 'things');
    add(
      shape,
      Array.from({ length: 100 }, (_, x) => wide(x)),
    );
    const whole = shape.changes()?.text.length ?? 0;
    expect(whole).toBeGreaterThan(500_000);
    add(shape, [wide(7, 3)]);
    expect(shape.changes()?.text.length).toBeLessThan(300);
    let kept = whole;
    let times = 0;
    for (let page = 0; page < 120; page += 1) {
      add(
        shape,
        Array.from({ length: 100 }, (_, x) => wide(x)),
      );
      const change = shape.changes();
      if (change?.whole) times += 1;
      kept = change?.whole ? change.text.length : kept + (change?.text.length ?? 0);
      expect(kept).toBeLessThan(4 * whole + 300 * 1024);
    }
    expect(times).toBeGreaterThan(0);
  });
});

it('makes the tables that the source tells of in steps, only in parts with a record, and none a second time', () => {
  const declared = (part: string) => Array.from({ length: 5 }, (_, n) => [part, 'kids', `${n}`]);
  const published = { mask: () => 0, repeats: () => [], declared };
  const begin = (saved: string[]) => createShape(spec, 'things', { layout: saved, seq: 0 }, published);
  const shape = createShape(spec, 'things', null, published);
  add(shape, [{ id: '1', x: '1', 'x/1': { kids: { 3: { age: '1' } } } }]);
  expect(shape.tables.map(({ path }) => path.join('.'))).toEqual(['', '', 'x/1.kids.3']);
  const saved = [shape.changes()?.text as string];
  const steps: number[] = [];
  for (const _ of shape.complete(4)) {
    steps.push(shape.filled);
    shape.clearRows();
  }
  expect([steps, shape.filled, shape.tables.length]).toEqual([[4, 4], 1, 12]);
  saved.push(shape.changes()?.text as string);
  const again = begin(saved);
  expect(contents(again)).toEqual(contents(shape));
  expect([...again.complete(4)]).toEqual([]);
  expect(again.changes()).toBeNull();
});

describe('a layout of 3,000 tables and 200,000 columns', () => {
  it('leaves most of a heap of 256 MB, also when it is saved and read back', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'headgate-layout-'));
    try {
      await bundle({ child: 'test/support/large-layout.ts' }, folder);
      const child = spawnSync(
        process.execPath,
        ['--expose-gc', '--max-old-space-size=256', join(folder, 'child.js')],
        { encoding: 'utf8' },
      );
      expect(child.stderr).toBe('');
      const told = JSON.parse(child.stdout) as { columns: number; mb: number; same: boolean };
      expect(told.columns).toBeGreaterThan(200_000);
      expect(told.same).toBe(true);
      expect((told.mb / told.columns) * 1000).toBeLessThan(0.45);
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  });
});
