import { describe, expect, it } from 'vitest';
import { languageTags, terminalWords } from '../../main/headless/host.ts';
import { createWords, type Spoken, spokenFor, worldTime } from '../../main/words.ts';
import { languages } from '../../preload/contract/models.ts';
import { plain } from '../../preload/contract/said.ts';
import { say } from '../../preload/messages/said.ts';

/** A thousand is written with a blank that does not break, in French. */
const blanks = (text: string): string => text.replace(/[\u00a0\u202f]/g, ' ');

describe('what is spoken', () => {
  it('is what was chosen, with the person’s own region where the system names one', () => {
    expect(spokenFor('fr', ['de-DE', 'fr-CA'])).toEqual({ language: 'fr', locale: 'fr-CA' });
    expect(spokenFor('hi', ['fr'])).toEqual({ language: 'hi', locale: 'hi' });
  });

  it('is else the first language of the system that there is, in whatever spelling', () => {
    expect(spokenFor('system', ['de-DE', 'pt_MZ.UTF-8', 'fr'])).toEqual({ language: 'pt', locale: 'pt-MZ' });
    for (const tags of [['C'], ['constructor'], ['C.UTF-8'], ['POSIX'], ['en_US@posix'], []])
      expect(spokenFor('system', tags).language, String(tags)).toBe('en');
  });

  it('at a terminal is what LC_ALL says, else LC_MESSAGES, else LANG', () => {
    const of = (env: Record<string, string>) => spokenFor('system', languageTags(env)).language;
    const all = { LC_ALL: 'hi_IN.UTF-8', LC_MESSAGES: 'fr_FR.UTF-8', LANG: 'es_ES.UTF-8' };
    expect(of(all)).toBe('hi');
    expect(of({ ...all, LC_ALL: '' })).toBe('fr');
    expect(of({ LANG: 'es_ES.UTF-8' })).toBe('es');
    expect(of({ ...all, LC_ALL: 'C' })).toBe('en');
  });
});

describe('words', () => {
  let spoken: Spoken = { language: 'en', locale: 'en' };
  const words = createWords(() => spoken, worldTime);
  const runs = say('quit.running', { count: 1234 });

  it('are in the language of the moment: another one that is chosen counts from the next text on', () => {
    spoken = { language: 'en', locale: 'en' };
    expect(words.text(runs)).toBe('1,234 syncs are running.');
    spoken = { language: 'fr', locale: 'fr-FR' };
    expect(blanks(words.text(runs))).toBe('1 234 synchronisations sont en cours.');
    spoken = { language: 'hi', locale: 'hi-IN' };
    expect(words.text(runs)).toBe('1,234 सिंक चल रहे हैं।');
  });

  it('are in one language for whoever reads elsewhere, whatever is spoken here', () => {
    spoken = { language: 'fr', locale: 'fr-FR' };
    expect(words.in('es').text(say('menu.help'))).toBe('Ayuda');
    expect(words.text(say('menu.help'))).toBe('Aide');
  });

  it('say which clock a time is of where nobody knows the reader’s', () => {
    const told = say('told.signInExpiring', { what: 'HQ', until: { instant: '2026-03-01T15:30:00.000Z' } });
    spoken = { language: 'en', locale: 'en' };
    expect(words.text(told)).toMatch(/^The sign-in to HQ ends at Mar 1, 2026, 0?3:30\sPM UTC$/);
    expect(words.in('pt').text(told)).toMatch(/15:30 UTC$/);
    expect(words.at((iso) => iso).text(told)).toContain('2026-03-01T15:30:00.000Z');
  });

  it('never fail: what no catalogue has is told as it is', () => {
    for (const language of languages) {
      expect(words.in(language).text(plain('ERROR: relation'))).toBe('ERROR: relation');
      expect(words.in(language).text({ id: 'of.another.version' })).toBe('of.another.version');
    }
  });

  it('of a program without a window leave instants as programs read them', () => {
    const at = say('console.query.asOf', { source: 'HQ', at: { instant: '2026-03-01T15:30:00.000Z' } });
    expect(terminalWords({ LANG: 'fr_FR.UTF-8' }).text(at)).toBe('Données de HQ au 2026-03-01T15:30:00.000Z');
  });
});
