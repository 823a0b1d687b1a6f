import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from '@formatjs/icu-messageformat-parser';
import { describe, expect, it } from 'vitest';
import { AppError, badField, errorOf } from '../../main/errors.ts';
import { allErrorCodes, wireError } from '../../preload/contract/errors.ts';
import { changeTexts, plain, type Said, said } from '../../preload/contract/said.ts';
import { sentences } from '../../preload/messages/en/index.ts';
import { createFormatter } from '../../preload/messages/format.ts';
import { english, englishMessage, say, several } from '../../preload/messages/said.ts';
import { createSpeaker } from '../../preload/messages/speaker.ts';

const root = join(import.meta.dirname, '..', '..');
const sourcesOf = (folder: string): Map<string, string> =>
  new Map(
    readdirSync(join(root, folder), { recursive: true })
      .map(String)
      .filter((name) => /\.tsx?$/.test(name))
      .map((name) => [`${folder}/${name}`, readFileSync(join(root, folder, name), 'utf8')]),
  );

interface Element {
  readonly type: number;
  readonly value?: unknown;
  readonly options?: Readonly<Record<string, { readonly value: readonly Element[] }>>;
}
/** The names of the parameters in a message. */
function namesIn(elements: readonly Element[]): string[] {
  return elements.flatMap((element) => [
    // Text and `#` have no name.
    ...(element.type === 0 || element.type === 7 ? [] : [String(element.value)]),
    ...Object.values(element.options ?? {}).flatMap(({ value }) => namesIn(value)),
  ]);
}
const paramsOf = (message: string): string[] => [
  ...new Set(namesIn(parse(message, { ignoreTag: true }) as readonly Element[])),
];

