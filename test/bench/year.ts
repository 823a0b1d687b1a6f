import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { liveThrough } from '../support/year.ts';

/*
 * How large a workspace is after a year of daily use, with everything that the year brings written through the repositories,
 * what is gone at its end included: `node test/bench/year.ts`. The suite does the same with less of what does not stay.
 */

const { values } = parseArgs({
  options: {
    datasets: { type: 'string', default: '50' },
    connections: { type: 'string', default: '10' },
    days: { type: 'string', default: '365' },
    tables: { type: 'string', default: '12' },
    columns: { type: 'string', default: '60' },
    checked: { type: 'string' },
    described: { type: 'string', default: '1' },
  },
});
const folder = mkdtempSync(join(tmpdir(), 'headgate-year-'));
const begin = performance.now();
const days = Number(values.days);
const end = await liveThrough(folder, {
  days,
  datasets: Number(values.datasets),
  connections: Number(values.connections),
  tables: Number(values.tables),
  columns: Number(values.columns),
  checkedDays: Number(values.checked ?? days),
  describedEvery: Number(values.described),
  acts: 50,
});
const mb = (bytes: number): string => `${(bytes / 1024 / 1024).toFixed(1)} MB`;
console.log(
  `${days} days, ${values.datasets} datasets, ${values.connections} connections: ${mb(end.bytes)} (lived through in ${((performance.now() - begin) / 1000).toFixed(0)} s)`,
);
for (const [table, bytes] of Object.entries(end.sizes)) {
  const rows = end.rows[table];
  console.log(`  ${table.padEnd(24)} ${mb(bytes).padStart(9)}${rows === undefined ? '' : `  ${rows} rows`}`);
}
console.log(`  removed ${end.removed} rows; the longest step took ${end.longestStepMs.toFixed(1)} ms`);
rmSync(folder, { recursive: true });
