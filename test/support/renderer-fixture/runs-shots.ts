import type { Page } from 'playwright';
import type { ScenarioName } from './more-scenarios.ts';
import { uuid } from './scenario.ts';
import type { WindowOptions } from './window.ts';

interface Shot {
  readonly name: string;
  readonly scenario: ScenarioName;
  readonly hash: string;
  readonly window: Omit<WindowOptions, 'url' | 'scenario'>;
  readonly prepare?: (page: Page) => Promise<void>;
}

const failed = `/runs/${uuid(7, 900)}`;
const held = `/runs/${uuid(7, 903)}/review`;

/** The runs, one of them, and the review of what is held, as people may see them. */
export function* runsShots(): Generator<Shot> {
  const ask = async (page: Page): Promise<void> => {
    await page.getByRole('button', { name: 'Ask the source what it counts now' }).click();
    await page.getByText(/^Asked /).waitFor();
  };
  const month = async (page: Page): Promise<void> => {
    await page.getByRole('radio', { name: '30 days' }).check({ force: true });
  };
  const places: Readonly<Record<string, { hash: string; prepare?: (page: Page) => Promise<void> }>> = {
    'runs-all': { hash: '/runs' },
    'runs-month': { hash: '/runs', prepare: month },
    'runs-failed': { hash: failed },
    'runs-live': { hash: `/runs/${uuid(7, 904)}` },
    'runs-done': { hash: `/runs/${uuid(7, 1000)}` },
    'runs-review': { hash: held },
    'runs-review-asked': { hash: held, prepare: ask },
    'runs-review-question': {
      hash: held,
      prepare: (page) => page.getByRole('button', { name: 'Publish…' }).click(),
    },
  };
  for (const [name, { hash, prepare }] of Object.entries(places)) {
    const more = prepare ? { prepare } : {};
    for (const theme of ['light', 'dark'] as const)
      yield { name: `${name}-${theme}`, scenario: 'runs', hash, window: { theme }, ...more };
    yield { name: `${name}-900`, scenario: 'runs', hash, window: { width: 900 }, ...more };
    yield {
      ...{ name: `${name}-zoom`, scenario: 'runs', hash, ...more },
      window: { width: 640, height: 520, scale: 2 },
    };
    yield { name: `${name}-long`, scenario: 'longRuns', hash, window: { width: 1024 }, ...more };
  }
  yield { name: 'runs-many', scenario: 'manyRuns', hash: '/runs', window: {} };
}
