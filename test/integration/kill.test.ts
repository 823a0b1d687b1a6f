import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { createHqSimulator, type HqSimulator } from '../simulators/commcare-hq/index.ts';
import { createDatabase, differences, type TestDatabase } from '../support/database.ts';
import { seeded } from '../support/random.ts';
import { openWorkspace, setUp, syncToEnd } from '../support/workspace.ts';

const forms = 20_000;
const kills = 20;

let db: TestDatabase;
let sim: HqSimulator;
let folder: string;

beforeAll(async () => {
  db = await createDatabase();
  folder = mkdtempSync(join(tmpdir(), 'headgate-kill-'));
  sim = await createHqSimulator({
    domains: [{ name: 'large', forms, cases: 2000, seed: 20, tie: { at: 7000, count: 2500 } }],
    gzip: false,
  });
});
afterAll(async () => {
  await sim.close();
  await db[Symbol.asyncDispose]();
  rmSync(folder, { recursive: true, force: true });
});

/** `headgate sync` as a process of its own; resolves with its exit code, or null when it was killed. */
function syncProcess(
  project: string,
  killAfterMs: number | null,
): Promise<{ code: number | null; output: string }> {
  const child = spawn(
    process.execPath,
    ['main/headless/index.ts', 'sync', project, '--json', '--data', folder],
    {
      env: { ...process.env, HEADGATE_KEY_FILE: join(folder, 'vault.key') },
      stdio: ['ignore', 'pipe', 'pipe'],
    },
  );
  let output = '';
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding('utf8').on('data', (text) => (output += text));
  const timer = killAfterMs === null ? null : setTimeout(() => child.kill('SIGKILL'), killAfterMs);
  return new Promise((resolve) => {
    child.once('exit', (code) => {
      if (timer) clearTimeout(timer);
      resolve({ code, output });
    });
  });
}

it(`${kills} kills at random moments of a sync of ${forms} forms change nothing in the result, and readers see old or new`, async () => {
  const random = seeded(42);
  const open = () => openWorkspace({ folder });
  const setup = { postgres: db.postgres, database: db.database, sourceUrl: sim.url, domain: 'large' };
  const ws = await open();
  const disturbed = await setUp(ws.api, setup);
  const undisturbed = await setUp(ws.api, setup);
  const schema = disturbed.dataset?.schemaName ?? '';
  const project = (await ws.api.projects.list()).find((p) => p.id === disturbed.projectId)?.name ?? '';
  // The first state that readers know: fewer forms than the second.
  const hidden = Array.from({ length: 500 }, (_, at) => sim.domain('large').id('form', at * 3));
  const first = await syncToEnd(ws, disturbed);
  expect(first.status).toBe('completed');
  await ws[Symbol.asyncDispose]();
  sim.domain('large').vanish('form', hidden);
  sim.domain('large').edit(
    'form',
    Array.from({ length: 300 }, (_, at) => at * 5 + 1),
  );

  // Readers look at two tables at once, so that a half-published state would show.
  const seen = new Set<string>();
  let reading = true;
  const reader = await db.connect();
  const polling = (async () => {
    while (reading) {
      const { rows } = await reader.query(
        `SELECT (SELECT count(*) FROM "${schema}".forms) AS forms, (SELECT count(*) FROM "${schema}".form_household_visit) AS visits,
           (SELECT count(*) FROM "${schema}".forms WHERE edited_on IS NOT NULL) AS edited`,
      );
      seen.add(JSON.stringify(rows[0]));
      await new Promise((resolve) => setTimeout(resolve, 40));
    }
  })();

  let killed = 0;
  let completed = 0;
  // A disturbed run starts anew when one gets through, so that every kill meets a sync at work.
  while (killed < kills) {
    const { code, output } = await syncProcess(project, 300 + random() * 2700);
    if (code === null) killed += 1;
    else {
      expect(code, output).toBe(0);
      completed += 1;
      expect(completed).toBeLessThan(kills * 5);
    }
  }
  const last = await syncProcess(project, null);
  expect(last.code, last.output).toBe(0);
  reading = false;
  await polling;
  await reader.end();

  const after = await open();
  const whole = await syncToEnd(after, undisturbed);
  expect(whole.status).toBe('completed');
  expect(whole.rowCounts['forms']).toBe(forms - hidden.length);
  const jobs = await after.api.syncs.list({ limit: 200 });
  expect(jobs.filter((job) => job.status === 'running' || job.status === 'queued')).toEqual([]);
  await after[Symbol.asyncDispose]();
  expect(await differences(db, schema, undisturbed.dataset?.schemaName ?? '')).toEqual([]);
  const states = [...seen].map((text) => JSON.parse(text) as { forms: string; edited: string });
  expect(new Set(states.map((state) => state.forms))).toEqual(
    new Set([String(forms), String(forms - hidden.length)]),
  );
  expect(states.length).toBe(2);
}, 400_000);
