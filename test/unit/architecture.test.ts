import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';
import { describe, expect, it } from 'vitest';

/* Who may import whom: the rules of the house, executed. First they are shown to bite. */

type Sources = ReadonlyMap<string, string>;

const root = join(import.meta.dirname, '..', '..');

/** From the bottom up; a room imports only rooms below it. Rooms of one line do not know each other. */
const order: readonly (readonly string[])[] = [
  ['main/errors.ts', 'main/redact.ts', 'main/plain-file.ts', 'main/one-line.ts', 'main/words.ts'],
  ['main/log.ts', 'main/net', 'main/own-file.ts'],
  ['main/host.ts', 'main/log-file.ts'],
  [
    'main/clock.ts',
    'main/memory.ts',
    'main/retries.ts',
    'main/os-process.ts',
    'main/os-user.ts',
    'main/fixed-policy.ts',
  ],
  ['main/calendar', 'main/dictionary'],
  ['main/store'],
  ['main/vault'],
  ['main/access', 'main/oauth', 'main/engines'],
  ['main/connectors', 'main/imports'],
  ['main/sync'],
  ['main/schedule', 'main/query', 'main/notices'],
  ['main/services'],
  ['main/dispatch.ts'],
  ['main/app.ts'],
  ['main/owner'],
  ['main/sample'],
  ['main/electron', 'main/headless'],
];

/** Packages that only some rooms may import; a package that is not listed is free. */
const packageRooms: Readonly<Record<string, readonly string[]>> = {
  electron: ['main/electron', 'preload/index.ts', 'preload/ask.ts'],
  'electron-store': ['main/electron'],
  'better-sqlite3': ['main/store', 'main/vault'],
  // What an agent hands over is described to it in the same words that it is checked by.
  zod: ['preload/contract', 'main/dispatch.ts', 'main/owner', 'main/headless/mcp'],
  '@modelcontextprotocol/sdk': ['main/headless/mcp'],
  pg: ['main/engines'],
  ssh2: ['main/engines'],
  'csv-parse': ['main/imports'],
  luxon: ['main/calendar'],
  'libpg-query': ['main/query', 'main/app.ts'],
  nodemailer: ['main/notices'],
  'jsonc-parser': ['main/imports'],
  yaml: ['main/imports'],
  'smol-toml': ['main/imports'],
  '@napi-rs/keyring': ['main/headless'],
  'intl-messageformat': ['preload/messages'],
  // Made by the build from the catalogues.
  'virtual:messages': ['renderer/i18n'],
  'virtual:sentences': ['renderer/i18n'],
  '@formatjs/icu-messageformat-parser': ['preload/messages'],
  react: ['renderer'],
  'react-dom': ['renderer'],
  '@codemirror/autocomplete': ['renderer/screens/query'],
  '@codemirror/commands': ['renderer/screens/query'],
  '@codemirror/lang-sql': ['renderer/screens/query'],
  '@codemirror/language': ['renderer/screens/query'],
  '@codemirror/search': ['renderer/screens/query'],
  '@codemirror/state': ['renderer/screens/query'],
  '@codemirror/view': ['renderer/screens/query'],
  '@lezer/highlight': ['renderer/screens/query'],
  '@base-ui/react': ['renderer'],
  echarts: ['renderer/screens/query/chart'],
  'sql-formatter': ['renderer/screens/query/editor'],
};

const isIn = (file: string, room: string): boolean => file === room || file.startsWith(`${room}/`);

