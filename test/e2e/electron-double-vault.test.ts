import { chmodSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { ElectronApplication, Page } from 'playwright';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import type { Envelope } from '../../preload/contract/errors.ts';
import type { VaultStatus } from '../../preload/contract/models.ts';
import { buildConsole, type ConsoleBuild } from '../electron-double/console-build.ts';
import { firstPage, launch, temporaryFolder, whyNot } from '../electron-double/launch.ts';
import { filesIn } from '../support/parts.ts';

interface Bridge {
  readonly calls: Record<string, (input: unknown, callId: unknown) => Promise<Envelope<unknown>>>;
}
declare const headgate: Bridge;

const problem = await whyNot();
const phrase = 'correct horse battery canary';
const secret = 'canary-in-the-window-vault';

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
      expect(
        await first.call('vault.changeProtector', { to: 'passphrase', passphrase: phrase }),
      ).toMatchObject({ ok: true, data: { state: 'passphrase', available: 'safe_storage' } });
      await first.app.close();

      const second = await start(folder);
      const status = (await second.call('vault.status')) as { data: VaultStatus };
      expect(status.data).toMatchObject({
        state: 'locked',
        sealedBy: 'passphrase',
        available: 'safe_storage',
      });
      expect(status.data.explanation).toContain('Enter it under Settings › Vault › Unlock');
      expect(await second.call('vault.unlock', { passphrase: 'not this one' })).toMatchObject({
        error: { code: 'PASSPHRASE_WRONG' },
      });
      expect(await second.call('vault.unlock', { passphrase: phrase })).toMatchObject({
        data: { state: 'passphrase', secrets: 1 },
      });
      expect(await second.call('vault.changeProtector', { to: 'keychain' })).toMatchObject({
        data: { state: 'protected', sealedBy: 'safe_storage' },
      });
      await second.app.close();

      const third = await start(folder);
      expect(await third.call('vault.status')).toMatchObject({ data: { state: 'protected', secrets: 1 } });
      await third.app.close();
      for (const { path, bytes } of filesIn(join(folder, 'workspace'))) {
        for (const canary of [secret, phrase]) expect(bytes.includes(canary), path).toBe(false);
      }
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
