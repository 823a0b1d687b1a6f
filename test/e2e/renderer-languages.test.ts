import type { Page } from 'playwright';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Language, languageNames, languages } from '../../renderer/i18n/languages.ts';
import { translationOf } from '../../renderer/messages.config.ts';
import { pseudoMessages } from '../support/pseudo.ts';
import { scrollsSideways } from '../support/renderer-fixture/checks.ts';
import { uuid } from '../support/renderer-fixture/scenario.ts';
import { openStage, type Stage } from '../support/renderer-fixture/stage.ts';
import { visit } from '../support/renderer-fixture/window.ts';

/* The window in each of its languages, and in one that nobody speaks. */

declare const headgate: {
  readonly calls: Record<string, (input: unknown, callId: string) => Promise<unknown>>;
};

const screens = [
  '/',
  '/inbox',
  '/sync',
  '/data',
  '/query',
  '/dictionary',
  '/connections',
  '/sources',
  '/projects',
  `/projects/${uuid(4, 1)}`,
  '/credentials',
  '/people',
  '/activity',
  '/settings',
];

const english: Partial<Record<string, string>> = {
  'settings.title': 'Settings',
  'lock.locked': 'Headgate is locked',
  'home.title': 'Home',
};
const text = (language: Language, key: string): string =>
  (language === 'en' ? english : translationOf(language))[key] ?? '';

const pageLanguage = (page: Page): Promise<string> => page.evaluate(() => document.documentElement.lang);

describe('languages', () => {
  let stage: Stage;
  beforeAll(async () => {
    stage = await openStage();
  });
  afterAll(() => stage?.[Symbol.asyncDispose]());

  it('are chosen at the door, each by its own name', async () => {
    await using window = await stage.open('crew', {}, (scenario) => {
      scenario.people.seat = 'locked';
    });
    for (const language of ['fr', 'es', 'pt', 'hi', 'en'] as const) {
      await window.page.getByRole('radio', { name: languageNames[language] }).check();
      await window.page.getByRole('heading', { name: text(language, 'lock.locked') }).waitFor();
      expect(await pageLanguage(window.page)).toBe(language);
    }
    expect(window.complaints).toEqual([]);
  });

  it('are chosen in the settings, kept, and change everything at once', async () => {
    await using window = await stage.open('busy');
    await visit(window.page, '/settings');
    for (const language of ['fr', 'es', 'pt', 'hi', 'en'] as const) {
      const named = window.page.getByRole('radio', { name: languageNames[language], exact: true });
      await named.check();
      await window.page.getByRole('heading', { level: 1, name: text(language, 'settings.title') }).waitFor();
      expect(await pageLanguage(window.page)).toBe(language);
      await window.page.getByRole('link', { name: text(language, 'home.title'), exact: true }).waitFor();
      expect(await named.evaluate((radio) => radio === document.activeElement)).toBe(true);
    }
    await window.page.getByRole('radio', { name: languageNames.pt, exact: true }).check();
    await window.page.reload();
    await window.page.getByRole('heading', { level: 1, name: text('pt', 'settings.title') }).waitFor();
    expect(window.complaints).toEqual([]);
  });

  it('keep what is typed in a form when they change, wherever that was chosen', async () => {
    await using window = await stage.open('busy');
    await visit(window.page, '/connections?add');
    await window.page.getByLabel('Name', { exact: true }).fill('Entrepôt, reports');
    await window.page.evaluate(() => headgate.calls['app.setLanguage']?.({ language: 'fr' }, 'elsewhere'));
    const name = window.page.getByLabel(translationOf('fr')['connections.name'] ?? '', { exact: true });
    await name.waitFor();
    expect(await name.inputValue()).toBe('Entrepôt, reports');
    expect(await pageLanguage(window.page)).toBe('fr');
  });

  it('are those of the system where nobody chose, with its numbers and dates', async () => {
    await using window = await stage.open('busy', { locale: 'hi-IN' });
    await window.page.getByRole('heading', { level: 1 }).waitFor();
    expect(await pageLanguage(window.page)).toBe('hi');
    await using other = await stage.open('busy', { locale: 'de-DE' });
    await other.page.getByRole('heading', { level: 1, name: /is late/ }).waitFor();
    expect(await pageLanguage(other.page)).toBe('en');
  });

  it('say when the host does not take the choice, and stay as they were', async () => {
    await using window = await stage.open('busy');
    await visit(window.page, '/settings');
    await window.page.evaluate(() => {
      headgate.calls['app.setLanguage'] = () =>
        Promise.resolve({
          ok: false,
          error: { code: 'DISK_FULL', kind: 'system', message: 'The disk is full.', advice: 'Make room.' },
        });
    });
    await window.page.getByRole('radio', { name: languageNames.fr, exact: true }).click();
    await window.page.getByText('The disk is full.').waitFor();
    expect(await pageLanguage(window.page)).toBe('en');
  });

  it.each(languages)('fit the window in %s', async (language) => {
    await using window = await stage.open('troubled', { locale: language, width: 900 });
    const sideways: string[] = [];
    for (const hash of screens) {
      await visit(window.page, hash);
      if (await scrollsSideways(window.page)) sideways.push(hash);
    }
    expect(sideways).toEqual([]);
    expect(window.complaints).toEqual([]);
  });
});

