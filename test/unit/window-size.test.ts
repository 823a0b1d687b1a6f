import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { languages } from '../../renderer/i18n/languages.ts';
import { buildRenderer } from '../support/renderer-fixture/build.ts';

/* What is fetched before the first screen, compressed, as the product ships it. */

const kilo = 1000;
/** The script with the words of the first drawing, in the language that needs most. */
const initialLimit = 180 * kilo;

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'headgate-size-'));
  await buildRenderer(folder, true);
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const compressed = async (file: string): Promise<number> =>
  gzipSync(await readFile(join(folder, file))).length;

it('the script that the page names and the words of the first drawing stay within their budget', async () => {
  const page = await readFile(join(folder, 'index.html'), 'utf8');
  const scripts = [...page.matchAll(/(?:src|href)="\.\/([^"]+\.js)"/g)].map((match) => match[1] ?? '');
  expect(scripts.length).toBeGreaterThan(1);
  let initial = 0;
  for (const script of scripts) initial += await compressed(script);
  const files = await readdir(join(folder, 'assets'));
  const words: Record<string, number> = {};
  for (const language of languages) {
    const file = files.find((name) => new RegExp(`^first-${language}-[\\w-]+\\.js$`).test(name));
    if (!file) throw new Error(`no file of ${language}`);
    words[language] = await compressed(`assets/${file}`);
  }
  console.log(`initial ${initial} bytes of gzip; words ${JSON.stringify(words)}`);
  for (const size of Object.values(words)) expect(initial + size).toBeLessThanOrEqual(initialLimit);
  // The parser of messages is no part of the window.
  for (const script of scripts)
    expect(await readFile(join(folder, script), 'utf8')).not.toContain('EXPECT_ARGUMENT_CLOSING_BRACE');
});
