import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { type MessageFormatElement, parse, TYPE } from '@formatjs/icu-messageformat-parser';
import { describe, expect, it } from 'vitest';
import { createWriter } from '../../preload/messages/compact.ts';
import { compile } from '../../preload/messages/compile.ts';
import { createFormatter } from '../../preload/messages/format.ts';
import { en } from '../../renderer/i18n/en.ts';
import { languageNames, prepared } from '../../renderer/i18n/languages.ts';
import { firstFiles, inParts, keysNamed, kinds, translationOf } from '../../renderer/messages.config.ts';
import { pseudo } from '../support/pseudo.ts';

const root = join(import.meta.dirname, '..', '..', 'renderer');
const english: Readonly<Record<string, string>> = en;
const complete = Object.keys(languageNames).filter((language) => language !== 'en');
const all = [...complete, ...prepared];

interface Parameter {
  readonly kind: 'argument' | 'plural' | 'select';
  /** Of a select, which has the same in every language. */
  readonly branches: readonly string[];
}

/** Every parameter of a message by name, in whatever branch it stands. */
function parametersOf(message: string): Map<string, Parameter> {
  const found = new Map<string, Parameter>();
  const walk = (elements: readonly MessageFormatElement[]): void => {
    for (const element of elements) {
      if (element.type === TYPE.argument)
        found.set(element.value, { kind: found.get(element.value)?.kind ?? 'argument', branches: [] });
      if (element.type !== TYPE.plural && element.type !== TYPE.select) continue;
      const branches = Object.keys(element.options).sort();
      const kind = element.type === TYPE.plural ? 'plural' : 'select';
      found.set(element.value, { kind, branches: kind === 'select' ? branches : [] });
      for (const { value } of Object.values(element.options)) walk(value);
    }
  };
  walk(parse(message, { ignoreTag: true }));
  return found;
}

/** The plural branches of a message, each plural for itself. */
function pluralsOf(message: string): string[][] {
  const found: string[][] = [];
  const walk = (elements: readonly MessageFormatElement[]): void => {
    for (const element of elements) {
      if (element.type !== TYPE.plural && element.type !== TYPE.select) continue;
      if (element.type === TYPE.plural) found.push(Object.keys(element.options));
      for (const { value } of Object.values(element.options)) walk(value);
    }
  };
  walk(parse(message, { ignoreTag: true }));
  return found;
}

/** The categories that whole numbers of a language can be in. */
function categoriesOf(language: string): Set<string> {
  const rules = new Intl.PluralRules(language);
  const numbers = [...Array.from({ length: 200 }, (_, n) => n), 1e3, 1e5, 1e6, 2e6, 1e7];
  return new Set([...numbers.map((n) => rules.select(n)), 'other']);
}

/** Names, codes and words that are written alike; nothing else may stay as it is in English. */
const alike =
  /^(?:[\s\W\d_]|\{\w+\}|Headgate|DBA|CSV|JSON|NDJSON|Markdown|INSERT|NULL|SQLSTATE|STARTTLS|TLS|PNG|SVG|DBeaver|pgAdmin|Azure Data Studio|DataGrip|DBGate|Beekeeper Studio|dbt \(profiles\.yml\)|Snowflake \(connections\.toml\)|Databricks \(\.databrickscfg\)|ODBC \(odbc\.ini\)|dbt sources\.yml|ms|s|min|h|id|PEM|OAuth|via|kB|MB)*$/;
const alikeIn: Readonly<Record<string, string>> = {
  fr: 'Actions Applications Organisation Organisations Agent Agents Active Attention Description Format Notifications Options Pause Plan Port Production Secret Secrets Service Session Sessions Source Sources Structure Table Tables Type Types Version Webhook Proxy E-mail Services',
  es: 'Plan Error No no Roles Host Webhook Proxy',
  pt: 'Host Webhook Proxy E-mail Desktop Status',
};

const isAlike = (language: string, text: string): boolean => {
  if (text === 'dbt sources.yml') return true;
  const words = [...parametersOf(text).keys(), ...(alikeIn[language] ?? '').split(' ')];
  const rest = text.replace(/[\w-]+/g, (word) =>
    words.some((each) => each.toLowerCase() === word.toLowerCase()) ? '' : word,
  );
  return alike.test(rest.replace(/\b(?:count|plural|one|other|tables|n|pg_service\.conf)\b/g, ''));
};

/** Each language of the window's own texts, and of what the core says. */
const catalogues = Object.entries(kinds).flatMap(([name, kind]) =>
  all.map((language) => ({ name, language, kind })),
);

