import { say } from '../../../preload/messages/said.ts';
import { AppError } from '../../errors.ts';
import type { Problem } from '../found.ts';
import { insistShort } from './entries.ts';

export interface IniSection {
  readonly name: string;
  readonly line: number;
  readonly pairs: readonly (readonly [string, string])[];
}

export interface Ini {
  readonly sections: readonly IniSection[];
  /** What is no section and no `key = value`, and sections that are there twice. */
  readonly problems: readonly Problem[];
}

/**
 * Sections of `key = value`, comments behind `#` and `;` at the beginning of a line. Nothing is made of quotation marks, blanks
 * within, or what follows a value: those who write such files take the value as the rest of its line. `fold`: one spelling for
 * names of sections. Fails with IMPORT_UNREADABLE.
 */
export function readIni(text: string, fold: (name: string) => string = (name) => name): Ini {
  insistShort(text);
  const sections: { name: string; line: number; pairs: [string, string][] }[] = [];
  const problems: Problem[] = [];
  const seen = new Set<string>();
  let section: (typeof sections)[number] | null = null;
  for (const [index, raw] of text.split(/\r\n|\r|\n/).entries()) {
    const line = raw.trim();
    const where = `line ${index + 1}`;
    if (line === '' || line.startsWith('#') || line.startsWith(';')) continue;
    if (line.startsWith('[')) {
      const name = /^\[([^\]]+)\]\s*(?:[#;].*)?$/.exec(line)?.[1]?.trim();
      section = name ? { name, line: index + 1, pairs: [] } : null;
      if (!section) problems.push({ where, message: 'is no [section]; what follows it is left out' });
      else if (seen.has(fold(section.name))) {
        problems.push({ where, message: 'is a section that is there before; what is in it is left out' });
        // It is read, so that its lines are in no other section, and goes nowhere.
      } else sections.push(section);
      if (section) seen.add(fold(section.name));
      continue;
    }
    const sign = line.indexOf('=');
    if (sign <= 0) problems.push({ where, message: 'is not key = value' });
    else if (section === null) problems.push({ where, message: 'belongs to no section' });
    else section.pairs.push([line.slice(0, sign).trim(), line.slice(sign + 1).trim()]);
  }
  if (
    sections.length === 0 &&
    problems.every(({ message }) => message !== 'is no [section]; what follows it is left out')
  )
    throw new AppError('IMPORT_UNREADABLE', say('imports.noSections'));
  return { sections, problems };
}