function importsOf(source: string): string[] {
  const code = source.replace(/\/\*[\s\S]*?\*\//g, '').replace(/^\s*\/\/.*$/gm, '');
  const found = [
    ...code.matchAll(/\b(?:import|export)\b[^;'"()]*?\bfrom\s*['"]([^'"]+)['"]/g),
    ...code.matchAll(/(?<![.\w'"])import\s*\(?\s*['"]([^'"]+)['"]/g),
    ...code.matchAll(/\brequire\s*\(\s*['"]([^'"]+)['"]/g),
  ];
  return [...new Set(found.map((match) => match[1] as string))];
}

function violations(sources: Sources): string[] {
  const found: string[] = [];
  const edges = new Map<string, string[]>();
  for (const [file, source] of sources) {
    const targets: string[] = [];
    for (const specifier of importsOf(source)) {
      if (specifier.startsWith('.')) {
        const target = normalize(join(dirname(file), specifier));
        targets.push(target);
        const reason = refusal(file, target);
        if (reason) found.push(`${file} imports ${target}: ${reason}`);
      } else {
        const name = specifier.startsWith('@')
          ? specifier.split('/').slice(0, 2).join('/')
          : (specifier.split('/')[0] as string);
        const rooms = packageRooms[name];
        if (rooms && !rooms.some((room) => isIn(file, room)))
          found.push(`${file} imports the package ${name}`);
        if (isIn(file, 'preload/contract') && name !== 'zod')
          found.push(`${file} imports ${specifier}: the contract imports zod only`);
        if (
          isIn(file, 'renderer') &&
          (specifier.startsWith('node:') || !rooms) &&
          !file.endsWith('.config.ts')
        ) {
          found.push(
            `${file} imports ${specifier}: the renderer imports React, Base UI and the contract only`,
          );
        }
      }
    }
    edges.set(file, targets);
  }
  return [...found, ...cycles(edges)];
}

/** Why one file may not import another; null when it may. */
function refusal(file: string, target: string): string | null {
  if (target === 'package.json' || target.endsWith('.css')) return null;
  if (isIn(target, 'test')) return 'nothing depends on the tests';
  if (isIn(file, 'preload/contract'))
    return isIn(target, 'preload/contract') ? null : 'the contract is a leaf';
  if (file === 'preload/index.ts' || file === 'preload/ask.ts')
    return isIn(target, 'preload/contract') ? null : 'the preload knows only the contract';
  if (isIn(file, 'renderer')) {
    return isIn(target, 'renderer') || isIn(target, 'preload/contract') || isIn(target, 'preload/messages')
      ? null
      : 'the renderer never reaches into main';
  }
  if (isIn(file, 'preload/messages')) {
    return isIn(target, 'preload/messages') || isIn(target, 'preload/contract')
      ? null
      : 'messages are below both sides';
  }
  if (isIn(target, 'preload/contract') || isIn(target, 'preload/messages')) return null;
  if (!isIn(target, 'main')) return 'main imports main and the contract';
  const lineOf = (path: string): number => order.findIndex((line) => line.some((room) => isIn(path, room)));
  const [from, to] = [lineOf(file), lineOf(target)];
  if (from < 0) return `${file} has no place in the house`;
  if (to < 0) return `${target} has no place in the house`;
  if (to < from) return null;
  const sameRoom = order[from]?.some((room) => isIn(file, room) && isIn(target, room));
  return sameRoom ? null : 'that room is not below this one';
}

function cycles(edges: ReadonlyMap<string, readonly string[]>): string[] {
  const state = new Map<string, 'open' | 'done'>();
  const found: string[] = [];
  const visit = (file: string, trail: readonly string[]): void => {
    if (state.get(file) === 'done') return;
    if (state.get(file) === 'open') {
      found.push(`cycle: ${[...trail.slice(trail.indexOf(file)), file].join(' -> ')}`);
      return;
    }
    state.set(file, 'open');
    for (const target of edges.get(file) ?? []) if (edges.has(target)) visit(target, [...trail, file]);
    state.set(file, 'done');
  };
  for (const file of edges.keys()) visit(file, []);
  return found;
}

function readSources(folders: readonly string[]): Sources {
  return new Map(
    folders.flatMap((folder) =>
      readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
        .filter(
          (name) => /\.(ts|tsx)$/.test(name) && !name.endsWith('.config.ts') && !name.startsWith('build.'),
        )
        .map((name) => [join(folder, name), readFileSync(join(root, folder, name), 'utf8')] as const),
    ),
  );
}

describe('the import rules bite', () => {
  it.each([
    ['a service that reaches up', 'main/services/x.ts', "import { createApp } from '../app.ts';"],
    ['a store that knows the vault', 'main/store/x.ts', "import type { Vault } from '../vault/vault.ts';"],
    ['a connector that knows the store', 'main/sync/x.ts', "import { x } from '../services/y.ts';"],
    ['one engine room in another', 'main/oauth/x.ts', "import { ident } from '../engines/postgres/sql.ts';"],
    ['electron outside its folder', 'main/services/x.ts', "import { app } from 'electron';"],
    ['electron by dynamic import', 'main/headless/x.ts', "const { app } = await import('electron');"],
    ['SQLite outside the store', 'main/sync/x.ts', "import Database from 'better-sqlite3';"],
    ['the contract with a package', 'preload/contract/x.ts', "import pg from 'pg';"],
    ['the contract reaching into main', 'preload/contract/x.ts', "export { x } from '../../main/errors.ts';"],
    ['the renderer reaching into main', 'renderer/x.tsx', "import { AppError } from '../main/errors.ts';"],
    ['the renderer with Node', 'renderer/x.tsx', "import fs from 'node:fs';"],
    ['main depending on the tests', 'main/headless/x.ts', "import { x } from '../../test/support/x.ts';"],
    ['a file outside every room', 'main/misc.ts', "import { x } from './errors.ts';"],
  ])('%s', (_, file, source) => {
    expect(violations(new Map([[file, source]])).length).toBeGreaterThan(0);
  });
  it('a cycle', () => {
    const cyclic = new Map([
      ['main/sync/a.ts', "import { b } from './b.ts';"],
      ['main/sync/b.ts', "export * from './c.ts';"],
      ['main/sync/c.ts', "import type { A } from './a.ts';"],
    ]);
    expect(violations(cyclic)).toEqual([
      'cycle: main/sync/a.ts -> main/sync/b.ts -> main/sync/c.ts -> main/sync/a.ts',
    ]);
  });
});

it('main, preload and renderer keep the rules', () => {
  const sources = readSources(['main', 'preload', 'renderer']);
  expect(sources.size).toBeGreaterThan(50);
  expect(violations(sources)).toEqual([]);
});

it('the page takes only types from the models, whose values would bring the whole validator along', () => {
  const values =
    /import (?!type\b)(?:\{[^}]*\}|\* as \w+) from '[^']*preload\/contract\/(?:models|methods)[^']*'/;
  const found = [...readSources(['renderer'])].filter(([, source]) =>
    // A list in which every name is a type is as good.
    (source.match(new RegExp(values, 'g')) ?? []).some((line) =>
      (/\{([^}]*)\}/.exec(line)?.[1] ?? 'all')
        .split(',')
        .some((each) => each.trim() !== '' && !/^\s*type /.test(each)),
    ),
  );
  expect(found.map(([file]) => file)).toEqual([]);
  expect(values.test("import { tlsModes } from '../../preload/contract/models.ts'")).toBe(true);
});

it('no room beside the connectors knows what a kind of source calls its settings or its type', () => {
  const kinds = [...readSources(['main/connectors'])].flatMap(([, source]) =>
    [...source.matchAll(/^ {2}type: '([a-z_]+)',$/gm)].map(([, type]) => type as string),
  );
  expect(kinds).toEqual(expect.arrayContaining(['commcare', 'commcare_connect', 'odk_central']));
  const known = new RegExp(
    `'(?:${kinds.join('|')})'|(?:settings|domain)(?:\\['|\\.)(?:domain|organization|project)\\b`,
  );
  // The sample brings a simulated server of one kind with it; a step of the store that was released is never edited.
  const mayKnow = [
    'main/connectors',
    'main/store/migrations',
    'main/sample',
    'main/services/sample',
    'main/headless/demo.ts',
  ];
  const found = [...readSources(['main', 'preload', 'renderer'])].filter(
    ([file, source]) => !mayKnow.some((room) => isIn(file, room)) && known.test(source),
  );
  expect(found.map(([file]) => file)).toEqual([]);
  expect(known.test("spec.source.settings['domain']")).toBe(true);
});