describe('the catalogue of sentences', () => {
  it('has valid messages that are written with their parameters', () => {
    for (const [id, message] of Object.entries(sentences) as [string, string][]) {
      const names = paramsOf(message);
      const params = Object.fromEntries(
        names.map((name) => [name, /plural/.test(message) ? 2 : `‹${name}›`]),
      );
      const text = english({ id, params });
      expect(text === id, id).toBe(false);
      if (!/plural/.test(message)) for (const name of names) expect(text, id).toContain(`‹${name}›`);
    }
  });

  it('has typographic apostrophes, dotted ids and no message that is only a parameter', () => {
    const bare = new Set(['common.several']);
    for (const [id, message] of Object.entries(sentences) as [string, string][]) {
      expect(id).toMatch(/^[a-z]\w*(?:\.\w+)+$/i);
      // Two are one in what is read, as SQL has it.
      expect(message.replaceAll("''", '').replace(/'[{}]+'/g, ''), id).not.toContain("'");
      if (!bare.has(id)) expect(message, id).not.toMatch(/^\{\w+\}$/);
    }
  });

  it('has no sentence that nobody says', () => {
    const all = [...sourcesOf('main').values(), ...sourcesOf('preload/messages').values()]
      .concat([...sourcesOf('renderer').values()])
      .join('\n');
    const said = all.replace(/^ {2}'[\w.]+':/gm, '');
    // `services.option.${kind}`: all that begin so are said.
    const begun = [...said.matchAll(/`([a-z]\w*(?:\.\w+)*\.)\$\{/gi)].map(([, start]) => start as string);
    const unused = Object.keys(sentences).filter(
      (id) => !said.includes(`'${id}'`) && !begun.some((start) => id.startsWith(start)),
    );
    expect(unused).toEqual([]);
  });

  it('has advice for every code', () => {
    for (const code of allErrorCodes) expect(englishMessage(`error.${code}.advice`), code).toBeTruthy();
  });
});

describe('errors', () => {
  /** `new AppError(CODE, 'text')`, `badField(path, 'text')`, `advice: 'text'`. */
  const literal = /(?:new AppError|badField)\(\s*[^,()]+,\s*['"`]|\badvice:\s*['"`](?!['"`])/;
  it('say sentences of the catalogue, nowhere texts of their own', () => {
    expect("new AppError('IN_USE', 'It is used.')").toMatch(literal);
    expect('new AppError(\n  code,\n  `It is used.`,').toMatch(literal);
    expect("{ advice: 'Wait.' }").toMatch(literal);
    for (const [file, source] of sourcesOf('main')) expect(literal.exec(source)?.[0], file).toBeUndefined();
  });

  it('carry the sentence, the fields and the time as data, over every line and back', () => {
    const until = '2026-11-29T18:00:00.000Z';
    const why = say('connections.keyMissing', { host: 'a; port: 1' });
    const made = badField('ssh', why, { advice: say('common.workCancelled'), until });
    expect(made.message).toBe('ssh: the key for a; port: 1 is missing.');
    const wire = wireError.parse(JSON.parse(JSON.stringify(made.toWire())));
    expect(wire).toMatchObject({
      fields: [{ path: 'ssh', said: why }],
      until,
      advised: { id: 'common.workCancelled' },
    });
    expect(errorOf(wire).toWire()).toEqual(wire);
  });

  it('of an older version are told as they are', () => {
    const old = wireError.parse({ code: 'DB_LOST', kind: 'transient', message: 'Gone.', advice: 'Wait.' });
    expect([errorOf(old).message, errorOf(old).advice]).toEqual(['Gone.', 'Wait.']);
  });

  it('have the advice of their code where there is no other', () => {
    expect(new AppError('CANCELLED', plain('x')).advised).toEqual({ id: 'error.CANCELLED.advice' });
  });
});

describe('a speaker', () => {
  const formatter = createFormatter('fr', 'fr-FR');
  const messages = new Map([
    ['list.quoted', '« {item} »'],
    ['x.list', 'Sans {names}.'],
    ['x.count', '{n, plural, one {# ligne} other {# lignes}}'],
    ['x.until', 'Après {until}.'],
    ['x.why', 'Pas écrit : {why}'],
  ]);
  const french = createSpeaker({
    write(id, values) {
      const message = messages.get(id);
      return message === undefined ? undefined : formatter.format(message, values);
    },
    language: 'fr',
    instant: (iso) => `le ${iso.slice(8, 10)}`,
  });

  it('writes lists, choices, numbers, times and sentences in sentences in its own way', () => {
    const names = (list: unknown): Said => ({ id: 'x.list', params: { names: list as string[] } });
    expect(french(names({ quoted: ['a', 'b'] }))).toBe('Sans « a » et « b ».');
    expect(french(names({ anyOf: ['a', 'b'] }))).toBe('Sans a ou b.');
    expect(french({ id: 'x.count', params: { n: 1234 } })).toBe('1\u202f234 lignes');
    expect(french({ id: 'x.until', params: { until: { instant: '2026-11-29T18:00:00.000Z' } } })).toBe(
      'Après le 29.',
    );
    expect(french({ id: 'x.why', params: { why: { id: 'x.count', params: { n: 1 } } } })).toBe(
      'Pas écrit : 1 ligne',
    );
  });

  it('says nothing of what it does not know, at any depth', () => {
    expect(french({ id: 'x.other' })).toBeUndefined();
    expect(french({ id: 'x.list' })).toBeUndefined();
    expect(french({ id: 'x.why', params: { why: { id: 'x.other' } } })).toBeUndefined();
    let deep = plain('x');
    for (let at = 0; at < 50; at += 1) deep = { id: 'x.why', params: { why: deep } };
    expect(french(deep)).toBeUndefined();
  });

  it('joins sentences, and leaves one as it is', () => {
    const one = say('common.workCancelled');
    expect(several([one])).toBe(one);
    expect(english(several([one, plain('And that.')]))).toBe('The work was cancelled. And that.');
  });
});

it('texts are changed at any depth of what is said, and nothing else is', () => {
  const all: Said = {
    id: 'secret',
    params: {
      a: 'secret',
      n: 1,
      list: ['secret', plain('secret')],
      any: { anyOf: ['secret'] },
      quoted: { quoted: ['secret'] },
      either: { eitherQuoted: ['secret'] },
      several: { sentences: [plain('secret')] },
      nested: plain('secret'),
      at: { instant: '2026-11-29T18:00:00.000Z' },
    },
  };
  expect(said.parse(all)).toEqual(all);
  const changed = changeTexts(all, (text) => text.replaceAll('secret', '••••'));
  expect(JSON.stringify(changed.params)).not.toContain('secret');
  expect(changed).toMatchObject({
    id: 'secret',
    params: { n: 1, at: { instant: '2026-11-29T18:00:00.000Z' } },
  });
});
