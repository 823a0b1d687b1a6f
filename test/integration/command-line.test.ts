import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createHqSimulator, type HqSimulator } from '../simulators/commcare-hq/index.ts';
import { createDatabase, type TestDatabase } from '../support/database.ts';
import { runHeadgate } from '../support/processes.ts';
import { openWorkspace, setUp } from '../support/workspace.ts';

let db: TestDatabase;
let sim: HqSimulator;
let folder: string;
let project: string;
let source: string;

beforeAll(async () => {
  db = await createDatabase();
  folder = mkdtempSync(join(tmpdir(), 'headgate-cli-'));
  sim = await createHqSimulator({ domains: [{ name: 'cli', forms: 60, cases: 20, seed: 4 }] });
  const ws = await openWorkspace({ folder });
  const link = await setUp(ws.api, {
    postgres: db.postgres,
    database: db.database,
    sourceUrl: sim.url,
    domain: 'cli',
  });
  project = (await ws.api.projects.list())[0]?.name ?? '';
  source = link.sourceName;
  await ws[Symbol.asyncDispose]();
});
afterAll(async () => {
  await sim.close();
  await db[Symbol.asyncDispose]();
  rmSync(folder, { recursive: true, force: true });
});

const headgate = (...args: string[]) => runHeadgate(folder, ...args);

