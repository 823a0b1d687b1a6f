import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Plugin } from 'vite';
import { launchBrowser } from './browser.ts';
import { buildRenderer, builtRenderer } from './build.ts';
import { type ScenarioName, scenarios } from './more-scenarios.ts';
import type { Scenario } from './scenario.ts';
import { serveRenderer } from './serve.ts';
import { type FixtureWindow, openWindow, type WindowOptions } from './window.ts';

export interface Stage extends AsyncDisposable {
  /** Opens a window on a scenario, which `change` may alter first. */
  open(
    name: ScenarioName,
    options?: Omit<WindowOptions, 'url' | 'scenario'>,
    change?: (scenario: Scenario) => void,
  ): Promise<FixtureWindow>;
}

/** A browser and the built renderer, for the tests of one file; `asShipped` for what is measured, `plugins` for a build of its own. */
export async function openStage(asShipped = false, plugins: Plugin[] = []): Promise<Stage> {
  const own = plugins.length === 0 ? null : await mkdtemp(join(tmpdir(), 'headgate-renderer-'));
  if (own !== null) await buildRenderer(own, asShipped, plugins);
  const [browser, folder] = await Promise.all([launchBrowser(), own ?? builtRenderer(asShipped)]);
  const served = await serveRenderer(folder);
  return {
    open(name, options = {}, change = () => undefined) {
      const scenario = scenarios[name]();
      change(scenario);
      return openWindow(browser, { url: served.url, scenario, ...options });
    },
    async [Symbol.asyncDispose]() {
      await browser.close();
      await served[Symbol.asyncDispose]();
      if (own !== null) await rm(own, { recursive: true, force: true });
    },
  };
}
