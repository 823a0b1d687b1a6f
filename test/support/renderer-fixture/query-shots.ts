import type { Page } from 'playwright';
import type { ScenarioName } from './more-scenarios.ts';
import type { WindowOptions } from './window.ts';

interface QueryShot {
  readonly name: string;
  readonly scenario: ScenarioName;
  readonly hash: string;
  readonly window: Omit<WindowOptions, 'url' | 'scenario'>;
  readonly prepare?: (page: Page) => Promise<void>;
}

const write = async (page: Page, sql: string): Promise<void> => {
  await page.getByRole('textbox', { name: 'SQL statement' }).click();
  await page.keyboard.insertText(sql);
};
const run =
  (sql: string, then: (page: Page) => Promise<void> = async () => undefined) =>
  async (page: Page): Promise<void> => {
    await write(page, sql);
    await page.keyboard.press('Control+Enter');
    await page.locator('.result-grid, .query-problem, .query-result .empty').first().waitFor();
    await then(page);
  };
const press = (name: string) => async (page: Page) => page.getByRole('button', { name }).click();

const statement = `-- Nets by village, this month
SELECT village, sum(nets_given) AS nets, 'it''s' AS note
FROM data_7f3a91c2_commcare.forms
WHERE household_size > 4
GROUP BY 1;`;

const prepared: Readonly<Record<string, (page: Page) => Promise<void>>> = {
  start: async () => undefined,
  rows: run(statement, press('History')),
  wrong: run('SELECT village, wrong_column\nFROM forms'),
  refused: run('DELETE FROM forms'),
  superuser: run('SELECT superuser'),
  none: run('SELECT empty'),
  plan: async (page) => {
    await write(page, statement);
    await press('Run and measure')(page);
    await page.getByText('Costliest step').waitFor();
  },
  chart: run('SELECT monthly', async (page) => {
    await page.getByRole('button', { name: 'Chart', exact: true }).click();
  }),
  'chart-pie': run('SELECT * FROM forms', async (page) => {
    await page.getByRole('button', { name: 'Chart', exact: true }).click();
    await page.getByRole('button', { name: 'Pie', exact: true }).click();
  }),
  'chart-series': run('SELECT * FROM forms', async (page) => {
    await page.getByRole('button', { name: 'Chart', exact: true }).click();
    await page.getByRole('button', { name: 'Line', exact: true }).click();
    await page.getByLabel('Parted by').selectOption({ label: 'consent' });
  }),
  'chart-scatter': run('SELECT * FROM forms', async (page) => {
    await page.getByRole('button', { name: 'Chart', exact: true }).click();
    await page.getByRole('button', { name: 'Scatter', exact: true }).click();
  }),
  'chart-histogram': run('SELECT * FROM forms', async (page) => {
    await page.getByRole('button', { name: 'Chart', exact: true }).click();
    await page.getByRole('button', { name: 'Histogram', exact: true }).click();
    await page.locator('.query-drawing').focus();
    await page.keyboard.press('ArrowRight');
  }),
  parameters: async (page) => {
    await write(page, 'SELECT * FROM forms\nWHERE village = :village AND household_size > :size');
    await page.keyboard.press('Control+Enter');
  },
  cell: run(statement, async (page) => {
    await page.getByRole('grid').focus();
    await page.keyboard.press('End');
    await page.keyboard.press('Enter');
  }),
  completion: async (page) => {
    await page.getByRole('textbox', { name: 'SQL statement' }).click();
    await page.keyboard.type('SELECT * FROM for');
    await page.locator('.cm-tooltip-autocomplete').waitFor();
  },
  exporting: async (page) => {
    await write(page, 'SELECT pg_sleep(1)');
    await press('Export…')(page);
    const dialog = page.getByRole('dialog');
    await dialog.getByRole('button', { name: 'Choose file and export' }).click();
    await dialog.getByText('so far').waitFor();
  },
  workbook: async (page) => {
    await write(page, 'SELECT long_texts FROM forms');
    await press('Export…')(page);
    const dialog = page.getByRole('dialog');
    await dialog.getByLabel('Excel workbook (.xlsx)').check();
    await dialog.getByRole('button', { name: 'Choose file and export' }).click();
    await dialog.getByText('longer than a cell').waitFor();
  },
  export: async (page) => {
    await write(page, statement);
    await press('Export…')(page);
  },
  statistics: async (page) => {
    await press('History')(page);
    await press('Statistics')(page);
  },
  running: async (page) => {
    await write(page, 'SELECT pg_sleep(60)');
    await page.keyboard.press('Control+Enter');
    await page.locator('.query-running').waitFor();
  },
};

/** Pictures of asking in SQL. */
export function* queryShots(): Generator<QueryShot> {
  for (const [name, prepare] of Object.entries(prepared)) {
    for (const theme of ['light', 'dark'] as const) {
      const scenario = name === 'completion' ? 'review' : 'busy';
      yield { name: `query-${name}-${theme}`, scenario, hash: '/query', window: { theme }, prepare };
    }
  }
  const rows = run(statement, press('History'));
  yield { name: 'query-rows-900', scenario: 'busy', hash: '/query', window: { width: 900 }, prepare: rows };
  const zoom = { width: 640, height: 520, scale: 2 };
  for (const [name, prepare] of [
    ['query-rows-zoom', run(statement)],
    ['query-start-zoom', async () => undefined],
    ['query-workbook-zoom', prepared['workbook'] ?? (async () => undefined)],
    ['query-chart-zoom', prepared['chart'] ?? run(statement)],
  ] as const) {
    yield { name, scenario: 'busy', hash: '/query', window: zoom, prepare };
  }
  yield {
    ...{ name: 'query-long', scenario: 'longNames', hash: '/query' },
    ...{ window: { width: 1024 }, prepare: run('SELECT long_texts') },
  };
  yield {
    ...{ name: 'query-chart-long', scenario: 'longNames', hash: '/query' },
    window: { width: 900 },
    prepare: run('SELECT long_texts', async (page) => {
      await page.getByRole('button', { name: 'Chart', exact: true }).click();
    }),
  };
  yield { name: 'query-empty', scenario: 'nothing', hash: '/query', window: {} };
  yield { name: 'query-loading', scenario: 'loading', hash: '/query', window: {} };
  yield { name: 'query-error', scenario: 'unreadable', hash: '/query', window: {} };
}
