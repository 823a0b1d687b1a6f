import { execFileSync } from 'node:child_process';
import { appendFileSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import {
  expandHome,
  isElsewhere,
  NotPlain,
  readPlainFile,
  readPlainFileSync,
} from '../../main/plain-file.ts';
import { temporaryFolder } from '../support/parts.ts';

const largest = 1000;

it('reads a plain file, also through a link', async () => {
  using folder = temporaryFolder();
  const file = join(folder.path, 'ca.pem');
  writeFileSync(file, 'x'.repeat(largest));
  symlinkSync(file, join(folder.path, 'link'));
  expect((await readPlainFile(join(folder.path, 'link'), largest)).length).toBe(largest);
  expect(readPlainFileSync(file, largest, ({ size }) => expect(size).toBe(largest)).length).toBe(largest);
});

it.each(['device', 'folder', 'pipe', 'large', 'growing', 'gone'])(
  'reads nothing else, and at once (%s)',
  async (kind) => {
    using folder = temporaryFolder();
    const file = kind === 'device' ? '/dev/zero' : join(folder.path, kind);
    if (kind === 'folder') mkdirSync(file);
    if (kind === 'pipe') execFileSync('mkfifo', [file]);
    if (kind === 'large' || kind === 'growing') writeFileSync(file, 'x'.repeat(largest));
    if (kind === 'large') appendFileSync(file, 'x');
    const check = (): void => {
      // Between the look at the file and its last byte.
      if (kind === 'growing') appendFileSync(file, 'x');
    };
    expect(() => readPlainFileSync(file, largest, check)).toThrow(kind === 'gone' ? 'ENOENT' : NotPlain);
    await expect(readPlainFile(file, largest)).rejects.toThrow(kind === 'gone' ? 'ENOENT' : NotPlain);
  },
);

it.each([
  '\\\\files.example.org\\share\\ca.pem',
  '//files.example.org/share/ca.pem',
  '\\\\.\\pipe\\x',
  '\\/a/b',
])('asks no other computer and no device (%s)', async (path) => {
  expect(isElsewhere(path)).toBe(true);
  await expect(readPlainFile(path, largest)).rejects.toThrow(NotPlain);
  expect(() => readPlainFileSync(path, largest, () => {})).toThrow(NotPlain);
});

it('knows the home folder as people write it', () => {
  expect(expandHome('~/.ssh/k', '/home/x')).toBe('/home/x/.ssh/k');
  expect(expandHome('~x/.ssh/k', '/home/x')).toBe('~x/.ssh/k');
  expect(isElsewhere(expandHome('~/k', '/home/x'))).toBe(false);
});
