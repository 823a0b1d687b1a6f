import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { table } from '../../main/headless/terminal/terminal.ts';
import { startEmbeddedPostgres } from '../../main/sample/embedded-postgres.ts';
import { plainLogin } from '../../main/sample/plain-login.ts';
import { bundle } from '../support/bundle.ts';
import { runFile, startSimulatorProcess } from '../support/processes.ts';
import { pagesOf } from './pages.ts';
import type { RefreshResult, RefreshSetup } from './results.ts';

const numbers = new Intl.NumberFormat('en');
const count = (n: number): string => numbers.format(n);

/*
 * What a refresh by changes costs, held against one that reads everything: requests, time of the job, memory of the
 * process. Both are of one link whose source has just changed in the same way, right after one another; each is a process of
 * its own, PostgreSQL (fsync on) and the source are others. `--latency` repeats it once with a source that takes so long for
 * every request, as CommCare HQ does.
 */

const { values } = parseArgs({
  options: {
    forms: { type: 'string', default: '100000' },
    /** In percent of the forms: those that are edited, and those that go. */
    changed: { type: 'string', default: '1' },
    gone: { type: 'string', default: '0.2' },
    runs: { type: 'string', default: '3' },
    /** Milliseconds that the source takes for each request; 0 leaves it out. */
    latency: { type: 'string', default: '3000' },
    out: { type: 'string', default: 'bench-output' },
  },
});
const [forms, runs, latency] = [values.forms, values.runs, values.latency].map(Number) as [
  number,
  number,
  number,
];
const domain = 'bench';
/** Of those that go so many are archived, one here and one there; the others are deleted, and came together. */
const archivedShare = 0.7;

const root = join(import.meta.dirname, '..', '..');
// Of this process alone: another one may be at it beside this one.
const bundles = join(root, 'bench-output', `build-${process.pid}`);
await bundle(
  { 'delta-child': 'test/bench/delta-child.ts', 'sync-worker': 'main/sync/run/worker.ts' },
  bundles,
);
const folder = mkdtempSync(join(tmpdir(), 'headgate-bench-'));
const postgres = await startEmbeddedPostgres({ durable: true });
const simulator = await startSimulatorProcess([
  ...['--preserialise', '--no-gzip'],
  ...['--domain', `${domain}:forms=${forms},cases=0,seed=7`],
]);

const tell = async (path: string, body: object): Promise<unknown> => {
  const answer = await fetch(`${simulator.url}/_sim/${path}`, {
    method: 'POST',
    body: JSON.stringify(body),
  });
  if (!answer.ok) throw new Error(`${path}: ${await answer.text()}`);
  return answer.json();
};

