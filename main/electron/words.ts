import type { LanguageChoice } from '../../preload/contract/models.ts';
import en from './words/en.json' with { type: 'json' };
import es from './words/es.json' with { type: 'json' };
import fr from './words/fr.json' with { type: 'json' };
import hi from './words/hi.json' with { type: 'json' };
import pt from './words/pt.json' with { type: 'json' };

/** What the desktop shell says outside the window. */
export type ShellWords = Readonly<Record<keyof typeof en, string>>;

const catalogues: Readonly<Record<Exclude<LanguageChoice, 'system'>, ShellWords>> = { en, fr, es, pt, hi };

/** The words of a choice; `tags` are the languages that the system prefers, best first. English where none is known. */
export function shellWords(choice: LanguageChoice, tags: readonly string[]): ShellWords {
  if (choice !== 'system') return catalogues[choice];
  const known: Readonly<Record<string, ShellWords>> = catalogues;
  for (const tag of tags) {
    const [language = ''] = tag.toLowerCase().split(/[-_.@]/);
    if (Object.hasOwn(known, language)) return known[language] ?? en;
  }
  return en;
}
