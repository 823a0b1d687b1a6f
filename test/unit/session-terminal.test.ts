import { EventEmitter } from 'node:events';
import { describe, expect, it } from 'vitest';
import { seatFromEnv } from '../../main/headless/sign-in.ts';
import { askHidden, type KeyInput } from '../../main/headless/terminal/ask.ts';
import { codeOf } from '../support/parts.ts';

function keyboard(isTTY = true) {
  const keys = new EventEmitter();
  const modes: boolean[] = [];
  const shown: string[] = [];
  const input: KeyInput = {
    isTTY,
    setRawMode: (mode) => modes.push(mode),
    setEncoding: () => {},
    resume: () => {},
    pause: () => {},
    on: (name, listener) => keys.on(name, listener),
    off: (name, listener) => keys.off(name, listener),
  };
  const stop = new AbortController();
  const output = { write: (text: string) => void shown.push(text) };
  return {
    ...{ modes, shown, stop },
    ask: () => askHidden('Passphrase: ', input, output, stop.signal),
    type: (...texts: string[]) => texts.forEach((text) => void keys.emit('data', text)),
    listening: () => keys.listenerCount('data'),
  };
}

describe('a passphrase at the terminal', () => {
  it('is read without being shown, with corrections, key by key or pasted', async () => {
    const one = keyboard();
    const asked = one.ask();
    one.type('pas', 's', 'ph', '\u007f', '\u007f', 'é 漢😀', '\u007f', '\u001b', '\r');
    expect(await asked).toBe('passé 漢');
    expect(one.shown).toEqual(['Passphrase: ', '\n']);
    expect(one.modes).toEqual([true, false]);
    expect(one.listening()).toBe(0);
    const pasted = one.ask();
    one.type('pasted text\nand more');
    expect(await pasted).toBe('pasted text');
  });

  it('can be left by Ctrl-C or the end of the process, and the terminal is as before', async () => {
    for (const leave of ['key', 'signal']) {
      const one = keyboard();
      const code = codeOf(one.ask);
      if (leave === 'key') one.type('half\u0003');
      else one.stop.abort();
      expect(await code).toBe('CANCELLED');
      expect(one.modes).toEqual([true, false]);
      expect(one.listening()).toBe(0);
      one.stop.abort();
      expect(await codeOf(one.ask)).toBe('CANCELLED');
    }
  });

  it('is not asked for where there is none', async () => {
    expect(await keyboard(false).ask()).toBeNull();
  });

  it('from the environment is taken out of it', () => {
    const env = { HEADGATE_PERSON: 'Ada', HEADGATE_PERSON_PASSPHRASE: 'pass-canary', OTHER: 'x' };
    expect(seatFromEnv(env)).toEqual({ as: 'Ada', passphrase: 'pass-canary' });
    expect(env).toEqual({ HEADGATE_PERSON: 'Ada', OTHER: 'x' });
    expect(seatFromEnv({ HEADGATE_PERSON: '' })).toEqual({ as: undefined, passphrase: undefined });
  });
});