describe('headgate', () => {
  it('explains itself: 0 when asked, 2 when misused', async () => {
    const asked = await headgate('--help');
    expect(asked.code).toBe(0);
    expect(asked.out).toContain('headgate sync <project> [<source>]');
    for (const args of [
      [],
      ['fly'],
      ['sync'],
      ['--nonsense'],
      ['call', 'no.such'],
      ['call', 'connections.list', '{'],
    ]) {
      expect((await headgate(...args)).code, args.join(' ')).toBe(2);
    }
  });
  it('call: any call of the contract, as text or as one line of JSON', async () => {
    const pretty = await headgate('call', 'connections.list');
    expect(pretty.code).toBe(0);
    expect(JSON.parse(pretty.out).items).toHaveLength(1);
    const { code, out } = await headgate('call', 'projects.list', '--json');
    expect(code).toBe(0);
    expect(out.trim().split('\n')).toHaveLength(1);
    expect(JSON.parse(out)).toMatchObject({ ok: true, data: [{ name: project }] });
    expect(out + pretty.out).not.toContain(db.postgres.password);
  });
  it('audit: verifies, trims into a file, and holds that file to the log', async () => {
    const file = join(folder, 'old.json');
    const verified = await headgate('audit', 'verify');
    expect([verified.code, verified.out]).toEqual([0, expect.stringMatching(/entries, unbroken/)]);
    expect((await headgate('audit', 'trim', '--before', '2100-01-01')).code).toBe(2);
    const trimmed = await headgate('audit', 'trim', '--before', '2100-01-01', '--file', file);
    expect([trimmed.code, trimmed.out]).toEqual([0, expect.stringContaining(`are in ${file} now`)]);
    expect((await headgate('audit', 'verify')).out).toMatch(
      /Begins behind entry \d+ .*The vault knows that\./,
    );
    const held = await headgate('audit', 'verify', '--file', file);
    expect([held.code, held.out]).toEqual([
      0,
      expect.stringMatching(/1 to \d+, unbroken\.\nIt is of this log/),
    ]);
    writeFileSync(file, readFileSync(file, 'utf8').replace('connections.create', 'connections.delete'));
    const changed = await headgate('audit', 'verify', '--file', file);
    expect([changed.code, changed.out]).toEqual([3, expect.stringContaining('BROKEN at line')]);
  });
  it('call: what is to be set right exits 3 with code and advice', async () => {
    const { code, out } = await headgate('call', 'connections.create', '{"name":""}', '--json');
    expect(code).toBe(3);
    expect(JSON.parse(out)).toMatchObject({ ok: false, error: { code: 'INPUT_INVALID', kind: 'config' } });
    const missing = await headgate(
      'call',
      'connections.test',
      '{"id":"00000000-0000-4000-8000-000000000000"}',
    );
    expect(missing.code).toBe(3);
    expect(missing.err).toContain('(NOT_FOUND)');
  });
  it('sync: publishes, prints the tables, exits 0', async () => {
    const { code, out } = await headgate('sync', project.toUpperCase(), source);
    expect(code).toBe(0);
    expect(out).toMatch(/published in \d+\.\d s/);
    expect(out).toMatch(/forms\s+60/);
  });
  it('sync: a failure names cause and next step and is never green', async () => {
    sim.domain('cli').refuse('subscription');
    const failed = await headgate('sync', project, '--json');
    sim.domain('cli').refuse(null);
    expect(failed.code).toBe(3);
    expect(JSON.parse(failed.out)).toMatchObject({
      ok: false,
      data: { status: 'failed', error: { code: 'SOURCE_FORBIDDEN' } },
    });
    const unknown = await headgate('sync', 'nobody');
    expect(unknown.code).toBe(2);
    expect(unknown.err).toContain(project);
  });
  it('call: a job that a call starts is followed to its end, and its end is the exit code', async () => {
    const idOf = async (call: string, input: string): Promise<string> =>
      (JSON.parse((await headgate('call', call, input)).out) as { id: string }[])[0]?.id ?? '';
    const projectId = await idOf('projects.list', '{}');
    const linkId = await idOf('links.list', JSON.stringify({ projectId }));
    const start = JSON.stringify({ linkId });
    const published = await headgate('call', 'syncs.start', start);
    expect(published).toMatchObject({ code: 0 });
    expect(JSON.parse(published.out)).toMatchObject({ status: 'completed', rowCounts: { forms: 60 } });
    sim.domain('cli').refuse('subscription');
    const failed = await headgate('call', 'syncs.start', start);
    sim.domain('cli').refuse(null);
    expect(failed.code).toBe(3);
    expect(failed.err).toContain('(SOURCE_FORBIDDEN)');
  });
  it('sync: what is held is not green, and says how to go on', async () => {
    const domain = sim.domain('cli');
    domain.vanish(
      'form',
      Array.from({ length: 50 }, (_, at) => domain.id('form', at)),
    );
    const held = await headgate('sync', project, source);
    expect(held.code).toBe(6);
    expect(held.err).toContain('would shrink from 60 to 10 rows');
    const [, input = ''] = /datasets\.discard '(.*)'/.exec(held.err) ?? [];
    expect((await headgate('call', 'datasets.discard', input)).code).toBe(0);
    // What is held again is published by the very call that is printed, before it ends; the progress is not in the answer.
    const again = await headgate('sync', project, source);
    const [, accept = ''] = /datasets\.accept '(.*)'/.exec(again.err) ?? [];
    const accepted = await headgate('call', 'datasets.accept', accept, '--json');
    expect(accepted.code).toBe(0);
    expect(JSON.parse(accepted.out)).toMatchObject({
      ok: true,
      data: { status: 'completed', rowCounts: { forms: 10 } },
    });
    domain.add('form', 50);
  });
  it.each([
    ['the first Ctrl-C cancels in order', 'SIGINT', 130, { status: 'cancelled' }],
    ['the end of the process pauses in order', 'SIGTERM', 7, { status: 'paused', pausedBy: 'quit' }],
  ] as const)('sync: %s', async (_, signal, exit, data) => {
    const before = sim.stats.requests['form'] ?? 0;
    sim.faults.add({ match: 'form', kind: 'slow', ms: 20_000, times: 'always' });
    const child = spawn(
      process.execPath,
      ['main/headless/index.ts', 'sync', project, '--json', '--data', folder],
      {
        env: { ...process.env, HEADGATE_KEY_FILE: join(folder, 'vault.key') },
        stdio: ['ignore', 'pipe', 'inherit'],
      },
    );
    let out = '';
    child.stdout.setEncoding('utf8').on('data', (text) => (out += text));
    await expect.poll(() => sim.stats.requests['form'] ?? 0, { timeout: 15_000 }).toBeGreaterThan(before);
    child.kill(signal);
    const code = await new Promise((resolve) => child.once('exit', resolve));
    sim.faults.clear();
    expect(code).toBe(exit);
    expect(JSON.parse(out)).toMatchObject({ ok: false, data });
  });
});
