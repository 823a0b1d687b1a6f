import { chmodSync, copyFileSync } from 'node:fs';
import { build } from 'rolldown';
import config from './rolldown.config.ts';

/* Bundles main and preload. The command line of the bundler would list every file it wrote; this says only what fails. */
await build(config as Parameters<typeof build>[0]);
// What `bin` in package.json names; not bundled, because any Node must be able to read it.
copyFileSync('main/headless/start.mjs', 'dist/main/headgate.js');
chmodSync('dist/main/headgate.js', 0o755);
