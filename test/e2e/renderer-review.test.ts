import type { Page } from 'playwright';
import { describe, expect, it } from 'vitest';
import { openDialog } from '../support/open-dialog.ts';
import {
  focusedName,
  focusIsSomewhere,
  scrollsSideways,
  tabTo,
  violations,
} from '../support/renderer-fixture/checks.ts';
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
    await page.getByRole('link', { name: /^Review the refresh/ }).click();
    await page.getByRole('heading', { name: 'Review a refresh' }).waitFor();
    await look('review');
    await page.getByRole('button', { name: 'Keep what is published…' }).click();
    await openDialog(page).waitFor();
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
  await page.getByRole('link', { name: /^Review the refresh/ }).click();
  await page.getByRole('heading', { level: 1, name: 'Review a refresh' }).waitFor();
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
    await expect
      .poll(() => jobNamed(page, 'WASH survey').textContent())
      .toContain('Reading forms 5,000 of 12,840');
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
    await page.getByRole('heading', { level: 1, name: 'Review a refresh' }).waitFor();
    expect(await focusIsSomewhere(page)).toBe(true);
    // Table by table, the worst first; the arrow keys choose which one is seen whole.
    const detail = page.locator('.review-detail');
    await tabTo(page, 'forms');
    await expect.poll(() => detail.textContent()).toMatch(/18,412.*9,120.*50% fewer rows/);
    expect(await detail.getByRole('listitem').allTextContents()).toEqual([
      '“forms” would shrink from 18,412 to 9,120 rows.',
      'The source announced 18,600 records for “forms”, and 9,120 came.',
    ]);
    await page.keyboard.press('ArrowDown');
    await detail.getByRole('heading', { name: 'cases' }).waitFor();
    await page.keyboard.press('ArrowDown');
    await detail.getByText('28 columns would be gone').waitFor();
    await detail.getByText('question_27', { exact: true }).waitFor();
    await expect.poll(() => page.getByRole('main').textContent()).toContain('Data complete up to');
    await tabTo(page, 'Publish…');
    await page.keyboard.press('Enter');
    await page.getByText('Replace the published tables with what was read?').waitFor();
    await expect.poll(() => focusedName(page)).toBe('Back');
    await tabTo(page, 'Publish it');
    await page.keyboard.press('Enter');
    await page.getByRole('row', { name: /Held, published by Asha Rao/ }).waitFor();
    expect(await focusIsSomewhere(page)).toBe(true);
    await page
      .getByRole('link', { name: /^Review the refresh/ })
      .first()
      .waitFor({ state: 'detached' });
    expect(window.complaints).toEqual([]);
  });

  it('is asked about at the source before anybody decides, and the advice follows what it counts', async () => {
    await using window = await open('review', { stopClock: false });
    const { page } = window;
    await visit(page, `/runs/${uuid(7, 1)}/review`);
    const advice = page.getByRole('status').filter({ hasText: 'looks like' });
    await expect.poll(() => advice.textContent()).toContain('Fewer records came than the source announced');
    await page.getByRole('button', { name: 'Ask the source what it counts now' }).click();
    await page.getByText('The source counts what is published: this refresh came with too little.').waitFor();
    await page.getByText('the source counts 18,412 records now; published: 18,412, held: 9,120.').waitFor();
    expect(await focusedName(page)).toBe('Ask the source what it counts now');
  });

  it.each(['/sync', project])('is discarded from %s, and the tables stay', async (place) => {
    await using window = await open('review');
    const { page } = window;
    await visit(page, place);
    await page
      .getByRole('link', { name: /^Review the refresh/ })
      .first()
      .click();
    await page.getByRole('button', { name: 'Keep what is published…' }).click();
    await openDialog(page).getByRole('button', { name: 'Keep what is published' }).click();
    await page.getByRole('row', { name: /Held, discarded by Asha Rao/ }).waitFor();
    await page
      .getByRole('link', { name: /^Review the refresh/ })
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
        .getByRole('link', { name: /^Review the refresh/ })
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
      .getByRole('link', { name: /^Review the refresh/ })
      .first()
      .click();
    const accept = page.getByRole('button', { name: 'Publish…' });
    await expect.poll(() => accept.getAttribute('aria-disabled')).toBe('true');
    await expect.poll(() => accept.getAttribute('aria-description')).toContain('Needs the role');
  });
});
