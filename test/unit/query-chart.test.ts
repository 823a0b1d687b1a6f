import { describe, expect, it } from 'vitest';
import { insistPicture, picturePieces } from '../../main/query/export/pictures.ts';
import { createRows } from '../../renderer/components/grid/rows.ts';
import { oneOf } from '../../renderer/screens/query/chart/aggregate.ts';
import { chartData } from '../../renderer/screens/query/chart/data.ts';
import { histogramOf } from '../../renderer/screens/query/chart/histogram.ts';
import { type ChartSpec, firstSpec, kindsFor, specFor } from '../../renderer/screens/query/chart/kinds.ts';
import { bucketOf, parseTime, unitFor } from '../../renderer/screens/query/chart/time-axis.ts';

const column = (name: string, type: string) => ({ name, type });
const words = { others: 'Others', rows: 'Number of rows' };

function drawn(spec: ChartSpec, types: readonly string[], rows: readonly (readonly (string | null)[])[]) {
  const store = createRows(types.length);
  store.append(rows);
  const columns = types.map((type, at) => column(`c${at}`, type));
  return chartData(spec, columns, store, store.count, words);
}

describe('the kind of a chart', () => {
  it.each([
    [['date', 'bigint'], 'line', 0, [1]],
    [['text', 'bigint'], 'bar', 0, [1]],
    [['text', 'timestamp with time zone', 'numeric(10,2)'], 'bar', 0, [2]],
    [['timestamp with time zone', 'text', 'integer'], 'line', 0, [2]],
    [['integer', 'real'], 'scatter', 0, [1]],
    [['integer'], 'histogram', 0, []],
    [['text'], 'bar', 0, []],
    [['jsonb'], 'histogram', 0, []],
  ] as const)('of %j is %s', (types, kind, x, ys) => {
    expect(firstSpec(types.map((type, at) => column(`c${at}`, type)))).toMatchObject({ kind, x, ys });
  });

  it('keeps what was chosen where it fits, and offers no more than can be drawn', () => {
    const columns = [
      column('day', 'date'),
      column('village', 'text'),
      column('form_id', 'bigint'),
      column('nets', 'integer'),
    ];
    const bars = specFor('bar', columns);
    expect(bars).toMatchObject({ x: 1, ys: [3], how: 'sum' });
    expect(specFor('line', columns, bars)).toMatchObject({ x: 0, ys: [3], how: 'mean' });
    expect(specFor('pie', columns, { ...bars, ys: [2, 3] })).toMatchObject({ x: 1, ys: [2], series: null });
    expect(kindsFor([column('a', 'text')])).toEqual(['line', 'bar', 'pie']);
    expect(kindsFor([column('a', 'integer')])).toContain('histogram');
  });
});

