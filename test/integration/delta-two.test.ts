import { cpSync } from 'node:fs';
import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import { bundleProgram } from '../support/bundle.ts';
import { createDatabase, differences, leftBehind, type TestDatabase } from '../support/database.ts';
import { begin } from '../support/delta-history.ts';
import { type DeltaLink, deltaLink } from '../support/delta-link.ts';
import { type HistoryForm, type HistoryHq, historyHq, minute } from '../support/history-hq.ts';
import { type AskedFor, type HistoryServer, startHistory } from '../support/history-server.ts';
import { temporaryFolder } from '../support/parts.ts';
import { seeded } from '../support/random.ts';
import { type SyncProcess, startSync } from '../support/sync-process.ts';
import { openWorkspace, setUp } from '../support/workspace.ts';

/* Two processes that refresh one dataset by changes: whoever publishes, the tables are what reading everything gives. */

vi.setConfig({ testTimeout: 600_000 });

let db: TestDatabase;
let program: Awaited<ReturnType<typeof bundleProgram>>;
beforeAll(async () => {
  db = await createDatabase();
  program = await bundleProgram('delta-two');
});
afterAll(async () => {
  await db[Symbol.asyncDispose]();
  program.remove();
});

interface Place extends AsyncDisposable {
  readonly hq: HistoryHq;
  readonly source: HistoryServer;
  readonly random: () => number;
  readonly schema: string;
  readonly full: DeltaLink;
  /** A process of its own on the workspace, or on a copy of it that another computer would have. */
  readonly start: (which?: 'first' | 'copy') => SyncProcess;
  readonly copy: () => void;
  readonly change: () => void;
  /** The tables are those that reading everything gives. */
  readonly compare: () => Promise<void>;
  /** How many of the refreshes of a workspace were by changes. */
  readonly byChanges: (which?: 'first' | 'copy') => Promise<number>;
}

/** A workspace that refreshes a project space with a history by changes, and has done so once. */
async function placeOf(seed: number): Promise<Place> {
  const random = seeded(seed);
  const hq = historyHq(seeded(seed + 1000));
  hq.page = 12;
  // A workspace knows the names of the columns that it published itself; that is another story.
  begin(hq, random, 200, true);
  const source = await startHistory(hq);
  const folders = { first: temporaryFolder(), copy: temporaryFolder() };
  const setup = {
    ...{ postgres: db.postgres, database: db.database, domain: 'demo', sourceUrl: source.url },
    ...{ keepRaw: false, guards: false, datasets: ['forms'] },
  };
  const ws = await openWorkspace({ folder: folders.first.path });
  const made = await setUp(ws.api, setup);
  const refresh = { how: 'delta' as const, wholeEveryDays: 7 };
  await ws.api.links.update({ id: made.id, syncConfig: { ...made.syncConfig, refresh } });
  const project = (await ws.api.projects.list()).find(({ id }) => id === made.projectId)?.name ?? '';
  const { id } = await ws.api.syncs.start({ linkId: made.id });
  expect(await ws.app.jobEnded(id)).toMatchObject({ status: 'completed' });
  await ws[Symbol.asyncDispose]();
  const schema = made.dataset?.schemaName ?? '';
  const full = deltaLink(db, `two_${seed}_whole`, source.sim, {
    mode: 'full',
    spec: { guards: { on: false, shrinkPercent: 100 } },
    deps: { exchange: hq.exchange },
  });
  return {
    ...{ hq, source, random, schema, full },
    start: (which = 'first') => startSync(program.file, folders[which].path, project),
    copy: () => cpSync(folders.first.path, folders.copy.path, { recursive: true }),
    change() {
      const forms = [...hq.forms.values()];
      for (let times = 0; times < 2; times += 1) {
        const form = forms[Math.floor(random() * forms.length)] as HistoryForm;
        form.state = form.state === 'live' ? 'archived' : 'live';
        form.indexed = hq.now;
      }
      const from = Math.floor(random() * (forms.length - 8));
      for (const { id } of forms.slice(from, from + 3)) hq.forms.delete(id);
      for (let edits = 0; edits < 5; edits += 1) {
        const form = forms[Math.floor(random() * forms.length)] as HistoryForm;
        form.answers = { ...form.answers, name: `name ${Math.floor(random() * 1e6)}` };
        form.indexed = hq.now;
      }
      // Asking once more from before the newest does not bring the rest by chance.
      hq.now += 20 * minute;
      begin(hq, random, 1 + Math.floor(random() * 4), true);
    },
    async compare() {
      await full.publish();
      expect(await differences(db, full.schema, schema)).toEqual([]);
    },
    async byChanges(which = 'first') {
      await using again = await openWorkspace({ folder: folders[which].path });
      let count = 0;
      for (const job of await again.api.syncs.list({ limit: 500 }))
        if ((await again.api.syncs.get({ id: job.id })).facts?.deltas?.length) count += 1;
      return count;
    },
    async [Symbol.asyncDispose]() {
      await source[Symbol.asyncDispose]();
      for (const folder of Object.values(folders)) folder[Symbol.dispose]();
    },
  };
}

/** Kills a process at a request of a kind, before it is answered. */
async function killAt(place: Place, running: SyncProcess, wanted: AskedFor): Promise<void> {
  place.source.watch = async (asked, when) => {
    if (asked !== wanted || when !== 'before') return;
    place.source.watch = null;
    running.child.kill('SIGKILL');
    await running.ended;
  };
  expect(await running.ended).toMatchObject({ code: null });
}

it('two of one workspace that begin at the same instant both end well', async () => {
  await using place = await placeOf(1);
  for (let round = 0; round < 4; round += 1) {
    place.change();
    const both = [place.start(), place.start()];
    for (const { ended } of both) {
      const { code, output } = await ended;
      expect(code, output).toBe(0);
    }
    await place.compare();
  }
  expect(await place.byChanges()).toBeGreaterThan(1);
  expect(await db.query(leftBehind)).toEqual([]);
});

it('two workspaces of one dataset take turns, or refresh at once, and nobody builds on tables of another', async () => {
  await using place = await placeOf(2);
  place.copy();
  for (let round = 0; round < 6; round += 1) {
    place.change();
    if (round % 2 === 0) {
      const { code, output } = await place.start(round % 4 === 0 ? 'copy' : 'first').ended;
      expect(code, output).toBe(0);
    } else {
      const ends = await Promise.all([place.start('first').ended, place.start('copy').ended]);
      // One of them may find the other at work.
      for (const { code, output } of ends) {
        expect([0, 5], output).toContain(code);
        if (code === 5) expect(output).toMatch(/DATASET_BUSY|LEASE_LOST/);
      }
      expect(ends.map(({ code }) => code)).toContain(0);
    }
    await place.compare();
  }
  expect(await db.query(leftBehind)).toEqual([]);
});

it('what one was killed in is taken over by another, and the first finds its tables published by somebody else', async () => {
  await using place = await placeOf(3);
  place.copy();
  for (const asked of ['changes', 'count', 'slice'] as const) {
    place.change();
    await killAt(place, place.start('first'), asked);
    place.change();
    const { code, output } = await place.start('copy').ended;
    expect(code, output).toBe(0);
    place.change();
    const again = await place.start('first').ended;
    expect(again.code, again.output).toBe(0);
    await place.compare();
    // It builds on what it published itself.
    const last = await place.start('first').ended;
    expect(last.code, last.output).toBe(0);
    place.copy();
  }
  expect(await place.byChanges()).toBeGreaterThan(1);
  expect(await db.query(leftBehind)).toEqual([]);
});
