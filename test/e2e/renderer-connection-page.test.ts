import type { Page } from 'playwright';
import { describe, expect, it } from 'vitest';
import { openDialog } from '../support/open-dialog.ts';
import { focusedName, scrollsSideways, tabTo, violations } from '../support/renderer-fixture/checks.ts';
import { uuid } from '../support/renderer-fixture/scenario.ts';
import { sharedStage } from '../support/renderer-fixture/shared-stage.ts';
import { visit } from '../support/renderer-fixture/window.ts';

/** The page of one connection, and the rotation of its password. */

const one = (n: number) => `/connections/${uuid(1, n)}`;
const states = {
  warehouse: 1,
  reports: 11,
  archive: 12,
  away: 13,
  unknownHost: 14,
  changedHost: 15,
  off: 16,
};
const canary = 'canary-4c1e0a9be5f1';

const open = sharedStage();

const dialogNamed = (page: Page, name: string) => page.getByRole('dialog', { name });

describe.each(['light', 'dark'] as const)('in %s', (theme) => {
  it('axe finds nothing serious on the pages', async () => {
    await using window = await open('connections', { theme });
    const { page } = window;
    const found: string[] = [];
    const look = async (at: string) =>
      found.push(...(await violations(page, theme)).map((text) => `${at} ${text}`));
    for (const name of ['warehouse', 'reports', 'unknownHost', 'changedHost'] as const) {
      await visit(page, one(states[name]));
      await page.getByRole('region', { name: 'Test', exact: true }).waitFor();
      await look(name);
    }
    await visit(page, one(states.archive));
    await page.getByText('Certificate of the server').click();
    await look('certificate');
    await visit(page, one(states.warehouse));
    await page.getByRole('button', { name: 'Rotate password…' }).click();
    await page.getByRole('checkbox', { name: 'Staging warehouse' }).waitFor();
    await look('rotation');
    expect(found).toEqual([]);
    expect(window.complaints).toEqual([]);
  });
});

it.each([900, 640])('never scrolls sideways at %d px, with long names', async (width) => {
  await using window = await open('longConnections', { width, height: 700 });
  const { page } = window;
  const wide: string[] = [];
  const look = async (at: string) => {
    if (await scrollsSideways(page)) wide.push(at);
  };
  for (const [name, n] of Object.entries(states)) {
    await visit(page, one(n));
    await look(name);
  }
  await visit(page, one(states.warehouse));
  await page.getByText('Certificate of the server').click();
  await page.getByText('As a table').click();
  await look('opened');
  await page.getByRole('button', { name: 'Rotate password…' }).click();
  await openDialog(page).waitFor();
  await look('rotation');
  expect(wide).toEqual([]);
  expect(window.complaints).toEqual([]);
});

