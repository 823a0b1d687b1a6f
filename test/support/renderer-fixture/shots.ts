import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Page } from 'playwright';
import { agentShots } from './agent-shots.ts';
import { launchBrowser } from './browser.ts';
import { buildRenderer } from './build.ts';
import { catalogueShots } from './catalogue-shots.ts';
import { scrollsSideways } from './checks.ts';
import { connectionShots } from './connection-shots.ts';
import { dataShots } from './data-shots.ts';
import { type ScenarioName, scenarios } from './more-scenarios.ts';
import { narrowPeopleShots, peopleShots } from './people-shots.ts';
import { queryShots } from './query-shots.ts';
import { runsShots } from './runs-shots.ts';
import { uuid } from './scenario.ts';
import { serveRenderer } from './serve.ts';
import { wayInShots } from './way-in-shots.ts';
import { openWindow, visit, type WindowOptions } from './window.ts';

/*
 * Takes a picture of every screen as people may see it: in each state, theme, language and width.
 *   npm run pictures -- [folder] [only names that contain this]
 */
const folder = process.argv[2] ?? 'test-output/shots';
const only = process.argv[3] ?? '';

const screens = {
  home: '/',
  runs: '/runs',
  data: '/data',
  dictionary: '/dictionary',
  connections: '/connections',
  sources: '/sources',
  projects: '/projects',
  project: `/projects/${uuid(4, 1)}`,
  'project-tables': `/projects/${uuid(4, 1)}/tables`,
  'project-runs': `/projects/${uuid(4, 1)}/runs`,
  'project-changes': `/projects/${uuid(4, 1)}/changes`,
  'project-access': `/projects/${uuid(4, 1)}/access`,
  'project-settings': `/projects/${uuid(4, 1)}/settings`,
  field: '/field',
  credentials: '/credentials',
  people: '/people',
  activity: '/activity',
  settings: '/settings',
} as const;

interface Shot {
  readonly name: string;
  readonly scenario: ScenarioName;
  readonly hash: string;
  readonly window: Omit<WindowOptions, 'url' | 'scenario'>;
  readonly prepare?: (page: Page) => Promise<void>;
}

const kept: Record<string, string> = {
  'kept-project': `/projects/${uuid(4, 1)}`,
  'kept-projects': '/projects',
};

const takeOver = async (page: Page): Promise<void> => {
  await page.getByRole('button', { name: 'Take over sync: Nutrition screening · Nutrition HQ' }).click();
};

const forms: Record<
  string,
  { hash: string; scenario: ScenarioName; prepare?: (page: Page) => Promise<void> }
