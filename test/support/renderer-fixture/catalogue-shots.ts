import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Browser } from 'playwright';
import { buildCatalogue } from './build.ts';
import { scenarios } from './more-scenarios.ts';
import { serveRenderer } from './serve.ts';
import { openWindow } from './window.ts';

const looks = ['light', 'dark', 'contrast', 'forced', 'comfortable', 'compact', '900'] as const;

/** Pictures of the catalogue whole, in each of its looks; answers how many were taken. */
export async function catalogueShots(browser: Browser, folder: string, only: string): Promise<number> {
  const wanted = looks.filter((look) => `catalogue-${look}`.includes(only));
  if (wanted.length === 0) return 0;
  const built = await mkdtemp(join(tmpdir(), 'headgate-catalogue-'));
  await buildCatalogue(built);
  await using served = await serveRenderer(built);
  for (const look of wanted) {
    await using window = await openWindow(browser, {
      ...{ url: served.url, scenario: scenarios.busy(), theme: look === 'dark' ? 'dark' : 'light' },
      ...(look === '900' ? { width: 900 } : {}),
    });
    const { page } = window;
    if (look === 'contrast') await page.emulateMedia({ contrast: 'more' });
    if (look === 'forced') await page.emulateMedia({ forcedColors: 'active' });
    await page.getByRole('heading', { name: 'Catalogue of the components' }).waitFor();
    if (look === 'comfortable') await page.getByRole('radio', { name: 'Comfortable' }).check();
    if (look === 'compact') await page.getByRole('radio', { name: 'Compact' }).check();
    await page.screenshot({ path: join(folder, `catalogue-${look}.png`), fullPage: true });
  }
  await rm(built, { recursive: true, force: true });
  return wanted.length;
}
