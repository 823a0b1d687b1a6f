import { fileURLToPath } from 'node:url';
import { build } from 'vite';

const renderer = fileURLToPath(new URL('../../../renderer', import.meta.url));

/** Builds the renderer into a folder of its own, so that nobody else's `dist` is touched. */
export async function buildRenderer(outDir: string): Promise<void> {
  await build({
    root: renderer,
    configFile: `${renderer}/vite.config.ts`,
    logLevel: 'warn',
    build: { outDir, emptyOutDir: true, sourcemap: false, reportCompressedSize: false },
  });
}
