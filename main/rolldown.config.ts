import { builtinModules } from 'node:module';
import { defineConfig } from 'rolldown';

// Native or host-provided packages stay outside the bundles; everything else is bundled, so the packaged
// app needs only these in node_modules.
const external = ['electron', 'better-sqlite3', '@napi-rs/keyring', 'pg-native', ...builtinModules, /^node:/];

export default defineConfig([
  {
    input: {
      electron: 'main/electron/index.ts',
      headgate: 'main/headless/index.ts',
      'sync-worker': 'main/sync/worker.ts',
    },
    platform: 'node',
    external,
    output: { dir: 'dist/main', format: 'esm', sourcemap: true, cleanDir: true, entryFileNames: '[name].js' },
  },
  {
    input: { index: 'preload/index.ts' },
    platform: 'node',
    external: ['electron'],
    output: {
      dir: 'dist/preload',
      format: 'cjs',
      entryFileNames: '[name].cjs',
      codeSplitting: false,
      sourcemap: true,
      cleanDir: true,
    },
  },
]);
