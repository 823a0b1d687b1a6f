import { readFileSync } from 'node:fs';
import { builtinModules } from 'node:module';
import { defineConfig, type PluginContext, type RolldownOptions } from 'rolldown';
import { licences } from './licences.config.ts';

// Native or host-provided packages stay outside the bundles; everything else is bundled, so the packaged
// app needs only these in node_modules.
const external = [
  'electron',
  'better-sqlite3',
  '@napi-rs/keyring',
  'pg-native',
  // Optional natives of ssh2, which goes without when it does not find them.
  'cpu-features',
  /sshcrypto\.node$/,
  ...builtinModules,
  /^node:/,
];

/**
 * ssh2 starts WebAssembly for a cipher that is not used (main/engines/ssh/ssh-library.ts); it is left out, because threads with
 * WebAssembly that come and go make V8 end the process at times.
 */
const withoutWasm = {
  name: 'ssh2 without WebAssembly',
  load: (id: string) =>
    id.endsWith('/ssh2/lib/protocol/crypto/poly1305.js')
      ? 'module.exports = async () => ({ _malloc: () => 0, cwrap: () => () => { throw new Error("left out"); } });'
      : null,
};

/** The pictures in the tray lie beside the code; the one of twice the size is found by its name. */
const trayIcons = {
  name: 'pictures of the tray',
  generateBundle(this: PluginContext) {
    for (const fileName of ['tray.png', 'tray@2x.png'])
      this.emitFile({ type: 'asset', fileName, source: readFileSync(`assets/${fileName}`) });
  },
};

/** The grammar of PostgreSQL lies beside the code that loads it. */
const grammar = {
  name: 'grammar of PostgreSQL',
  generateBundle(this: PluginContext) {
    const fileName = 'libpg-query.wasm';
    this.emitFile({
      type: 'asset',
      fileName,
      source: readFileSync(`node_modules/libpg-query/wasm/${fileName}`),
    });
  },
};

/** A preload script: sandboxed, so it is one file. */
const preload = (name: string): RolldownOptions => ({
  input: { [name]: `preload/${name}.ts` },
  platform: 'node',
  external: ['electron'],
  output: {
    dir: 'dist/preload',
    format: 'cjs',
    entryFileNames: '[name].cjs',
    codeSplitting: false,
    sourcemap: true,
  },
});

export default defineConfig([
  {
    input: {
      electron: 'main/electron/index.ts',
      'headgate-main': 'main/headless/index.ts',
      'sync-worker': 'main/sync/run/worker.ts',
      // The CommCare HQ of the sample workspace is the one that the tests sign in to.
      'sample-hq': 'test/simulators/commcare-hq/worker.ts',
    },
    platform: 'node',
    external,
    // The other build of jsonc-parser can not be bundled.
    resolve: { alias: { 'jsonc-parser': 'jsonc-parser/lib/esm/main.js' } },
    plugins: [withoutWasm, trayIcons, grammar, licences],
    // ssh2 is CommonJS and looks at its own folder.
    transform: { define: { __dirname: 'import.meta.dirname' } },
    output: { dir: 'dist/main', format: 'esm', sourcemap: true, entryFileNames: '[name].js' },
  },
  preload('index'),
  preload('ask'),
]);
