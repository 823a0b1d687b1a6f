import { type DictionaryColumn, type Sensitivity, sensitivities } from '../../preload/contract/models.ts';
import { nameWords, personWords, sensitiveWords } from './words.ts';

/** What is looked at: what a column is called here and by its source, and what is in it. */
export type Looked = Pick<DictionaryColumn, 'name' | 'type' | 'label' | 'sourcePath' | 'description'>;

/** Lower case, without Latin accents and without the dot of Devanagari letters, which people leave out. */
const fold = (text: string): string =>
  text
    .normalize('NFD')
    .replace(/[\u0300-\u036f\u093c]/g, '')
    .toLowerCase();

/** The words of a name or a sentence, in their order; `deviceID`, `device_id` and `Device ID` have the same. */
export function tokensOf(text: string): string[] {
  const parted = text
    .replace(/(\p{Ll}|\d)(\p{Lu})/gu, '$1 $2')
    .replace(/(\p{Lu})(\p{Lu}\p{Ll})/gu, '$1 $2')
    .replace(/['’]s\b/g, '');
  return fold(parted).match(/[\p{L}\p{M}]+|\d+/gu) ?? [];
}

/** Finds entries of some words; by the first word, so that a sentence is gone through once. */
function createLookup(entries: readonly string[]): (tokens: readonly string[]) => boolean {
  const byFirst = Map.groupBy(
    entries.map((entry) => tokensOf(entry)),
    ([first = '']) => first,
  );
  return (tokens) =>
    tokens.some((token, at) =>
      (byFirst.get(token) ?? []).some((entry) => entry.every((word, n) => tokens[at + n] === word)),
    );
}

/** Columns of Headgate's own, and what describes a document and not a person. */
const technical: ReadonlySet<string> = new Set(['raw', 'overflow', 'left_blank', 'xmlns']);
/** What is about a machine, a form or a file and not about somebody. */
const apart = [
  'app',
  'build',
  'form',
  'file',
  'question',
  'module',
  'group',
  'table',
  'column',
  'version',
  'domain',
  'server',
  'export',
  'doc',
];
const gpsPoint = 'GPS point:';
/** In a sentence single words are often beside the point; a question of some words is one about its subject. */
const longestSentence = 24;

/**
 * Suggests tags for columns by their names, labels and types; it looks at no value. Whole words only: `age` is not in
 * `message`. A person decides.
 */
export function createSuggestions(): (column: Looked) => Sensitivity[] {
  const has = {
    personal: createLookup(sensitiveWords.personal),
    location: createLookup(sensitiveWords.location),
    health: createLookup(sensitiveWords.health),
  } as const;
  const isPerson = createLookup(personWords);
  const isName = createLookup(nameWords);
  const isApart = createLookup(apart);

  const isPersonsName = (tokens: readonly string[]): boolean =>
    isName(tokens) && (tokens.length === 1 || (isPerson(tokens) && !isApart(tokens)));
  const says = (kind: Sensitivity, tokens: readonly string[]): boolean =>
    has[kind](tokens) || (kind === 'personal' && isPersonsName(tokens));

  return ({ name, type, label, sourcePath, description }) => {
    if (technical.has(name)) return [];
    const element = sourcePath === null ? '' : (sourcePath.split('.').at(-1) ?? '');
    const texts = [name, element, label ?? '']
      .map(tokensOf)
      .filter((tokens) => tokens.length > 0 && tokens.length <= longestSentence);
    return sensitivities.filter((kind) => {
      if (kind === 'location' && (description ?? '').includes(gpsPoint)) return true;
      // That somebody has a telephone, or was asked for a name, tells nobody who it is.
      if (kind !== 'health' && type === 'boolean') return false;
      return texts.some((tokens) => says(kind, tokens));
    });
  };
}
