import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type RolldownOptions, rolldown } from 'rolldown';
import config from '../../main/rolldown.config.ts';
import { temporaryFolder } from './launch.ts';

const root = join(import.meta.dirname, '../..');
/** As the build of the product has it: the main process first, then the preload script. */
const [ofMain = {}, ofPreload = {}, ofAsking = {}] = config as RolldownOptions[];

export interface ConsoleBuild {
  /** What to launch: a folder laid out like the repository after a build. */
  readonly path: string;
  readonly remove: () => void;
}

/**
 * Bundles main/electron and the preload script as the build does, into a folder of the test's own. With `core` a
 * file of the test stands in for main/app.ts; the page is a placeholder.
 */
export async function buildConsole(options: { core?: string } = {}): Promise<ConsoleBuild> {
  const folder = temporaryFolder('console');
  const { core } = options;
  const bundle = async (
    options: RolldownOptions,
    input: Record<string, string>,
    output: object,
  ): Promise<void> => {
    const replaced = core
      ? [{ name: 'core', resolveId: (source: string) => (source === '../app.ts' ? core : null) }]
      : [];
    const { output: _, ...like } = options;
    const build = await rolldown({
      ...like,
      cwd: root,
      input,
      logLevel: 'silent',
      plugins: [options.plugins, replaced],
    });
    await build.write(output);
    await build.close();
  };
  await Promise.all([
    bundle(
      ofMain,
      { electron: 'main/electron/index.ts' },
      { dir: join(folder.path, 'dist/main'), format: 'esm', entryFileNames: '[name].js' },
    ),
    ...(
      [
        [ofPreload, 'index'],
        [ofAsking, 'ask'],
      ] as const
    ).map(([of, name]) =>
      bundle(
        of,
        { [name]: `preload/${name}.ts` },
        {
          dir: join(folder.path, 'dist/preload'),
          format: 'cjs',
          entryFileNames: '[name].cjs',
          codeSplitting: false,
        },
      ),
    ),
  ]);
  symlinkSync(join(root, 'node_modules'), join(folder.path, 'node_modules'));
  writeFileSync(
    join(folder.path, 'package.json'),
    JSON.stringify({ name: 'headgate', version: '9.8.7', type: 'module', main: 'dist/main/electron.js' }),
  );
  const renderer = join(folder.path, 'dist/renderer');
  mkdirSync(join(renderer, 'assets'), { recursive: true });
  writeFileSync(
    join(renderer, 'index.html'),
    '<!doctype html><title>Page</title><script type="module" src="./assets/page-1.js"></script><h1>Page</h1>' +
      '<a id="away" href="https://example.com/">away</a>',
  );
  writeFileSync(join(renderer, 'assets/page-1.js'), "document.documentElement.dataset.ran = 'yes';");
  writeFileSync(join(folder.path, 'dist/secret.txt'), 'outside');
  symlinkSync(join(folder.path, 'dist/secret.txt'), join(renderer, 'link.txt'));
  return { path: folder.path, remove: folder.remove };
}
