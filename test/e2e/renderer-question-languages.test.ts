import { expect, it } from 'vitest';
import { uuid } from '../support/renderer-fixture/scenario.ts';
import { sharedStage } from '../support/renderer-fixture/shared-stage.ts';
import { visit } from '../support/renderer-fixture/window.ts';

/*
 * Questions and titles of forms are in the language of whoever is asked, not in that of the window: what reads the window out
 * must know (WCAG 3.1.2). What the source did not tell the language of says none.
 */

const open = sharedStage();
const dataset = uuid(6, 1);
const french = /Combien de personnes/;
const hindi = /क्या परिवार/;

it('the tree, the headings of the grid and what stands beside a column say what language they are in', async () => {
  await using window = await open('browsing');
  const { page } = window;
  await visit(page, `/data/${dataset}/form_household_visit?column=household_size`);
  const tree = page.getByRole('navigation', { name: 'Tables' });
  await tree.locator('[lang="fr"]', { hasText: 'Visite prénatale' }).waitFor();
  await tree.locator('[lang="hi"]', { hasText: 'शिशु' }).waitFor();
  const plain = tree.getByText('Household visit', { exact: true }).first();
  expect(await plain.getAttribute('lang')).toBe(null);
  const grid = page.getByRole('grid');
  await grid.locator('[lang="fr"]', { hasText: french }).first().waitFor();
  expect(await grid.locator('[lang]', { hasText: 'Who answers?' }).count()).toBe(0);
  const side = page.locator('[data-pane="inspector"]');
  await side.locator('h3[lang="fr"]', { hasText: french }).waitFor();
  // Turned over, the question is the small line, in its language still.
  await grid.focus();
  await page.keyboard.press('Alt');
  await grid.locator('.grid-type[lang="fr"]', { hasText: french }).first().waitFor();
});

it('so does a table whose title it is, where it is what the screen is about', async () => {
  await using window = await open('browsing');
  const { page } = window;
  await visit(page, `/data/${dataset}/form_visite_prenatale`);
  await page.locator('h1[lang="fr"]', { hasText: 'Visite prénatale' }).waitFor();
});

it('the dictionary, what is found in all data, and the palette too', async () => {
  await using window = await open('browsing');
  const { page } = window;
  await visit(page, `/dictionary/${dataset}/form_household_visit`);
  await page.locator('p[lang="hi"]', { hasText: hindi }).first().waitFor();
  await page.keyboard.press('Control+k');
  await page.getByRole('combobox', { name: 'Search or jump' }).fill('combien');
  await page.locator('.palette-title[lang="fr"]', { hasText: french }).waitFor();
});

it('and the view for people in the field', async () => {
  await using window = await open('browsing');
  const { page } = window;
  await visit(page, '/field');
  await page.locator('h2[lang="fr"]', { hasText: 'Visite prénatale' }).waitFor();
});