> = {
  'form-connection': { hash: '/connections?add', scenario: 'busy' },
  'form-connection-invalid': {
    hash: '/connections?add',
    scenario: 'busy',
    prepare: (page) => page.getByRole('button', { name: 'Save and test' }).click(),
  },
  'form-proxy': {
    hash: '/settings?show=proxy',
    scenario: 'busy',
    prepare: async (page) => {
      await page.getByRole('button', { name: 'Change the proxy…' }).click();
      await page.getByRole('radio', { name: 'This proxy' }).check();
      await page.getByLabel('User').fill('office');
      await page.getByLabel('Password').scrollIntoViewIfNeeded();
    },
  },
  'form-source': { hash: '/sources?add', scenario: 'busy' },
  'form-link': { hash: `/projects/${uuid(4, 2)}?link`, scenario: 'busy' },
  'form-link-clock': {
    hash: `/projects/${uuid(4, 2)}?link`,
    scenario: 'busy',
    prepare: async (page) => {
      await page.getByLabel('Refresh', { exact: true }).selectOption({ label: 'At a time of the day' });
      await page.getByLabel('Not at certain hours').check();
      await page.getByLabel('Keep tables that nobody uses').scrollIntoViewIfNeeded();
    },
  },
  'settings-clock': {
    hash: '/settings',
    scenario: 'busy',
    prepare: (page) => page.getByText('Renew sign-ins').scrollIntoViewIfNeeded(),
  },
  'form-link-mode': {
    hash: `/projects/${uuid(4, 1)}`,
    scenario: 'busy',
    prepare: async (page) => {
      await page.getByRole('button', { name: /^More actions for Malaria/ }).click();
      await page.getByRole('menuitem', { name: 'Edit link…' }).click();
      await page.getByRole('radio', { name: 'One account for the project' }).check();
      await page.getByRole('radio', { name: 'Keep them' }).scrollIntoViewIfNeeded();
    },
  },
  'form-project': { hash: '/projects?add', scenario: 'busy' },
  'sign-in': { hash: `/sources?signIn=${uuid(2, 1)}`, scenario: 'busy' },
  'space-choice': {
    hash: '/sources',
    scenario: 'busy',
    prepare: (page) => page.getByRole('button', { name: 'Choose…' }).click(),
  },
  'delete-in-use': {
    hash: '/connections',
    scenario: 'busy',
    prepare: async (page) => {
      await page.getByRole('button', { name: 'More actions for Warehouse' }).click();
      await page.getByRole('menuitem', { name: 'Delete…' }).click();
      await page.getByText('Warehouse is in use').waitFor();
    },
  },
  menu: {
    hash: '/connections',
    scenario: 'troubled',
    prepare: (page) => page.getByRole('button', { name: 'More actions for Warehouse' }).click(),
  },
  columns: {
    hash: '/data',
    scenario: 'busy',
    prepare: (page) => page.getByRole('tab', { name: 'Columns' }).click(),
  },
  guide: { hash: '/', scenario: 'halfWay' },
  'held-home': { hash: '/', scenario: 'review' },
  'held-sync': { hash: '/runs', scenario: 'review' },
  'held-project': { hash: `/projects/${uuid(4, 1)}`, scenario: 'review' },
  'held-review': {
    hash: '/',
    scenario: 'review',
    prepare: (page) =>
      page
        .getByRole('link', { name: /^Review the refresh/ })
        .first()
        .click(),
  },
  'held-review-long': {
    hash: '/',
    scenario: 'longReview',
    prepare: (page) =>
      page
        .getByRole('link', { name: /^Review the refresh/ })
        .first()
        .click(),
  },
  'held-accept': {
    hash: '/',
    scenario: 'review',
    prepare: async (page) => {
      await page
        .getByRole('link', { name: /^Review the refresh/ })
        .first()
        .click();
      await page.getByRole('button', { name: 'Publish…' }).click();
    },
  },
  'cancel-sync': {
    hash: '/runs',
    scenario: 'review',
    prepare: (page) =>
      page
        .getByRole('button', { name: /^Cancel sync/ })
        .first()
        .click(),
  },
  'take-over': { hash: '/runs', scenario: 'elsewhere' },
  'keep-sync': { hash: '/runs', scenario: 'expiring' },
  'keep-home': { hash: '/', scenario: 'expiring' },
  'keep-project': { hash: '/projects', scenario: 'expiring' },
  'take-over-refused': {
    hash: '/runs',
    scenario: 'elsewhere',
    prepare: async (page) => {
      await takeOver(page);
      await page.getByLabel('Reason').fill('refused');
      await page.getByRole('button', { name: 'Take over', exact: true }).click();
    },
  },
  'dictionary-big': {
    hash: `/dictionary/${uuid(6, 1)}/form_household_survey`,
    scenario: 'review',
  },
  'dictionary-describe': {
    hash: `/dictionary/${uuid(6, 1)}/form_household_survey`,
    scenario: 'review',
    prepare: (page) =>
      page
        .getByRole('button', { name: /^Describe / })
        .nth(3)
        .click(),
  },
  'dictionary-everywhere': {
    hash: `/dictionary/${uuid(6, 1)}`,
    scenario: 'review',
    prepare: async (page) => {
      await page.getByLabel('Find a table or a column').fill('perimetre');
      await page.getByRole('button', { name: 'Look in all data' }).click();
    },
  },
  'dictionary-search': {
    hash: `/dictionary/${uuid(6, 1)}`,
    scenario: 'review',
    prepare: (page) => page.getByLabel('Find a table or a column').fill('perimetre'),
  },
  'dictionary-nothing': {
    hash: `/dictionary/${uuid(6, 1)}`,
    scenario: 'review',
    prepare: (page) => page.getByLabel('Find a table or a column').fill('no such thing'),
  },
  palette: {
    hash: '/',
    scenario: 'review',
    prepare: async (page) => {
      await page.keyboard.press('Control+k');
      await page.getByPlaceholder('A question, a table').waitFor();
    },
  },
  'palette-found': {
    hash: '/',
    scenario: 'review',
    prepare: async (page) => {
      await page.keyboard.press('Control+k');
      await page.getByPlaceholder('A question, a table').fill('peri');
      await page.getByRole('option').first().waitFor();
    },
  },
  'palette-nothing': {
    hash: '/',
    scenario: 'review',
    prepare: async (page) => {
      await page.keyboard.press('Control+k');
      await page.getByPlaceholder('A question, a table').fill('no such thing');
      await page.getByText('Nothing fits').waitFor();
    },
  },
  keys: {
    hash: '/',
    scenario: 'review',
    prepare: async (page) => {
      await page.keyboard.press('?');
      await page.getByRole('dialog').waitFor();
    },
  },
  changes: { hash: `/dictionary/${uuid(6, 1)}?changes`, scenario: 'review' },
  'form-link-picks': {
    hash: `/projects/${uuid(4, 1)}`,
    scenario: 'review',
    prepare: async (page) => {
      await page.getByRole('button', { name: /^More actions for Malaria/ }).click();
      await page.getByRole('menuitem', { name: 'Edit link…' }).click();
    },
  },
  'form-scope': {
    hash: `/projects/${uuid(4, 1)}`,
    scenario: 'review',
    prepare: async (page) => {
      await page.getByRole('button', { name: /^More actions for Bednets/ }).click();
      await page.getByRole('menuitem', { name: 'What else queries may read…' }).click();
      await page.getByLabel('Schemas').fill('marts\nnowhere');
      await page.getByRole('button', { name: 'Save' }).click();
      await page.getByText('There is no schema “nowhere”').waitFor();
    },
  },
  'form-source-connect': {
    hash: '/sources?add',
    scenario: 'review',
    prepare: async (page) => {
      await page.getByLabel('Kind of source').selectOption({ label: 'CommCare Connect' });
    },
  },
  'form-link-options': {
    hash: `/projects/${uuid(4, 1)}`,
    scenario: 'review',
    prepare: async (page) => {
      await page.getByRole('button', { name: /^More actions for Malaria/ }).click();
      await page.getByRole('menuitem', { name: 'Edit link…' }).click();
      const forms = page.getByRole('button', { name: /^Forms: / });
      await forms.click();
      await forms.scrollIntoViewIfNeeded();
    },
  },
};

