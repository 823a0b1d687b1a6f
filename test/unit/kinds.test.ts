import { describe, expect, it } from 'vitest';
import { createPageSize } from '../../main/connectors/http.ts';
import { parseJson } from '../../main/connectors/json.ts';
import { retryAfterMs } from '../../main/retries.ts';
import { cleanJson } from '../../main/sync/destination/postgres/copy-buffer.ts';
import * as kinds from '../../main/sync/shape/kinds.ts';

const { Kind, typeOf } = kinds;
/** Each in the middle of other bytes, as it stands in a document. */
const within = <T>(of: (bytes: Buffer, start: number, end: number) => T, text: string): T => {
  const bytes = Buffer.from(`9${text}9`);
  return of(bytes, 1, bytes.length - 1);
};
const kindOfText = (text: string) => within(kinds.kindOfText, text);
const kindOfNumber = (text: string) => within(kinds.kindOfNumber, text);
const instantFormat = (text: string) => within(kinds.instantFormat, text);

describe('the kind of a text', () => {
  it.each([
    ['0', 'bigint'],
    ['-12', 'bigint'],
    ['9223372036854775807', 'bigint'],
    ['-9223372036854775808', 'bigint'],
    ['9223372036854775808', 'text'],
    ['007', 'text'],
    ['-0', 'text'],
    ['+91', 'text'],
    ['1.50', 'numeric'],
    ['0.10', 'numeric'],
    ['01.5', 'text'],
    ['-0.0', 'text'],
    ['1e5', 'text'],
    ['.5', 'text'],
    ['5.', 'text'],
    ['true', 'boolean'],
    ['True', 'text'],
    ['yes', 'text'],
    ['2024-02-29', 'date'],
    ['2025-02-29', 'text'],
    ['1900-02-29', 'text'],
    ['2025-13-01', 'text'],
    ['0000-01-01', 'text'],
    ['2025-03-02T08:11:42.530616Z', 'timestamptz'],
    ['2025-03-02T08:11:42+05:30', 'timestamptz'],
    ['2025-03-02T08:11:42', 'timestamp'],
    ['2025-03-02T24:00:00Z', 'text'],
    ['2025-03-02 08:11:42', 'text'],
    ['2025-03-02T08:11:42+15:00', 'text'],
    ['6c84fb90-12c4-11e1-840d-7b25c5ee775a', 'text'],
    ['6C84FB90-12C4-11E1-840D-7B25C5EE775A', 'text'],
    ['18.5 73.8 550.0 12.0', 'text'],
    ['10:15:00', 'time'],
    ['10:15:00.250', 'time'],
    ['24:00:00', 'text'],
    ['10:15', 'text'],
    ['10:15:00.000+05:30', 'text'],
    ['12:00:00Z', 'text'],
    ['a b c', 'text'],
    [' 5', 'text'],
  ])('%s is %s', (text, type) => expect(typeOf(kindOfText(text))).toBe(type));

  it('widens without losing a character', () => {
    expect(typeOf(Kind.integer | Kind.decimal)).toBe('numeric');
    expect(typeOf(Kind.integer | Kind.date)).toBe('text');
    expect(typeOf(Kind.date | Kind.timestamptz)).toBe('text');
    expect(typeOf(Kind.boolean | Kind.integer)).toBe('text');
    expect(typeOf(Kind.text | Kind.list)).toBe('jsonb');
    expect(typeOf(0)).toBe('text');
    expect(kindOfNumber('1.5')).toBe(Kind.decimal);
    expect(kindOfNumber('-0')).toBe(Kind.decimal);
  });
  it('knows how instants are written', () => {
    expect(instantFormat('2025-03-02T08:11:42Z')).toBe(0);
    expect(instantFormat('2025-03-02T08:11:42.530Z')).toBe(3);
    expect(instantFormat('2025-03-02T08:11:42.530616Z')).toBe(6);
    expect(instantFormat('2025-03-02T08:11:42.5Z')).toBeNull();
    expect(instantFormat('2025-03-02T08:11:42+05:30')).toBeNull();
  });
});

describe('JSON', () => {
  it('keeps the digits of numbers that a double would change', () => {
    expect(
      parseJson('{"a":9007199254740993,"b":12,"c":[1234567890.12345678901],"d":"9007199254740993"}'),
    ).toEqual({
      a: '9007199254740993',
      b: 12,
      c: ['1234567890.12345678901'],
      d: '9007199254740993',
    });
  });
  it('makes what jsonb refuses acceptable and leaves the rest alone', () => {
    expect(cleanJson('{"a":"\\u00e9\\ud83d\\ude00"}')).toBe('{"a":"\\u00e9\\ud83d\\ude00"}');
    expect(cleanJson('{"a":"x\\u0000y"}')).toBe('{"a":"xy"}');
    expect(cleanJson('{"a":"\\ud800"}')).toBe('{"a":"\ufffd"}');
    expect(cleanJson('{"a":"\\ude00\\ud83d"}')).toBe('{"a":"\ufffd\ufffd"}');
  });
});

describe('manners towards the source', () => {
  it('reads Retry-After as seconds, fractions of them, or a date', () => {
    expect(retryAfterMs('2', 0)).toBe(2000);
    expect(retryAfterMs('0.4', 0)).toBe(400);
    expect(retryAfterMs('Thu, 01 Jan 1970 00:00:05 GMT', 2000)).toBe(3000);
    expect(retryAfterMs('soon', 0)).toBeNull();
    expect(retryAfterMs(null, 0)).toBeNull();
  });
  it('asks for less when the source can not cope, and for more when it can again', () => {
    const size = createPageSize(1000, 50);
    expect(size.current).toBe(1000);
    size.shrink();
    size.took(31_000);
    expect(size.current).toBe(250);
    size.took(15_000);
    expect(size.current).toBe(250);
    size.took(1000);
    expect(size.current).toBe(500);
    for (let n = 0; n < 10; n += 1) size.shrink();
    expect(size.current).toBe(50);
  });
});
