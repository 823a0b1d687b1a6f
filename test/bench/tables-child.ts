import { runTables, tablesSpec } from '../support/table-run.ts';
import type { TablesSetup } from './results.ts';

/** One landing of a table in a process of its own, as a sync's thread does it: milliseconds, and memory at its peak. */
const setup = JSON.parse(process.argv[2] ?? '') as TablesSetup;
const bytes = new TextEncoder().encode(setup.from.password);
const spec = tablesSpec(
  { target: { ...setup.from, password: bytes }, schema: setup.schema, tables: [setup.table] },
  setup.to,
);
const started = performance.now();
const end = await runTables(spec);
const ms = performance.now() - started;
if (end.kind !== 'published') throw new Error(`ended as ${end.kind}`);
process.stdout.write(
  `${JSON.stringify({ ms, rows: end.result.rowCounts, peakMb: process.resourceUsage().maxRSS / 1024 })}\n`,
);
