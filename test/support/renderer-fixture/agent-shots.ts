import type { Page } from 'playwright';
import type { ScenarioName } from './more-scenarios.ts';
import type { WindowOptions } from './window.ts';

interface AgentShot {
  readonly name: string;
  readonly scenario: ScenarioName;
  readonly hash: string;
  readonly window: Omit<WindowOptions, 'url' | 'scenario'>;
  readonly prepare: (page: Page) => Promise<void>;
}

const section = async (page: Page): Promise<void> => {
  await page.getByRole('heading', { name: 'Agents' }).scrollIntoViewIfNeeded();
};
const form = async (page: Page): Promise<void> => {
  await page.getByRole('button', { name: 'Let an agent in…' }).click();
  await page.getByLabel('Project').waitFor();
};
const made =
  (way: 'Save it in a file' | 'Copy it') =>
  async (page: Page): Promise<void> => {
    await form(page);
    await page.getByLabel('Project').selectOption({ index: 1 });
    await page.getByLabel('Agent', { exact: true }).fill('assistant');
    await page.getByRole('radio', { name: way }).check();
    await page.getByRole('button', { name: 'Let it in' }).click();
    await page.getByText('Tell the agent’s client').waitFor();
  };
const prepared = {
  list: section,
  form,
  wrong: async (page: Page): Promise<void> => {
    await form(page);
    await page.getByRole('button', { name: 'Let it in' }).click();
  },
  file: made('Save it in a file'),
  copied: made('Copy it'),
  kept: async (page: Page): Promise<void> => {
    await made('Copy it')(page);
    await page.getByRole('button', { name: 'Close' }).click();
  },
  end: async (page: Page): Promise<void> => {
    await page.getByRole('button', { name: 'End access of assistant…' }).click();
  },
};

/** Pictures of the agents under “My credentials”. */
export function* agentShots(): Generator<AgentShot> {
  const hash = '/credentials';
  for (const [name, prepare] of Object.entries(prepared)) {
    for (const theme of ['light', 'dark'] as const)
      yield { name: `agents-${name}-${theme}`, scenario: 'busy', hash, window: { theme }, prepare };
    yield { name: `agents-${name}-long-900`, scenario: 'longNames', hash, window: { width: 900 }, prepare };
    const zoom = { width: 640, height: 520, scale: 2 };
    yield { name: `agents-${name}-zoom`, scenario: 'longNames', hash, window: zoom, prepare };
  }
  const none = async (): Promise<void> => undefined;
  yield { name: 'agents-empty', scenario: 'nothing', hash, window: {}, prepare: none };
  yield { name: 'agents-loading', scenario: 'loading', hash, window: {}, prepare: none };
  yield { name: 'agents-error', scenario: 'unreadable', hash, window: {}, prepare: none };
}
