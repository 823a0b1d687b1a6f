import { spawn } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { systemClock } from '../../main/clock.ts';
import type { ProtectorChoice } from '../../main/headless/host.ts';
import type { KeyProtector } from '../../main/host.ts';
import { keyFileProtector } from '../../main/vault/key-file.ts';
import { passphraseProtector } from '../../main/vault/passphrase.ts';
import { createDatabase, type TestDatabase } from '../support/database.ts';
import { codeOf, filesIn, keptProtector, random, temporaryFolder } from '../support/parts.ts';
import { keptDesk } from '../support/seat.ts';
import { openWorkspace, type Workspace } from '../support/workspace.ts';

/*
 * What a DBA does on a bad day, with what is left on that computer; what they bring in is typed into a process of its own.
 * Whether it works is tested against a real PostgreSQL.
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
async function workspaceIn(
  folder: string,
  protector: KeyProtector = keptProtector('os_keyring'),
): Promise<{ paper: string; bundle: string }> {
  const desk = keptDesk(systemClock);
  await using ws = await openWorkspace({ folder, protector, desk });
  const { host, port, user, password } = db.postgres;
  const ids: string[] = [];
  for (const name of ['first', 'second']) {
    const way = { host, port, database: db.database, tlsMode: 'disable' as const };
    ids.push(
      (
        await ws.api.connections.create({
          name,
          ...way,
          user,
          password,
          superuserReason: 'the server of this test',
        })
      ).id,
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

/** The same workspace in this process, on a computer with that protector; somebody signed in. */
async function signedIn(folder: string, protector: ProtectorChoice = 'none'): Promise<Workspace> {
  const ws = await openWorkspace({ folder, protector });
  const { profiles } = await ws.api.session.state();
  await ws.api.session.signIn({ personId: profiles[0]?.id as string, passphrase: own });
  return ws;
}
/** Whether the connections work, on the real server. */
async function tested({ api }: Workspace): Promise<boolean[]> {
  const { items } = await api.connections.list({});
  return Promise.all(items.map(async ({ id }) => (await api.connections.test({ id })).ok));
}

describe('what a DBA does on a bad day', () => {
  it('lost keychain: the paper opens the vault, a new passphrase is set, and every connection works', async () => {
    using folder = temporaryFolder();
    const { paper } = await workspaceIn(folder.path);
    let who = '';
    {
      await using ws = await signedIn(folder.path);
      who = (await ws.api.session.state()).person?.name ?? '';
      expect((await ws.api.vault.status()).explanation).toContain('It also opens with the recovery key.');
      expect(await codeOf(() => tested(ws))).toMatch(/^VAULT_/);
    }
    const unlock = ['vault', 'unlock', '--recovery', '--protect', 'passphrase', '--as', who];
    const back = await headgate(folder.path, unlock, me, [paper.toLowerCase(), 'a passphrase for now']);
    expect(back.out).toContain('guarded by Passphrase from now on');
    expect(back.code).toBe(0);
    const env = { ...me, HEADGATE_PASSPHRASE: 'a passphrase for now' };
    const works = await headgate(folder.path, ['test', '--as', who], env);
    expect(works.out).toMatch(/first: works, PostgreSQL[\s\S]*second: works, PostgreSQL/);
    expect(works.code).toBe(0);
    for (const { path, bytes } of filesIn(folder.path))
      for (const text of [paper.trim().slice(0, 11), 'a passphrase for now', own])
        expect(bytes.includes(text), path).toBe(false);
  });

  it('forgotten passphrase: the same, and the forgotten one goes with the first use of the new one', async () => {
    using folder = temporaryFolder();
    const { paper } = await workspaceIn(folder.path, passphraseProtector('soon forgotten', random));
    {
      await using ws = await signedIn(folder.path);
      expect(await codeOf(() => ws.api.vault.unlock({ passphrase: 'was it this one' }))).toBe(
        'PASSPHRASE_WRONG',
      );
      const mistyped = paper.replace(/\S{5}$/, '00000');
      expect(await codeOf(() => ws.api.vault.unlock({ recoveryKey: mistyped }))).toBe('INPUT_INVALID');
      expect(await ws.api.vault.unlock({ recoveryKey: paper })).toMatchObject({ state: 'recovered' });
      await ws.api.vault.changeProtector({ to: 'passphrase', passphrase: 'a better passphrase' });
    }
    await using ws = await signedIn(folder.path, passphraseProtector('a better passphrase', random));
    expect((await ws.api.vault.slots()).map(({ kind }) => kind)).toEqual(['recovery', 'passphrase']);
    expect(await tested(ws)).toEqual([true, true]);
  });

  it('new computer: the sealed bundle is imported, somebody signs in, and the connection works', async () => {
    using old = temporaryFolder();
    using folder = temporaryFolder();
    const { bundle } = await workspaceIn(old.path);
    const file = join(folder.path, 'moved.bundle');
    writeFileSync(file, bundle);
    const home = join(folder.path, 'workspace');
    const key = join(folder.path, 'new.key');
    const imported = await headgate(home, ['import', 'sealed', file, '--yes'], {
      ...{ HEADGATE_KEY_FILE: key, HEADGATE_BUNDLE_PASSPHRASE: sealed },
    });
    expect(imported.out).toContain('Imported 2 connections');
    {
      await using ws = await openWorkspace({ folder: home, protector: keyFileProtector(key, random) });
      const { person } = await ws.api.session.state();
      await ws.api.people.setPassphrase({ id: person?.id as string, next: own });
    }
    await using ws = await signedIn(home, keyFileProtector(key, random));
    expect(await tested(ws)).toEqual([true, true]);
  });
});
