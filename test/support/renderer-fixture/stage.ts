import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Plugin } from 'vite';
import { launchBrowser } from './browser.ts';
import { buildRenderer } from './build.ts';
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

/** A browser and the built renderer, for the tests of one file; `asShipped` for what is measured, `plugins` of the build. */
export async function openStage(asShipped = false, plugins: Plugin[] = []): Promise<Stage> {
  const folder = await mkdtemp(join(tmpdir(), 'headgate-renderer-'));
  const [browser] = await Promise.all([launchBrowser(), buildRenderer(folder, asShipped, plugins)]);
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
      await rm(folder, { recursive: true, force: true });
    },
  };
}
