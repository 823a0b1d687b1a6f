import { EventEmitter } from 'node:events';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it, vi } from 'vitest';
import { serveAskPage } from '../../main/electron/ask-page.ts';
import { createAskWindow } from '../../main/electron/ask-window.ts';
import { askedText } from '../../main/electron/asked-text.ts';
import { createElectronDesk, type DeskParts } from '../../main/electron/desk.ts';
import type { Clock, TypedQuestion } from '../../main/host.ts';
import { createWords } from '../../main/words.ts';
import type { Language } from '../../preload/contract/models.ts';
import { plain } from '../../preload/contract/said.ts';
import { say } from '../../preload/messages/said.ts';
import { codeOf, temporaryFolder } from '../support/parts.ts';
import { movedClock } from '../support/seat.ts';
import { englishWords } from '../support/words.ts';

const never = new AbortController().signal;
const typedQuestion: TypedQuestion = {
  ...{ title: plain('t'), what: plain('w'), label: plain('Your passphrase') },
  ...{ kind: 'known', shortest: 1 },
  ...{ problem: null, before: '' },
};

const text = askedText(typedQuestion, englishWords.text, 100);

/** The desk with a person who presses these buttons, and saves there; what Electron would have been asked is kept. */
function deskOf(presses: number[], file: string | null, platform = 'linux') {
  const asked: { detail?: string; buttons?: string[]; cancelId?: number }[] = [];
  const dialog = {
    async showMessageBox(options: (typeof asked)[number]) {
      asked.push(options);
      return { response: presses.shift() ?? 0, checkboxChecked: false };
    },
    showSaveDialog: async () => ({ canceled: file === null, filePath: file ?? '' }),
  };
  const parts = {
    dialog,
    window: () => null,
    folder: () => '/',
    platform,
    words: englishWords,
  } as unknown as DeskParts;
  return { desk: createElectronDesk(parts), asked };
}

it('a text to keep is shown in a message of the system until the person has it', async () => {
  const written = deskOf([2], null);
  expect(await written.desk.handOut(plain('Recovery key'), plain('ABCDE'), 'key.txt', never)).toBe(true);
  expect(written.asked).toMatchObject([{ detail: 'ABCDE', cancelId: 0 }]);
  const closed = deskOf([0], null);
  expect(await closed.desk.handOut(plain('Recovery key'), plain('ABCDE'), 'key.txt', never)).toBe(false);

  // Who changes their mind in the dialog for the file still sees it.
  const minded = deskOf([1, 0], null);
  expect(await minded.desk.handOut(plain('Recovery key'), plain('ABCDE'), 'key.txt', never)).toBe(false);
  expect(minded.asked).toHaveLength(2);
  using folder = temporaryFolder();
  const file = join(folder.path, 'key.txt');
  expect(await deskOf([1], file).desk.handOut(plain('Recovery key'), plain('ABCDE'), 'key.txt', never)).toBe(
    true,
  );
  expect(readFileSync(file, 'utf8')).toBe('ABCDE');

  const ended = deskOf([2], null);
  expect(await ended.desk.handOut(plain('t'), plain('ABCDE'), 'key.txt', AbortSignal.abort())).toBe(false);
  expect(ended.asked).toEqual([]);
  const bare = deskOf([2], null, 'darwin');
  await expect(bare.desk.handOut(plain('t'), plain('ABCDE'), 'key.txt', never)).rejects.toMatchObject({
    code: 'NOT_HERE',
  });
});

it('one question at a time is asked, whichever it is, and none for a while after a no', async () => {
  let now = 1000;
  const boxes: ((response: number) => void)[] = [];
  const typed: ((passphrase: string | null) => void)[] = [];
  const desk = createElectronDesk({
    dialog: {
      showMessageBox: () =>
        new Promise((resolve) => {
          boxes.push((response) => resolve({ response }));
        }),
    },
    askTyped: () => new Promise((resolve) => void typed.push(resolve)),
    window: () => null,
    platform: 'linux',
    clock: { now: () => now },
    words: englishWords,
  } as unknown as DeskParts);
  const question = { title: plain('t'), what: plain('w') };
  const confirm = (): Promise<boolean> => desk.confirm({ ...question, agree: plain('Yes') }, never);
  const ask = (signal = never): Promise<string | null> => desk.askTyped(typedQuestion, signal);

  const notAsked = async (): Promise<void> => {
    expect([await codeOf(ask), await codeOf(confirm)]).toEqual(['NOT_ASKED', 'NOT_ASKED']);
  };
  const first = ask();
  await notAsked();
  typed.shift()?.('mine');
  expect(await first).toBe('mine');
  const second = confirm();
  await notAsked();
  boxes.shift()?.(1);
  expect(await second).toBe(true);

  // Who closed the window is left alone for a while, by the other kind too.
  const closed = ask();
  typed.shift()?.(null);
  expect(await closed).toBe(null);
  now += 2999;
  await notAsked();
  expect([boxes, typed]).toEqual([[], []]);
  now += 1;
  const refused = confirm();
  boxes.shift()?.(0);
  expect(await refused).toBe(false);
  await notAsked();
  now += 3000;
  expect(await ask(AbortSignal.abort())).toBe(null);
  expect([boxes, typed]).toEqual([[], []]);

  // What had ended before it was asked is no refusal.
  const next = ask();
  typed.shift()?.('mine');
  expect(await next).toBe('mine');
});