/** Every text that is on the page, and every name that is only read out, but for what was taken from the catalogue. */
function bypassing(page: Page): Promise<string[]> {
  return page.evaluate(() => {
    const found = new Set<string>();
    const look = (said: string | null): void => {
      const plain = said?.trim() ?? '';
      if (/\p{L}{3}/u.test(plain) && !/[⟦⟧]/.test(plain)) found.add(plain);
    };
    const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    for (let node = walker.nextNode(); node; node = walker.nextNode()) {
      const parent = node.parentElement;
      if (!parent || parent.closest('script, style, code, pre, .cm-editor, [lang], option')) continue;
      look(node.textContent);
    }
    for (const element of document.querySelectorAll('[aria-label], [title], [placeholder], [alt]'))
      for (const name of ['aria-label', 'title', 'placeholder', 'alt']) look(element.getAttribute(name));
    return [...found];
  });
}

describe('the pseudo-locale', () => {
  let stage: Stage;
  beforeAll(async () => {
    stage = await openStage(false, [pseudoMessages()]);
  });
  afterAll(() => stage?.[Symbol.asyncDispose]());

  it.each(['busy', 'troubled', 'review'] as const)(
    'shows no text of %s that bypasses the catalogue',
    async (name) => {
      let data = '';
      await using window = await stage.open(name, { width: 900 }, (scenario) => {
        data = JSON.stringify(scenario);
      });
      const bypassed: string[] = [];
      const sideways: string[] = [];
      for (const hash of screens) {
        await visit(window.page, hash);
        for (const said of await bypassing(window.page))
          if (!isData(said, data)) bypassed.push(`${hash}: ${said}`);
        if (await scrollsSideways(window.page)) sideways.push(hash);
      }
      expect([...new Set(bypassed)]).toEqual([]);
      expect(sideways).toEqual([]);
    },
  );
});

/** Names and sentences of the core, and numbers and times as `Intl` writes them, are not of the catalogue. */
function isData(said: string, data: string): boolean {
  const own = said.replaceAll(/[\u200b\u00ad]/g, '');
  if (data.includes(JSON.stringify(own).slice(1, -1))) return true;
  return own
    .split(/[\s,.;:·–→()/"“”]+/u)
    .filter((word) => /\p{L}{3}/u.test(word))
    .every((word) => data.includes(word) || dates.test(word));
}
const dates =
  /^(?:Mon|Tues|Wednes|Thurs|Fri|Satur|Sun)day$|^(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sept?|Oct|Nov|Dec)\w*$|^(?:mins?|hrs?|days?|mths?|yrs?|ago|UTC|Coordinated|Universal|Time|yesterday|tomorrow|and|Headgate)\.?$/;
