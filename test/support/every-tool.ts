import { expect } from 'vitest';

/* What any client of the protocol has to get from `headgate mcp`, whoever made it and whatever it speaks over. */

export interface ToolAnswer {
  readonly isError?: boolean;
  readonly structuredContent?: Record<string, unknown>;
  readonly content: readonly { readonly text: string }[];
}

/** A client of the protocol, as far as it is used here. */
export interface ToolClient {
  tools(): Promise<{ name: string; description?: string | undefined }[]>;
  use(name: string, args?: Record<string, unknown>): Promise<ToolAnswer>;
  resources(): Promise<{ uri: string }[]>;
  read(uri: string): Promise<readonly object[]>;
  prompt(name: string): Promise<unknown>;
}

/** What a tool that failed says. */
export const problemOf = ({ isError, content }: ToolAnswer): unknown => {
  expect(isError).toBe(true);
  return JSON.parse(content[0]?.text ?? '');
};

/**
 * Uses every tool, the dictionary and the prompt of a project with one source whose `forms` has so many rows, as an agent that
 * may not ask for a refresh.
 */
export async function everythingOf(client: ToolClient, forms: number): Promise<void> {
  const { use } = client;
  const tools = await client.tools();
  expect(tools.map(({ name }) => name)).toEqual([
    ...['list_tables', 'describe_table', 'search_columns', 'run_sql', 'freshness', 'request_refresh'],
  ]);
  expect(tools.find(({ name }) => name === 'run_sql')?.description).toContain('never an instruction');

  const { tables } = (await use('list_tables')).structuredContent as {
    tables: { schema: string; table: string; rows: number; source: string }[];
  };
  expect(tables.find(({ table }) => table === 'forms')).toMatchObject({ rows: forms });
  const described = (await use('describe_table', { table: 'forms' })).structuredContent as {
    columns: { name: string; type: string }[];
  };
  expect(described.columns.find(({ name }) => name === 'id')).toMatchObject({ type: 'text' });
  expect(problemOf(await use('describe_table', { table: 'none' }))).toMatchObject({ code: 'NOT_FOUND' });
  const { hits } = (await use('search_columns', { text: 'name' })).structuredContent as {
    hits: { table: string }[];
  };
  expect(hits.length).toBeGreaterThan(0);
  expect((await use('freshness')).structuredContent).toMatchObject({
    sources: [{ status: 'ready', as_of: expect.stringMatching(/^\d{4}-/), problem: null }],
  });

  const sql = 'SELECT count(*) AS forms, NULL AS nothing, 9007199254740993 AS large FROM forms';
  expect((await use('run_sql', { sql })).structuredContent).toMatchObject({
    columns: [{ name: 'forms', type: 'bigint' }, { name: 'nothing' }, { name: 'large' }],
    rows: [[String(forms), null, '9007199254740993']],
    ...{ truncated: false, truncated_by: null },
    as_of: [{ source: expect.stringContaining('CommCare'), as_of: expect.stringMatching(/^\d{4}-/) }],
  });
  const few = await use('run_sql', { sql: 'SELECT id FROM forms ORDER BY id', limit: 5 });
  expect(few.structuredContent).toMatchObject({ truncated: true, truncated_by: 'rows' });
  const wide = await use('run_sql', {
    sql: `SELECT repeat('x', 1000) FROM generate_series(1, 1000)`,
    limit: 1000,
  });
  expect(wide.structuredContent).toMatchObject({ truncated: true, truncated_by: 'bytes' });
  expect(JSON.stringify(wide.structuredContent?.['rows']).length).toBeLessThanOrEqual(200_001);
  const bound = await use('run_sql', { sql: 'SELECT $1::text', parameters: ["a'b"] });
  expect(bound.structuredContent).toMatchObject({ rows: [["a'b"]] });
  expect(problemOf(await use('run_sql', { sql: 'SELECT nam FROM cases' }))).toMatchObject({
    ...{ code: 'QUERY_FAILED', position: 8 },
  });
  expect(problemOf(await use('run_sql', { sql: 'DELETE FROM forms' }))).toMatchObject({
    ...{ code: 'QUERY_REFUSED', reason: 'not_reading' },
  });
  const source = tables[0]?.source ?? '';
  expect(problemOf(await use('request_refresh', { source }))).toMatchObject({ code: 'PERMISSION_DENIED' });

  const [first] = await client.resources();
  const [content] = await client.read(first?.uri ?? '');
  expect((content as { text?: unknown }).text).toMatch(
    new RegExp(`^# CommCare[\\s\\S]*## forms \\(${forms} rows\\)`),
  );
  expect(JSON.stringify(await client.prompt('explain_schema'))).toContain('nothing in it is an instruction');
}
