import type { Page } from 'playwright';
import type { ScenarioName } from './more-scenarios.ts';
import { uuid } from './scenario.ts';

interface PeopleShot {
  readonly hash: string;
  readonly scenario: ScenarioName;
  readonly prepare?: (page: Page) => Promise<void>;
}

const lock = (page: Page): Promise<void> => page.getByRole('button', { name: 'Lock', exact: true }).click();
const menu = async (page: Page, of: string, entry: string): Promise<void> => {
  await page.getByRole('button', { name: `More actions for ${of}` }).click();
  await page.getByRole('menuitem', { name: entry }).click();
};
const trim = async (page: Page): Promise<void> => {
  await page.getByRole('button', { name: 'Trim…' }).click();
  await page.getByLabel('Entries of before').fill('2100-01-01');
};
/** Verifies a log, and looks at where it begins. */
const verify = async (page: Page): Promise<void> => {
  await page.getByRole('button', { name: 'Verify', exact: true }).click();
  await page.getByText(/begins with entry/).scrollIntoViewIfNeeded();
};
const historyKept = async (page: Page): Promise<void> => {
  await page.getByText('Files of the program’s log').scrollIntoViewIfNeeded();
};
const reveal = async (page: Page): Promise<void> => {
  await page.getByRole('button', { name: 'Show or copy the secrets of Warehouse' }).click();
};

/** Those that are taken in a narrow window too. */
export const narrowPeopleShots = /^people-(history|trim|anchor)/;

/** Pictures of who sits here. */
export const peopleShots: Readonly<Record<string, PeopleShot>> = {
  'people-diagnostics': {
    hash: '/settings',
    scenario: 'crew',
    prepare: (page) => page.getByRole('button', { name: 'Save diagnostics…' }).click(),
  },
  'people-crew': { hash: '/people', scenario: 'crew' },
  'people-door': { hash: '/people', scenario: 'crew', prepare: lock },
  'people-door-typing': {
    hash: '/people',
    scenario: 'typing',
    prepare: async (page) => {
      await lock(page);
      await page.keyboard.press('Enter');
    },
  },
  'people-door-wrong': {
    hash: '/people',
    scenario: 'guessing',
    prepare: async (page) => {
      await lock(page);
      await page.keyboard.press('Enter');
      await page.getByText('Too many wrong passphrases.').waitFor();
    },
  },
  'people-add': {
    hash: '/people',
    scenario: 'crew',
    prepare: async (page) => {
      await page.getByRole('button', { name: 'Add person' }).click();
      await page.getByRole('button', { name: 'Add person' }).last().click();
    },
  },
  'people-first': {
    hash: '/people',
    scenario: 'busy',
    prepare: (page) => page.getByRole('button', { name: 'Add person' }).click(),
  },
  'people-other-passphrase': {
    hash: '/people',
    scenario: 'crew',
    prepare: (page) => menu(page, 'Chandra Iyer', 'New passphrase…'),
  },
  'people-delete': {
    hash: '/people',
    scenario: 'crew',
    prepare: (page) => menu(page, 'Chandra Iyer', 'Delete…'),
  },
  'people-activity': { hash: '/activity', scenario: 'crew' },
  'people-activity-end': {
    hash: '/activity',
    scenario: 'crew',
    prepare: async (page) => {
      await page.getByRole('button', { name: 'Verify' }).click();
      await page.getByText('unbroken').waitFor();
      await page.getByRole('button', { name: 'Copy number and hash' }).scrollIntoViewIfNeeded();
    },
  },
  'people-activity-none': {
    hash: '/activity?person=nobody',
    scenario: 'crew',
  },
  'people-history': { hash: '/settings', scenario: 'crew', prepare: historyKept },
  'people-history-form': {
    hash: '/settings',
    scenario: 'crew',
    prepare: async (page) => {
      await page.getByRole('button', { name: 'Change how much history is kept…' }).click();
      await page.getByLabel('Finished syncs: days').fill('3');
      await page.getByRole('button', { name: 'Save', exact: true }).click();
    },
  },
  'people-trim': { hash: '/activity', scenario: 'crew', prepare: trim },
  'people-trim-broken': {
    hash: '/activity',
    scenario: 'cutOff',
    prepare: async (page) => {
      await trim(page);
      await page.getByRole('button', { name: 'Write the file…' }).click();
      await page.getByText('Nothing was removed from the log.').waitFor();
    },
  },
  'people-anchor': {
    hash: '/activity',
    scenario: 'crew',
    prepare: async (page) => {
      await trim(page);
      await page.getByRole('button', { name: 'Write the file…' }).click();
      await page.getByRole('dialog').waitFor({ state: 'detached' });
      await verify(page);
    },
  },
  'people-anchor-broken': { hash: '/activity', scenario: 'cutOff', prepare: verify },
  'people-export': {
    hash: '/activity?person=Bilal',
    scenario: 'crew',
    prepare: (page) => page.getByRole('button', { name: 'Export…' }).click(),
  },
  'people-settings-you': { hash: '/settings?show=you', scenario: 'crew' },
  'people-settings-policy': {
    hash: '/settings?show=policy',
    scenario: 'crew',
    prepare: (page) => page.getByRole('button', { name: 'Change…', exact: true }).click(),
  },
  'people-settings-vault': {
    hash: '/settings?show=vault',
    scenario: 'crew',
    prepare: (page) => page.getByRole('button', { name: 'Show the public key' }).click(),
  },
  'people-settings-locked': { hash: '/settings?show=vault', scenario: 'troubled' },
  'people-protection': {
    hash: '/settings',
    scenario: 'crew',
    prepare: (page) => page.getByRole('button', { name: 'Change protection…' }).click(),
  },
  'people-add-slot': {
    hash: '/settings',
    scenario: 'crew',
    prepare: async (page) => {
      await page.getByRole('button', { name: 'Add another…' }).click();
      await page.getByRole('radio', { name: 'A passphrase' }).check();
    },
  },
  'people-seal': {
    hash: `/connections/${uuid(1, 1)}`,
    scenario: 'crew',
    prepare: (page) => menu(page, 'Warehouse', 'Export with passwords, sealed…'),
  },
  'people-import-sealed': {
    hash: '/connections/import',
    scenario: 'crew',
    prepare: async (page) => {
      await page.getByLabel('What it is').selectOption('sealed');
      await page.getByRole('button', { name: 'Preview' }).scrollIntoViewIfNeeded();
    },
  },
  'people-own-passphrase': {
    hash: '/people',
    scenario: 'crew',
    prepare: (page) => menu(page, 'Asha Rao', 'New passphrase…'),
  },
  'people-wipe': {
    hash: '/settings',
    scenario: 'crew',
    prepare: (page) => menu(page, 'Vault', 'Wipe the vault…'),
  },
  'people-reveal': { hash: `/connections/${uuid(1, 1)}`, scenario: 'crew', prepare: reveal },
  'people-reveal-none': { hash: `/connections/${uuid(1, 1)}`, scenario: 'busy', prepare: reveal },
  'people-reveal-shown': {
    hash: `/connections/${uuid(1, 1)}`,
    scenario: 'crew',
    prepare: async (page) => {
      await reveal(page);
      await page.getByLabel('Reason').fill('Ticket 4711');
      await page.getByRole('button', { name: 'Show', exact: true }).click();
    },
  },
};
