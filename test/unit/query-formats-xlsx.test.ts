import { readXlsx } from 'hucre/xlsx';
import { expect, it } from 'vitest';
import { AppError } from '../../main/errors.ts';
import { xlsxOf } from '../../main/query/export/xlsx.ts';
import type { QueryColumn } from '../../preload/contract/models.ts';
import { plain } from '../../preload/contract/said.ts';
import { type Cell, readWorkbook } from '../support/workbook.ts';

/* A workbook says exactly what PostgreSQL said: read again by Python's zip and XML readers, which know nothing of who wrote it. */

type Row = (string | null)[];
async function* inPages(rows: readonly Row[], size = 2): AsyncGenerator<readonly Row[]> {
  for (let at = 0; at < rows.length; at += size) yield rows.slice(at, at + size);
}
const columnsOf = (...types: string[]): QueryColumn[] =>
  types.map((type, at) => ({ name: `c${at + 1}`, type }));
async function bytesOf(pieces: AsyncIterable<Uint8Array>): Promise<Buffer> {
  const all: Uint8Array[] = [];
  for await (const piece of pieces) all.push(piece);
  return Buffer.concat(all);
}
/** The cells of one column of values. */
async function cellsOf(type: string, values: Row): Promise<Cell[]> {
  const { sheets } = readWorkbook(
    await bytesOf(xlsxOf(columnsOf('text', type), inPages(values.map((value) => ['-', value])))),
  );
  return (sheets[0]?.rows ?? []).slice(1).map((row) => row[1] ?? null);
}
const days = (text: string): number => (Date.parse(`${text}Z`) - Date.UTC(1899, 11, 30)) / 86_400_000;

it('keeps numbers that Excel can hold, and the others as text', async () => {
  const text = (value: string): Cell => ['inlineStr', value, '0'];
  expect(
    await cellsOf('bigint', ['0', '-12', '999999999999999', '9007199254740993', '-1234567890123456', null]),
  ).toEqual([
    ['n', '0', '0'],
    ['n', '-12', '0'],
    ['n', '999999999999999', '0'],
    text('9007199254740993'),
    text('-1234567890123456'),
    null,
  ]);
  const exact = await cellsOf('numeric', [
    '1.50',
    '0.1',
    '123456789012.345',
    '1234567890123.456',
    '1e-20',
    'NaN',
    'Infinity',
    '1000000000000000',
  ]);
  expect(exact.map((cell) => cell?.slice(0, 2))).toEqual([
    ['n', '1.5'],
    ['n', '0.1'],
    ['n', '123456789012.345'],
    ['inlineStr', '1234567890123.456'],
    ['n', '1e-20'],
    ['inlineStr', 'NaN'],
    ['inlineStr', 'Infinity'],
    ['inlineStr', '1000000000000000'],
  ]);
  expect(await cellsOf('numeric(10,3)', ['12.500'])).toEqual([['n', '12.5', '0.000']]);
  const floating = ['0.1', '-0', '1e+300', '5e-324', 'NaN', '0.30000000000000004', '-Infinity'];
  expect((await cellsOf('double precision', floating)).map((cell) => cell?.slice(0, 2))).toEqual([
    ['n', '0.1'],
    ['inlineStr', '-0'],
    ['n', '1e+300'],
    ['inlineStr', '5e-324'],
    ['inlineStr', 'NaN'],
    ['n', '0.30000000000000004'],
    ['inlineStr', '-Infinity'],
  ]);
  expect((await cellsOf('money', ['$1,234.50'])).map((cell) => cell?.slice(0, 2))).toEqual([
    ['inlineStr', '$1,234.50'],
  ]);
  expect((await cellsOf('integer[]', ['{1,2}'])).map((cell) => cell?.slice(0, 2))).toEqual([
    ['inlineStr', '{1,2}'],
  ]);
  expect((await cellsOf('boolean', ['t', 'f', null])).map((cell) => cell?.slice(0, 2))).toEqual([
    ['b', '1'],
    ['b', '0'],
    undefined,
  ]);
});