/** What the window is made from, but for the window. */
const askParts = (make: () => unknown, clock: Clock) =>
  ({
    session: () => ({
      ...{ webRequest: { onBeforeRequest() {} }, protocol: { handle() {} }, on() {} },
      ...{
        setPermissionRequestHandler() {},
        setPermissionCheckHandler() {},
        setDevicePermissionHandler() {},
      },
      ...{ setDisplayMediaRequestHandler() {}, setSpellCheckerEnabled() {} },
    }),
    ...{ make, clock, ipcMain: Object.assign(new EventEmitter(), { handle() {}, removeHandler() {} }) },
    ...{ parent: () => null, isDark: () => false },
  }) as unknown as Parameters<typeof createAskWindow>[0];

it('a window that could not be made does not stop the next question', async () => {
  const make = vi.fn(() => {
    throw new Error('no display');
  });
  const ask = createAskWindow(askParts(make, movedClock()));
  for (const times of [1, 2]) {
    await expect(ask(text, never)).rejects.toThrow('no display');
    expect(make).toHaveBeenCalledTimes(times);
  }
});

it('a window that nobody answers goes after five minutes, and leaves nothing waiting', async () => {
  const clock = movedClock();
  let open = 0;
  const make = (): unknown => {
    open += 1;
    return Object.assign(new EventEmitter(), {
      ...{ webContents: {}, setMenuBarVisibility() {}, setContentProtection() {}, isDestroyed: () => false },
      ...{ loadURL: () => Promise.resolve(), isFocused: () => false },
      destroy() {
        open -= 1;
      },
    });
  };
  const parts = askParts(make, clock);
  const ask = createAskWindow(parts);
  const late = ask(text, never);
  await clock.pass(5 * 60_000 - 1);
  expect(open).toBe(1);
  await clock.pass(1);
  expect(await late).toBe(null);
  const stop = new AbortController();
  const ended = ask(text, stop.signal);
  stop.abort();
  expect(await ended).toBe(null);
  expect([open, clock.sleeping, (parts.ipcMain as EventEmitter).eventNames()]).toEqual([0, 0, []]);
});

it('asks in the language of the moment, and the window for passphrases is in it as well', async () => {
  let language: Language = 'fr';
  const words = createWords(
    () => ({ language, locale: language }),
    (iso) => iso,
  );
  const boxes: { title?: string; message?: string; detail?: string; buttons?: string[] }[] = [];
  const desk = createElectronDesk({
    dialog: {
      async showMessageBox(options: (typeof boxes)[number]) {
        boxes.push(options);
        return { response: 1 };
      },
    },
    window: () => null,
    platform: 'linux',
    clock: { now: () => 0 },
    words,
  } as unknown as DeskParts);
  const question = {
    title: say('asks.personGone.title'),
    what: say('asks.personGone.what', { name: 'Ada' }),
    agree: say('asks.deleteIt'),
  };
  await desk.confirm(question, never);
  expect(boxes[0]).toMatchObject({
    title: 'Supprimer ce profil\u00a0?',
    buttons: ['Annuler', 'Le supprimer'],
    detail: expect.stringMatching(/^Profil.: Ada\n\n/),
  });
  language = 'es';
  await desk.confirm(question, never);
  expect(boxes[1]).toMatchObject({ title: '¿Eliminar este perfil?', buttons: ['Cancelar', 'Eliminarlo'] });

  const page = await serveAskPage(new Request('https://ask.app.invalid/'), words).then((it) => it.text());
  expect(page).toContain('<html lang="es">');
  expect(page).toContain('>Cancelar</button>');
  expect(page).not.toMatch(/Show what I type|Go on|Cancel</);
  expect(askedText({ ...typedQuestion, kind: 'new', shortest: 12 }, words.text, 100)).toMatchObject({
    rule: expect.stringContaining('12 caracteres'),
    problems: { different: 'Las dos no son iguales.' },
  });
});
