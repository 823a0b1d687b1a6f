import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Plugin } from 'vite';
import { compile } from '../preload/messages/compile.ts';
import { sentences } from '../preload/messages/en/index.ts';
import { en } from './i18n/en.ts';

/** The page begins here. */
const entry = fileURLToPath(new URL('index.tsx', import.meta.url));

/** A kind of catalogue: English in TypeScript, and of each other language a folder with rooms that a translator edits. */
interface Kind {
  readonly prefix: string;
  /** What the module calls it. */
  readonly name: string;
  readonly folder: string;
  readonly english: Readonly<Record<string, string>>;
}

/** The texts of the window, and what the core says. */
export const kinds = {
  messages: {
    prefix: 'virtual:messages/',
    name: 'catalogue',
    folder: fileURLToPath(new URL('i18n', import.meta.url)),
    english: en,
  },
  sentences: {
    prefix: 'virtual:sentences/said-',
    name: 'sentences',
    folder: fileURLToPath(new URL('../preload/messages', import.meta.url)),
    english: sentences,
  },
} as const satisfies Record<string, Kind>;

/** Every message of a translation, room by room as its translator has them. */
export function translationOf(language: string, { folder }: Kind = kinds.messages): Record<string, string> {
  const place = join(folder, language);
  const rooms = existsSync(place) ? readdirSync(place).filter((file) => file.endsWith('.json')) : [];
  return Object.assign({}, ...rooms.map((room) => JSON.parse(readFileSync(join(place, room), 'utf8'))));
}

/** The keys that a source names, also those that it puts together from what they begin with: `` `state.${name}` ``. */
export function keysNamed(source: string, keys: readonly string[]): string[] {
  const heads = [...source.matchAll(/`([a-zA-Z.]+\.)\$\{/g)].map((match) => match[1] ?? '');
  const quoted = new Set(
    [...source.matchAll(/['"`]([a-zA-Z]+(?:\.[\w]+)+)['"`]/g)].map((match) => match[1] ?? ''),
  );
  return keys.filter((key) => quoted.has(key) || heads.some((head) => key.startsWith(head)));
}

/** Every file that is fetched before the first drawing: what the page's first one imports, and what that does. */
export function firstFiles(file: string = entry, found: Set<string> = new Set()): Set<string> {
  if (found.has(file)) return found;
  found.add(file);
  const source = readFileSync(file, 'utf8');
  for (const [, named] of source.matchAll(
    /^(?:import|export) (?!type )(?:[^;'"]*? from )?['"](\.[^'"]+\.tsx?)['"]/gm,
  ))
    firstFiles(join(dirname(file), named ?? ''), found);
  return found;
}

/**
 * What the first drawing says, and the rest, which the screens wait for that are fetched later: half of the words are of
 * forms that nobody opens on most days.
 */
export function inParts(catalogue: Readonly<Record<string, string>>): Record<'first' | 'rest', string[]> {
  const keys = Object.keys(catalogue);
  const source = [...firstFiles()].map((file) => readFileSync(file, 'utf8')).join('\n');
  const first = new Set(keysNamed(source, keys));
  return { first: [...first], rest: keys.filter((key) => !first.has(key)) };
}

/**
 * `virtual:messages/first-fr`, `virtual:messages/rest-fr`, `virtual:sentences/said-fr`: a language as modules of its own, its
 * messages read and checked now instead of in the window. What is not translated is English; while somebody develops it
 * stands in brackets, to be seen.
 */
export function messages(): Plugin {
  let isDevelopment = false;
  // Of each kind once: ten modules ask for it, and it reads every file of the first drawing.
  const parts = new Map<Kind, ReturnType<typeof inParts>>();
  const partsOf = (kind: Kind): ReturnType<typeof inParts> => {
    const known = parts.get(kind) ?? inParts(kind.english);
    parts.set(kind, known);
    return known;
  };
  const kindOf = (id: string): Kind | undefined =>
    Object.values(kinds).find(({ prefix }) => id.startsWith(prefix));
  return {
    name: 'messages of a language',
    buildStart() {
      parts.clear();
    },
    configResolved({ command, mode }) {
      isDevelopment = command === 'serve' && mode === 'development';
    },
    resolveId: (id) => (kindOf(id) ? `\0${id}` : undefined),
    load(id) {
      const kind = id.startsWith('\0') ? kindOf(id.slice(1)) : undefined;
      if (!kind) return undefined;
      const [, part, language = ''] =
        /^(?:(first|rest)-)?(\w+)$/.exec(id.slice(kind.prefix.length + 1)) ?? [];
      const wanted = part === 'first' || part === 'rest' ? new Set(partsOf(kind)[part]) : undefined;
      const translated = language === 'en' ? kind.english : translationOf(language, kind);
      const catalogue = Object.entries(kind.english)
        .filter(([key]) => wanted?.has(key) ?? true)
        .map(([key, english]) => {
          const own = (translated as Readonly<Record<string, string>>)[key];
          return [key, compile(own ?? (isDevelopment ? `[[${english}]]` : english))];
        });
      return `export const ${kind.name} = JSON.parse(${JSON.stringify(JSON.stringify(Object.fromEntries(catalogue)))});`;
    },
  };
}