it('has real dates where Excel says the same instant to the microsecond, and text elsewhere', async () => {
  expect(
    await cellsOf('date', [
      '1900-02-28',
      '1900-03-01',
      '2026-02-03',
      '9999-12-31',
      '10000-01-01',
      '0044-03-15 BC',
      'infinity',
    ]),
  ).toEqual([
    ['inlineStr', '1900-02-28', 'yyyy-mm-dd'],
    ['n', '61', 'yyyy-mm-dd'],
    ['n', '46056', 'yyyy-mm-dd'],
    ['n', '2958465', 'yyyy-mm-dd'],
    ['inlineStr', '10000-01-01', 'yyyy-mm-dd'],
    ['inlineStr', '0044-03-15 BC', 'yyyy-mm-dd'],
    ['inlineStr', 'infinity', 'yyyy-mm-dd'],
  ]);
  const instants = [
    '2026-02-03 04:05:06',
    '2026-02-03 04:05:06.123',
    '2026-02-03 23:59:59.999999',
    '9000-01-01 00:00:00.000001',
    '-infinity',
  ];
  const [plain, milliseconds, microseconds, far, never] = await cellsOf(
    'timestamp without time zone',
    instants,
  );
  expect([plain?.[0], Number(plain?.[1])]).toEqual(['n', days('2026-02-03T04:05:06')]);
  expect(Number(milliseconds?.[1])).toBeCloseTo(days('2026-02-03T04:05:06.123'), 10);
  // The number is the microsecond's, and no other's.
  const serial = Number(microseconds?.[1]);
  expect(Math.round((serial - 46056) * 86_400_000_000)).toBe(86_399_999_999);
  expect(far?.slice(0, 2)).toEqual(['inlineStr', '9000-01-01 00:00:00.000001']);
  expect(never?.slice(0, 2)).toEqual(['inlineStr', '-infinity']);
  expect(
    await cellsOf('timestamp(3) with time zone', ['2026-02-03 12:00:00+00', '2026-02-03 12:00:00+01']),
  ).toEqual([
    ['n', '46056.5', 'yyyy-mm-dd hh:mm:ss" UTC"'],
    ['inlineStr', '2026-02-03 12:00:00+01', 'yyyy-mm-dd hh:mm:ss" UTC"'],
  ]);
  expect(
    (await cellsOf('time without time zone', ['06:00:00', '24:00:00'])).map((cell) => cell?.slice(0, 2)),
  ).toEqual([
    ['n', '0.25'],
    ['inlineStr', '24:00:00'],
  ]);
});

it('keeps every text as it is, formulas, control signs, escapes and spaces too', async () => {
  const texts = [
    '=1+1',
    '@x',
    '',
    ' both ',
    'a\nb',
    'a\r\nb',
    '\ttab',
    '<&>"\'',
    '_x000D_',
    'x\u0001\u001fy',
    'a\uFFFEb\uFFFF',
    'हिन्दी 🐘',
    ']]>',
    '00123',
  ];
  expect((await cellsOf('text', texts)).map((cell) => cell?.slice(0, 2))).toEqual(
    texts.map((text) => ['inlineStr', text]),
  );
});

it('cuts what is longer than a cell, and says so there and at the end', async () => {
  const told: number[] = [];
  const rows: Row[] = [['x'.repeat(32_767)], [`${'y'.repeat(32_700)}${'🐘'.repeat(500)}`]];
  const { sheets } = readWorkbook(
    await bytesOf(xlsxOf(columnsOf('text'), inPages(rows), { onCut: (cells) => told.push(cells) })),
  );
  const [, whole, cut] = (sheets[0]?.rows ?? []).map((row) => row[0]?.[1] ?? '');
  expect(whole).toBe('x'.repeat(32_767));
  expect(cut?.length).toBeLessThanOrEqual(32_767);
  expect(cut).toMatch(/^y+🐘*… \[cut here, of 33700 characters\]$/u);
  expect(told.at(-1)).toBe(1);
});

it('goes on in further sheets, each with its head', async () => {
  const rows = Array.from({ length: 7 }, (_, at): Row => [String(at), null]);
  const bytes = await bytesOf(xlsxOf(columnsOf('integer', 'text'), inPages(rows), { rowsPerSheet: 4 }));
  const { sheets } = readWorkbook(bytes);
  expect(sheets.map(({ name, rows: found }) => [name, found.map((row) => row[0]?.[1])])).toEqual([
    ['Query', ['c1', '0', '1', '2']],
    ['Query_2', ['c1', '3', '4', '5']],
    ['Query_3', ['c1', '6']],
  ]);
  const again = await readXlsx(new Uint8Array(bytes));
  expect(again.sheets).toHaveLength(3);
});

it('is a workbook without rows too, refuses more columns than Excel has, and fails as its pages do', async () => {
  expect(readWorkbook(await bytesOf(xlsxOf(columnsOf('text'), inPages([])))).sheets[0]?.rows).toEqual([
    [['inlineStr', 'c1', null]],
  ]);
  const wide = bytesOf(xlsxOf(columnsOf(...Array.from({ length: 16_385 }, () => 'text')), inPages([])));
  await expect(wide).rejects.toMatchObject({ code: 'QUERY_TOO_LARGE' });
  const failing = async function* (): AsyncGenerator<readonly Row[]> {
    yield [['1']];
    throw new AppError('QUERY_TIMEOUT', plain('late'));
  };
  await expect(bytesOf(xlsxOf(columnsOf('text'), failing()))).rejects.toMatchObject({
    code: 'QUERY_TIMEOUT',
    message: 'late',
  });
});

it('takes no page before there is room for its bytes, and lets go of them when nobody wants more', async () => {
  let [taken, isLeft] = [0, false];
  const endless = async function* (): AsyncGenerator<readonly Row[]> {
    try {
      for (;;) {
        taken += 1;
        yield Array.from({ length: 1000 }, (_, at): Row => [`${taken} ${at} ${Math.random()}`]);
      }
    } finally {
      isLeft = true;
    }
  };
  let bytes = 0;
  for await (const piece of xlsxOf(columnsOf('text'), endless())) {
    bytes += piece.byteLength;
    if (bytes > 500_000) break;
  }
  expect(isLeft).toBe(true);
  // About 20 bytes a row are left of it by compression.
  expect(taken).toBeLessThan(100);
});
