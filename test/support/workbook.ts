import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** A workbook as a reader finds it who knows nothing of who wrote it. */
export interface Workbook {
  readonly sheets: readonly { readonly name: string; readonly rows: readonly (readonly Cell[])[] }[];
}
/** Kind of a cell, its value as it stands in the file, and the look of it; null where there is none. */
export type Cell = readonly ['n' | 'b' | 'inlineStr', string, string | null] | null;

/** ECMA-376: parts by relationship, cells by their reference, `_x000D_` as the sign it stands for. */
const reader = `
import sys, json, re, zipfile, xml.etree.ElementTree as E
N = '{http://schemas.openxmlformats.org/spreadsheetml/2006/main}'
R = '{http://schemas.openxmlformats.org/officeDocument/2006/relationships}'
z = zipfile.ZipFile(sys.argv[1])
assert z.testzip() is None
rels = {r.get('Id'): r.get('Target') for r in E.fromstring(z.read('xl/_rels/workbook.xml.rels'))}
styles = E.fromstring(z.read('xl/styles.xml'))
looks = {int(f.get('numFmtId')): f.get('formatCode') for f in styles.iter(N + 'numFmt')}
xfs = [int(x.get('numFmtId', 0)) for x in styles.find(N + 'cellXfs')]
def text(s): return re.sub('_x([0-9A-Fa-f]{4})_', lambda m: chr(int(m[1], 16)), s)
def column(ref):
  n = 0
  for c in re.match('[A-Z]+', ref)[0]: n = n * 26 + ord(c) - 64
  return n - 1
out = []
for s in E.fromstring(z.read('xl/workbook.xml')).find(N + 'sheets'):
  rows = []
  target = rels[s.get(R + 'id')].lstrip('/')
  for row in E.fromstring(z.read(target if target.startswith('xl/') else 'xl/' + target)).iter(N + 'row'):
    while len(rows) < int(row.get('r')) - 1: rows.append([])
    cells = []
    for c in row:
      while len(cells) < column(c.get('r')): cells.append(None)
      kind = c.get('t', 'n')
      found = c.find(N + 'is') if kind == 'inlineStr' else c.find(N + 'v')
      look = xfs[int(c.get('s', 0))]
      value = None if found is None else text(''.join(t.text or '' for t in found.iter(N + 't'))) if kind == 'inlineStr' else found.text
      cells.append(None if value is None else [kind, value, looks.get(look, None if look == 0 else str(look))])
    rows.append(cells)
  out.append({'name': s.get('name'), 'rows': rows})
print(json.dumps({'sheets': out}))
`;

/** Reads a workbook by Python's own zip and XML; fails where a check sum, a part or its XML is wrong. */
export function readWorkbook(bytes: Buffer): Workbook {
  const folder = mkdtempSync(join(tmpdir(), 'headgate-xlsx-'));
  try {
    const file = join(folder, 'read.xlsx');
    writeFileSync(file, bytes);
    const found = execFileSync('python3', ['-c', reader, file], { maxBuffer: 64 * 1024 * 1024 });
    return JSON.parse(found.toString()) as Workbook;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
