import { chmodSync, copyFileSync, cpSync, readdirSync, rmSync } from 'node:fs';
import { build } from 'rolldown';
import config from './rolldown.config.ts';

/* Bundles main and preload. The command line of the bundler would list every file it wrote; this says only what fails. */
// Emptied before anything is written: bundles of one folder are made at once, and one that emptied it itself could take
// what another has just put there.
for (const folder of ['dist/main', 'dist/preload']) rmSync(folder, { recursive: true, force: true });
await build(config as Parameters<typeof build>[0]);
// What `bin` in package.json names; not bundled, because any Node must be able to read it.
copyFileSync('main/headless/start.mjs', 'dist/main/headgate.js');
chmodSync('dist/main/headgate.js', 0o755);
// What the main process says in other languages: read from the disk by `words.ts` when something is first said in one.
for (const { name: language } of readdirSync('preload/messages', { withFileTypes: true }).filter(
  (entry) => entry.isDirectory() && entry.name !== 'en',
))
  cpSync(`preload/messages/${language}`, `dist/preload/messages/${language}`, { recursive: true });
