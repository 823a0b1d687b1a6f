import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { documentOf, parseDocument, type Value } from '../../main/connectors/document.ts';
import { CopyBuffer, cleanJson, copyText } from '../../main/sync/destination/postgres/copy-buffer.ts';

const parse = (text: string): Value => parseDocument(Buffer.from(text));
const runs = { numRuns: 2000, seed: 20261121 };

/** A JSON text written as unlike JSON.stringify as the standard allows: spaces everywhere, characters as escapes. */
const oddly = (json: unknown, random: () => number): string => {
  const space = (): string => [' ', '', '\n', '\t', ' \r\n'][Math.floor(random() * 5)] as string;
  const string = (text: string): string => {
    let out = '"';
    for (let at = 0; at < text.length; at += 1) {
      const unit = text.charCodeAt(at);
      const plain = JSON.stringify(text.charAt(at)).slice(1, -1);
      const whole = unit >= 0xd800 && unit < 0xe000;
      out += whole || random() < 0.3 ? `\\u${unit.toString(16).padStart(4, '0')}` : plain;
    }
    return `${out}"`;
  };
  const write = (value: unknown): string => {
    if (typeof value === 'string') return string(value);
    if (Array.isArray(value))
      return `[${space()}${value.map(write).join(`${space()},${space()}`)}${space()}]`;
    if (value !== null && typeof value === 'object') {
      const members = Object.entries(value).map(
        ([key, item]) => `${string(key)}${space()}:${space()}${write(item)}`,
      );
      return `{${space()}${members.join(`${space()},${space()}`)}${space()}}`;
    }
    return JSON.stringify(value);
  };
  return space() + write(json) + space();
};

describe('a document', () => {
  it('is what JSON.parse makes of the text, however it is written', () => {
    fc.assert(
      fc.property(
        fc.jsonValue(),
        fc.infiniteStream(fc.double({ min: 0, max: 0.999, noNaN: true })),
        (json, stream) => {
          const text = oddly(json, () => stream.next().value as number);
          expect(parse(text).json()).toEqual(JSON.parse(text));
        },
      ),
      { ...runs, numRuns: 500 },
    );
  });
  it('takes exactly the texts that JSON.parse takes', () => {
    const pieces = fc.constantFrom(
      ...'{}[],:"\\/ \n\t0123456789.-+eEtrufalsn\u00e9',
      'true',
      'false',
      'null',
      '\\u00e9',
      '\\u12',
      '"a"',
      '{"a":1}',
      '[1]',
      '-0',
      '01',
      '1.',
      '.5',
      '1e5',
      '\u0001',
    );
    const accepts = (read: () => unknown): boolean => {
      try {
        read();
        return true;
      } catch (error) {
        expect(error).toBeInstanceOf(SyntaxError);
        return false;
      }
    };
    const texts = fc.oneof(
      fc.array(pieces, { maxLength: 8 }).map((list) => list.join('')),
      fc.tuple(fc.json(), fc.nat(), pieces).map(([text, at, piece]) => {
        const cut = at % (text.length + 1);
        return text.slice(0, cut) + piece + text.slice(cut + 1);
      }),
      fc.tuple(fc.json(), fc.nat()).map(([text, at]) => text.slice(0, at % (text.length + 1))),
    );
    fc.assert(
      fc.property(texts, (text) => {
        expect(accepts(() => parse(text))).toBe(accepts(() => JSON.parse(text)));
      }),
      { ...runs, numRuns: 10_000 },
    );
  });
  it('refuses a text that nests without end', () => {
    expect(() => parse('['.repeat(5000) + ']'.repeat(5000))).toThrow(/deeper/);
  });
  it('gives members, elements and texts in place', () => {
    const value = parse(
      '{"a":"x\\ny","n":9007199254740993,"नाम":"सीता","l":[1,{"b":true},[]],"z":null,"a\\u0062":2,"a":"last","o":{}}',
    );
    expect(value.keys()).toEqual(['a', 'n', 'नाम', 'l', 'z', 'ab', 'a', 'o']);
    expect(value.get('a')?.text()).toBe('x\ny');
    expect(value.get('n')?.text()).toBe('9007199254740993');
    expect(value.get('नाम')?.text()).toBe('सीता');
    expect(value.get('ab')?.text()).toBe('2');
    expect(value.get('नाव')).toBeUndefined();
    expect(
      value
        .get('l')
        ?.items()
        .map((item) => item.kind),
    ).toEqual(['number', 'object', 'array']);
    expect(value.get('l')?.source()).toBe('[1,{"b":true},[]]');
    expect(value.get('z')?.text()).toBe('');
    expect(value.get('l')?.get('b')).toBeUndefined();
    expect(value.get('a')?.items()).toEqual([]);
    expect(value.get('n')?.json()).toBe('9007199254740993');
  });
});

describe('COPY data', () => {
  const strings = fc.oneof(
    fc.string({ unit: 'grapheme' }),
    fc.string({ unit: 'binary' }),
    fc
      .array(
        fc.constantFrom(
          '\\',
          '"',
          '\n',
          '\t',
          '\r',
          '\0',
          '\b',
          '\f',
          '/',
          '\ud800',
          '\udc00',
          '💧',
          'é',
          'a',
        ),
      )
      .map((list) => list.join('')),
  );
  /** The rules of COPY's text format backwards. */
  const letters: Record<string, string> = { n: '\n', r: '\r', t: '\t', b: '\b', f: '\f' };
  const uncopied = (data: string): string =>
    data.replace(/\\(.)/g, (_, letter: string) => letters[letter] ?? letter);
  const plain = fc.double({ min: 0, max: 0.999, noNaN: true });
  it('says what the string says', () => {
    fc.assert(
      fc.property(strings, fc.infiniteStream(plain), (text, stream) => {
        const value = parse(oddly(text, () => stream.next().value as number));
        const out = new CopyBuffer(1);
        out.text(value.document, value.at);
        const data = out.data().toString();
        expect(data).not.toMatch(/[\n\r\t\0]/);
        expect(uncopied(data)).toBe(uncopied(copyText(text.toWellFormed())));
      }),
      runs,
    );
  });
  it('says what the JSON says, but for what jsonb refuses', () => {
    const clean = (json: unknown): unknown => JSON.parse(cleanJson(JSON.stringify(json)));
    fc.assert(
      fc.property(fc.jsonValue(), strings, fc.infiniteStream(plain), (json, text, stream) => {
        const value = parse(oddly([json, text], () => stream.next().value as number));
        const out = new CopyBuffer(1);
        out.json(value.document, value.at);
        const data = out.data().toString();
        expect(data).not.toMatch(/[\n\r\t\0]/);
        expect(JSON.parse(uncopied(data))).toEqual(clean([json, text]));
      }),
      { ...runs, numRuns: 500 },
    );
  });
  it('keeps the digits of numbers beside a text that had to be cleaned', () => {
    expect(cleanJson('{"n":9007199254740993.10,"t":"a\\u0000b"}')).toBe('{"n":9007199254740993.10,"t":"ab"}');
    expect(documentOf({ t: '\0' }).get('t')?.text()).toBe('\0');
  });
});
