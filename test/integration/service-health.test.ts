import { join } from 'node:path';
import { expect, it } from 'vitest';
import { systemClock } from '../../main/clock.ts';
import type { ServiceHealth } from '../../preload/contract/models.ts';
import { inProcess } from '../support/parts.ts';
import { keptDesk } from '../support/seat.ts';
import { clientOf, openWorkspace } from '../support/workspace.ts';

/* What `app.health` says is what is so. */

it('says when the timetable stands still, and when the workspace takes no writes', async () => {
  let ahead = 0;
  const clock = { ...systemClock, now: () => systemClock.now() + ahead };
  await using ws = await openWorkspace({ clock });
  const problems = async (): Promise<ServiceHealth['problems']> => (await ws.api.app.health()).problems;
  expect(await ws.api.app.health()).toMatchObject({ problems: ['timetable_late'], lookedAt: null });
  await ws.app.tick();
  expect(await problems()).toEqual([]);
  ahead = 4 * 60_000;
  expect(await problems()).toEqual(['timetable_late']);
  // A clock that was put back says nothing about when it was looked at either.
  ahead = -4 * 60_000;
  expect(await problems()).toEqual(['timetable_late']);
  await ws.app.tick();
  expect(await problems()).toEqual([]);

  // Done by another process: whoever closes the file in this one gives its locks up.
  const alter = (sql: string): Promise<string> =>
    inProcess(
      `import Database from 'better-sqlite3';
       new Database(${JSON.stringify(join(ws.folder, 'headgate.db'))}).exec(${JSON.stringify(sql)}).close();`,
    );
  await alter(
    `CREATE TRIGGER full BEFORE UPDATE ON workspace BEGIN SELECT RAISE(ABORT, 'the disk is full'); END`,
  );
  // Whoever asks again at once is told what was found just now.
  expect(await problems()).toEqual([]);
  ahead += 10_000;
  expect(await problems()).toEqual(['store_unwritable']);
  await alter('DROP TRIGGER full');
  ahead += 10_000;
  expect(await problems()).toEqual([]);
});

it('calls a vault that is kept in memory only no open one', async () => {
  await using ws = await openWorkspace({ protector: 'none' });
  await ws.app.tick();
  expect(await ws.api.app.health()).toMatchObject({ vault: 'session_only', problems: ['vault_shut'] });
});

it('is answered before the door at a terminal, and not in a window', async () => {
  await using ws = await openWorkspace();
  const { person } = await ws.api.session.state();
  await ws.api.people.setPassphrase({ id: person?.id ?? '', next: 'health canary battery staple' });
  await ws.app.tick();
  const [terminal, window] = (['terminal', 'window'] as const).map((kind) =>
    ws.app.openPlace(kind, keptDesk(systemClock)),
  );
  if (!terminal || !window) throw new Error('no places');
  await expect(clientOf(terminal).app.info()).rejects.toMatchObject({ code: 'LOCKED' });
  expect(await clientOf(terminal).app.health()).toMatchObject({ problems: [] });
  await expect(clientOf(window).app.health()).rejects.toMatchObject({ code: 'LOCKED' });
});