const first = uuid(1, 1);
const pages: typeof forms = {
  'connections-states': { hash: '/connections', scenario: 'connections' },
  'engines-list': { hash: '/connections', scenario: 'engines' },
  'engines-page': { hash: `/connections/${uuid(1, 41)}`, scenario: 'engines' },
  'engines-query': { hash: `/query/${uuid(1, 41)}`, scenario: 'engines' },
  'engines-bigquery': {
    hash: '/connections?add',
    scenario: 'engines',
    prepare: async (page: Page) => {
      await page.getByLabel('Kind of database').last().selectOption('bigquery');
    },
  },
  'engines-databricks': {
    hash: '/connections?add',
    scenario: 'engines',
    prepare: async (page: Page) => {
      await page.getByLabel('Kind of database').last().selectOption('databricks');
      await page.getByLabel('Sign in with').selectOption('client_secret');
    },
  },
  'engines-snowflake': {
    hash: '/connections?add',
    scenario: 'engines',
    prepare: async (page: Page) => {
      await page.getByLabel('Kind of database').last().selectOption('snowflake');
      await page.getByLabel('Sign in with').selectOption('private_key');
    },
  },
  'engines-form': {
    hash: '/connections?add',
    scenario: 'engines',
    prepare: async (page: Page) => {
      await page.getByLabel('Connection URL').fill('mysql://reader@dhis.example.org/dhis');
      await page.getByLabel('Connection URL').press('Enter');
    },
  },
  'connections-many': {
    hash: '/connections',
    scenario: 'manyConnections',
    prepare: async (page) => {
      await page.getByRole('button', { name: /^Test all/ }).click();
      await page.getByRole('checkbox', { name: 'Select Reports' }).check();
    },
  },
  'connection-page': { hash: `/connections/${first}`, scenario: 'connections' },
  'connection-page-end': {
    hash: `/connections/${first}`,
    scenario: 'connections',
    prepare: async (page) => {
      await page.getByText('Certificate of the server').click();
      await page.getByText('As a table').click();
      await page.getByRole('region', { name: 'Settings' }).scrollIntoViewIfNeeded();
    },
  },
  'connection-failed': { hash: `/connections/${uuid(1, 11)}`, scenario: 'connections' },
  'connection-tls': {
    hash: `/connections/${uuid(1, 12)}`,
    scenario: 'connections',
    prepare: (page) => page.getByText('Certificate of the server').click(),
  },
  'connection-later': { hash: `/connections/${uuid(1, 13)}`, scenario: 'connections' },
  'connection-hostkey': { hash: `/connections/${uuid(1, 14)}`, scenario: 'connections' },
  'connection-hostkey-changed': { hash: `/connections/${uuid(1, 15)}`, scenario: 'connections' },
  'connection-off': { hash: `/connections/${uuid(1, 16)}`, scenario: 'connections' },
  'connection-form-hops': {
    hash: `/connections/${uuid(1, 14)}`,
    scenario: 'connections',
    prepare: async (page) => {
      await page.getByRole('button', { name: 'Edit', exact: true }).click();
      await page.getByRole('button', { name: 'Add jump host' }).scrollIntoViewIfNeeded();
    },
  },
  'connection-form-sections': {
    hash: `/connections/${uuid(1, 12)}`,
    scenario: 'connections',
    prepare: async (page) => {
      await page.getByRole('button', { name: 'Edit', exact: true }).click();
      await page.getByRole('button', { name: /^Sessions/ }).click();
      await page.getByRole('button', { name: /^Folder, tags/ }).click();
      await page.getByLabel('Offer leased logins').check();
    },
  },
  'connection-form-tls': {
    hash: '/connections?add',
    scenario: 'connections',
    prepare: async (page) => {
      await page.getByLabel('Sign in with a client certificate').check();
      await page
        .getByRole('textbox', { name: 'Private key of the client certificate' })
        .scrollIntoViewIfNeeded();
    },
  },
  'connection-superuser': { hash: `/connections/${uuid(1, 31)}`, scenario: 'superusers' },
  'connection-superuser-insist': {
    hash: `/connections/${uuid(1, 31)}`,
    scenario: 'superusers',
    prepare: async (page) => {
      await page.getByRole('button', { name: 'Use it all the same…' }).click();
      await page.getByRole('button', { name: 'Use the superuser' }).click();
    },
  },
  'connection-superuser-form': {
    hash: `/connections/${uuid(1, 32)}`,
    scenario: 'superusers',
    prepare: async (page) => {
      await page.getByRole('button', { name: 'Edit', exact: true }).click();
      await page.getByRole('button', { name: /^Folder, tags/ }).click();
      await page.getByLabel('Why a superuser is used').scrollIntoViewIfNeeded();
    },
  },
  'connection-rotate': {
    hash: `/connections/${first}`,
    scenario: 'connections',
    prepare: (page) => page.getByRole('button', { name: 'Rotate password…' }).click(),
  },
  'connection-rotate-password': {
    hash: `/connections/${first}`,
    scenario: 'connections',
    prepare: async (page) => {
      await page.getByRole('button', { name: 'Rotate password…' }).click();
      await page.getByRole('button', { name: 'Next' }).click();
      await page.getByLabel('Type one and tell the server').check();
    },
  },
  'connection-rotate-failed': {
    hash: `/connections/${first}`,
    scenario: 'connections',
    prepare: async (page) => {
      await page.getByRole('button', { name: 'Rotate password…' }).click();
      await page.getByRole('button', { name: 'Next' }).click();
      await page.getByLabel('It was changed on the server already').check();
      await page.getByLabel('New password', { exact: true }).fill('refused by the server');
      await page.getByRole('button', { name: 'Test and switch' }).click();
      await page.getByText('Nothing was changed').waitFor();
    },
  },
  'connection-bulk': {
    hash: '/connections',
    scenario: 'connections',
    prepare: async (page) => {
      await page.getByRole('checkbox', { name: 'Select all that are shown' }).check();
      await page.getByRole('button', { name: 'State…' }).click();
    },
  },
  'import-from': { hash: '/connections/import', scenario: 'connections' },
  'import-review': {
    hash: '/connections/import',
    scenario: 'connections',
    prepare: async (page) => {
      await page.getByLabel('What it is').selectOption('legacy');
      await page.getByLabel('Or paste what is in it').fill('[]');
      await page.getByRole('button', { name: 'Preview' }).click();
      await page.getByLabel('What to do with Warehouse').selectOption('create');
    },
  },
  'import-hosts': {
    hash: '/connections/import',
    scenario: 'connections',
    prepare: async (page) => {
      await page.getByRole('button', { name: 'Review SSH configuration' }).click();
      await page.getByRole('region', { name: 'SSH hosts' }).scrollIntoViewIfNeeded();
    },
  },
  'connection-structure': { hash: `/connections/${first}?tab=structure`, scenario: 'connections' },
  'connection-people': { hash: `/connections/${first}?tab=people`, scenario: 'connections' },
  'connection-leases': {
    hash: `/connections/${first}?tab=leases`,
    scenario: 'connections',
    prepare: async (page) => {
      await page.getByRole('button', { name: /^(Turn on|Change)…$/ }).click();
      await page.getByLabel('Reader role').fill('bi_readers');
      await page.getByRole('button', { name: 'Save' }).click();
      await page.getByRole('button', { name: 'Get a login' }).click();
      await page.getByRole('button', { name: 'Copy its address' }).click();
    },
  },
  'connection-seal': {
    hash: `/connections/${first}`,
    scenario: 'crew',
    prepare: async (page) => {
      await page.getByRole('button', { name: /^More actions/ }).click();
      await page.getByRole('menuitem', { name: 'Export with passwords, sealed…' }).click();
      await page.getByRole('button', { name: 'Seal and save…' }).click();
    },
  },
  'project-form-search': {
    hash: '/projects?add',
    scenario: 'manyConnections',
    prepare: async (page) => {
      await page.getByRole('combobox', { name: 'Connection' }).fill('tenant 000');
    },
  },
};

