import { readFileSync } from 'node:fs';
import pg from 'pg';
import { from as copyFrom } from 'pg-copy-streams';
import type { DictionaryTable } from '../../preload/contract/models.ts';
import { pagesOf } from './pages.ts';
import type { PullResult, PullSetup } from './results.ts';

/*
 * The hand-written script that Headgate is held against: it knows every column beforehand, so it infers nothing; it
 * writes straight into the final tables with their keys, so it stages nothing; one COPY per table stays open from the
 * first page to the last, and the next page is on its way meanwhile. Nothing of it survives a cut connection.
 * The accessors are compiled from the landed tables, to the code that a person would have written for them.
 */

type Write = (record: unknown, out: string[]) => void;

const setup = JSON.parse(process.argv[2] ?? '{}') as PullSetup;
const quoted = (name: string): string => `"${name.replaceAll('"', '""')}"`;
const text = JSON.stringify;

/** Segments of a dotted path; dots inside a segment are escaped by a backslash. */
const segments = (path: string): string[] =>
  (path.match(/(?:\\.|[^.\\])+/g) ?? []).map((segment) => segment.replace(/\\(.)/g, '$1'));

const escapable = /[\\\n\r\t\0]/;
const letters: Record<string, string> = { '\\': '\\\\', '\n': '\\n', '\r': '\\r', '\t': '\\t', '\0': '' };
function cell(value: unknown): string {
  if (value === undefined || value === null || value === '') return '\\N';
  const plain =
    typeof value === 'string' ? value : typeof value === 'object' ? JSON.stringify(value) : String(value);
  return escapable.test(plain) ? plain.replace(/[\\\n\r\t\0]/g, (c) => letters[c] as string) : plain;
}

const chain = (from: string, path: readonly string[]): string =>
  path.reduce((code, segment) => `${code}?.[${text(segment)}]`, from);

/** The code of one table: loops over the repeats it lies in, then its columns one after the other. */
function compile(table: DictionaryTable, all: readonly DictionaryTable[]): Write {
  const [part = '', own = ''] = table.id.split('|');
  const isMain = !part.includes('/');
  const [, ...kind] = part.split('/');
  const path = own === '' ? [] : segments(own);
  const outer = all
    .map(({ id }) => id.split('|'))
    .filter(([other, inner]) => other === part && inner !== undefined)
    .map(([, inner]) => segments(inner as string))
    .filter((inner) => inner.length <= path.length && inner.every((segment, at) => path[at] === segment))
    .sort((a, b) => a.length - b.length);
  const forms = setup.dataset === 'forms';
  const key = forms ? 'record.id' : 'record.case_id';
  const lines: string[] = [];
  let from = 'record';
  if (!isMain) {
    from = forms ? 'record.form' : 'record.properties';
    const tells = forms ? 'record.form["@xmlns"]' : 'record.case_type';
    lines.push(`if (${tells} !== ${text(kind.join('/'))}) return;`);
  }
  let depth = 0;
  let done = 0;
  const positions: string[] = [];
  for (const repeat of outer) {
    const list = `l${depth}`;
    const at = `p${depth}`;
    lines.push(`let ${list} = ${chain(from, repeat.slice(done))};`);
    lines.push(`if (${list} === undefined || ${list} === null || ${list} === '') ${list} = [];`);
    lines.push(`if (!Array.isArray(${list})) ${list} = [${list}];`);
    lines.push(`for (let ${at} = 0; ${at} < ${list}.length; ${at} += 1) { const v${depth} = ${list}[${at}];`);
    from = `v${depth}`;
    done = repeat.length;
    positions.push(`(${at} + 1)`);
    depth += 1;
  }
  const header: Record<string, string> = {
    form_name: 'record.form["@name"] ?? record.form["#type"]',
    xmlns: 'record.form["@xmlns"]',
  };
  let position = 0;
  const cells = table.columns.map((column, at) => {
    if (at === 0) return `cell(${key})`;
    if (column.name === 'raw') return 'cell(record)';
    if (column.sourcePath === null) {
      position += 1;
      return positions[position - 1] ?? '"\\\\N"';
    }
    if (isMain && forms && header[column.sourcePath] !== undefined)
      return `cell(${header[column.sourcePath]})`;
    return `cell(${chain(from, segments(column.sourcePath).slice(path.length))})`;
  });
  lines.push(`out.push(${cells.join(` + '\\t' + `)} + '\\n');`);
  lines.push('}'.repeat(depth));
  return new Function('cell', `return (record, out) => { ${lines.join('\n')} };`)(cell) as Write;
}

const client = async (): Promise<pg.Client> => {
  const session = new pg.Client({ ...setup.postgres, database: 'postgres' });
  await session.connect();
  return session;
};

const target = 'bench_script';
const main = await client();
await main.query(`DROP SCHEMA IF EXISTS ${target} CASCADE; CREATE SCHEMA ${target}`);
for (const { name } of setup.tables) {
  await main.query(
    `CREATE TABLE ${target}.${quoted(name)} (LIKE ${quoted(setup.schema)}.${quoted(name)} INCLUDING ALL)`,
  );
}
const writers = await Promise.all(
  setup.tables.map(async (table) => ({
    table,
    write: compile(table, setup.tables),
    session: await client(),
  })),
);

const started = performance.now();
const open = writers.map(({ table, write, session }) => {
  const columns = table.columns.map(({ name }) => quoted(name)).join(', ');
  const stream = session.query(copyFrom(`COPY ${target}.${quoted(table.name)} (${columns}) FROM STDIN`));
  return { write, stream, rows: [] as string[] };
});
let rows = 0;
// The start of a page is inclusive: what the page before had already is dropped by its id.
let before = new Set<unknown>();
for await (const page of pagesOf(setup)) {
  const body = JSON.parse(page.toString('utf8')) as { objects?: unknown[]; cases?: unknown[] };
  const id = setup.dataset === 'forms' ? 'id' : 'case_id';
  const records = (body.objects ?? body.cases ?? []) as Record<string, unknown>[];
  const fresh = records.filter((record) => !before.has(record[id]));
  before = new Set(records.map((record) => record[id]));
  const waits: Promise<void>[] = [];
  for (const writer of open) {
    writer.rows = [];
    for (const record of fresh) writer.write(record, writer.rows);
    rows += writer.rows.length;
    if (writer.rows.length === 0) continue;
    if (!writer.stream.write(Buffer.from(writer.rows.join('')))) {
      waits.push(new Promise((resolve) => writer.stream.once('drain', resolve)));
    }
  }
  await Promise.all(waits);
}
await Promise.all(
  open.map(
    ({ stream }) =>
      new Promise<void>((resolve, reject) => {
        stream.once('finish', resolve).once('error', reject);
        stream.end();
      }),
  ),
);
const result: PullResult = {
  ms: performance.now() - started,
  peakMb: Number(/VmHWM:\s+(\d+) kB/.exec(readFileSync('/proc/self/status', 'utf8'))?.[1] ?? 0) / 1024,
  rows,
};
await main.query(`DROP SCHEMA ${target} CASCADE`);
await Promise.all([main, ...writers.map(({ session }) => session)].map((session) => session.end()));
process.stdout.write(`${JSON.stringify(result)}\n`);
