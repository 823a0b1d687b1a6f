import { randomUUID } from 'node:crypto';
import { statSync } from 'node:fs';
import { join } from 'node:path';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { parseArgs } from 'node:util';
import { matchOf } from '../../main/services/projects/dictionary.ts';
import { createDictionaryIndex } from '../../main/services/projects/dictionary-index.ts';
import { oneJob } from '../support/one-job.ts';
import { publishTables, questionTables } from '../support/published-tables.ts';

/*
 * What the search over dictionaries takes: building its index, in which steps others get their turn, and looking for words.
 */

const { values } = parseArgs({
  options: {
    columns: { type: 'string', default: '200000' },
    perTable: { type: 'string', default: '400' },
  },
});
const [columns, perTable] = [Number(values.columns), Number(values.perTable)];
const one = oneJob();
await publishTables(one.store, 'd', questionTables(columns / perTable, perTable));
const dataset = one.store.datasets.get('d');
const index = createDictionaryIndex({
  store: one.store,
  newId: randomUUID,
  elapsed: () => performance.now(),
});
const steps: number[] = [];
const { transaction } = one.store;
one.store.transaction = (work) => {
  // By the processor's time: others may be at work on this machine.
  const before = process.threadCpuUsage();
  try {
    return transaction(work);
  } finally {
    const { user, system } = process.threadCpuUsage(before);
    steps.push((user + system) / 1000);
  }
};
const size = (): number => statSync(join(one.folder, 'headgate.db')).size / 1e6;
const delay = monitorEventLoopDelay({ resolution: 1 });
const { signal } = new AbortController();

async function measure(what: string, work: () => Promise<void>): Promise<void> {
  steps.length = 0;
  delay.reset();
  delay.enable();
  const began = performance.now();
  await work();
  delay.disable();
  steps.sort((a, b) => a - b);
  const at = (share: number): string => (steps[Math.floor(steps.length * share)] ?? 0).toFixed(1);
  process.stdout.write(
    `${what}: ${((performance.now() - began) / 1000).toFixed(2)} s, ${steps.length} transactions, p50 ${at(0.5)} p99 ${at(0.99)} max ${(steps.at(-1) ?? 0).toFixed(1)} ms of processor; event loop p99 ${(delay.percentile(99) / 1e6).toFixed(1)} max ${(delay.max / 1e6).toFixed(1)} ms; file ${size().toFixed(0)} MB\n`,
  );
}

process.stdout.write(`${columns} columns in tables of ${perTable}; file ${size().toFixed(0)} MB\n`);
await measure('build', () => index.bring([dataset], signal));
one.store.words.forget('d', 'form 1', 'column_1');
await measure('after one description', () => index.bring([dataset], signal));
for (const text of ['água', 'fa', 'a', 'mosquito net', 'मलेरिया', 'question 77 sleep', 'nothingatall']) {
  const match = matchOf(text) ?? '';
  const times = Array.from({ length: 7 }, () => {
    const began = performance.now();
    one.store.words.search(['d'], match, 51);
    return performance.now() - began;
  }).sort((a, b) => a - b);
  const found = one.store.words.search(['d'], match, 51).length;
  process.stdout.write(
    `search “${text}”: median ${(times[3] ?? 0).toFixed(1)} ms, max ${(times[6] ?? 0).toFixed(1)} ms, ${found} found\n`,
  );
}
await measure('unlinked', async () => {
  while (one.store.transaction(() => one.store.words.shed('d'))) await new Promise(setImmediate);
});
one[Symbol.dispose]();
