import { describe, expect, it } from 'vitest';
import { openDialog } from '../support/open-dialog.ts';
import { source } from '../support/renderer-fixture/builders.ts';
import {
  focusedName,
  focusIsSomewhere,
  scrollsSideways,
  tabTo,
  violations,
} from '../support/renderer-fixture/checks.ts';
import { minutes, uuid } from '../support/renderer-fixture/scenario.ts';
import { sharedStage } from '../support/renderer-fixture/shared-stage.ts';
import { visit } from '../support/renderer-fixture/window.ts';

/** Sources by the server they are at, and the sign-ins to them. */

const open = sharedStage();
const hq = { name: 'CommCare HQ', exact: true } as const;

describe.each(['light', 'dark'] as const)('in %s', (theme) => {
  it.each(['busy', 'troubled'] as const)('axe finds nothing serious in %s', async (scenario) => {
    await using window = await open(scenario, { theme });
    await visit(window.page, '/sources');
    await window.page.getByRole('region', hq).waitFor();
    expect(await violations(window.page, theme)).toEqual([]);
    expect(window.complaints).toEqual([]);
  });
});

it.each([900, 640])('never scrolls sideways at %d px, with long names and in Hindi', async (width) => {
  await using window = await open('longNames', { width, height: 700, locale: 'hi-IN' });
  await visit(window.page, '/sources');
  await window.page.getByRole('region', hq).waitFor();
  expect(await scrollsSideways(window.page)).toBe(false);
});

it('tells of each server what is read there, by whom, how fast, and who is missing', async () => {
  await using window = await open('busy');
  const { page } = window;
  await visit(page, '/sources');
  const server = page.getByRole('region', hq);
  await server.getByText('Works', { exact: true }).waitFor();
  await server.getByText('headgate-desktop').waitFor();
  const row = server.getByRole('row', { name: /^Malaria programme/ });
  for (const text of [
    'Lets through about 118 requests a minute',
    'Signed in as asha.rao@example.org',
    '2 of 3 people connected',
    'Not signed in: Chloé Martin',
  ])
    await row.getByText(text).waitFor();
  const signIns = server.getByRole('table', { name: 'Sign-ins at CommCare HQ' });
  await signIns.getByText('Femi Adeyemi signed in, and has left').waitFor();
  // The other server is a section of its own, and knows nothing of this one's sign-ins.
  const other = page.getByRole('region', { name: 'CommCare HQ at eu.commcarehq.org' });
  await other.getByText('about 4 requests a second and 2,900 requests an hour').waitFor();
  expect(await other.getByText('Malaria programme').count()).toBe(0);
});

it('says one thing that helps where something stops, and does it there', async () => {
  await using window = await open('troubled', {}, (scenario) => {
    scenario.info.offline = false;
    scenario.info.person.roles = ['dba', 'project_admin', 'analyst'];
  });
  const { page } = window;
  await visit(page, '/sources');
  const server = page.getByRole('region', hq);
  await server.getByText('Has a problem').waitFor();
  await server.getByText('The sign-in to Malaria programme has ended').waitFor();
  await server.getByRole('list').getByRole('button', { name: 'Reconnect Malaria programme' }).click();
  await openDialog(page).getByRole('heading', { name: 'Sign in to Malaria programme' }).waitFor();
  expect(await focusIsSomewhere(page)).toBe(true);
});

it('without a network says that and nothing of servers', async () => {
  await using window = await open('troubled', {}, (scenario) => {
    scenario.info.offline = true;
  });
  await visit(window.page, '/sources');
  const server = window.page.getByRole('region', hq);
  await server.getByText('No network', { exact: true }).waitFor();
  await server.getByText('reading goes on by itself once there is one').waitFor();
  expect(await server.getByText('Has a problem').count()).toBe(0);
});

it('says until when a server asked to be left alone', async () => {
  await using window = await open('busy', {}, (scenario) => {
    scenario.pace = [{ sourceId: uuid(2, 3), limits: [], waitsUntil: minutes(6) }];
  });
  await visit(window.page, '/sources');
  const other = window.page.getByRole('region', { name: 'CommCare HQ at eu.commcarehq.org' });
  await other.getByText(/^Asked to wait until /).waitFor();
});

it('by keyboard leads to what to enter at a server where Headgate is not registered', async () => {
  await using window = await open('busy');
  const { page } = window;
  await visit(page, '/sources');
  const server = page.getByRole('region', hq);
  await server.getByText('Works', { exact: true }).waitFor();
  await tabTo(page, 'Register Headgate there: what to enter');
  await page.keyboard.press('Enter');
  await server.getByText('https://www.commcarehq.org/oauth/applications/register/').waitFor();
  expect(await focusedName(page)).toBe('Register Headgate there: what to enter');
});

it('finds one of many by a word of its name, server or project', async () => {
  await using window = await open('busy', {}, (scenario) => {
    for (let n = 10; n < 40; n += 1)
      scenario.sources.push(
        source(n, { name: `Survey ${n}`, settings: { domain: `space-${n}` }, credential: null, usedBy: [] }),
      );
  });
  const { page } = window;
  await visit(page, '/sources');
  const find = page.getByLabel('Find a source, a server or a project');
  await find.fill('space-33');
  await expect.poll(() => page.getByRole('row', { name: /^Survey/ }).count()).toBe(1);
  await find.fill('bednets');
  await page.getByRole('row', { name: /^Malaria programme/ }).waitFor();
  await find.fill('nothing like it');
  await page.getByText('No source fits “nothing like it”.').waitFor();
  expect(await focusedName(page)).toBe('Find a source, a server or a project');
});
