import {
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { writeOwn } from '../../main/own-file.ts';
import { temporaryFolder } from '../support/parts.ts';

/* A file that somebody chose: whole or not there, never half under its name; and why it could not be written, in words. */

it('stands under its name once it is whole, of texts and bytes, and for this user only', async () => {
  using folder = temporaryFolder();
  const path = join(folder.path, 'rows.csv');
  writeFileSync(path, 'before', { mode: 0o644 });
  const seen: string[][] = [];
  await writeOwn(
    path,
    (async function* () {
      yield 'é';
      seen.push(readdirSync(folder.path).sort());
      expect(readFileSync(path, 'utf8')).toBe('before');
      yield new Uint8Array([0xff, 0x00, 0x80]);
    })(),
  );
  expect(seen).toEqual([['rows.csv', expect.stringMatching(/^rows\.csv\.[0-9a-f]{12}\.unfinished$/)]]);
  expect([...readFileSync(path)]).toEqual([0xc3, 0xa9, 0xff, 0x00, 0x80]);
  expect(statSync(path).mode & 0o777).toBe(0o600);
  expect(readdirSync(folder.path)).toEqual(['rows.csv']);
});

it('takes away what a process left that ended in the middle, and nothing that may still be written', async () => {
  using folder = temporaryFolder();
  const path = join(folder.path, 'rows.csv');
  const left = (name: string, hoursAgo: number): void => {
    writeFileSync(join(folder.path, name), 'x');
    const at = Date.now() / 1000 - hoursAgo * 3600;
    utimesSync(join(folder.path, name), at, at);
  };
  left('rows.csv.0123456789ab.unfinished', 25);
  left('rows.csv.ba9876543210.unfinished', 1);
  left('other.csv.0123456789ab.unfinished', 25);
  left('rows.csv.notes.unfinished', 25);
  await writeOwn(path, 'whole');
  expect(readdirSync(folder.path).sort()).toEqual([
    'other.csv.0123456789ab.unfinished',
    'rows.csv',
    'rows.csv.ba9876543210.unfinished',
    'rows.csv.notes.unfinished',
  ]);
});

it('says in words what the matter is', async () => {
  using folder = temporaryFolder();
  const failed = (path: string): Promise<unknown> =>
    writeOwn(path, 'x').then(
      () => null,
      (error: unknown) => error,
    );
  expect(await failed('/dev/full')).toMatchObject({
    code: 'FILE_NOT_WRITTEN',
    message: expect.stringContaining('the disk is full'),
  });
  expect(await failed(join(folder.path, 'no', 'where'))).toMatchObject({
    code: 'FILE_NOT_WRITTEN',
    message: expect.stringContaining('no such folder'),
  });
  mkdirSync(join(folder.path, 'sub'));
  expect(await failed(join(folder.path, 'sub'))).toMatchObject({
    code: 'FILE_NOT_WRITTEN',
    message: expect.stringContaining('it is a folder'),
  });
  expect(readdirSync(folder.path)).toEqual(['sub']);
});

it('writes into what is no file instead of replacing it, and where a link points to', async () => {
  using folder = temporaryFolder();
  await writeOwn('/dev/null', 'x');
  expect(statSync('/dev/null').isCharacterDevice()).toBe(true);
  const [target, link] = [join(folder.path, 'target'), join(folder.path, 'link')];
  writeFileSync(target, 'before');
  symlinkSync(target, link);
  await writeOwn(link, 'after');
  expect(lstatSync(link).isSymbolicLink()).toBe(true);
  expect(readFileSync(target, 'utf8')).toBe('after');
  const dangling = join(folder.path, 'dangling');
  symlinkSync(join(folder.path, 'later'), dangling);
  await writeOwn(dangling, 'x');
  expect(existsSync(dangling)).toBe(true);
});
