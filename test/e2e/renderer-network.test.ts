import { describe, expect, it } from 'vitest';
import { scrollsSideways, violations } from '../support/renderer-fixture/checks.ts';
import { sharedStage } from '../support/renderer-fixture/shared-stage.ts';
import { visit } from '../support/renderer-fixture/window.ts';

/* What a person sees of the network: that there is none, the proxy, the authorities of a source. */

const open = sharedStage();
const line = /^Offline – waiting for the network/;

describe.each(['light', 'dark'] as const)('in %s', (theme) => {
  it('axe finds nothing serious offline and in the form of the proxy, and nothing scrolls sideways', async () => {
    await using window = await open('offline', { theme, width: 640, height: 700 });
    const { page } = window;
    await visit(page, '/settings?show=proxy');
    await page.getByRole('status').filter({ hasText: line }).waitFor();
    await page.getByRole('button', { name: 'Change the proxy…' }).click();
    await page.getByRole('radio', { name: 'This proxy' }).check();
    await page.getByLabel('User').fill('office');
    expect(await violations(page, theme)).toEqual([]);
    expect(await scrollsSideways(page)).toBe(false);
    expect(window.complaints).toEqual([]);
  });
});

it('one line says that the computer is offline, on every screen, and goes away by itself', async () => {
  await using window = await open('offline');
  const { page } = window;
  for (const path of ['/', '/sync']) {
    await visit(page, path);
    await page.getByRole('status').filter({ hasText: line }).waitFor();
    await page.getByText('Waits for the network, then resumes.').first().waitFor();
  }
  await using connected = await open('review');
  await visit(connected.page, '/');
  await connected.page.locator('.home-sentence').waitFor();
  expect(await connected.page.getByText(line).count()).toBe(0);
});

it('the proxy is entered with a password that is never shown again', async () => {
  await using window = await open('busy');
  const { page } = window;
  await visit(page, '/settings?show=proxy');
  await page.getByRole('button', { name: 'Change the proxy…' }).click();
  await page.getByRole('radio', { name: 'This proxy' }).check();
  await page.getByRole('button', { name: 'Save', exact: true }).click();
  await page.getByText('Fill this in.').waitFor();
  await page.getByRole('textbox', { name: 'Address', exact: true }).fill('http://proxy.example.org:3128');
  expect(await page.getByLabel('Password').count()).toBe(0);
  await page.getByLabel('User').fill('office');
  await page.getByLabel('Password').fill('pr@xy-canary');
  await page.getByLabel('Not for').fill('10.0.0.0/8');
  await page.getByRole('button', { name: 'Save', exact: true }).click();
  await page.getByText('The proxy is saved.').waitFor();
  await page.getByText('http://proxy.example.org:3128').waitFor();
  await page.getByRole('button', { name: 'Change the proxy…' }).click();
  expect(await page.getByLabel('Password').inputValue()).toBe('');
  await page.getByText('Left empty, the stored one stays').waitFor();
  expect(await page.content()).not.toContain('pr@xy-canary');
  expect(window.complaints).toEqual([]);
});

it('a source takes a CA certificate, and nothing else for one', async () => {
  await using window = await open('busy');
  const { page } = window;
  await visit(page, '/sources?add');
  await page.getByLabel('Name', { exact: true }).fill('Ministry');
  await page.getByLabel('CA certificate').first().fill('no certificate');
  await page.getByRole('button', { name: 'Save and sign in' }).click();
  await page.getByText('This is no PEM certificate.').waitFor();
  await page
    .getByLabel('CA certificate')
    .first()
    .fill('-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n');
  await page.getByRole('button', { name: 'Save and sign in' }).click();
  await page.getByText('Ministry is saved').waitFor();
  expect(window.complaints).toEqual([]);
});
