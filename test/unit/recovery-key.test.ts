import { describe, expect, it } from 'vitest';
import { parseRecoveryKey, recoveryText } from '../../main/vault/recovery.ts';
import { random } from '../support/parts.ts';

const messageOf = (text: string): string => {
  try {
    parseRecoveryKey(text);
  } catch (error) {
    return (error as Error).message;
  }
  return '';
};

describe('a recovery key on paper', () => {
  const key = random(32);
  const text = recoveryText(key);

  it('is 13 groups of five signs, and is read back however it is typed', () => {
    expect(text).toMatch(/^([0-9A-HJKMNP-TV-Z]{5}-){12}[0-9A-HJKMNP-TV-Z]{5}$/);
    for (const typed of [
      text,
      text.toLowerCase(),
      ` ${text.replaceAll('-', '')} `,
      text.replaceAll('-', '\n'),
      text.replaceAll('0', 'o').replaceAll('1', 'l'),
    ])
      expect(parseRecoveryKey(typed).equals(key), typed).toBe(true);
    for (const bytes of [Buffer.alloc(32), Buffer.alloc(32, 255)])
      expect(parseRecoveryKey(recoveryText(bytes)).equals(bytes)).toBe(true);
  });

  it('tells every wrong sign and every two that changed places, with the group', () => {
    const groups = text.split('-');
    for (const [at, group] of groups.entries()) {
      for (let place = 0; place < 5; place += 1) {
        for (const sign of '0123456789ABCDEFGHJKMNPQRSTVWXYZ') {
          if (sign === group[place]) continue;
          const changed = group.slice(0, place) + sign + group.slice(place + 1);
          expect(messageOf(groups.with(at, changed).join('-'))).toContain(`look at group ${at + 1} again`);
        }
        const [one, other] = [group[place], group[place + 1]];
        if (other === undefined || one === other) continue;
        const swapped = group.slice(0, place) + other + one + group.slice(place + 2);
        expect(messageOf(groups.with(at, swapped).join('-'))).toContain(`group ${at + 1}`);
      }
    }
    const [first = '', second = ''] = groups;
    expect(messageOf(groups.with(0, second).with(1, first).join('-'))).toContain('look at group 1 again');
  });

  it('tells what is missing, too much or in no key', () => {
    expect(messageOf(text.slice(0, -6))).toContain('13 groups of 5 signs, 60 signs were typed');
    expect(messageOf(`${text}-AAAAA`)).toContain('70 signs were typed');
    expect(messageOf(text.replace(/^./, 'U'))).toContain('group 1 has a sign that is in no key');
    expect(messageOf('')).toContain('0 signs were typed');
  });
});
