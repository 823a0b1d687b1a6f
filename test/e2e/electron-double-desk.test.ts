import { readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { ElectronApplication } from 'playwright';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { Desk, Host } from '../../main/host.ts';
import { buildConsole, type ConsoleBuild } from '../electron-double/console-build.ts';
import { firstPage, launch, temporaryFolder, whyNot } from '../electron-double/launch.ts';

/** What the stub of the core shows of its host; it lives in the main process. */
declare const stub: { host: Host };

interface Recorded {
  readonly what: string;
  readonly details: Record<string, unknown>;
}
interface Double {
  readonly __double: {
    readonly recorder: { readonly entries: Recorded[]; clear(): void };
    readonly answers: { readonly messageBoxes: { response: number }[]; readonly savePaths: string[] };
  };
}

const problem = await whyNot();
const canary = 'canary-desk-51f0';

describe.skipIf(problem !== undefined)(
  `the desk of the desktop app in the Electron double${problem ? ` (skipped: ${problem})` : ''}`,
  () => {
    let shell: ConsoleBuild;
    let app: ElectronApplication;
    let folder: { path: string; remove: () => void };
    beforeAll(async () => {
      shell = await buildConsole({
        core: join(import.meta.dirname, '../electron-double/fixtures/stub-core.ts'),
      });
      folder = temporaryFolder('desk');
      const policy = join(folder.path, 'policy.json');
      writeFileSync(policy, '{"reveal":"forbid"}', { mode: 0o644 });
      app = await launch(shell.path, {
        env: {
          HEADGATE_DATA: join(folder.path, 'workspace'),
          HEADGATE_POLICY: policy,
          SSH_AUTH_SOCK: '/run/test-agent',
        },
      });
      await firstPage(app, /^https:\/\/console\.app\.invalid\/$/);
    });
    afterAll(async () => {
      await app?.close();
      folder?.remove();
      shell?.remove();
    });
    beforeEach(() => app.evaluate((electron) => (electron as unknown as Double).__double.recorder.clear()));

    test('is there with what the host knows of the computer', async () => {
      expect(
        await app.evaluate(() => {
          const { homeFolder, sshAgent, fixedPolicy } = stub.host;
          return { homeFolder, sshAgent, fixedPolicy };
        }),
      ).toEqual({
        homeFolder: process.env['HOME'],
        sshAgent: '/run/test-agent',
        fixedPolicy: { reveal: 'forbid' },
      });
    });

    test('shows messages of the system', async () => {
      const shown = await app.evaluate((electron) => {
        stub.host.desk.notify(
          { id: 'plain', params: { text: 'Connection' } },
          { id: 'plain', params: { text: 'does not answer' } },
        );
        return (electron as unknown as Double).__double.recorder.entries;
      });
      expect(shown).toEqual([
        {
          what: 'Notification.show',
          details: { title: 'Connection', body: 'does not answer', silent: false },
        },
      ]);
    });

    test('shows a secret in a native box that goes by itself, by the person, or with the call; in no page', async () => {
      const seen = await app.evaluate(async (electron, secret) => {
        const { recorder, answers } = (electron as unknown as Double).__double;
        const names = (): string[] => recorder.entries.map(({ what }) => what);
        const never = new AbortController().signal;
        const title = { id: 'plain', params: { text: 'Password' } };
        const started = performance.now();
        await stub.host.desk.reveal(title, secret, 300, never);
        const took = performance.now() - started;
        const { signal: _, ...box } = recorder.entries[0]?.details ?? {};
        const byTime = names();
        recorder.clear();
        answers.messageBoxes.push({ response: 0 });
        await stub.host.desk.reveal(title, secret, 60_000, never);
        const byPerson = names();
        recorder.clear();
        const stop = new AbortController();
        const shown = stub.host.desk.reveal(title, secret, 60_000, stop.signal);
        const open = names();
        stop.abort();
        await shown;
        const byCall = names();
        recorder.clear();
        await stub.host.desk.reveal(title, secret, 60_000, stop.signal);
        return { took, box, byTime, byPerson, open, byCall, before: names() };
      }, canary);
      expect(seen.took).toBeGreaterThan(250);
      expect(seen).toMatchObject({
        box: { type: 'none', title: 'Password', message: 'Password', detail: canary, buttons: ['Close'] },
        byTime: ['dialog.showMessageBox', 'dialog.closed'],
        byPerson: ['dialog.showMessageBox'],
        open: ['dialog.showMessageBox'],
        byCall: ['dialog.showMessageBox', 'dialog.closed'],
        before: [],
      });
      const [page] = app.windows();
      expect(await page?.content()).not.toContain(canary);
    });

    test('asks outside the page, one question at a time, and none for a while after a refusal', async () => {
      const seen = await app.evaluate(async (electron, what) => {
        const { recorder, answers } = (electron as unknown as Double).__double;
        const boxes = (): number =>
          recorder.entries.filter(({ what: name }) => name === 'dialog.showMessageBox').length;
        const { desk } = stub.host;
        const plain = (text: string) => ({ id: 'plain', params: { text } });
        const question = { title: plain('Seal it?'), what: plain(what), agree: plain('Seal') };
        const ask = (signal = new AbortController().signal) =>
          desk.confirm(question, signal).catch(({ code }: { code: string }) => code);
        recorder.clear();
        answers.messageBoxes.push({ response: 1 });
        const agreed = await ask();
        const [box] = recorder.entries.filter(({ what: name }) => name === 'dialog.showMessageBox');
        // One that stays open until its call ends; the page asks again and again meanwhile.
        const stop = new AbortController();
        const open = ask(stop.signal);
        const meanwhile = await Promise.all([ask(), ask(), ask()]);
        stop.abort();
        const closed = await open;
        const shown = boxes();
        answers.messageBoxes.push({ response: 1 });
        const tooSoon = await ask();
        return {
          agreed,
          box: { ...box?.details, signal: null },
          meanwhile,
          closed,
          shown,
          tooSoon,
          after: boxes(),
        };
      }, 'x'.repeat(5000));
      expect(seen).toMatchObject({
        agreed: true,
        box: {
          title: 'Seal it?',
          detail: 'x'.repeat(1500),
          buttons: ['Cancel', 'Seal'],
          defaultId: 0,
          cancelId: 0,
        },
        meanwhile: ['NOT_ASKED', 'NOT_ASKED', 'NOT_ASKED'],
        ...{ closed: false, shown: 2, tooSoon: 'NOT_ASKED', after: 2 },
      });
    });

    test('copies a secret marked for histories to leave out, and takes back only what is still there', async () => {
      const seen = await app.evaluate(async ({ clipboard }, secret) => {
        const { desk } = stub.host;
        await desk.copy(secret);
        const [item] = await clipboard.read();
        const marked = Object.fromEntries(
          await Promise.all(
            (item?.types ?? []).map(async (type) => {
              const blob = (await item?.getType(type)) as Blob;
              return [type, await blob.text()] as const;
            }),
          ),
        );
        await clipboard.writeText('something else since');
        await desk.clearCopied(secret);
        const kept = await clipboard.readText();
        await desk.copy(secret);
        await desk.clearCopied(secret);
        return { marked, kept, cleared: await clipboard.readText(), left: (await clipboard.read()).length };
      }, canary);
      expect(seen).toEqual({
        marked: {
          'text/plain': canary,
          'electron application/osclipboard;format="x-kde-passwordManagerHint"': 'secret',
        },
        kept: 'something else since',
        cleared: '',
        left: 0,
      });
    });

    test('saves a text for this user only, also over a file with other rights, or nothing at all', async () => {
      const path = join(folder.path, 'saved.json');
      writeFileSync(path, 'older and much longer than what comes', { mode: 0o666 });
      const answers = await app.evaluate(
        async (electron, to) => {
          const double = (electron as unknown as Double).__double;
          const save = (text: string): ReturnType<Desk['save']> => stub.host.desk.save('headgate.json', text);
          const closed = await save('nothing');
          double.answers.savePaths.push(to.path, to.nowhere);
          const saved = await save('text é');
          const failed = await save('text').catch((error: { code: string }) => error.code);
          return { closed, saved, failed, asked: double.recorder.entries[0]?.details };
        },
        { path, nowhere: join(folder.path, 'no', 'folder', 'x.json') },
      );
      expect(answers).toMatchObject({
        closed: null,
        saved: path,
        failed: 'FILE_NOT_WRITTEN',
        asked: { defaultPath: expect.stringMatching(/\/headgate\.json$/) as unknown },
      });
      expect(readFileSync(path, 'utf8')).toBe('text é');
      expect(statSync(path).mode & 0o777).toBe(0o600);
      expect(readdirSync(folder.path).filter((name) => name.endsWith('.unfinished'))).toEqual([]);
    });

    test('tells when the system is locked, sleeps and wakes, until nobody listens', async () => {
      const told = await app.evaluate(({ powerMonitor }) => {
        const heard: string[] = [];
        const emitter = powerMonitor as NodeJS.EventEmitter;
        const stop = stub.host.desk.onPower((event) => heard.push(event));
        const events = [
          'lock-screen',
          'unlock-screen',
          'suspend',
          'resume',
          'on-battery',
          'user-did-resign-active',
        ];
        for (const event of events) emitter.emit(event);
        stop();
        for (const event of events) emitter.emit(event);
        return heard;
      });
      expect(told).toEqual(['lock', 'suspend', 'resume', 'lock']);
    });
  },
);
