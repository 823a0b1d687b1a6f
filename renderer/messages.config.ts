import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Plugin } from 'vite';
import { compile } from '../preload/messages/compile.ts';
import { sentences } from '../preload/messages/en/index.ts';
import { en } from './i18n/en.ts';

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

/**
 * `virtual:messages/fr`, `virtual:sentences/said-fr`: a whole language as a module of its own, its messages read and checked now
 * instead of in the window. What is not translated is English; while somebody develops it stands in brackets, to be seen.
 */
export function messages(): Plugin {
  let isDevelopment = false;
  const kindOf = (id: string): Kind | undefined =>
    Object.values(kinds).find(({ prefix }) => id.startsWith(prefix));
  return {
    name: 'messages of a language',
    configResolved({ command, mode }) {
      isDevelopment = command === 'serve' && mode === 'development';
    },
    resolveId: (id) => (kindOf(id) ? `\0${id}` : undefined),
    load(id) {
      const kind = id.startsWith('\0') ? kindOf(id.slice(1)) : undefined;
      if (!kind) return undefined;
      const language = id.slice(kind.prefix.length + 1);
      const translated = language === 'en' ? kind.english : translationOf(language, kind);
      const catalogue = Object.entries(kind.english).map(([key, english]) => {
        const own = (translated as Readonly<Record<string, string>>)[key];
        return [key, compile(own ?? (isDevelopment ? `[[${english}]]` : english))];
      });
      return `export const ${kind.name} = JSON.parse(${JSON.stringify(JSON.stringify(Object.fromEntries(catalogue)))});`;
    },
  };
}