describe.each(catalogues)('$name in $language', ({ language, kind }) => {
  const english: Readonly<Record<string, string>> = kind.english;
  const translated = translationOf(language, kind);
  const pairs = Object.entries(translated).filter(([key]) => Object.hasOwn(english, key));

  it('has the keys of English and no others', () => {
    expect(Object.keys(translated).filter((key) => !Object.hasOwn(english, key))).toEqual([]);
    const missing = Object.keys(english).filter((key) => !Object.hasOwn(translated, key));
    if (complete.includes(language)) expect(missing).toEqual([]);
  });

  it('has each key in the room that it is in in English', () => {
    const place = join(kind.folder, language);
    for (const file of existsSync(place) ? readdirSync(place) : []) {
      const source = readFileSync(join(kind.folder, 'en', file.replace('.json', '.ts')), 'utf8');
      const keys = Object.keys(JSON.parse(readFileSync(join(place, file), 'utf8')));
      expect(keys.filter((key) => !source.includes(`'${key}':`))).toEqual([]);
    }
  });

  it('has the same parameters of the same kinds', () => {
    const shapeOf = (text: string): string => JSON.stringify([...parametersOf(text)].sort());
    const wrong = pairs.filter(([key, text]) => shapeOf(text) !== shapeOf(english[key] ?? ''));
    expect(wrong).toEqual([]);
  });

  it('has every plural form that a whole number can take', () => {
    const needed = [...categoriesOf(language)];
    const wrong = pairs.filter(([, text]) =>
      pluralsOf(text).some((forms) => needed.some((category) => !forms.includes(category))),
    );
    expect(wrong).toEqual([]);
  });

  it('has no straight apostrophe, which quotes in a message, and no blank end', () => {
    const isBlank = ([key, text]: readonly [string, string]) => (text === '') !== (english[key] === '');
    const wrong = pairs.filter((pair) => /'|^\s|\s$/.test(pair[1]) || isBlank(pair));
    expect(wrong).toEqual([]);
  });

  it('leaves nothing in English but names and codes', () => {
    expect(pairs.filter(([key, text]) => text === english[key] && !isAlike(language, text))).toEqual([]);
  });
});

describe('what the window carries of a message', () => {
  it.each([...catalogues, ...Object.entries(kinds).map(([name, kind]) => ({ name, language: 'en', kind }))])(
    'says in $language what the message of $name says',
    ({ language, kind }) => {
      const texts = Object.values(language === 'en' ? kind.english : translationOf(language, kind));
      const [formatter, writer] = [createFormatter(language, language), createWriter(language, language)];
      for (const text of texts) {
        const names = [...parametersOf(text).keys()];
        for (const n of [0, 1, 2, 5, 1e6]) {
          const values = Object.fromEntries(names.map((name) => [name, n]));
          expect(writer.write(compile(text), values)).toBe(formatter.format(text, values));
        }
        const words = Object.fromEntries(
          [...parametersOf(text)].map(([name, { kind }]) => [name, kind === 'argument' ? 'Äb {c} <d>' : 3]),
        );
        expect(writer.write(compile(text), words)).toBe(formatter.format(text, words));
      }
    },
  );

  it('refuses what the window could not say', () => {
    for (const text of ['{n, number, ::percent}', '{at, date}', '{n, plural, offset:1 other {#}}', '{n'])
      expect(() => compile(text), text).toThrow();
    expect(() => createWriter('en', 'en').write(compile('Delete {name}?'), {})).toThrow('name');
  });
});

describe('the English keys', () => {
  /** Keys that are put together while the window runs, by what comes first. */
  const computed = ['audit.', 'activity.area.', 'activity.cause.', 'activity.level.'];

  it('are all used somewhere', () => {
    const source = readdirSync(root, { recursive: true, encoding: 'utf8' })
      .filter((name) => /\.tsx?$/.test(name) && !name.startsWith('i18n/'))
      .map((name) => readFileSync(join(root, name), 'utf8'))
      .join('\n');
    const named = new Set(keysNamed(source, Object.keys(english)));
    const unused = Object.keys(english).filter(
      (key) => !named.has(key) && !computed.some((head) => key.startsWith(head)),
    );
    expect(unused).toEqual([]);
    // The search can fail: a key that nobody asks for is found.
    expect(keysNamed(source, ['home.noSuchKey', 'home.title'])).toEqual(['home.title']);
  });

  it('are of the first drawing where a file of it names them', () => {
    const files = [...firstFiles()].map((file) => relative(root, file));
    expect(files).toContain('screens/home/home.tsx');
    // What is fetched later is none of it, though it is named there.
    expect(files).not.toContain('screens/query/query.tsx');
    const { first, rest } = inParts(english);
    expect(new Set([...first, ...rest])).toEqual(new Set(Object.keys(english)));
    expect(first.filter((key) => rest.includes(key))).toEqual([]);
    expect(first).toEqual(expect.arrayContaining(['shell.skip', 'dataState.late', 'summary.attention']));
    expect(rest).toEqual(expect.arrayContaining(['audit.projects.create']));
  });
});

describe('the pseudo-locale', () => {
  it('keeps parameters and is longer', () => {
    expect(pseudo('Delete {name}?')).toMatch(/^⟦.*\{name\}.*⟧$/);
    for (const text of Object.values(english)) {
      expect([...parametersOf(pseudo(text)).keys()].sort()).toEqual([...parametersOf(text).keys()].sort());
      expect(pseudo(text).length).toBeGreaterThan(text.length);
    }
  });
});