const { accessToken } = (await tell('tokens', {})) as { accessToken: string };
/** Reads every form once and drops it: what the source has to make is made then. */
async function warm(): Promise<string[]> {
  const ids: string[] = [];
  for await (const page of pagesOf({ url: simulator.url, token: accessToken, domain, dataset: 'forms' })) {
    // A piece of the page would keep all of it in memory.
    for (const [, id] of page.toString('latin1').matchAll(/[{,]"id":"([^"]+)","domain"/g))
      ids.push(Buffer.from(id as string).toString());
  }
  return ids;
}

const refresh = async (setup: Omit<RefreshSetup, 'folder'>): Promise<RefreshResult> =>
  JSON.parse(
    await runFile(join(bundles, 'delta-child.js'), [JSON.stringify({ folder, ...setup })]),
  ) as RefreshResult;

const ids = [...new Set(await warm())];
if (ids.length !== forms) throw new Error(`the source told ${ids.length} forms`);
let changes = 0;
/** Some forms all over the place are edited, some go. Never the same ones twice. */
async function change(): Promise<void> {
  const [edited, gone] = [values.changed, values.gone].map((share) =>
    Math.round((forms * Number(share)) / 100),
  ) as [number, number];
  const spread = (number: number, offset: number): number[] =>
    Array.from({ length: number }, (_, at) => Math.floor((at * forms) / number) + offset);
  const archived = Math.round(gone * archivedShare);
  const at = (index: number): string => ids[index] as string;
  await tell('change', { domain, action: 'archive', ids: spread(archived, 50 + changes).map(at) });
  const from = Math.floor((forms * (0.13 + 0.61 * (changes / 13))) % forms);
  const deleted = Array.from({ length: gone - archived }, (_, place) => at(from + place));
  await tell('change', { domain, action: 'vanish', resource: 'form', ids: deleted });
  const indexes = spread(edited, changes);
  await tell('change', { domain, action: 'edit', resource: 'form', indexes });
  changes += 1;
}

interface Round {
  readonly whole: RefreshResult;
  readonly changes: RefreshResult;
  readonly same: RefreshResult;
}
async function round(ms: number): Promise<Round> {
  await change();
  await tell('latency', { ms });
  const byChanges = await refresh({ whole: false });
  const same = await refresh({ whole: false });
  await tell('latency', { ms: 0 });
  await change();
  await warm();
  await tell('latency', { ms });
  const whole = await refresh({ whole: true });
  await tell('latency', { ms: 0 });
  return { changes: byChanges, same, whole };
}

const median = (numbers: readonly number[]): number =>
  [...numbers].sort((a, b) => a - b)[Math.floor(numbers.length / 2)] as number;
const part = (of: number, whole: number): string => `1/${(whole / of).toFixed(1)}`;

function report(rounds: readonly Round[]): string {
  const of = (kind: keyof Round, what: 'ms' | 'requests'): number =>
    median(rounds.map((one) => one[kind][what]));
  const row = (name: string, kind: keyof Round): string[] => [
    name,
    count(of(kind, 'requests')),
    kind === 'whole' ? '' : part(of(kind, 'requests'), of('whole', 'requests')),
    (of(kind, 'ms') / 1000).toFixed(2),
    kind === 'whole' ? '' : part(of(kind, 'ms'), of('whole', 'ms')),
    String(Math.round(Math.max(...rounds.map((one) => one[kind].peakMb)))),
  ];
  return table(
    ['', 'requests', 'of reading all', 'seconds', 'of reading all', 'peak MB'],
    [
      row('everything is read', 'whole'),
      row(`${values.changed} % changed, ${values.gone} % gone`, 'changes'),
      row('nothing changed', 'same'),
    ],
  );
}

const results: { latency: number; rounds: Round[] }[] = [];
try {
  const { host, port, user, password } = await plainLogin(postgres, 'postgres');
  const first = {
    ...{ postgres: { host, port, user, password }, database: 'postgres', sourceUrl: simulator.url },
    ...{ domain, keepRaw: false, datasets: ['forms'] },
  };
  process.stdout.write(`first load: ${JSON.stringify(await refresh({ first, whole: true }))}\n`);
  const plan = [{ ms: 0, times: runs }, ...(latency > 0 ? [{ ms: latency, times: 1 }] : [])];
  for (const { ms, times } of plan.filter((one) => one.times > 0)) {
    const rounds: Round[] = [];
    for (let at = 0; at < times; at += 1) {
      rounds.push(await round(ms));
      process.stdout.write(`  ${JSON.stringify(rounds.at(-1))}\n`);
    }
    const told = `${count(forms)} forms, ${ms} ms a request, medians of ${times}`;
    process.stdout.write(`\n${told}\n\n${report(rounds)}\n`);
    results.push({ latency: ms, rounds });
  }
  mkdirSync(values.out, { recursive: true });
  writeFileSync(join(values.out, 'delta.json'), `${JSON.stringify({ forms, results }, null, 2)}\n`);
} finally {
  simulator.stop();
  await postgres.stop();
  for (const each of [folder, bundles]) rmSync(each, { recursive: true, force: true });
}
