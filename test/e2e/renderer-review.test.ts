import type { Page } from 'playwright';
import { describe, expect, it } from 'vitest';
import { openDialog } from '../support/open-dialog.ts';
import { focusedName, scrollsSideways, tabTo, violations } from '../support/renderer-fixture/checks.ts';
import { uuid } from '../support/renderer-fixture/scenario.ts';
import { sharedStage } from '../support/renderer-fixture/shared-stage.ts';
import { visit } from '../support/renderer-fixture/window.ts';

/** What a sync wants from a person: to pause and resume it, to cancel it, to review what is held. */

declare const headgate: {
  readonly calls: Record<string, (input: unknown, callId: string) => Promise<unknown>>;
};

const project = `/projects/${uuid(4, 1)}`;
const dictionary = `/dictionary/${uuid(6, 1)}`;
const places = ['/', '/sync', project, `${dictionary}/form_household_survey`, `${dictionary}?changes`];

const open = sharedStage();

const jobNamed = (page: Page, name: string) =>
  page.getByRole('region', { name: `Sync of Bednets 2026 · ${name}` });

describe.each(['light', 'dark'] as const)('in %s', (theme) => {
  it('axe finds nothing serious on the screens, and in the review', async () => {
    await using window = await open('review', { theme });
    const { page } = window;
    const found: string[] = [];
    const look = async (at: string) =>
      found.push(...(await violations(page, theme)).map((text) => `${at} ${text}`));
    for (const hash of places) {
      await visit(page, hash);
      await look(hash);
    }
    await visit(page, '/');
    await page.getByRole('button', { name: /^Review the refresh/ }).click();
    await openDialog(page).waitFor();
    await look('review');
    await page.getByRole('button', { name: 'Discard…' }).click();
    await look('discard');
    await page.keyboard.press('Escape');
    expect(found).toEqual([]);
    expect(window.complaints).toEqual([]);
  });
});

it.each([900, 640])('never scrolls sideways at %d px, with long names', async (width) => {
  await using window = await open('longReview', { width, height: 700 });
  const { page } = window;
  const wide: string[] = [];
  const look = async (at: string) => {
    if (await scrollsSideways(page)) wide.push(at);
  };
  for (const hash of places) {
    await visit(page, hash);
    await look(hash);
  }
  await visit(page, '/');
  await page.getByRole('button', { name: /^Review the refresh/ }).click();
  const box = openDialog(page);
  expect(await box.evaluate((element) => element.scrollWidth <= element.clientWidth)).toBe(true);
  await look('review');
  expect(wide).toEqual([]);
  expect(window.complaints).toEqual([]);
});

describe('a sync under way', () => {
  it('says of each pause who ends it', async () => {
    await using window = await open('review');
    const { page } = window;
    await visit(page, '/sync');
    const waiting = jobNamed(page, 'CommCare HQ');
    await expect
      .poll(() => waiting.textContent())
      .toContain('Waits for CommCare HQ until 11:12 today (rate limit), then resumes.');
    await expect.poll(() => waiting.getByRole('timer').textContent()).toBe('27:00');
    await expect.poll(() => waiting.getByRole('button', { name: /^Resume/ }).count()).toBe(0);
    await expect
      .poll(() => jobNamed(page, 'WASH survey').textContent())
      .toContain('when somebody resumes it');
    await expect
      .poll(() => jobNamed(page, 'Supervision').textContent())
      .toContain('It goes on when Headgate starts.');
    expect(
      await jobNamed(page, 'WASH survey')
        .getByRole('progressbar', { name: 'forms' })
        .getAttribute('aria-valuetext'),
    ).toMatch(/5.000 of 12.840/);
  });

  it('is resumed and paused by keyboard, and the focus stays on the button', async () => {
    await using window = await open('review', {}, (scenario) => {
      scenario.syncStands = true;
    });
    const { page } = window;
    await visit(page, '/sync');
    await tabTo(page, 'Resume sync: Bednets 2026 · WASH survey');
    await page.keyboard.press('Enter');
    await jobNamed(page, 'WASH survey')
      .getByRole('button', { name: /^Pause sync/ })
      .waitFor();
    await expect.poll(() => focusedName(page)).toBe('Pause sync: Bednets 2026 · WASH survey');
    await expect.poll(() => jobNamed(page, 'WASH survey').textContent()).toContain('Reading:');
    await page.keyboard.press('Enter');
    await jobNamed(page, 'WASH survey').getByText('Paused by a person.').waitFor();
    await expect.poll(() => focusedName(page)).toBe('Resume sync: Bednets 2026 · WASH survey');
  });

  it('takes a reading that came after an event for the newer one', async () => {
    await using window = await open('review', {}, (scenario) => {
      scenario.syncStands = true;
    });
    const { page } = window;
    await visit(page, '/sync');
    const job = jobNamed(page, 'CommCare HQ');
    // The core tells of the wait by an event; that a person has paused it is only in the next list.
    await page.evaluate(() => headgate.calls['fixture.progress']?.({ at: 0 }, 'an event'));
    await job.getByText('6,000 of 12,840').first().waitFor();
    await job.getByRole('button', { name: /^Pause sync/ }).click();
    await job.getByText('Paused by a person.').waitFor();
  });

  it('asks before it is cancelled, and says what is lost', async () => {
    await using window = await open('review');
    const { page } = window;
    await visit(page, '/sync');
    const cancel = page.getByRole('button', { name: 'Cancel sync: Bednets 2026 · WASH survey' });
    await cancel.click();
    const dialog = openDialog(page);
    await expect
      .poll(() => dialog.textContent())
      .toContain('All 5,000 records that were read so far are thrown away.');
    await expect.poll(() => focusedName(page)).toBe('Keep it');
    await page.keyboard.press('Enter');
    await dialog.waitFor({ state: 'detached' });
    await expect.poll(() => jobNamed(page, 'WASH survey').count()).toBe(1);
    await cancel.click();
    await dialog.getByRole('button', { name: 'Cancel sync' }).click();
    await jobNamed(page, 'WASH survey').waitFor({ state: 'detached' });
    await expect.poll(() => page.getByRole('row', { name: /Cancelled/ }).count()).toBe(1);
  });
});