const changeNotifications = (page: Page) =>
  page.getByRole('button', { name: 'Change your notifications…' }).click();
async function changeChannels(page: Page): Promise<void> {
  await page.getByRole('button', { name: 'Change the mail server…' }).click();
  await page.getByRole('button', { name: 'Change the webhook…' }).click();
}

/** Each language of the window, by a system that speaks it. */
const spoken = { fr: 'fr-FR', es: 'es-ES', pt: 'pt-BR', hi: 'hi-IN' } as const;

function* shots(): Generator<Shot> {
  // Databases of other kinds: narrow, in the longest words and in another script.
  for (const [what, hash] of [
    ['list', '/connections'],
    ['query', `/query/${uuid(1, 41)}`],
  ] as const)
    for (const language of ['fr', 'hi'] as const)
      yield {
        name: `engines-${what}-${language}-900`,
        scenario: 'engines',
        hash,
        window: { locale: spoken[language], width: 900 },
      };
  for (const [language, locale] of Object.entries(spoken))
    for (const [screen, hash] of Object.entries(screens)) {
      yield { name: `${screen}-busy-${language}`, scenario: 'busy', hash, window: { locale } };
      yield {
        name: `${screen}-troubled-${language}-900`,
        scenario: 'troubled',
        hash,
        window: { locale, width: 900 },
      };
    }
  yield* dataShots();
  yield* connectionShots();
  yield* queryShots();
  yield* runsShots();
  yield* agentShots();
  yield* wayInShots();
  for (const theme of ['light', 'dark'] as const) {
    for (const [screen, hash] of Object.entries(screens)) {
      for (const width of [1280, 900]) {
        yield { name: `${screen}-busy-${theme}-${width}`, scenario: 'busy', hash, window: { theme, width } };
      }
      yield { name: `${screen}-troubled-${theme}-1280`, scenario: 'troubled', hash, window: { theme } };
    }
    for (const [name, { hash, scenario, prepare }] of Object.entries({
      ...forms,
      ...pages,
      ...peopleShots,
    })) {
      yield { name: `${name}-${theme}`, scenario, hash, window: { theme }, ...(prepare ? { prepare } : {}) };
    }
  }
  for (const [name, { hash }] of Object.entries({
    'connections-states': { hash: '/connections' },
    'connection-page': { hash: `/connections/${first}` },
  })) {
    const zoom = { width: 640, height: 520, scale: 2 };
    yield { name: `${name}-zoom`, scenario: 'connections', hash, window: zoom };
    yield { name: `${name}-900`, scenario: 'connections', hash, window: { width: 900 } };
    yield { name: `${name}-long`, scenario: 'longConnections', hash, window: { width: 900 } };
    yield { name: `${name}-loading`, scenario: 'loading', hash, window: {} };
    yield { name: `${name}-error`, scenario: 'unreadable', hash, window: {} };
  }
  yield {
    name: 'connection-superuser-900',
    scenario: 'superusers',
    hash: `/connections/${uuid(1, 31)}`,
    window: { width: 900 },
  };
  for (const [name, { hash, scenario, prepare }] of Object.entries(peopleShots)) {
    if (!narrowPeopleShots.test(name)) continue;
    const narrow = { window: { width: 900 }, ...(prepare ? { prepare } : {}) };
    yield { name: `${name}-900`, scenario, hash, ...narrow };
  }
  for (const [name, prepare] of Object.entries({ 'take-over-900': null, 'take-over-dialog-900': takeOver })) {
    const window = { width: 900 };
    yield { name, scenario: 'elsewhere', hash: '/runs', window, ...(prepare ? { prepare } : {}) };
  }
  for (const theme of ['light', 'dark'] as const) {
    yield { name: `offline-home-${theme}`, scenario: 'offline', hash: '/', window: { theme } };
    yield { name: `inbox-${theme}`, scenario: 'told', hash: '/inbox', window: { theme } };
    yield {
      ...{ name: `inbox-settings-${theme}`, scenario: 'told', hash: '/settings?show=notifications' },
      window: { theme },
      prepare: changeNotifications,
    };
    yield { name: `offline-sync-${theme}`, scenario: 'offline', hash: '/runs', window: { theme } };
  }
  for (const density of ['comfortable', 'compact'] as const) {
    for (const [screen, hash] of Object.entries({
      home: '/',
      runs: '/runs',
      data: '/data',
      settings: '/settings',
    }))
      yield {
        ...{ name: `density-${density}-${screen}`, scenario: screen === 'data' ? 'browsing' : 'busy', hash },
        window: {},
        prepare: async (page) => {
          await page.evaluate((chosen) => localStorage.setItem('headgate.density', chosen), density);
          await page.reload();
          await visit(page, hash);
        },
      };
  }
  yield { name: 'inbox-900', scenario: 'told', hash: '/inbox', window: { width: 900 } };
  yield { name: 'inbox-empty', scenario: 'busy', hash: '/inbox', window: {} };
  yield {
    ...{ name: 'inbox-settings-900', scenario: 'told', hash: '/settings?show=notifications' },
    ...{ window: { width: 900, height: 1800 }, prepare: changeChannels },
  };
  yield {
    ...{ name: 'offline-zoom', scenario: 'offline', hash: '/' },
    window: { width: 640, height: 520, scale: 2 },
  };
  for (const [name, hash] of Object.entries(kept)) {
    for (const theme of ['light', 'dark'] as const)
      yield { name: `${name}-${theme}`, scenario: 'kept', hash, window: { theme } };
    yield { name: `${name}-900`, scenario: 'kept', hash, window: { width: 900 } };
    yield { name: `${name}-zoom`, scenario: 'longKept', hash, window: { width: 640, height: 520, scale: 2 } };
  }
  for (const [screen, hash] of Object.entries(screens)) {
    yield { name: `${screen}-zoom`, scenario: 'busy', hash, window: { width: 640, height: 520, scale: 2 } };
    yield { name: `${screen}-empty`, scenario: screen === 'home' ? 'firstRun' : 'nothing', hash, window: {} };
    yield { name: `${screen}-loading`, scenario: 'loading', hash, window: {} };
    yield { name: `${screen}-error`, scenario: 'unreadable', hash, window: {} };
    yield { name: `${screen}-long`, scenario: 'longNames', hash, window: { width: 1024 } };
  }
}

await mkdir(folder, { recursive: true });
const built = await mkdtemp(join(tmpdir(), 'headgate-renderer-'));
await buildRenderer(built);
await using served = await serveRenderer(built);
const browser = await launchBrowser();
let taken = await catalogueShots(browser, folder, only);
const complaints: string[] = [];
for (const shot of shots()) {
  if (!shot.name.includes(only)) continue;
  const scenario = scenarios[shot.scenario]();
  scenario.signInWaits = true;
  await using window = await openWindow(browser, { url: served.url, scenario, ...shot.window });
  await visit(window.page, shot.hash);
  await shot.prepare?.(window.page);
  await window.page.waitForTimeout(shot.hash.includes('?') || shot.prepare ? 300 : 60);
  await window.page.screenshot({ path: join(folder, `${shot.name}.png`) });
  if (await scrollsSideways(window.page)) complaints.push(`${shot.name}: the page scrolls sideways`);
  complaints.push(...window.complaints.map((text) => `${shot.name}: ${text}`));
  taken++;
}
await browser.close();
await rm(built, { recursive: true, force: true });
console.log(`${taken} pictures in ${folder}`);
if (complaints.length > 0) {
  console.error(complaints.join('\n'));
  process.exitCode = 1;
}
