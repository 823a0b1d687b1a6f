import { spawn } from 'node:child_process';
import { describe, expect, it } from 'vitest';
import { reportError } from '../../main/headless/commands/commands.ts';
import { terminalWords } from '../../main/headless/host.ts';
import { CallError } from '../../preload/contract/client.ts';
import { say } from '../../preload/messages/said.ts';
import { keptConsole } from '../support/console.ts';
import { temporaryFolder } from '../support/parts.ts';

/*
 * What the command line says is in the language of the terminal (`LC_ALL`, `LC_MESSAGES`, `LANG`) or of `--language`; what
 * programs read, codes and help are the same in every one.
 */

/** The command as it is started, in an environment of its own. */
async function headgate(args: readonly string[], language: Readonly<Record<string, string>> = {}) {
  using folder = temporaryFolder();
  const { LC_ALL: _, LC_MESSAGES: __, LANG: ___, ...env } = process.env;
  const child = spawn(process.execPath, ['main/headless/index.ts', ...args, '--data', folder.path], {
    env: { ...env, ...language },
  });
  const said = { out: '', err: '' };
  child.stdout.setEncoding('utf8').on('data', (text: string) => (said.out += text));
  child.stderr.setEncoding('utf8').on('data', (text: string) => (said.err += text));
  const code = await new Promise<number | null>((resolve) => child.once('close', resolve));
  return { code, ...said };
}

describe('the command line', () => {
  it('speaks the language of the terminal, and the one that it is told before that', async () => {
    const [hindi, french, english] = await Promise.all([
      headgate(['health'], { LC_ALL: 'hi_IN.UTF-8', LANG: 'fr_FR.UTF-8' }),
      headgate(['health', '--language', 'fr'], { LC_ALL: 'hi_IN.UTF-8' }),
      headgate(['health'], { LANG: 'C' }),
    ]);
    expect(hindi.err).toMatch(/किसी Headgate में .* वर्कस्पेस खुला नहीं है।/);
    expect(hindi.err).toContain('वहाँ headgate serve शुरू करें');
    expect(french.err).toMatch(/Aucun Headgate n’a ouvert l’espace de travail/);
    expect(english.err).toMatch(/No Headgate has the workspace in .* open\./);
    for (const each of [hindi, french, english]) {
      expect(each.code).toBe(5);
      expect(each.err).toContain('(OWNER_UNREACHABLE)');
    }
  });

  it('says the same to programs in every language', async () => {
    const [hindi, english] = await Promise.all([
      headgate(['health', '--json'], { LC_ALL: 'hi_IN.UTF-8' }),
      headgate(['health', '--json'], { LC_ALL: 'C' }),
    ]);
    const told = (out: string) => JSON.parse(out.replace(/workspace in \S+/, 'workspace in …'));
    expect(told(hindi.out)).toEqual(told(english.out));
    expect(told(hindi.out).error).toMatchObject({ code: 'OWNER_UNREACHABLE', kind: 'transient' });
  });

  it('refuses a language that it does not speak, and says which it does', async () => {
    const { code, err } = await headgate(['health', '--language', 'xx'], { LANG: 'es_ES.UTF-8' });
    expect(code).toBe(2);
    expect(err).toMatch(/Headgate no habla «xx»\. Idiomas: .*\bhi\b/);
  });
});

it('an error of a call is written from its sentence, not from its English text', () => {
  const to = keptConsole({ words: terminalWords({ LANG: 'pt_BR.UTF-8' }) });
  const code = reportError(
    new CallError({
      ...{ code: 'NOT_FOUND', kind: 'config', message: 'English.', advice: 'English.' },
      said: say('command.noProject', { name: 'Malária' }),
      advised: say('error.NOT_FOUND.advice'),
    }),
    to,
  );
  expect(code).toBe(3);
  expect(to.said.err).toMatch(/“Malária”/);
  expect(to.said.err).not.toContain('English');
  // Of an older version, whose errors have no sentences, it is what there is.
  reportError(new CallError({ code: 'DB_LOST', kind: 'transient', message: 'Gone.', advice: 'Wait.' }), to);
  expect(to.said.err).toContain('Gone.\nWait.\n(DB_LOST)');
});
