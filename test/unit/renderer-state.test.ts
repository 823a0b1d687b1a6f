import { describe, expect, it } from 'vitest';
import type { Dataset } from '../../preload/contract/models.ts';
import { formatCountdown, formatDuration, formatInterval } from '../../renderer/format.ts';
import { parseHash } from '../../renderer/router.ts';
import { sentences } from '../../renderer/watch/state.ts';
import { dataset, jobOf, outlook } from '../support/renderer-fixture/builders.ts';
import { minutes, now } from '../support/renderer-fixture/scenario.ts';

const error = { kind: 'config', code: 'PUBLISH_HELD', message: 'Held.', advice: '' } as const;
const base = dataset(1);

describe('the sentences of a dataset', () => {
  it.each([
    ['Next update about', {}],
    ['The next update is overdue.', { outlook: outlook(minutes(-61)) }],
    ['It is not refreshed automatically.', { outlook: outlook(null) }],
    ['Refreshing is switched off', { outlook: outlook(minutes(-90), { wait: 'link_off' }) }],
    ['The source is switched off.', { outlook: outlook(minutes(-90), { wait: 'source_off' }) }],
    ['held back on this computer', { outlook: outlook(minutes(-90), { wait: 'metered' }) }],
    ['the vault to be unlocked', { outlook: outlook(minutes(-90), { wait: 'vault_locked' }) }],
    [
      'end of the quiet hours',
      { outlook: outlook(minutes(-9), { wait: 'quiet_hours', until: minutes(90) }) },
    ],
    [
      'It is tried again about',
      {
        ...{ status: 'error', error: { ...error, kind: 'transient' } },
        outlook: outlook(minutes(9), { wait: 'retry', failures: 1 }),
      },
    ],
    ['they go about', { expiresAt: minutes(90) }],
    ['removed because nobody used them', { status: 'expired', dataAsOf: null, outlook: outlook(null) }],
  ] as const)('says %s', (sentence, over) => {
    expect(sentences(dataset(1, over as Partial<Dataset>), now).join(' ')).toContain(sentence);
  });

  it('says nothing of tables that go on another day', () => {
    expect(sentences(dataset(1, { expiresAt: minutes(23 * 60) }), now).join(' ')).not.toContain('go about');
  });

  it('keeps saying how good the data is, whatever is wrong with its refresh', () => {
    for (const over of [{ signIn: 'expired' }, { status: 'error', error }] as Partial<Dataset>[]) {
      expect(sentences(dataset(1, over), now).join(' ')).toContain('Data complete up to');
    }
  });

  it('counts up without a total and gives both numbers with one', () => {
    const tables = (total: number | null) => [
      { dataset: 'forms', fetched: 450, total, status: 'reading' as const },
    ];
    const said = (total: number | null) =>
      sentences(
        dataset(1, { job: jobOf(1, base, { status: 'running', phase: 'reading', tables: tables(total) }) }),
        now,
      ).join(' ');
    expect(said(null)).toContain('450 records so far');
    expect(said(1200)).toMatch(/450 of 1.?200/);
  });
});

describe('formats', () => {
  it('writes durations, countdowns and intervals', () => {
    expect([0, 24, 42_000, 185_000, 4_320_000].map(formatDuration)).toEqual([
      '0 ms',
      '24 ms',
      '42 s',
      '3 min 05 s',
      '1 h 12 min',
    ]);
    expect([180_000, 59_100, 0, -5].map(formatCountdown)).toEqual(['3:00', '1:00', '0:00', '0:00']);
    expect([1, 6, 24, 48, 168].map(formatInterval)).toEqual([
      'Every hour',
      'Every 6 hours',
      'Every day',
      'Every 2 days',
      'Every week',
    ]);
  });
});

describe('addresses', () => {
  it('are parts and a query', () => {
    const route = parseHash('#/projects/a%20b?link=1');
    expect(route.parts).toEqual(['projects', 'a b']);
    expect(route.query.has('link')).toBe(true);
  });

  it('may be empty or broken', () => {
    expect(parseHash('').parts).toEqual([]);
    expect(parseHash('#/data/%E0%A4%A').parts).toEqual(['data', '%E0%A4%A']);
  });
});
