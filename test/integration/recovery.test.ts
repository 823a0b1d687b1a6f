import { spawn } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { systemClock } from '../../main/clock.ts';
import { createDatabase, type TestDatabase } from '../support/database.ts';
import { filesIn, keptProtector, temporaryFolder } from '../support/parts.ts';
import { keptDesk } from '../support/seat.ts';
import { openWorkspace } from '../support/workspace.ts';

/*
 * What a DBA does on a bad day, as they do it: processes of their own, each with what is left on that computer. What they
 * save is tested against a real PostgreSQL.
 */

let db: TestDatabase;
beforeAll(async () => {
  db = await createDatabase();
});
afterAll(() => db[Symbol.asyncDispose]());

const own = 'the passphrase of my profile';
const sealed = 'sealed for the new computer';

/** `headgate …` on a computer that has only this environment. */
function headgate(folder: string, args: string[], env: Record<string, string> = {}, typed: string[] = []) {
  const child = spawn(process.execPath, ['main/headless/index.ts', ...args, '--data', folder], {
    env: { PATH: process.env['PATH'] ?? '', HOME: folder, ...env },
    stdio: ['pipe', 'pipe', 'pipe'],
  });
  // A process that refuses does not read to the end.
  child.stdin.on('error', () => {});
  child.stdin.end(typed.map((line) => `${line}\n`).join(''));
  let out = '';
  child.stdout.setEncoding('utf8').on('data', (text) => (out += text));
  child.stderr.setEncoding('utf8').on('data', (text) => (out += text));
  return new Promise<{ code: number | null; out: string }>((resolve) =>
    child.once('close', (code) => resolve({ code, out })),
  );
}

/** A workspace of somebody with a keychain, two connections to the real server, and a recovery key on paper. */
async function workspaceIn(folder: string): Promise<{ paper: string; bundle: string }> {
  const desk = keptDesk(systemClock);
  await using ws = await openWorkspace({ folder, protector: keptProtector('os_keyring'), desk });
  const { host, port, user, password } = db.postgres;
  const ids: string[] = [];
  for (const name of ['first', 'second']) {
    const way = { host, port, database: db.database, tlsMode: 'disable' as const };
    ids.push(
      (await ws.api.connections.create({ name, ...way, user, password, superuserReason: 'a test' })).id,
    );
  }
  const { person } = await ws.api.session.state();
  const slot = await ws.api.vault.addSlot({ to: 'recovery' });
  expect(slot).toMatchObject({ kind: 'recovery', openedAt: null, opens: 'here' });
  const paper =
    desk.saved
      .at(-1)
      ?.text.match(/^ {2}.*$/gm)
      ?.join(' ') ?? '';
  // It is shown, and stands nowhere else.
  expect(JSON.stringify(slot) + ws.logs.join()).not.toContain(paper.trim().slice(0, 11));
  await ws.api.people.setPassphrase({ id: person?.id as string, next: own });
  const { text } = await ws.api.connections.seal({
    ...{ ids, for: { passphrase: sealed }, passphrase: own, reason: 'a new computer' },
  });
  return { paper, bundle: text ?? '' };
}
const me = { HEADGATE_PERSON_PASSPHRASE: own };
const as = async (folder: string): Promise<string[]> => {
  const { out } = await headgate(folder, ['call', 'session.state']);
  return ['--as', (JSON.parse(out) as { profiles: { name: string }[] }).profiles[0]?.name ?? ''];
};

describe('what a DBA does on a bad day', () => {
  it('lost keychain, then forgotten passphrase: the paper opens it, and every connection works again', async () => {
    using folder = temporaryFolder();
    const { paper } = await workspaceIn(folder.path);
    const who = await as(folder.path);
    const run = (args: string[], env: Record<string, string> = {}, typed: string[] = []) =>
      headgate(folder.path, [...args, ...who], { ...me, ...env }, typed);

    // The keychain is gone: nothing works, and it says what would.
    const shut = await run(['test']);
    expect(shut.code).toBe(3);
    const status = await run(['call', 'vault.status']);
    expect(status.out).toContain('It also opens with the recovery key.');

    const mistyped = await run(['vault', 'unlock', '--recovery'], {}, [paper.replace(/\S{5}$/, '00000')]);
    expect(mistyped).toMatchObject({ code: 3 });
    expect(mistyped.out).toContain('look at group 13 again');
    const back = await run(['vault', 'unlock', '--recovery', '--then', 'passphrase'], {}, [
      paper.toLowerCase(),
      'a passphrase for now',
    ]);
    expect(back.out).toContain('guarded by Passphrase from now on');
    expect(back.code).toBe(0);
    const works = await run(['test'], { HEADGATE_PASSPHRASE: 'a passphrase for now' });
    expect(works.out).toMatch(/first: works, PostgreSQL[^]*second: works, PostgreSQL/);
    expect(works.code).toBe(0);

    // And that passphrase is forgotten.
    const forgotten = await run(['test'], { HEADGATE_PASSPHRASE: 'was it this one' });
    expect(forgotten.code).not.toBe(0);
    const again = await run(['vault', 'unlock', '--recovery', '--then', 'passphrase'], {}, [
      paper,
      'a better passphrase',
    ]);
    expect(again.code).toBe(0);
    const better = { HEADGATE_PASSPHRASE: 'a better passphrase' };
    expect(await run(['test'], better)).toMatchObject({ code: 0 });
    const slots = await run(['vault', 'slots', '--json'], better);
    const { data } = JSON.parse(slots.out) as { data: { id: string; kind: string }[] };
    // The forgotten one left when the better one had opened it; the lost keychain is the person's to remove.
    expect(data.map(({ kind }) => kind)).toEqual(['os_keyring', 'recovery', 'passphrase']);
    expect(await run(['vault', 'remove-slot', data[0]?.id as string], better)).toMatchObject({ code: 0 });
    expect((await run(['vault', 'remove-slot', data[2]?.id as string], better)).code).toBe(0);
    expect((await run(['vault', 'unlock', '--recovery'], {}, [paper])).code).toBe(0);

    for (const { path, bytes } of filesIn(folder.path))
      for (const text of [paper.trim().slice(0, 11), 'a better passphrase', own])
        expect(bytes.includes(text), path).toBe(false);
  });

  it('new computer: the sealed bundle is imported, somebody signs in, and the connection works', async () => {
    using old = temporaryFolder();
    using folder = temporaryFolder();
    const { bundle } = await workspaceIn(old.path);
    const file = join(folder.path, 'moved.bundle');
    writeFileSync(file, bundle);
    const key = { HEADGATE_KEY_FILE: join(folder.path, 'new.key') };
    const home = join(folder.path, 'workspace');
    const imported = await headgate(home, ['import', 'sealed', file, '--yes'], {
      ...key,
      HEADGATE_BUNDLE_PASSPHRASE: sealed,
    });
    expect(imported.out).toContain('Imported 2 connections');
    const state = JSON.parse((await headgate(home, ['call', 'session.state'], key)).out) as {
      person: { id: string; name: string };
    };
    const next = JSON.stringify({ id: state.person.id, next: own });
    expect((await headgate(home, ['call', 'people.setPassphrase', next], key)).code).toBe(0);
    const who = ['--as', state.person.name];
    expect(
      (await headgate(home, ['test', 'first', ...who], { ...key, HEADGATE_PERSON_PASSPHRASE: 'wrong' })).code,
    ).toBe(4);
    const tested = await headgate(home, ['test', 'first', ...who], { ...key, ...me });
    expect(tested.out).toContain('first: works, PostgreSQL');
    expect(tested.code).toBe(0);
  });
});
