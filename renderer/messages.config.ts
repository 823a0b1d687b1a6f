import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Plugin } from 'vite';
import { compile } from '../preload/messages/compile.ts';
import { en } from './i18n/en.ts';

const folder = fileURLToPath(new URL('i18n', import.meta.url));
const prefix = 'virtual:messages/';

/** Every message of a translation, room by room as its translator has them. */
export function translationOf(language: string): Record<string, string> {
  const rooms = readdirSync(join(folder, language)).filter((file) => file.endsWith('.json'));
  return Object.assign(
    {},
    ...rooms.map((room) => JSON.parse(readFileSync(join(folder, language, room), 'utf8'))),
  );
}

/**
 * `virtual:messages/fr`: a whole language as a module of its own, its messages read and checked now instead of in the
 * window. What is not translated is English; while somebody develops it stands in brackets, to be seen.
 */
export function messages(): Plugin {
  let isDevelopment = false;
  return {
    name: 'messages of a language',
    configResolved({ command, mode }) {
      isDevelopment = command === 'serve' && mode === 'development';
    },
    resolveId: (id) => (id.startsWith(prefix) ? `\0${id}` : undefined),
    load(id) {
      if (!id.startsWith(`\0${prefix}`)) return undefined;
      const language = id.slice(prefix.length + 1);
      const translated = language === 'en' ? en : translationOf(language);
      const catalogue = Object.entries(en).map(([key, english]) => {
        const own = (translated as Readonly<Record<string, string>>)[key];
        return [key, compile(own ?? (isDevelopment ? `[[${english}]]` : english))];
      });
      return `export const catalogue = JSON.parse(${JSON.stringify(JSON.stringify(Object.fromEntries(catalogue)))});`;
    },
  };
}
