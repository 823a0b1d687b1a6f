import { chmodSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { ElectronApplication, Page } from 'playwright';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import type { Envelope } from '../../preload/contract/errors.ts';
import type { Session, VaultStatus } from '../../preload/contract/models.ts';
import { buildConsole, type ConsoleBuild } from '../electron-double/console-build.ts';
import { firstPage, launch, temporaryFolder, whyNot } from '../electron-double/launch.ts';
import { askedOutside, fillOutside, goOnOutside, typeOutside } from '../support/asked-outside.ts';
import { filesIn } from '../support/parts.ts';

interface Bridge {
  readonly calls: Record<string, (input: unknown, callId: unknown) => Promise<Envelope<unknown>>>;
}
declare const headgate: Bridge;

const problem = await whyNot();
const phrase = 'correct horse battery canary';
const secret = 'canary-in-the-window-vault';
const ofPage = 'of the page 1234 canary';
const opens = 'Open the vault of this workspace';

interface Double {
  readonly __double: {
    readonly recorder: { readonly entries: { what: string; details: Record<string, unknown> }[] };
    readonly answers: { readonly savePaths: string[] };
  };
}
/** The recovery key as a message of the system showed it. */
const shownPaper = async (app: ElectronApplication): Promise<string> => {
  const shown = await app.evaluate((electron) =>
    (electron as unknown as Double).__double.recorder.entries.map(({ details }) =>
      String(details?.['detail']),
    ),
  );
  const [lines = []] = shown
    .map((text) => text.match(/^ {2}\S.*$/gm) ?? [])
    .filter(({ length }) => length > 0);
  return lines.map((line) => line.trim()).join('-');
};

describe.skipIf(problem !== undefined)(
  `the vault of the desktop app in the Electron double${problem ? ` (skipped: ${problem})` : ''}`,
  () => {
    const cleanups: (() => void | Promise<void>)[] = [];
    afterEach(async () => {
      for (const clean of cleanups.splice(0).reverse()) await clean();
    });
    let real: ConsoleBuild;
    beforeAll(async () => {
      real = await buildConsole();
    });
    afterAll(() => real?.remove());

    const start = async (
      folder: string,
      env: Readonly<Record<string, string>> = {},
    ): Promise<{
      app: ElectronApplication;
      call: (name: string, input?: object) => Promise<Envelope<unknown>>;
    }> => {
      // What is asked outside the page is agreed to.
      const keys = { HEADGATE_DOUBLE_KEYCHAIN: join(folder, 'keys'), HEADGATE_DOUBLE_AGREES: '1' };
      const app = await launch(real.path, {
        env: { HEADGATE_DATA: join(folder, 'workspace'), ...keys, ...env },
      });
      cleanups.push(() => app.close().catch(() => {}));
      const page: Page = await firstPage(app, /^https:\/\/console\.app\.invalid\/$/);
      const call = (name: string, input: object = {}): Promise<Envelope<unknown>> =>
        page.evaluate(
          ([name, input]) =>
            headgate.calls[name]?.(input, `${name} ${Math.random()}`) as Promise<Envelope<unknown>>,
          [name, input] as const,
        );
      return { app, call };
    };
    const folderFor = (): string => {
      const folder = temporaryFolder('vault');
      cleanups.push(folder.remove);
      return folder.path;
    };

    test('moves from the keychain to a passphrase and back, over relaunches', async () => {
      const folder = folderFor();
      const first = await start(folder);
      const connection = { name: 'One', host: 'db.example.org', database: 'd', user: 'u', password: secret };
      expect(await first.call('connections.create', connection)).toMatchObject({ ok: true });
      // On paper, for a bad day.
      expect(await first.call('vault.addSlot', { to: 'recovery' })).toMatchObject({ ok: true });
      const paper = await shownPaper(first.app);
      const changed = first.call('vault.changeProtector', { to: 'passphrase', passphrase: ofPage });
      await typeOutside(first.app, 'Change what protects the vault?', phrase);
      expect(await changed).toMatchObject({
        ok: true,
        data: { state: 'passphrase', available: 'safe_storage' },
      });
      await first.app.close();

      const second = await start(folder);
      const status = (await second.call('vault.status')) as { data: VaultStatus };
      expect(status.data).toMatchObject({
        state: 'locked',
        sealedBy: 'passphrase',
        available: 'safe_storage',
      });
      expect(status.data.explanation).toContain('Enter it under Settings › Vault › Unlock');
      // What the page sends is not looked at, also where it is right; wrong ones are asked for again.
      const opened = second.call('vault.unlock', { passphrase: phrase });
      await typeOutside(second.app, opens, 'not this one');
      await typeOutside(second.app, opens, phrase, 'The passphrase does not open this vault.');
      expect(await opened).toMatchObject({ data: { state: 'passphrase', secrets: 1 } });
      // The paper would open it, too.
      const tried = second.call('vault.unlock', { by: 'recovery' });
      const asked = await askedOutside(second.app, opens);
      await asked.getByLabel('Recovery key').fill(paper.replace(/\S{5}$/, '00000'));
      // It has several lines, and is sent with Enter all the same.
      await asked.keyboard.press('Enter').catch(() => {});
      await typeOutside(second.app, opens, paper.toLowerCase(), 'look at group 13 again');
      expect(await tried).toMatchObject({ ok: true });
      expect(await second.call('vault.changeProtector', { to: 'keychain' })).toMatchObject({
        data: { state: 'protected', sealedBy: 'safe_storage' },
      });
      await second.app.close();

      const third = await start(folder);
      expect(await third.call('vault.status')).toMatchObject({ data: { state: 'protected', secrets: 1 } });
      await third.app.close();
      for (const { path, bytes } of filesIn(join(folder, 'workspace'))) {
        for (const canary of [secret, phrase, ofPage, paper.slice(0, 11)])
          expect(bytes.includes(canary), path).toBe(false);
      }
    });

    test('seals a bundle to what is typed outside the page, and opens it on a new computer', async () => {
      const bundle = 'heron over the weir canary';
      const folder = folderFor();
      const old = await start(folder);
      const connection = { name: 'One', host: 'db.example.org', database: 'd', user: 'u', password: secret };
      const { data } = (await old.call('connections.create', connection)) as { data: { id: string } };
      const { person } = ((await old.call('session.state')) as { data: Session }).data;
      const set = old.call('people.setPassphrase', { id: person?.id });
      await typeOutside(old.app, 'Set the passphrase of this profile?', phrase);
      expect(await set).toMatchObject({ ok: true });
      const file = join(folder, 'moved.age');
      await old.app.evaluate((electron, to) => {
        (electron as unknown as Double).__double.answers.savePaths.push(to);
      }, file);
      const seal = { ids: [data.id], for: 'passphrase', reason: 'a new computer' };
      const sealed = old.call('connections.seal', seal);
      await typeOutside(old.app, 'Connections are to be sealed with their secrets', phrase);
      const window = await askedOutside(old.app, 'Choose the passphrase of the bundle');
      await fillOutside(window, 'eleven char');
      await goOnOutside(window);
      await window.getByRole('alert').getByText('Use at least 12 characters.').waitFor();
      await typeOutside(old.app, 'Choose the passphrase of the bundle', bundle);
      expect(await sealed).toMatchObject({ ok: true, data: { text: null, path: file } });
      await old.app.close();

      const text = readFileSync(file, 'utf8');
      const fresh = await start(folderFor());
      const preview = fresh.call('imports.preview', { kind: 'sealed', text, passphrase: ofPage });
      await typeOutside(fresh.app, 'Open a sealed bundle', 'not of this one');
      await typeOutside(
        fresh.app,
        'Open a sealed bundle',
        bundle,
        'The passphrase does not open this bundle',
      );
      const plan = (await preview) as { data: { planId: string; connections: { key: string }[] } };
      const [planned] = plan.data.connections;
      const choice = { planId: plan.data.planId, connections: [{ key: planned?.key, action: 'create' }] };
      expect(await fresh.call('imports.apply', choice)).toMatchObject({
        ok: true,
        data: { created: [{ name: 'One' }] },
      });
      expect(await fresh.call('vault.status')).toMatchObject({ data: { secrets: 1 } });
    });

    test('says what sealed it and what this computer offers, when that is something else', async () => {
      const folder = folderFor();
      const keyFile = join(folder, 'vault.key');
      const first = await start(folder, { HEADGATE_KEY_FILE: keyFile });
      expect(await first.call('vault.status')).toMatchObject({ data: { state: 'key_file' } });
      await first.app.close();
      const second = await start(folder);
      const { data } = (await second.call('vault.status')) as { data: VaultStatus };
      expect(data).toMatchObject({ state: 'locked', sealedBy: 'key_file', available: 'safe_storage' });
      expect(data.explanation).toMatch(
        /^This vault was sealed by a key file on \d{4}-\d\d-\d\d; this computer now offers Secret Service \(GNOME Keyring, KWallet\)\. Start Headgate with HEADGATE_KEY_FILE naming that file, then choose Settings › Vault › Change protection\.$/,
      );
      expect(readFileSync(keyFile, 'utf8')).toMatch(/^[A-Za-z0-9+/]{43}=\n$/);
    });

    test('does not start with a policy file that others can change, and names it', async () => {
      const folder = folderFor();
      const policy = join(folder, 'policy.json');
      mkdirSync(folder, { recursive: true });
      writeFileSync(policy, '{"reveal":"forbid"}');
      chmodSync(policy, 0o666);
      const app = await launch(real.path, {
        env: { HEADGATE_DATA: join(folder, 'workspace'), HEADGATE_POLICY: policy },
      });
      const said: string[] = [];
      app.process().stderr?.on('data', (part) => said.push(String(part)));
      const code = await new Promise((resolve) => app.process().once('exit', resolve));
      expect(code).toBe(1);
      expect(said.join('')).toContain(`The policy file ${policy} can be changed by other users`);
    });
  },
);