describe('what is drawn', () => {
  const bar: ChartSpec = { kind: 'bar', x: 0, ys: [1], series: null, how: 'sum' };

  it('is made of the rows that share a place; NULL, infinity and NaN add nothing', () => {
    const rows = [
      ['a', '1'],
      [null, '5'],
      ['a', '2.5'],
      ['b', null],
      ['b', 'NaN'],
      ['b', 'Infinity'],
    ];
    const data = drawn(bar, ['text', 'numeric'], rows);
    expect(data.labels).toEqual(['a', 'NULL', 'b']);
    expect(data.series).toEqual([{ name: 'c1', values: [3.5, 5, null] }]);
    const [counted] = drawn({ ...bar, ys: [], how: 'count' }, ['text', 'numeric'], rows).series;
    expect(counted).toEqual({ name: 'Number of rows', values: [2, 1, 3] });
    expect([oneOf([3, 1, 2, 10], 'median'), oneOf([], 'mean'), oneOf([4, 2], 'mean')]).toEqual([
      2.5,
      null,
      3,
    ]);
  });

  it('is parted into series, the rare ones together', () => {
    const rows = Array.from({ length: 200 }, (_, at) => ['x', '1', at < 100 ? 'often' : `rare ${at % 30}`]);
    const { series } = drawn({ ...bar, series: 2 }, ['text', 'integer', 'text'], rows);
    expect(series).toHaveLength(12);
    expect(series.at(-1)?.name).toBe('Others');
    const sum = series.reduce((all, { values }) => all + (values[0] ?? 0), 0);
    expect(sum).toBe(200);
  });

  it('is put together by time where there are more points than a line shows, and says so', () => {
    const rows = Array.from({ length: 3000 }, (_, at) => [
      new Date(Date.UTC(2020, 0, 1) + at * 86_400_000).toISOString().slice(0, 10),
      '2',
    ]);
    const line = drawn({ ...bar, kind: 'line', how: 'each' }, ['date', 'integer'], rows);
    expect(line).toMatchObject({ axis: 'time', unit: 'week', how: 'mean', read: 3000, of: 3000 });
    expect(line.labels.length).toBeLessThanOrEqual(500);
    expect(new Set(line.series[0]?.values)).toEqual(new Set([2]));
    const few = drawn({ ...bar, kind: 'line', how: 'each' }, ['date', 'integer'], rows.slice(0, 5).reverse());
    expect(few.labels).toEqual(['2020-01-01', '2020-01-02', '2020-01-03', '2020-01-04', '2020-01-05']);
    expect(few.unit).toBeNull();
  });

  it('of too many names is the largest, and of a pie the rest together', () => {
    const rows = Array.from({ length: 100 }, (_, at) => [`n${at}`, String(at)]);
    const bars = drawn(bar, ['text', 'integer'], rows);
    expect([bars.drawn, bars.places, bars.labels[0]]).toEqual([60, 100, 'n40']);
    const pie = drawn({ ...bar, kind: 'pie' }, ['text', 'integer'], rows);
    expect([pie.labels[0], pie.labels.at(-1), pie.labels.length]).toEqual(['n99', 'Others', 12]);
    expect(pie.series[0]?.values.reduce<number>((all, each) => all + (each ?? 0), 0)).toBe(4950);
  });

  it('of two numbers is their points, taken evenly', () => {
    const rows = Array.from({ length: 12_000 }, (_, at) => [String(at), String(at * 2)]);
    const data = drawn({ ...bar, kind: 'scatter', how: 'each' }, ['integer', 'integer'], rows);
    expect([data.drawn, data.places, data.at[0]]).toEqual([5000, 12_000, 0]);
    expect(data.at.at(-1)).toBeGreaterThan(11_990);
    expect(data.series[0]?.values[100]).toBe((data.at[100] ?? 0) * 2);
  });

  it('of one number is how often its values come', () => {
    const whole = histogramOf([1, 2, 2, 3, Number.NaN], 60, 'n');
    expect([whole.labels, whole.series[0]?.values]).toEqual([
      ['1', '2', '3'],
      [1, 2, 1],
    ]);
    const many = histogramOf(
      Array.from({ length: 1000 }, (_, at) => at / 7),
      60,
      'n',
    );
    expect(many.labels.length).toBeLessThanOrEqual(60);
    expect(many.series[0]?.values.reduce<number>((all, each) => all + (each ?? 0), 0)).toBe(1000);
    expect(histogramOf([], 60, 'n').labels).toEqual([]);
    expect(histogramOf([5, 5], 60, 'n').series[0]?.values).toEqual([2]);
    expect(histogramOf([-1e300, 1e300], 60, 'n').labels.length).toBeLessThanOrEqual(60);
  });

  it('takes times as they stand there', () => {
    expect(parseTime('2026-11-01 10:45:00.5+05:30')).toBe(Date.UTC(2026, 10, 1, 10, 45, 0, 500));
    expect([parseTime('infinity'), parseTime('0044-03-15 BC'), parseTime(null)]).toEqual([null, null, null]);
    expect(new Date(bucketOf(Date.UTC(2026, 10, 29), 'week')).toISOString()).toContain('2026-11-23');
    expect(new Date(bucketOf(Date.UTC(1969, 11, 31), 'week')).toISOString()).toContain('1969-12-29');
    expect(unitFor(0, 86_400_000, 500)).toBe('hour');
  });
});

describe('a picture that is saved', () => {
  const png = 'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAQAAAC1HAwCAAAAC0lEQVR42mNk+A8AAQUBAScY42YAAAAASUVORK5CYII=';
  const svg = (inside: string): string => `<svg width="1" xmlns="http://www.w3.org/2000/svg">${inside}</svg>`;

  it('is one', () => {
    insistPicture('png', png);
    insistPicture('svg', svg('<g fill="url(#a)"><path d="M0 0"/><text x="1">a &lt; b</text></g>'));
  });

  it.each([
    svg('<script>x</script>'),
    svg('<image href="http://x"/>'),
    svg('<rect onload="x"/>'),
    svg('<rect fill="url(http://x)"/>'),
    svg('<rect style="background:url( //x )"/>'),
    svg("<rect onload='x'/>"),
    svg('<rect a="1" <script>'),
    svg('<![CDATA[<script>]]>'),
    `<!DOCTYPE svg>${svg('')}`,
    `${svg('')}<script>`,
    svg('<foreignObject/>'),
    svg('<a href="x"/>'),
    '<html></html>',
  ])('is no other file: %s', (text) => {
    expect(() => insistPicture('svg', text)).toThrow(/no picture/);
  });

  it('has nothing before, in or behind it', async () => {
    const bytes = Buffer.from(png, 'base64');
    const more = Buffer.concat([bytes, Buffer.from('MZ')]).toString('base64');
    for (const each of [more, `${png} `, bytes.subarray(0, 40).toString('base64'), 'TVo=', svg('')]) {
      expect(() => insistPicture('png', each), each).toThrow(/no picture/);
    }
    const long = Buffer.from(Array.from({ length: 200_001 }, (_, at) => at % 251));
    const pieces: Uint8Array[] = [];
    for await (const piece of picturePieces(long.toString('base64'))) pieces.push(piece);
    expect(pieces.length).toBeGreaterThan(3);
    expect(Buffer.concat(pieces).equals(long)).toBe(true);
  });
});
