import { chmodSync, cpSync, existsSync, mkdirSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';

/*
 * Gathers the command line that the packaged app brings in `dist/command-line`, for the system and processor that is packaged
 * for: what `npm run build` made, its native parts, and the Node that npm has brought for it. electron-builder copies it from
 * there, because a folder that it copies from is left out of the app itself.
 */

/** What electron-builder calls processors, by its numbers (builder-util, `Arch`). */
const processors = { 1: 'x64', 3: 'arm64' };

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
  const sqlite = join('node_modules', 'better-sqlite3');
  for (const part of ['package.json', 'LICENSE', 'lib', join('prebuilds', `${platform}-${processor}.node`)])
    copy(join(root, sqlite, part), sqlite, part);
  const keyrings = join('node_modules', '@napi-rs');
  for (const name of readdirSync(join(root, keyrings)))
    if (name === 'keyring' || name.startsWith(`keyring-${platform}-${processor}`))
      copy(join(root, keyrings, name), keyrings, name);
}
