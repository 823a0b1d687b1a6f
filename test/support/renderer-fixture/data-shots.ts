import type { Page } from 'playwright';
import type { ScenarioName } from './more-scenarios.ts';
import { uuid } from './scenario.ts';
import type { WindowOptions } from './window.ts';

interface DataShot {
  readonly name: string;
  readonly scenario: ScenarioName;
  readonly hash: string;
  readonly window: Omit<WindowOptions, 'url' | 'scenario'>;
  readonly prepare?: (page: Page) => Promise<void>;
}

const table = `/data/${uuid(6, 1)}/form_household_visit`;
const sought = `${table}?column=water_source`;
const rows = async (page: Page): Promise<void> => {
  await page.locator('.result-grid .result-cell').first().waitFor();
};
const answers = async (page: Page): Promise<void> => {
  await rows(page);
  await page.getByRole('button', { name: 'Show the answers' }).click();
  await page.locator('.data-shares').waitFor();
};

const prepared: Readonly<Record<string, Omit<DataShot, 'name' | 'window'>>> = {
  rows: { scenario: 'browsing', hash: table, prepare: rows },
  column: { scenario: 'browsing', hash: sought, prepare: answers },
  row: {
    scenario: 'browsing',
    hash: table,
    prepare: async (page) => {
      await rows(page);
      await page.getByRole('grid').focus();
      await page.keyboard.press('ArrowDown');
      await page.keyboard.press(' ');
      await page.locator('.data-row').waitFor();
    },
  },
  found: {
    scenario: 'browsing',
    hash: table,
    prepare: async (page) => {
      await rows(page);
      await page.getByRole('searchbox').fill('menage');
      await page.locator('.data-hit').first().waitFor();
    },
  },
  menu: {
    scenario: 'browsing',
    hash: table,
    prepare: async (page) => {
      await rows(page);
      await page.getByRole('grid').focus();
      await page.keyboard.press('ArrowRight');
      await page.keyboard.press('Shift+F10');
      await page.getByRole('menu').waitFor();
    },
  },
  filter: {
    scenario: 'browsing',
    hash: table,
    prepare: async (page) => {
      await rows(page);
      await page.getByRole('button', { name: 'Filter…' }).click();
      await page.getByRole('dialog').waitFor();
    },
  },
  wide: { scenario: 'browsingHuge', hash: `/data/${uuid(6, 1)}/form_wide`, prepare: rows },
  late: { scenario: 'browsing', hash: `/data/${uuid(6, 2)}/forms`, prepare: rows },
  expired: { scenario: 'browsing', hash: `/data/${uuid(6, 3)}/forms` },
  down: {
    scenario: 'browsingGone',
    hash: table,
    prepare: (page) => page.locator('.notice').first().waitFor(),
  },
  empty: { scenario: 'browsing', hash: `/data/${uuid(6, 1)}/supervisor_visits` },
  'no-table': { scenario: 'browsing', hash: `/data/${uuid(6, 1)}/gone` },
};

export function* dataShots(): Generator<DataShot> {
  for (const [name, shot] of Object.entries(prepared))
    for (const theme of ['light', 'dark'] as const)
      yield { ...shot, name: `data-room-${name}-${theme}`, window: { theme } };
  const rowsShot = { scenario: 'browsing', hash: sought } as const;
  yield { ...rowsShot, name: 'data-room-900', window: { theme: 'light', width: 900, height: 700 } };
  yield {
    scenario: 'browsing',
    hash: '/data',
    name: 'data-room-900-tree',
    window: { theme: 'light', width: 900, height: 700 },
  };
  yield {
    ...rowsShot,
    name: 'data-room-zoom',
    window: { theme: 'light', width: 640, height: 410, scale: 2 },
    prepare: rows,
  };
  yield {
    ...rowsShot,
    name: 'data-room-1920',
    window: { theme: 'light', width: 1920, height: 1080 },
    prepare: answers,
  };
}
