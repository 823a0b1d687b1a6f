import { describe, expect, it } from 'vitest';
import { scrollsSideways, violations } from '../support/renderer-fixture/checks.ts';
import { sharedStage } from '../support/renderer-fixture/shared-stage.ts';
import { visit } from '../support/renderer-fixture/window.ts';

/* The inbox and what is unread, and what a person and an admin choose about being told. */

const open = sharedStage();

describe.each(['light', 'dark'] as const)('in %s', (theme) => {
  it('axe finds nothing serious in the inbox and in the forms of what is told, and nothing scrolls sideways', async () => {
    await using window = await open('told', { theme, width: 640, height: 700 });
    const { page } = window;
    await visit(page, '/inbox');
    await page.getByRole('heading', { name: 'Going on' }).waitFor();
    expect(await violations(page, theme)).toEqual([]);
    expect(await scrollsSideways(page)).toBe(false);
    await visit(page, '/settings?show=notifications');
    await page.getByRole('button', { name: 'Change your notifications…' }).click();
    await page.getByRole('button', { name: 'Change the mail server…' }).click();
    await page.getByRole('button', { name: 'Change the webhook…' }).click();
    await page.getByRole('textbox', { name: 'Address', exact: true }).fill('https://hooks.example.org/x');
    expect(await violations(page, theme)).toEqual([]);
    expect(await scrollsSideways(page)).toBe(false);
    expect(window.complaints).toEqual([]);
  });
});

it('what is unread is counted in the navigation and in the window’s title, until it is read', async () => {
  await using window = await open('told');
  const { page } = window;
  await visit(page, '/sync');
  await expect.poll(() => page.title()).toMatch(/^\(2\) Runs/);
  await page.getByRole('link', { name: /^Inbox/ }).click();
  const down = page.getByRole('listitem').filter({ hasText: 'can not be reached' });
  await down.getByText('3 datasets wait for it.').waitFor();
  await down.getByRole('button', { name: /^Mark as read/ }).click();
  await expect.poll(() => page.title()).toMatch(/^\(1\) Inbox/);
  await page.getByRole('button', { name: 'Mark all as read' }).click();
  await page.getByText('Everything is read').waitFor();
  await expect.poll(() => page.title()).toMatch(/^Inbox/);
  expect(await page.getByRole('button', { name: /Mark/ }).count()).toBe(0);
  await down.getByRole('link', { name: 'Open Connections' }).click();
  await page.getByRole('heading', { level: 1, name: 'Connections' }).waitFor();
  expect(window.complaints).toEqual([]);
});

it('an empty inbox says what comes there', async () => {
  await using window = await open('busy');
  await visit(window.page, '/inbox');
  await window.page.getByText('Nothing needs you').waitFor();
  expect(window.complaints).toEqual([]);
});

it('a person chooses what is told where, and their quiet hours', async () => {
  await using window = await open('told');
  const { page } = window;
  await visit(page, '/settings?show=notifications');
  await page.getByRole('button', { name: 'Change your notifications…' }).click();
  await page.getByRole('checkbox', { name: 'Unused tables go soon: Desktop' }).check();
  await page.getByLabel('Your e-mail address').fill('');
  await page.getByRole('button', { name: 'Save', exact: true }).click();
  await page.getByText('Enter your address, or choose no mail above.').waitFor();
  await page.getByLabel('Your e-mail address').fill('ada@example.org');
  await page.getByLabel('Time zone').fill('Nowhere/Land');
  await page.getByRole('button', { name: 'Save', exact: true }).click();
  await page.getByText('There is no such time zone.').waitFor();
  await page.getByLabel('Time zone').fill('Asia/Kolkata');
  await page.getByRole('button', { name: 'Save', exact: true }).click();
  await page.getByText('Your notifications are saved.').waitFor();
  await page.getByText('20:00 to 07:00 (Asia/Kolkata)').waitFor();
  await page.getByText('ada@example.org').waitFor();
  expect(await page.getByText('Inbox only').count()).toBe(0);
  expect(window.complaints).toEqual([]);
});

it('an admin sets the webhook and the mail server; their secrets are never shown again', async () => {
  await using window = await open('told');
  const { page } = window;
  await visit(page, '/settings?show=notifications');
  await page.getByText('does not accept this user and password').waitFor();
  await page.getByRole('button', { name: 'Send a test to the webhook' }).click();
  await page.getByText('The test is sent.').waitFor();
  await page.getByRole('button', { name: 'Change the webhook…' }).click();
  await page
    .getByRole('textbox', { name: 'Address', exact: true })
    .fill('http://hooks.example.org/path-canary');
  await page.getByLabel('Secret', { exact: true }).fill('short');
  await page.getByRole('button', { name: 'Save', exact: true }).click();
  await page.getByText('Enter at least 16 characters.').waitFor();
  await page.getByLabel('Secret', { exact: true }).fill('hook-canary-0123456789');
  await page.getByRole('button', { name: 'Save', exact: true }).click();
  await page.getByText('The address has to begin with https://').waitFor();
  await page
    .getByRole('textbox', { name: 'Address', exact: true })
    .fill('https://other.example.org/path-canary');
  await page.getByRole('button', { name: 'Save', exact: true }).click();
  await page.getByText('The webhook is saved.').waitFor();
  await page.getByText('https://other.example.org', { exact: true }).waitFor();
  await page.getByRole('button', { name: 'Change the mail server…' }).click();
  await page.getByLabel('Password').fill('mail-canary-1');
  await page.getByRole('button', { name: 'Save', exact: true }).click();
  await page.getByText('The mail server is saved.').waitFor();
  await page.getByRole('button', { name: 'Change the mail server…' }).click();
  expect(await page.getByLabel('Password').inputValue()).toBe('');
  for (const canary of ['path-canary', 'hook-canary', 'mail-canary'])
    expect(await page.content()).not.toContain(canary);
  expect(window.complaints).toEqual([]);
});

it('whoever is no admin sees only what is their own', async () => {
  await using window = await open('told', {}, (scenario) => {
    scenario.info.person.roles = ['viewer'];
  });
  const { page } = window;
  await visit(page, '/settings?show=notifications');
  await page.getByRole('heading', { name: 'Notifications' }).waitFor();
  await page.getByRole('heading', { name: 'This vault' }).or(page.getByText('About')).first().waitFor();
  expect(await page.getByRole('heading', { name: 'Webhook' }).count()).toBe(0);
  expect(await page.getByRole('heading', { name: 'Mail server' }).count()).toBe(0);
});
