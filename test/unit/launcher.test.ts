import { execFileSync, spawnSync } from 'node:child_process';
import { copyFileSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { broughtAlong, majorOf, oldestNode, tooOld } from '../../main/headless/start.mjs';
import { temporaryFolder } from '../support/parts.ts';

/* `headgate` on whatever Node is there. */

const file = join(import.meta.dirname, '..', '..', 'main', 'headless', 'start.mjs');

/** A Node of this computer that is too old for the program itself; null where there is none. */
function olderNode(): string | null {
  const folders = (process.env['PATH'] ?? '')
    .split(delimiter)
    .filter((each) => !each.includes('node_modules'));
  for (const folder of folders) {
    const { stdout } = spawnSync(join(folder, 'node'), ['--version'], { encoding: 'utf8' });
    const major = majorOf(stdout ?? '');
    if (major >= 18 && major < oldestNode) return join(folder, 'node');
  }
  return null;
}

/** The launcher beside a program that says who runs it, with or without a Node that npm brought along. */
function installed(folder: string, withNode: boolean): string {
  const started = join(folder, 'dist', 'headgate.js');
  mkdirSync(join(folder, 'dist'));
  copyFileSync(file, started);
  writeFileSync(join(folder, 'package.json'), '{"type":"module"}');
  writeFileSync(
    join(folder, 'dist', 'headgate-main.js'),
    `const [, , ...rest] = process.argv;
     console.log(JSON.stringify([process.version, rest]));
     process.exitCode = 5;`,
  );
  if (withNode) {
    const package_ = join(folder, 'node_modules', `node-${process.platform}-${process.arch}`);
    mkdirSync(join(package_, 'bin'), { recursive: true });
    writeFileSync(join(package_, 'package.json'), '{}');
    symlinkSync(process.execPath, join(package_, 'bin', 'node'));
  }
  return started;
}
const run = (node: string, args: string[]) => {
  const { status, stdout, stderr } = spawnSync(node, args, { encoding: 'utf8' });
  return { status, stdout, stderr };
};

it('knows versions, and the package of a platform', () => {
  expect(majorOf('v24.1.0')).toBe(24);
  expect(majorOf('20.0.0')).toBe(20);
  expect(majorOf('nonsense')).toBe(0);
  using folder = temporaryFolder();
  expect(broughtAlong('sunos', 'mips', folder.path)).toBeNull();
  expect(tooOld('v20.1.0', '/usr/bin/node')).toMatch(
    /^Headgate needs Node\.js 24 or newer; this is v20\.1\.0 \(\/usr\/bin\/node\)\./,
  );
});

it('goes on in this process where that is new enough, with its arguments and its exit code', () => {
  using folder = temporaryFolder();
  const { status, stdout } = run(process.execPath, [installed(folder.path, false), 'sync', 'a b']);
  expect(JSON.parse(stdout)).toEqual([process.version, ['sync', 'a b']]);
  expect(status).toBe(5);
});

const older = olderNode();
describe.skipIf(older === null)(
  `on an older Node (${older ?? 'skipped: there is none on this computer'})`,
  () => {
    it('takes the one that npm brought along', () => {
      using folder = temporaryFolder();
      const { status, stdout } = run(older as string, [installed(folder.path, true), 'sync', 'a b']);
      expect(JSON.parse(stdout)).toEqual([process.version, ['sync', 'a b']]);
      expect(status).toBe(5);
    });

    it('says in a sentence what is needed where there is none', () => {
      using folder = temporaryFolder();
      const version = execFileSync(older as string, ['--version'], { encoding: 'utf8' }).trim();
      const { status, stdout, stderr } = run(older as string, [installed(folder.path, false), 'sync']);
      expect({ status, stdout }).toEqual({ status: 3, stdout: '' });
      expect(stderr).toContain(`this is ${version}`);
      expect(stderr.split('\n')).toHaveLength(2);
    });
  },
);
