import { join } from 'node:path';
import { Readable } from 'node:stream';
import { describe, expect, it } from 'vitest';
import { type VaultOptions, vaultCommand } from '../../main/headless/commands/vault-commands.ts';
import { type AskSecret, secretLines } from '../../main/headless/terminal/secret-lines.ts';
import { passphraseProtector } from '../../main/vault/passphrase.ts';
import { plain } from '../../preload/contract/said.ts';
import { codeOf, random, temporaryFolder } from '../support/parts.ts';
import { englishWords } from '../support/words.ts';
import { openWorkspace, type Workspace } from '../support/workspace.ts';

const never = new AbortController().signal;
const phrase = 'correct horse battery';
const linesOf = (text: string): AskSecret =>
  secretLines(Readable.from([text]) as never, { write: () => {} }, { signal: never, words: englishWords });

/** `headgate vault …` in this process; answers the exit code and what was printed. */
async function run(
  { app, api }: Workspace,
  args: readonly string[],
  typed = '',
  options: Partial<VaultOptions> = {},
): Promise<{ code: number; out: string }> {
  const printed: string[] = [];
  const screen = { write: (text: string) => printed.push(text) };
  const to = { out: screen, err: screen, json: false, now: () => 0, signal: never, words: englishWords };
  const all = { recovery: false, protect: undefined, file: undefined, ...options };
  const [what = '', argument] = args;
  const code = await vaultCommand({ app, api }, what, argument, all, linesOf(typed), to);
  return { code, out: printed.join('') };
}

describe('headgate vault', () => {
  it('lists the ways in which the vault opens, adds one and removes one', async () => {
    await using ws = await openWorkspace();
    expect((await run(ws, ['slots'])).out).toMatch(/key_file +Key file .*vault\.key .* opens here/);
    const added = await run(ws, ['add-slot', 'passphrase'], `${phrase}\n`);
    expect(added).toMatchObject({ code: 0, out: expect.stringContaining('Passphrase') as unknown });
    const file = join(ws.folder, 'second.key');
    expect((await run(ws, ['add-slot', 'key_file'], '', { file })).code).toBe(0);
    const slots = await ws.api.vault.slots();
    expect(slots.map(({ kind }) => kind)).toEqual(['key_file', 'passphrase', 'key_file']);
    const { out } = await run(ws, ['remove-slot', slots[0]?.id as string]);
    expect(out).not.toContain('vault.key');
    await run(ws, ['remove-slot', slots[2]?.id as string]);
    expect(await codeOf(() => run(ws, ['remove-slot', slots[1]?.id as string]))).toBe('LAST_SLOT');
    // Nobody sits at a terminal that it could be shown in.
    expect(await codeOf(() => run(ws, ['add-slot', 'recovery']))).toBe('NOT_HERE');
  });

  it('opens it with a passphrase, which is asked for only where nothing else opens it', async () => {
    using folder = temporaryFolder();
    {
      const protector = passphraseProtector(phrase, random);
      await using ws = await openWorkspace({ folder: folder.path, protector });
      expect((await run(ws, ['unlock'])).code).toBe(0);
    }
    await using ws = await openWorkspace({ folder: folder.path, protector: 'none' });
    expect(await codeOf(() => run(ws, ['unlock']))).toBe('INPUT_INVALID');
    expect(await codeOf(() => run(ws, ['unlock'], 'not this one\n'))).toBe('PASSPHRASE_WRONG');
    const file = join(folder.path, 'new.key');
    const then = await run(ws, ['unlock'], `${phrase}\n`, { protect: 'key_file', file });
    expect(then.out).toContain(`guarded by Key file ${file} from now on`);
  });

  it('explains itself where it is misused, before anything is asked', async () => {
    await using ws = await openWorkspace();
    for (const [args, options] of [
      [['fly'], {}],
      [['remove-slot'], {}],
      [['add-slot', 'stone'], {}],
      [['add-slot', 'key_file'], {}],
      [['unlock'], { protect: 'stone' }],
      [['unlock'], { protect: 'key_file' }],
    ] as const)
      expect(await run(ws, args, '', options)).toMatchObject({
        code: 2,
        out: expect.stringMatching(/^vault slots/) as unknown,
      });
  });
});

it('secrets are the lines of standard input, one after the other', async () => {
  const ask = linesOf('first\r\nsecond\n');
  expect([await ask(plain('One')), await ask(plain('Two'))]).toEqual(['first', 'second']);
  await expect(ask(plain('Three'))).rejects.toMatchObject({ code: 'INPUT_INVALID' });
});