describe('a held refresh', () => {
  it('is accepted by keyboard, after its reasons and a question', async () => {
    await using window = await open('review', { stopClock: false });
    const { page } = window;
    await visit(page, '/');
    const attention = page.getByRole('region', { name: 'Needs attention' });
    await expect
      .poll(() => attention.textContent())
      .toContain('Bednets 2026 · Malaria programme waits for review');
    await tabTo(page, 'Review the refresh of Bednets 2026 · Malaria programme');
    await page.keyboard.press('Enter');
    const dialog = openDialog(page);
    await dialog.waitFor();
    const reasons = dialog.getByRole('list', { name: '5 things look wrong' }).getByRole('listitem');
    await expect
      .poll(() => reasons.allTextContents())
      .toEqual([
        expect.stringMatching(/^forms would lose rows.*18.412.*9.120.*50.?% fewer rows$/),
        expect.stringMatching(/^cases would be empty.*6.204.*0$/),
        expect.stringMatching(/^forms came with another number.*Announced 18.600.*Came 9.120$/),
        'form_household_survey.consent_of_the_head_of_household would be gone',
        expect.stringMatching(/^form_pilot would lose 28 columns.*question_0, .*question_27$/),
      ]);
    await expect.poll(() => dialog.textContent()).toContain('Data complete up to');
    await tabTo(page, 'Accept…');
    await page.keyboard.press('Enter');
    await dialog.getByText('Replace the published tables with what was read?').waitFor();
    await expect.poll(() => focusedName(page)).toBe('Back');
    await tabTo(page, 'Publish it');
    await page.keyboard.press('Enter');
    await dialog.waitFor({ state: 'detached' });
    await page
      .getByRole('button', { name: /^Review the refresh/ })
      .first()
      .waitFor({ state: 'detached' });
    expect(window.complaints).toEqual([]);
  });

  it.each(['/sync', project])('is discarded from %s, and the tables stay', async (place) => {
    await using window = await open('review');
    const { page } = window;
    await visit(page, place);
    await page
      .getByRole('button', { name: /^Review the refresh/ })
      .first()
      .click();
    await page.getByRole('button', { name: 'Discard…' }).click();
    await page.getByRole('button', { name: 'Throw it away' }).click();
    await openDialog(page).waitFor({ state: 'detached' });
    await page
      .getByRole('button', { name: /^Review the refresh/ })
      .first()
      .waitFor({ state: 'detached' });
    await expect.poll(() => page.getByRole('main').textContent()).toContain('Data complete up to');
  });

  it('is not thrown away by a sync that is started beside its review', async () => {
    await using window = await open('review');
    const { page } = window;
    // Beside a review nothing is offered that would throw away what waits for it: it is discarded in the review itself.
    for (const hash of ['/', '/sync', `/projects/${uuid(4, 1)}`]) {
      await visit(page, hash);
      await page
        .getByRole('button', { name: /^Review the refresh/ })
        .first()
        .waitFor();
      expect(
        await page.getByRole('button', { name: 'Sync now: Bednets 2026 · Malaria programme' }).count(),
      ).toBe(0);
    }
  });

  it('can be looked at by those who may not decide', async () => {
    await using window = await open('review', {}, (scenario) => {
      scenario.info.person.roles = ['viewer'];
    });
    const { page } = window;
    await visit(page, '/sync');
    await page
      .getByRole('button', { name: /^Review the refresh/ })
      .first()
      .click();
    const accept = page.getByRole('button', { name: 'Accept…' });
    await expect.poll(() => accept.getAttribute('aria-disabled')).toBe('true');
    await expect.poll(() => accept.getAttribute('aria-description')).toContain('Needs the role');
  });
});
