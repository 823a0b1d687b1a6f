import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { DatasetSpec } from '../../main/connectors/connector.ts';
import { localTarget } from '../../main/engines/engine.ts';
import { connect, type PgClient } from '../../main/engines/postgres/postgres-client.ts';
import { createDatabase, type TestDatabase } from '../support/database.ts';
import { land } from '../support/land.ts';

/* Records that are found in other things, such as the attachments of forms: of each thing, those of its last reading stay. */

const spec: DatasetSpec = {
  name: 'files',
  label: 'Files',
  description: '',
  shape: {
    key: 'id',
    keyName: 'file_id',
    columns: [{ path: 'form_id', type: 'text' }],
    within: 'form_id',
    parts: (record) => [{ table: 'files', label: 'files', value: record }],
    pin: () => undefined,
    indexes: [],
  },
};

const file = (form: string, name: string, size: number, pages = 0) => ({
  id: `${form}/${name}`,
  form_id: form,
  size,
  pages: Array.from({ length: pages }, (_, at) => ({ text: `${size} ${at}` })),
});

let db: TestDatabase;
let client: PgClient;
beforeAll(async () => {
  db = await createDatabase();
  client = await connect(localTarget(db.postgres, db.database), new AbortController().signal);
});
afterAll(async () => {
  await client.end();
  await db[Symbol.asyncDispose]();
});

describe.each([
  ['in one go', false],
  ['with a restart behind each page', true],
])('read %s', (_, restart) => {
  it('are those of the last reading, with their rows in every table', async () => {
    const schema = restart ? 'cut' : 'whole';
    await land(
      client,
      schema,
      [
        [file('a', 'form', 1, 2), file('a', 'photo', 1, 3), file('b', 'form', 1), file('c', 'form', 1)],
        // Read again: one is gone, one is new, one has changed.
        [file('b', 'form', 1), file('b', 'late', 2), file('a', 'form', 2, 1), file('a', 'signature', 2, 2)],
        // The last of one page and the first of the next are two readings of the same.
        [file('a', 'form', 3, 1)],
        [file('a', 'form', 4), file('a', 'photo', 4, 2)],
      ],
      restart,
      spec,
    );
    expect(await db.query(`SELECT id, size::text FROM ${schema}.files ORDER BY id`)).toEqual([
      { id: 'a/form', size: '4' },
      { id: 'a/photo', size: '4' },
      { id: 'b/form', size: '1' },
      { id: 'b/late', size: '2' },
      { id: 'c/form', size: '1' },
    ]);
    const [row] = await db.query(
      `SELECT string_agg(text, ',' ORDER BY text) AS texts FROM ${schema}.files_pages`,
    );
    expect(row?.['texts']).toBe('4 0,4 1');
  });
});
