import { execFile } from 'node:child_process';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, it } from 'vitest';
import manifest from '../../package.json' with { type: 'json' };
import { builtProduct } from '../support/renderer-fixture/build.ts';

/*
 * What electron-builder makes of the app, with a file in the place of Electron's binary, which can't be had everywhere. What it
 * copies, and what it writes into the binary, is real; the command line that comes with it runs.
 */

const run = promisify(execFile);
const root = join(import.meta.dirname, '..', '..');
/** By this the place of the fuses is found in a binary of Electron; behind it their version, number and states. */
const sentinel = 'dL7pKGdnNz796PbbjQWNKmHXBZaB9tsX';
const fuses = [
  'runAsNode',
  'cookies',
  'nodeOptions',
  'inspect',
  'asarIntegrity',
  'onlyAsar',
  'snapshot',
  'file',
  'wasm',
];
const on = '1'.charCodeAt(0);

let folder: string;
let app: string;
beforeAll(async () => {
  await builtProduct();
  folder = mkdtempSync(join(tmpdir(), 'headgate-packaged-'));
  const electron = join(folder, 'electron');
  mkdirSync(electron);
  writeFileSync(
    join(electron, 'electron'),
    Buffer.concat([Buffer.from(sentinel), Buffer.from([1, fuses.length, ...fuses.map(() => on)])]),
    { mode: 0o755 },
  );
  writeFileSync(join(electron, 'LICENSE'), 'a licence');
  const out = join(folder, 'a folder, and not ours');
  const settings = [`-c.electronDist=${electron}`, `-c.directories.output=${out}`];
  await run(join(root, 'node_modules/.bin/electron-builder'), ['--linux', 'dir', ...settings], { cwd: root });
  app = join(out, 'linux-unpacked');
}, 240_000);
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** As somebody without a Node of their own would run it, by a link on their PATH. */
async function headgate(...args: string[]): Promise<string> {
  const [bin, home] = [join(folder, 'bin'), join(folder, 'home')];
  mkdirSync(bin, { recursive: true });
  mkdirSync(home, { recursive: true });
  const link = join(bin, 'headgate');
  if (!existsSync(link)) symlinkSync(join(app, 'resources/cli/bin/headgate'), link);
  const env = { HOME: home, PATH: `${bin}:/usr/bin:/bin`, HEADGATE_KEY_FILE: join(home, 'key') };
  const { stdout } = await run('headgate', [...args, '--data', join(home, 'workspace')], { env });
  return stdout;
}

it('the packaged app brings a command line with a Node of its own', async () => {
  expect(await headgate('--version')).toBe(`${manifest.version}\n`);
  expect(await headgate('connections')).toBe('No connections.\n');
  const { data } = JSON.parse(await headgate('call', 'app.info', '--json')) as { data: { version: string } };
  expect(data.version).toBe(manifest.version);
  expect(await headgate('vault', 'slots')).toContain('key_file');
});

it('brings the sample workspace along: its PostgreSQL runs from the package, and goes again', async () => {
  const answer = async (name: string): Promise<Record<string, unknown>> =>
    (JSON.parse(await headgate('call', name, '--json')) as { data: Record<string, unknown> }).data;
  expect(await answer('demo.state')).toMatchObject({ phase: 'none', missing: null });
  expect(await answer('demo.start')).toMatchObject({ phase: 'ready', trouble: null });
  // Nobody is there to run it when the command has ended.
  expect(await answer('demo.state')).toMatchObject({ phase: 'stopped' });
  await answer('demo.leave');
  expect(await answer('demo.state')).toMatchObject({ phase: 'none' });
  expect(await headgate('connections')).toBe('No connections.\n');
}, 120_000);

it('and is shut to programs itself', () => {
  const binary = readFileSync(join(app, 'headgate'));
  const at = binary.indexOf(sentinel) + sentinel.length + 2;
  const states = Object.fromEntries(fuses.map((name, n) => [name, binary[at + n] === on]));
  expect(states).toMatchObject({ runAsNode: false, nodeOptions: false, inspect: false, onlyAsar: true });
  const asar = readFileSync(join(app, 'resources/app.asar')).toString('latin1');
  expect(asar).toContain('"electron.js"');
  expect(asar).not.toContain('"headgate-main.js"');
});
