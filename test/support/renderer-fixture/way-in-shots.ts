import type { Page } from 'playwright';
import type { ScenarioName } from './more-scenarios.ts';
import { uuid } from './scenario.ts';
import type { WindowOptions } from './window.ts';

interface WayInShot {
  readonly name: string;
  readonly scenario: ScenarioName;
  readonly hash: string;
  readonly window: Omit<WindowOptions, 'url' | 'scenario'>;
  readonly prepare: (page: Page) => Promise<void>;
}

/** Puts a text into the clipboard’s place: the field takes it as a paste. */
export const paste = async (page: Page, text: string): Promise<void> => {
  await page.evaluate((pasted) => {
    const data = new DataTransfer();
    data.setData('text/plain', pasted);
    const target = document.activeElement ?? document.body;
    target.dispatchEvent(
      new ClipboardEvent('paste', { clipboardData: data, bubbles: true, cancelable: true }),
    );
  }, text);
};

const open = async (page: Page): Promise<void> => {
  await page.getByRole('button', { name: /^(Set up|Configurer|सेट करें)$/ }).click();
  await page.getByRole('dialog').waitFor();
};
const pasted =
  (url: string) =>
  async (page: Page): Promise<void> => {
    await open(page);
    await page.locator('[data-first]').focus();
    await paste(page, url);
  };
const good = 'postgres://etl:secret@warehouse.example.org:5432/bednets';
const used = async (page: Page): Promise<void> => {
  await pasted(good)(page);
  await page.locator('.panel-footer button[type="submit"]').click();
  await page.locator('.setup-step[aria-current]', { hasText: /Source|स्रोत/ }).waitFor();
};
const refused =
  (url: string) =>
  async (page: Page): Promise<void> => {
    await pasted(url)(page);
    await page.getByRole('button', { name: 'Use it' }).click();
    await page.getByText('Nothing was kept.').waitFor();
  };
const signingIn = async (page: Page): Promise<void> => {
  await used(page);
  await page.getByLabel('OAuth client id').fill('headgate-desktop');
  await page.getByRole('button', { name: 'Sign in', exact: true }).click();
  await page.getByText('Finish in your browser').waitFor();
};
const nothing = async (): Promise<void> => undefined;

const prepared: Readonly<
  Record<string, { scenario: ScenarioName; hash?: string; prepare: WayInShot['prepare'] }>
> = {
  first: { scenario: 'firstRun', prepare: nothing },
  'first-missing': { scenario: 'sampleMissing', prepare: nothing },
  'first-analyst': { scenario: 'analystFirst', prepare: nothing },
  'first-offline': { scenario: 'firstOffline', prepare: nothing },
  'first-forgets': { scenario: 'forgetful', prepare: nothing },
  making: {
    scenario: 'sampleMaking',
    prepare: async (page) => {
      await page.getByRole('button', { name: /^(Try it|Essayer|आज़माएँ)$/ }).click();
      await page.locator('.making').waitFor();
    },
  },
  banner: { scenario: 'sampleThere', prepare: nothing },
  'banner-stopped': { scenario: 'sampleStopped', prepare: nothing },
  leave: {
    scenario: 'sampleThere',
    prepare: (page) => page.getByRole('button', { name: 'Leave the sample' }).click(),
  },
  'setup-vault': { scenario: 'forgetful', prepare: open },
  'setup-locked': { scenario: 'shut', prepare: open },
  'setup-database': { scenario: 'firstRun', prepare: open },
  'setup-pasted': { scenario: 'firstRun', prepare: pasted(good) },
  'setup-lacking': { scenario: 'firstRun', prepare: pasted('postgres://warehouse.example.org/bednets') },
  'setup-down': { scenario: 'firstRun', prepare: refused('postgres://etl:secret@down.example.org/bednets') },
  'setup-refused': {
    scenario: 'firstRun',
    prepare: refused('postgres://etl:wrong@warehouse.example.org/bednets'),
  },
  'setup-source': {
    scenario: 'firstRun',
    prepare: async (page) => {
      await used(page);
      await page.locator('.registration-more summary').click();
    },
  },
  'setup-sign-in': { scenario: 'firstRun', prepare: signingIn },
  'source-form': {
    scenario: 'busy',
    hash: '/sources?add',
    prepare: async (page) => {
      await page.locator('.registration-more summary').click();
      await page.locator('.registration').scrollIntoViewIfNeeded();
    },
  },
  arrival: { scenario: 'busy', hash: `/start/${uuid(4, 1)}`, prepare: nothing },
  coming: { scenario: 'busy', hash: `/start/${uuid(4, 2)}`, prepare: nothing },
};

/** Pictures of the way in, in each state. */
export function* wayInShots(): Generator<WayInShot> {
  for (const [name, { scenario, hash = '/', prepare }] of Object.entries(prepared))
    for (const theme of ['light', 'dark'] as const)
      yield { name: `wayin-${name}-${theme}`, scenario, hash, window: { theme }, prepare };
  for (const name of ['first', 'setup-pasted', 'setup-source', 'banner'] as const) {
    const { scenario, prepare } = prepared[name] ?? { scenario: 'firstRun', prepare: nothing };
    yield { name: `wayin-${name}-900`, scenario, hash: '/', window: { width: 900 }, prepare };
    const zoom = { width: 640, height: 520, scale: 2 };
    yield { name: `wayin-${name}-zoom`, scenario, hash: '/', window: zoom, prepare };
  }
  for (const locale of ['fr', 'hi'])
    for (const [name, prepare] of [
      ['first', nothing],
      ['setup-database', open],
      ['setup-source', used],
    ] as const)
      yield {
        ...{ name: `wayin-${name}-${locale}`, scenario: 'firstRun', hash: '/', prepare },
        window: { locale, width: 1024 },
      };
}
