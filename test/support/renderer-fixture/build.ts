import { fileURLToPath } from 'node:url';
import { build, type Plugin } from 'vite';

const renderer = fileURLToPath(new URL('../../../renderer', import.meta.url));

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

async function buildTo(outDir: string, plugins: Plugin[]): Promise<void> {
  await build({
    root: renderer,
    configFile: `${renderer}/vite.config.ts`,
    logLevel: 'warn',
    plugins,
    build: { outDir, emptyOutDir: true, sourcemap: false, reportCompressedSize: false },
  });
}