describe('the page of a connection', () => {
  it('shows where the test stopped, why, and the statement that helps', async () => {
    await using window = await open('connections');
    const { page } = window;
    await visit(page, one(states.reports));
    const test = page.getByRole('region', { name: 'Test', exact: true });
    const rungs = test.getByRole('list', { name: 'Steps of the test' }).getByRole('listitem');
    await expect.poll(() => rungs.count()).toBe(8);
    await expect
      .poll(() => rungs.nth(6).textContent())
      .toMatch(/^Right to create schemasFailed.*may not create schemas/);
    await expect.poll(() => test.textContent()).toContain('GRANT CREATE ON DATABASE reports TO headgate;');
    await test.getByRole('button', { name: 'Copy SQL' }).waitFor();
  });

  it('tests again by keyboard and can be cancelled', async () => {
    await using window = await open('connections', { stopClock: false }, (scenario) => {
      for (const each of scenario.connections) if (each.name === 'Reports') each.host = 'slow.example.org';
    });
    const { page } = window;
    await visit(page, one(states.reports));
    await tabTo(page, 'Test again');
    await page.keyboard.press('Enter');
    await page.getByText('Testing: name, network').waitFor();
    await expect.poll(() => page.getByText('Waits').count()).toBe(8);
    await tabTo(page, 'Cancel test');
    await page.keyboard.press('Enter');
    await page.getByRole('button', { name: 'Test again' }).waitFor();
    await expect.poll(() => page.getByRole('alert').count()).toBe(0);
    // What was known before is shown again.
    await expect
      .poll(() => page.getByRole('region', { name: 'Test', exact: true }).textContent())
      .toContain('GRANT CREATE');
  });

  it('asks about the key of a jump host once, then connects', async () => {
    await using window = await open('connections', { stopClock: false });
    const { page } = window;
    await visit(page, one(states.unknownHost));
    const question = page.getByRole('region', { name: 'Is this the right jump host?' });
    await expect
      .poll(() => question.textContent())
      .toContain('SHA256:8mM1Nz5DqF2uT0kQeWb7H3xLr9VjCsYtPaGiOuRnEdc');
    await question.getByRole('button', { name: 'It is the same: accept and test again' }).click();
    await question.waitFor({ state: 'detached' });
    await expect.poll(() => page.locator('.connection-head').textContent()).toContain('Works');
    expect(window.complaints).toEqual([]);
  });

  it('refuses a changed key, says whose acceptance it broke, and forgets only after a confirmation', async () => {
    await using window = await open('connections', { stopClock: false });
    const { page } = window;
    await visit(page, one(states.changedHost));
    const refusal = page.getByRole('region', {
      name: 'Stop: gate.example.org shows another key than before',
    });
    await expect.poll(() => refusal.textContent()).toContain('Accepted by Asha Rao');
    await expect
      .poll(() => refusal.textContent())
      .toContain('SHA256:Zr0oQkT1hXw5BvN8cJ2yGf7LpD4sUaMeI9tHxKq3EuW');
    await expect.poll(() => refusal.getByRole('button', { name: /accept/i }).count()).toBe(0);
    await refusal.getByRole('button', { name: 'Forget the old key…' }).click();
    const dialog = page.getByRole('alertdialog', { name: 'Forget the key of gate.example.org?' });
    await dialog.waitFor();
    await expect.poll(() => focusedName(page)).toBe('Cancel');
    await dialog.getByRole('button', { name: 'Forget the old key' }).click();
    await dialog.getByText('Confirm it first.').waitFor();
    await dialog.getByRole('checkbox', { name: 'The administrator has confirmed it' }).check();
    await dialog.getByRole('button', { name: 'Forget the old key' }).click();
    await dialog.waitFor({ state: 'detached' });
    await refusal.waitFor({ state: 'detached' });
    expect(window.complaints).toEqual([]);
  });

  it('names the command where the old key was not accepted in Headgate', async () => {
    await using window = await open('connections', {}, (scenario) => {
      scenario.hostKeys = [];
    });
    const { page } = window;
    await visit(page, one(states.changedHost));
    await page.getByText('ssh-keygen -R gate.example.org').waitFor();
    await expect.poll(() => page.getByRole('button', { name: 'Forget the old key…' }).count()).toBe(0);
  });

  it('shows the certificate, and takes over its issuer after a question', async () => {
    await using window = await open('connections');
    const { page } = window;
    await visit(page, one(states.archive));
    await page.getByText('Certificate of the server').click();
    const test = page.getByRole('region', { name: 'Test', exact: true });
    await expect
      .poll(() => test.textContent())
      .toMatch(/CN=Example CA, O=Example.*\*\.db\.example\.org.*10:17:/);
    await test.getByRole('button', { name: 'Use its issuer as CA' }).click();
    const dialog = page.getByRole('alertdialog', { name: 'Trust the authority that this server showed?' });
    await dialog.getByRole('button', { name: 'Use as CA and test' }).click();
    await dialog.waitFor({ state: 'detached' });
    await expect.poll(() => page.locator('.connection-head').textContent()).toContain('Works');
  });

  it('says how it has been, as a picture and as a table', async () => {
    await using window = await open('connections');
    const { page } = window;
    await visit(page, one(states.warehouse));
    const health = page.getByRole('region', { name: 'Health' });
    await health
      .getByRole('img', {
        name: /^Answer times, Last 24 hours\. Answered in 20 ms to \d+ ms, usually \d+ ms\. 6 checks failed\.$/,
      })
      .waitFor();
    await expect.poll(() => health.locator('.sparkline-failed').count()).toBeGreaterThan(0);
    await expect.poll(() => health.getByRole('table').count()).toBe(0);
    await health.getByText('As a table').click();
    await expect.poll(() => health.getByRole('row').count()).toBe(101);
    await health.getByRole('button', { name: 'Show more' }).click();
    await expect.poll(() => health.getByRole('row').count()).toBe(201);
    await expect
      .poll(() => health.getByRole('list', { name: 'Changes' }).getByRole('listitem').allTextContents())
      .toEqual([
        expect.stringContaining('Not reachable → Works'),
        expect.stringMatching(/Works → Not reachable.*did not answer within 15 seconds/),
      ]);
    await visit(page, one(states.away));
    await page.getByText('Nothing answered at 10.20.0.9').first().waitFor();
    await page.getByText('Test the connection to see at which step it stops.').waitFor();
  });

  it('leads to who uses it, and says when it is gone', async () => {
    await using window = await open('connections');
    const { page } = window;
    await visit(page, one(states.warehouse));
    const used = page.getByRole('region', { name: 'Where it is used' });
    await expect.poll(() => used.textContent()).toContain('1 sync runs');
    await used.getByRole('link', { name: 'Field office' }).click();
    await page.getByRole('heading', { level: 1, name: 'Field office' }).waitFor();
    await visit(page, `/connections/${uuid(1, 999)}`);
    await page.getByRole('heading', { level: 1, name: 'This connection is not there' }).waitFor();
    // An address that older links carry.
    await page.evaluate(
      (to) => {
        location.hash = to;
      },
      `/connections?show=${uuid(1, states.reports)}`,
    );
    await page.getByRole('heading', { level: 1, name: 'Reports' }).waitFor();
    expect(window.complaints).toEqual([]);
  });

  it('is turned on again where it is off', async () => {
    await using window = await open('connections');
    const { page } = window;
    await visit(page, one(states.off));
    await page.getByText('Turned off: no session is opened with it.').waitFor();
    await page.getByRole('button', { name: 'Set to active' }).click();
    await page.getByText('Turned off: no session is opened with it.').waitFor({ state: 'detached' });
  });
});

