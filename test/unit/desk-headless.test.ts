import { EventEmitter } from 'node:events';
import { chmodSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { systemClock } from '../../main/clock.ts';
import { readPolicies } from '../../main/fixed-policy.ts';
import { createHeadlessHost } from '../../main/headless/host.ts';
import type { KeyInput } from '../../main/headless/terminal/ask.ts';
import { createHeadlessDesk } from '../../main/headless/terminal/desk.ts';
import type { TypedQuestion } from '../../main/host.ts';
import { plain } from '../../preload/contract/said.ts';
import { codeOf, inProcess, keptLog, temporaryFolder } from '../support/parts.ts';
import { englishWords } from '../support/words.ts';

const never = new AbortController().signal;
const question: TypedQuestion = {
  ...{ title: plain('t'), what: plain('Two connections'), label: plain('Your passphrase') },
  ...{ kind: 'known', shortest: 1 },
  ...{ problem: null, before: '' },
};

/** What a terminal would have been sent, and a clock that the test ends. */
function terminal(isTTY: boolean) {
  const written: string[] = [];
  const waits: { ms: number; end: () => void }[] = [];
  const { log, lines } = keptLog();
  const typing = new EventEmitter();
  const input: KeyInput = {
    isTTY,
    setRawMode: () => {},
    setEncoding: () => {},
    resume: () => {},
    pause: () => {},
    on: (event, listener) => typing.on(event, listener),
    off: (event, listener) => typing.off(event, listener),
  };
  const desk = createHeadlessDesk({
    screen: { isTTY, write: (text: string) => written.push(text) },
    input,
    clock: {
      now: () => 0,
      sleep: (ms, signal) =>
        new Promise((resolve, reject) => {
          waits.push({ ms, end: resolve });
          signal?.addEventListener('abort', () => reject(signal.reason), { once: true });
        }),
    },
    log,
    words: englishWords,
  });
  return { desk, written, waits, lines, type: (text: string) => typing.emit('data', text) };
}

describe('the desk of plain Node', () => {
  it('shows a secret on the second screen of a terminal, and takes it away', async () => {
    const { desk, written, waits, lines } = terminal(true);
    const before = process.listenerCount('exit');
    const shown = desk.reveal(plain('Password of “a”'), 'can\x1b]0;steer\x07ary\nline 2\r!', 20_000, never);
    expect(waits).toMatchObject([{ ms: 20_000 }]);
    const text = written.join('');
    expect(text.startsWith('\x1b[?1049h\x1b[2J\x1b[H')).toBe(true);
    expect(text).toContain('Password of “a” (goes away after 20 seconds)');
    // What it holds does not steer the terminal.
    expect(text).toContain(String.raw`can\x1b]0;steer\x07ary${'\r\n'}line 2\x0d!`);
    expect(process.listenerCount('exit')).toBe(before + 1);
    waits[0]?.end();
    await shown;
    expect(written.at(-1)).toBe('\x1b[2J\x1b[3J\x1b[H\x1b[?1049l');
    expect(process.listenerCount('exit')).toBe(before);
    expect(lines.join()).not.toContain('ary');
  });

  it('hands a text out until the person says that they have it, and keeps nothing of it', async () => {
    for (const [key, taken] of [
      ['\r', true],
      ['\u0003', false],
    ] as const) {
      const { desk, written, lines, type } = terminal(true);
      const asked = desk.handOut(plain('Recovery key'), plain('ABCDE-\x1b]0;steer\x07'), 'key.txt', never);
      expect(written.join('')).toContain(String.raw`ABCDE-\x1b]0;steer\x07`);
      type(key);
      expect(await asked).toBe(taken);
      expect(written.at(-1)).toBe('\x1b[2J\x1b[3J\x1b[H\x1b[?1049l');
      expect(lines.join()).not.toContain('ABCDE');
    }
    const { desk, written } = terminal(false);
    expect(await codeOf(() => desk.handOut(plain('t'), plain('ABCDE'), 'key.txt', never))).toBe('NOT_HERE');
    expect(written).toEqual([]);
  });

  it('asks for a passphrase that the terminal does not show, until it is entered or given up', async () => {
    for (const [keys, answer] of [
      ['canaa\x7fry\r', 'canary'],
      ['canary\x03', null],
    ] as const) {
      const { desk, written, lines, type } = terminal(true);
      const asked = desk.askTyped({ ...question, title: plain('Export\x1b[8m') }, never);
      expect(written.join('')).toContain(`Export${String.raw`\x1b[8m`}`);
      type(keys);
      expect(await asked).toBe(answer);
      expect(written.join('') + lines.join('')).not.toContain('canary');
    }
    const { desk } = terminal(true);
    const stop = new AbortController();
    const ended = desk.askTyped(question, stop.signal);
    stop.abort();
    expect(await ended).toBe(null);
    const nobody = terminal(false);
    expect(await codeOf(() => nobody.desk.askTyped(question, never))).toBe('NOT_HERE');
    expect(nobody.written).toEqual([]);
  });

  it('has a new one typed twice, until both are the same and long enough', async () => {
    const { desk, written, type } = terminal(true);
    const made = {
      ...question,
      kind: 'new' as const,
      label: plain('New passphrase'),
      shortest: 10,
      problem: plain('Not yet.'),
    };
    const asked = desk.askTyped(made, never);
    for (const line of ['short', 'short', 'long enough', 'long enuogh', 'long enough', 'long enough']) {
      const before = written.length;
      type(`${line}\r`);
      await expect.poll(() => written.length).toBeGreaterThan(before);
      await new Promise((resolve) => setImmediate(resolve));
    }
    expect(await asked).toBe('long enough');
    const text = written.join('');
    for (const said of [
      'Not yet.',
      'The same again: ',
      'Use at least 10 characters.',
      'The two are not the same.',
    ])
      expect(text).toContain(said);
    expect(text).not.toContain('long enough');
  });

  it('takes it away at once when the call ends, and shows nothing when it has ended before', async () => {
    const { desk, written } = terminal(true);
    const stop = new AbortController();
    const shown = desk.reveal(plain('t'), 'secret', 20_000, stop.signal);
    stop.abort();
    await shown;
    expect(written.at(-1)).toBe('\x1b[2J\x1b[3J\x1b[H\x1b[?1049l');
    written.length = 0;
    await desk.reveal(plain('t'), 'secret', 20_000, stop.signal);
    expect(written).toEqual([]);
  });

  it('takes it away when the process ends in between', async () => {
    const out = await inProcess(`
      import { createHeadlessDesk } from 'main/headless/terminal/desk.ts';
      import { systemClock } from 'main/clock.ts';
      const written = [];
      const desk = createHeadlessDesk({ screen: { isTTY: true, write: (t) => written.push(t) }, clock: systemClock, log: { info() {} }, words: { text: ({ params }) => params.title?.params.text ?? '' } });
      void desk.reveal({ id: 'plain', params: { text: 't' } }, 'secret', 20_000, new AbortController().signal);
      process.once('exit', () => console.log(JSON.stringify(written.at(-1))));
      process.exit(0);`);
    expect(JSON.parse(out)).toBe('\x1b[2J\x1b[3J\x1b[H\x1b[?1049l');
  });

  it('shows and hands over nothing where nobody sits', async () => {
    const { desk, written } = terminal(false);
    for (const work of [
      () => desk.reveal(plain('t'), 'secret', 1000, never),
      () => desk.copy('secret'),
      () => desk.save('name', 'text'),
    ])
      expect(await codeOf(work)).toBe('NOT_HERE');
    await desk.clearCopied('secret');
    expect(written).toEqual([]);
    desk.onPower(() => {})();
  });

  it('writes messages into the log, and on a terminal', () => {
    const seen = terminal(true);
    seen.desk.notify(plain('Connection'), plain('does not\x07 answer'));
    expect(seen.written).toEqual([`${String.raw`Connection: does not\x07 answer`}\n`]);
    const unseen = terminal(false);
    unseen.desk.notify(plain('Connection'), plain('does not answer'));
    expect(unseen.written).toEqual([]);
    expect(unseen.lines.join()).toContain('does not answer');
  });
});

/** A file as the computer's own, whoever runs this. */
const placed = (file: string) => ({ file, owner: process.getuid?.() ?? 0 });

describe('what a headless host says of the computer', () => {
  const hostWith = (folder: string, env: Record<string, string>) =>
    createHeadlessHost({
      dataFolder: folder,
      version: '0',
      protector: 'none',
      syncWorker: new URL('file:///none'),
      logSink: { write() {} },
      openUrl: async () => {},
      env,
    });

  it('is the person’s folder and agent, and no policy where there is none', async () => {
    using folder = temporaryFolder();
    const host = await hostWith(folder.path, { HOME: '/home/x', SSH_AUTH_SOCK: '/run/agent' });
    expect(host).toMatchObject({ homeFolder: '/home/x', sshAgent: '/run/agent' });
    expect(readPolicies({}, placed(join(folder.path, 'nowhere.json'))).fixedPolicy).toEqual({});
    const bare = await hostWith(folder.path, {});
    expect(bare).toMatchObject({ homeFolder: homedir(), sshAgent: null });
    expect(systemClock).toBe(host.clock);
  });

  it('is what the policy file decides', async () => {
    using folder = temporaryFolder();
    const file = join(folder.path, 'policy.json');
    writeFileSync(file, '{"reveal":"forbid","idleLockMinutes":5}', { mode: 0o644 });
    const host = await hostWith(folder.path, { HEADGATE_POLICY: file });
    expect(host).toMatchObject({ fixedPolicy: { reveal: 'forbid' }, idleLockAtMost: 5 });
    // The one in its usual place, without being named.
    expect(readPolicies({}, placed(file))).toEqual({
      fixedPolicy: { reveal: 'forbid', idleLockMinutes: 5 },
      idleLockAtMost: null,
    });
  });

  it.each([
    ['not json', 0o644, 'is not JSON'],
    ['[]', 0o644, 'does not fit'],
    ['{"reveal":"sometimes"}', 0o644, 'does not fit: reveal'],
    ['{"idleLockMinutes":0}', 0o644, 'does not fit: idleLockMinutes'],
    ['{"healthMinutes":"5"}', 0o644, 'does not fit: healthMinutes'],
    ['{"fixed":["reveal"]}', 0o644, 'does not fit'],
    ['{"other":1}', 0o644, 'does not fit'],
    ['{"reveal":"forbid"}', 0o666, 'can be changed by other users'],
    ['{"reveal":"forbid"}', 0o664, 'can be changed by other users'],
  ])('does not start with the policy file %s (%o)', async (text, mode, why) => {
    using folder = temporaryFolder();
    const file = join(folder.path, 'policy.json');
    writeFileSync(file, text);
    chmodSync(file, mode);
    await expect(hostWith(folder.path, { HEADGATE_POLICY: file })).rejects.toMatchObject({
      code: 'INPUT_INVALID',
      message: expect.stringContaining(`The policy file ${file} ${why}`),
      advice: expect.stringContaining('start without HEADGATE_POLICY'),
    });
    expect(await codeOf(() => readPolicies({}, placed(file)))).toBe('INPUT_INVALID');
  });

  it('lets nobody loosen what the computer decides with a file of their own', () => {
    using folder = temporaryFolder();
    const [file, own] = [join(folder.path, 'policy.json'), join(folder.path, 'own.json')];
    const read = (computer: string, mine: string) => {
      writeFileSync(file, computer, { mode: 0o644 });
      writeFileSync(own, mine, { mode: 0o644 });
      return readPolicies({ HEADGATE_POLICY: own }, placed(file));
    };
    const strict = '{"reveal":"forbid","idleLockMinutes":5,"healthMinutes":10}';
    const kept = { reveal: 'forbid', idleLockMinutes: 5, healthMinutes: 10 };
    expect(read(strict, '{}').fixedPolicy).toEqual(kept);
    expect(read(strict, '{"reveal":"allow","idleLockMinutes":480,"healthMinutes":0}').fixedPolicy).toEqual(
      kept,
    );
    // Nor what the workspace decides, where the computer says nothing.
    expect(read('{}', '{"reveal":"allow"}').fixedPolicy).toEqual({});
    expect(read('{}', '{"reveal":"forbid","healthMinutes":0}').fixedPolicy).toEqual({
      reveal: 'forbid',
      healthMinutes: 0,
    });
  });

  it('takes a policy of the computer only from whoever manages it', async () => {
    using folder = temporaryFolder();
    const file = join(folder.path, 'policy.json');
    writeFileSync(file, '{"reveal":"allow"}', { mode: 0o644 });
    const somebodyElse = { file, owner: (process.getuid?.() ?? 0) + 1 };
    expect(await codeOf(() => readPolicies({}, somebodyElse))).toBe('INPUT_INVALID');
  });

  it('does not start without the policy file that was named', async () => {
    using folder = temporaryFolder();
    const named = { HEADGATE_POLICY: join(folder.path, 'nowhere.json') };
    await expect(hostWith(folder.path, named)).rejects.toMatchObject({
      code: 'INPUT_INVALID',
      message: `The policy file ${named.HEADGATE_POLICY} is not there.`,
    });
  });
});
