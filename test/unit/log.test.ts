import { describe, expect, it } from 'vitest';
import { AppError } from '../../main/errors.ts';
import { plain } from '../../preload/contract/said.ts';
import { instant, keptLog } from '../support/parts.ts';

const secret = 'tr0ub4dor&3 "quoted" \\ü';

describe('a log line', () => {
  it('is one line of JSON with time, level and event', () => {
    const { log, lines } = keptLog();
    log.with({ job: 'j1' }).info('sync.started', { rows: 3n, at2: new Date(0), list: new Set(['a']) });
    expect(lines).toHaveLength(1);
    expect(lines[0]?.endsWith('\n')).toBe(true);
    expect(JSON.parse(lines[0] as string)).toEqual({
      at: instant,
      level: 'info',
      event: 'sync.started',
      job: 'j1',
      rows: '3',
      at2: '1970-01-01T00:00:00.000Z',
      list: ['a'],
    });
  });

  it('carries no secret, wherever it stood', () => {
    const { log, lines, redactor } = keptLog();
    redactor.add(secret);
    const root = new Error(`connect postgres://u:${secret}@db/x`);
    const middle = Object.assign(new Error(`body ${JSON.stringify({ p: secret })}`, { cause: root }), {
      code: '28P01',
    });
    const error = new AppError('DB_ERROR', plain(`failed for ${encodeURIComponent(secret)}`), {
      cause: middle,
    });
    log.error('call.failed', {
      error,
      note: secret,
      deep: { list: [{ text: `${secret}!` }], map: new Map([[secret, secret]]) },
      url: new URL(`https://u:${encodeURIComponent(secret)}@h/?t=${encodeURIComponent(secret)}`),
      parts: new AggregateError([new Error(secret)], secret),
      basic: Buffer.from(`u:${secret}`).toString('base64'),
      password: 'never registered',
    });
    log.with({ text: secret }).debug(secret);
    const all = lines.join('');
    expect(all).not.toMatch(/tr0ub|quoted|never registered|dHIwdW/);
    const first = JSON.parse(lines[0] as string);
    // What is not secret is still there.
    expect(first.error).toMatchObject({
      code: 'DB_ERROR',
      cause: { code: '28P01', cause: { name: 'Error' } },
    });
    expect(first.error.stack).toContain('log.test.ts');
    expect(first.parts.errors).toHaveLength(1);
  });

  it.each(['info', 'true', 'null', '2026', 'event', '{"at":', '"'.repeat(5), '\\'.repeat(6)])(
    'stays readable JSON when the secret is %s',
    (word) => {
      const { log, lines, redactor } = keptLog();
      redactor.add(word);
      log.info('an.event', { ok: true, none: null, text: `x${word}y`, year: 2026, nested: [word] });
      const line = JSON.parse(lines[0] as string);
      expect(line.level).toBe('info');
      expect(line.ok).toBe(true);
      expect(line.none).toBeNull();
      expect(line.text).toBe('x••••y');
      expect(line.nested).toEqual(['••••']);
    },
  );

  it('ends where a cause or an object runs in circles', () => {
    const { log, lines } = keptLog();
    const circle: Record<string, unknown> = { name: 'circle' };
    circle['self'] = circle;
    const error = new Error('first');
    error.cause = error;
    const group = new AggregateError([], 'group');
    group.errors.push(group);
    log.warn('circles', { circle, error, group, bad: new Date(Number.NaN), key: new Uint8Array(32) });
    expect(JSON.parse(lines[0] as string)).toMatchObject({ bad: 'Invalid Date', key: '<32 bytes>' });
  });
});
