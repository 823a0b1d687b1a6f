import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import pg from 'pg';
import { startEmbeddedPostgres } from '../../main/sample/embedded-postgres.ts';
import { plainLogin } from '../../main/sample/plain-login.ts';
import { bundle } from '../support/bundle.ts';
import { type LargeForm, largeForms, largeProject, largeSource } from '../support/large-project.ts';

/*
 * A project of thousands of forms on a server that allows 25 sessions: what a first publish, refreshes and an accepted
 * refresh take of time and memory, phase by phase, and which statements the time goes into.
 */

const { values } = parseArgs({
  options: {
    /** Each has two tables, its own and that of its repeat. */
    forms: { type: 'string', default: '1500' },
    questions: { type: 'string', default: '100' },
    'in-repeat': { type: 'string', default: '34' },
    /** Records that the source sends at once. */
    page: { type: 'string', default: '1000' },
    /** Statements told per phase. */
    statements: { type: 'string', default: '6' },
  },
});
const count = Number(values.forms);
const told = Number(values.statements);
const formsOf = (stage: number): LargeForm[] =>
  largeForms(count, stage, Number(values.questions), Number(values['in-repeat']));

const folder = mkdtempSync(join(tmpdir(), 'headgate-many-'));
await bundle({ worker: 'test/support/measured-worker.ts' }, folder);
const server = await startEmbeddedPostgres({ durable: false, settings: { max_connections: '25' } });
const login = await plainLogin(server, 'postgres');
const { host, port, user, password } = server;
const watcher = new pg.Client({ host, port, user, password, database: 'postgres' });
// What ends the session is told by the query that fails.
watcher.on('error', () => {});
await watcher.connect();

let forms: readonly LargeForm[] = formsOf(1);
const source = await largeSource(() => forms, Number(values.page));
let seen = new Map<string, number>();
let phase = '';
const byPhase = new Map<string, Map<string, number>>();
const project = largeProject(
  { postgres: { ...login, host: '127.0.0.1' }, database: 'postgres', schema: 'many' },
  source,
  join(folder, 'worker.js'),
  (next) => {
    phase = next;
    seen = new Map();
    byPhase.set(phase, seen);
  },
);

let watching = true;
/** Errors that somebody else had meanwhile. */
const disturbed: string[] = [];
const watched = (async () => {
  while (watching) {
    const answer = watcher.query<{ state: string; query: string }>(
      "SELECT state, query FROM pg_stat_activity WHERE application_name LIKE 'headgate sync %' AND query NOT LIKE '%heartbeat = clock%'",
    );
    const { rows } = await answer.catch((error: Error) => {
      disturbed.push(`${phase}: ${error.message}`);
      return { rows: [] };
    });
    const active = rows.filter(({ state }) => state === 'active');
    const what = active.map(({ query }) =>
      (query.split('; ').at(-1) ?? '').replace(/\s+/g, ' ').replace(/\d+/g, 'N').slice(0, 90),
    );
    for (const text of what.length > 0 ? what : ['(the worker works)'])
      seen.set(text, (seen.get(text) ?? 0) + 1);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
})();

async function run(what: string, change: Parameters<typeof project.sync>[0] = {}): Promise<void> {
  const began = performance.now();
  byPhase.clear();
  const { outcome, phases, columns } = await project.sync(change);
  const seconds = (ms: number): string => (ms / 1000).toFixed(1);
  const end =
    outcome.kind === 'failed'
      ? `${outcome.error.code} ${outcome.error.message}`
      : outcome.kind === 'held'
        ? `held for ${outcome.reasons.length} reasons`
        : outcome.kind;
  process.stdout.write(
    `\n${what}: ${end}, ${seconds(performance.now() - began)} s, ${columns} columns published\n`,
  );
  if (disturbed.length > 0)
    process.stdout.write(`  others were disturbed ${disturbed.length} times: ${disturbed.splice(0)[0]}\n`);
  for (const { phase: name, ms, liveMb, usedMb } of phases) {
    process.stdout.write(
      `  ${name}: ${seconds(ms)} s, live ${liveMb.toFixed(0)} MB, used ${usedMb.toFixed(0)} MB\n`,
    );
    const top = [...(byPhase.get(name) ?? [])].sort((a, b) => b[1] - a[1]).slice(0, told);
    for (const [text, times] of top) process.stdout.write(`    ${String(times).padStart(6)}  ${text}\n`);
  }
}

try {
  await run('first publish');
  await run('refresh of nothing');
  forms = formsOf(2);
  await run('refresh of some');
  forms = formsOf(3);
  await run('refresh that is held', { guarded: true });
  await run('refresh that is accepted', { mode: 'accept', guarded: true });
} finally {
  watching = false;
  await watched;
  await watcher.end();
  await source.close();
  await server.stop();
  rmSync(folder, { recursive: true, force: true });
}