describe('the rotation of a password', () => {
  it('is done by keyboard: who is affected, the password, the result, and back again', async () => {
    await using window = await open('connections', { stopClock: false });
    const { page } = window;
    await visit(page, one(states.warehouse));
    await page.getByRole('button', { name: 'Rotate password…' }).click();
    const dialog = dialogNamed(page, 'Rotate the password of Warehouse');
    await dialog.getByText('Step 1 of 3: Who is affected').waitFor();
    await expect.poll(() => dialog.textContent()).toContain('Nutrition screening');
    await dialog.getByRole('checkbox', { name: 'Field office' }).uncheck();
    await tabTo(page, 'Next');
    await page.keyboard.press('Enter');
    await dialog.getByText('Step 2 of 3: The new password').waitFor();
    await expect.poll(() => focusedName(page)).toBe('Step 2 of 3: The new password');
    await dialog.getByRole('radio', { name: 'Type one and tell the server' }).check();
    await dialog.getByLabel('New password', { exact: true }).fill(canary);
    await dialog.getByLabel('New password again').fill('something else');
    await dialog.getByRole('button', { name: 'Test and switch' }).click();
    await dialog.getByText('The two are not the same.').waitFor();
    await dialog.getByLabel('New password again').fill(canary);
    await page.keyboard.press('Enter');
    await dialog.getByText('The new password works and is in use').waitFor();
    await expect
      .poll(() => dialog.getByRole('listitem').allTextContents())
      .toEqual(['Warehouse', 'Staging warehouse']);
    expect(await page.content()).not.toContain(canary);
    await dialog.getByRole('button', { name: 'Done' }).click();
    await dialog.waitFor({ state: 'detached' });
    await page.getByText(/The password was rotated\. Until/).waitFor();
    await page.getByRole('button', { name: 'Undo' }).click();
    const question = page.getByRole('alertdialog', { name: 'Go back to the old password?' });
    await question.getByRole('button', { name: 'Undo' }).click();
    await question.waitFor({ state: 'detached' });
    await page.getByText(/The password was rotated\. Until/).waitFor({ state: 'detached' });
    expect(window.complaints).toEqual([]);
  });

  it('says with the ladder why a password was refused, and that nothing was changed', async () => {
    await using window = await open('connections', { stopClock: false });
    const { page } = window;
    await visit(page, one(states.warehouse));
    await page.getByRole('button', { name: 'Rotate password…' }).click();
    const dialog = dialogNamed(page, 'Rotate the password of Warehouse');
    await dialog.getByRole('button', { name: 'Next' }).click();
    await dialog.getByRole('radio', { name: 'It was changed on the server already' }).check();
    await dialog.getByLabel('New password', { exact: true }).fill('refused by the server');
    await dialog.getByRole('button', { name: 'Test and switch' }).click();
    await dialog.getByText('Nothing was changed: the old password is still in use everywhere.').waitFor();
    await expect
      .poll(() =>
        dialog.getByRole('list', { name: 'Steps of the test' }).getByRole('listitem').nth(4).textContent(),
      )
      .toContain('Failed');
    await dialog.getByRole('button', { name: 'Back' }).click();
    await expect.poll(() => dialog.getByLabel('New password', { exact: true }).inputValue()).toBe('');
  });
});
