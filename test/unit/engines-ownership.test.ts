import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  markText,
  type Ownership,
  parseMark,
  readOwnership,
  requireOwn,
  writeMark,
} from '../../main/engines/postgres/ownership.ts';
import { createDatabase } from '../support/database.ts';
import { codeOf } from '../support/parts.ts';

const mark: Ownership = { dataset: 'd1', workspace: 'w1', role: 'live', tables: ['forms', 'über "x"'] };

describe('a mark', () => {
  it('reads back as it was written, whatever is in it', () => {
    const text = fc.string({ unit: 'grapheme' });
    fc.assert(
      fc.property(
        text,
        text,
        fc.constantFrom('live', 'staging'),
        fc.array(text),
        (dataset, workspace, role, tables) => {
          const one = { dataset, workspace, role, tables } as Ownership;
          expect(parseMark(markText(one))).toEqual(one);
        },
      ),
      { seed: 5, numRuns: 200 },
    );
  });

  const changed = (change: object): string =>
    markText(mark).replace(/\{.*\}/s, JSON.stringify({ headgate: 1, ...mark, ...change }));
  it.each([
    null,
    '',
    'Our own schema',
    'Made and refreshed by Headgate.',
    'Made and refreshed by Headgate. ',
    'Made and refreshed by Headgate. null',
    'Made and refreshed by Headgate. {"headgate":1}',
    'Made and refreshed by Headgate. {broken',
    ` ${markText(mark)}`,
    changed({ headgate: 2 }),
    changed({ dataset: 5 }),
    changed({ role: 'owner' }),
    changed({ role: undefined }),
    changed({ tables: 'forms' }),
    changed({ tables: [1] }),
    changed({ tables: undefined }),
    changed({ workspace: {} }),
  ])('is not %j', (comment) => {
    expect(parseMark(comment)).toBeNull();
  });
});

describe('a schema in a real database', () => {
  it('is ours with our mark only', async () => {
    await using db = await createDatabase();
    const client = await db.connect();
    try {
      await client.query('CREATE SCHEMA ours; CREATE SCHEMA theirs; CREATE SCHEMA plain');
      await writeMark(client, 'ours', mark);
      await writeMark(client, 'theirs', { ...mark, dataset: 'd2' });
      expect(await readOwnership(client, 'ours')).toEqual({
        ...{ exists: true, mark, owner: db.admin.user, ownedByUs: true },
      });
      expect(await readOwnership(client, 'none')).toEqual({
        ...{ exists: false, mark: null, owner: null, ownedByUs: false },
      });
      expect((await requireOwn(client, 'ours', 'd1', 'live')).exists).toBe(true);
      expect((await requireOwn(client, 'none', 'd1', 'live')).exists).toBe(false);
      for (const [schema, dataset, role] of [
        ['ours', 'd1', 'staging'],
        ['ours', 'd2', 'live'],
        ['theirs', 'd1', 'live'],
        ['plain', 'd1', 'live'],
        ['public', 'd1', 'live'],
        ['pg_catalog', 'd1', 'live'],
      ] as const) {
        expect(await codeOf(() => requireOwn(client, schema, dataset, role)), schema).toBe('SCHEMA_NOT_OURS');
      }
      // A name is data, not SQL; and a comment that quotes the mark of another is none.
      const odd = `o'dd "name"; DROP SCHEMA ours; --\\`;
      await client.query(`CREATE SCHEMA "${odd.replaceAll('"', '""')}"`);
      await writeMark(client, odd, { ...mark, tables: ["'; DROP SCHEMA ours; --", '\\'] });
      expect((await readOwnership(client, odd)).mark?.tables).toEqual(["'; DROP SCHEMA ours; --", '\\']);
      expect((await readOwnership(client, 'ours')).exists).toBe(true);
    } finally {
      await client.end();
    }
  });
});
