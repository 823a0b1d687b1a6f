import { execFileSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build, type Plugin } from 'vite';

const renderer = fileURLToPath(new URL('../../../renderer', import.meta.url));

/** Names the folder of this run of the tests in which the renderer is built once for all files. */
export const rendererVariable = 'HEADGATE_TEST_RENDERER';

/** Makes that folder; what it answers removes it. */
export function roomForRenderer(): () => void {
  const folder = mkdtempSync(join(tmpdir(), 'headgate-renderer-'));
  process.env[rendererVariable] = folder;
  return () => rmSync(folder, { recursive: true, force: true });
}

/** The room of this run for what is built once. */
function roomOfRun(): string {
  const room = process.env[rendererVariable];
  if (room === undefined)
    throw new Error('what is tested is built once per run of the tests, and this is none');
  return room;
}

/** Builds the product into `dist` as `npm run build` does, once per run: who comes second waits for the first. */
export async function builtProduct(): Promise<void> {
  const place = join(roomOfRun(), 'product');
  const done = join(place, 'done');
  const failed = join(place, 'failed');
  try {
    mkdirSync(place);
  } catch {
    while (!existsSync(done)) {
      if (existsSync(failed)) throw new Error('the build of the product failed in another file of tests');
      await new Promise((resolve) => setTimeout(resolve, 200));
    }
    return;
  }
  try {
    execFileSync('npm', ['run', '--silent', 'build'], {
      cwd: join(renderer, '..'),
      stdio: ['ignore', 'ignore', 'inherit'],
    });
  } catch (error) {
    writeFileSync(failed, '');
    throw error;
  }
  writeFileSync(done, '');
}

/** The folder with the renderer as it is in this run of the tests, which nobody may write to. */
export async function builtRenderer(asShipped = false): Promise<string> {
  const room = roomOfRun();
  const folder = join(room, asShipped ? 'shipped' : 'development');
  if (existsSync(folder)) return folder;
  const making = mkdtempSync(join(room, 'making-'));
  await buildRenderer(making, asShipped);
  try {
    renameSync(making, folder);
  } catch (error) {
    // Another file of tests was faster.
    if (!existsSync(folder)) throw error;
  }
  return folder;
}

/** Puts a copy of it where an app has its renderer. */
export async function copyRenderer(outDir: string): Promise<void> {
  cpSync(await builtRenderer(), outDir, { recursive: true });
}

/**
 * Builds the renderer into a folder of its own, so that nobody else's `dist` is touched. Under Vitest React is the one of
 * development, which complains of mistakes; `asShipped` takes the one of the product, for what is measured.
 */
export async function buildRenderer(
  outDir: string,
  asShipped = false,
  plugins: Plugin[] = [],
): Promise<void> {
  const { NODE_ENV } = process.env;
  if (asShipped) process.env['NODE_ENV'] = 'production';
  try {
    await buildTo(outDir, plugins);
  } finally {
    if (NODE_ENV !== undefined) process.env['NODE_ENV'] = NODE_ENV;
  }
}

/** Builds the page with each component in each state, which is of development only and in no build of the window. */
export async function buildCatalogue(outDir: string): Promise<void> {
  await buildTo(outDir, [], fileURLToPath(new URL('../catalogue', import.meta.url)));
}

async function buildTo(outDir: string, plugins: Plugin[], root = renderer): Promise<void> {
  await build({
    root,
    configFile: `${renderer}/vite.config.ts`,
    logLevel: 'warn',
    plugins,
    build: { outDir, emptyOutDir: true, sourcemap: false, reportCompressedSize: false },
  });
}
