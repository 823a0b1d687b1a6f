import type { Page } from 'playwright';
import type { ScenarioName } from './more-scenarios.ts';
import { uuid } from './scenario.ts';
import type { WindowOptions } from './window.ts';

interface ConnectionShot {
  readonly name: string;
  readonly scenario: ScenarioName;
  readonly hash: string;
  readonly window: Omit<WindowOptions, 'url' | 'scenario'>;
  readonly prepare?: (page: Page) => Promise<void>;
}

const askToDelete = async (page: Page): Promise<void> => {
  await page.getByRole('button', { name: 'More actions for Survey archive' }).click();
  await page.getByRole('menuitem', { name: 'Delete…' }).click();
  await page.getByRole('alertdialog').waitFor();
};
const otherSignIn = (page: Page): Promise<unknown> =>
  page.getByLabel('Sign in with').selectOption('client_secret');
const editLakehouse = async (page: Page): Promise<void> => {
  await page.getByRole('button', { name: 'Edit', exact: true }).click();
  await page.getByLabel('Sign in with').waitFor();
  await otherSignIn(page);
  await page.getByLabel('Client id').scrollIntoViewIfNeeded();
};
const chooseHosted =
  (id: string) =>
  async (page: Page): Promise<void> => {
    await page.locator('[name="hosted"]').selectOption(id);
    await page.locator('[name="hosted"]').scrollIntoViewIfNeeded();
  };
const pasteHosted = async (page: Page): Promise<void> => {
  const box = page.getByRole('dialog').getByLabel('Connection URL');
  await box.fill(
    'postgresql://neondb_owner:x@ep-cool-1a2b-pooler.us-east-2.aws.neon.tech/neondb?sslmode=require&channel_binding=require',
  );
  await box.press('Enter');
  await page.locator('.hosted-hints').scrollIntoViewIfNeeded();
};
const takenName = (page: Page): Promise<void> =>
  page.getByRole('button', { name: 'Restore Warehouse' }).click();

const states: Readonly<Record<string, Pick<ConnectionShot, 'hash' | 'prepare'>>> = {
  list: { hash: '/connections' },
  deleted: { hash: '/connections/deleted' },
  'deleted-taken': { hash: '/connections/deleted', prepare: takenName },
  delete: { hash: '/connections', prepare: askToDelete },
  'needs-secret': { hash: `/connections/${uuid(1, 51)}` },
  'not-checked': { hash: `/connections/${uuid(1, 52)}` },
  'hosted-supabase': { hash: '/connections?add', prepare: chooseHosted('supabase-transaction') },
  'hosted-cloud-sql': { hash: '/connections?add', prepare: chooseHosted('cloud-sql') },
  'hosted-pasted': { hash: '/connections?add', prepare: pasteHosted },
  'other-sign-in': { hash: `/connections/${uuid(1, 52)}`, prepare: editLakehouse },
};

/** What is beside the usual way of a connection: deleted, without its secret, not looked at by the clock. */
export function* connectionShots(): Generator<ConnectionShot> {
  const scenario = 'asideConnections';
  for (const [name, state] of Object.entries(states)) {
    for (const theme of ['light', 'dark'] as const)
      yield { name: `aside-${name}-${theme}`, scenario, ...state, window: { theme } };
    if (state.prepare && name !== 'deleted-taken') continue;
    yield { name: `aside-${name}-900`, scenario, ...state, window: { width: 900 } };
    if (state.prepare) continue;
    for (const locale of ['fr-FR', 'hi-IN'])
      yield { name: `aside-${name}-${locale}-900`, scenario, ...state, window: { width: 900, locale } };
  }
  const { hash } = states['deleted'] as { hash: string };
  for (const locale of ['fr-FR', 'hi-IN'])
    yield {
      ...{ name: `aside-hosted-${locale}-900`, scenario, hash: '/connections?add' },
      ...{ window: { width: 900, locale }, prepare: chooseHosted('supabase-transaction') },
    };
  yield { name: 'aside-deleted-empty', scenario: 'busy', hash, window: {} };
  yield { name: 'aside-deleted-error', scenario: 'unreadable', hash, window: {} };
}
