import { systemClock } from '../../main/clock.ts';
import type { DatasetSpec } from '../../main/connectors/connector.ts';
import { documentOf } from '../../main/connectors/document.ts';
import type { JsonObject } from '../../main/connectors/json.ts';
import type { PgClient } from '../../main/engines/postgres-client.ts';
import { encodePage } from '../../main/sync/destination/postgres/encode.ts';
import { type Finished, finishTables } from '../../main/sync/destination/postgres/finish.ts';
import { holderOf } from '../../main/sync/destination/postgres/lease.ts';
import { publish } from '../../main/sync/destination/postgres/publish.ts';
import { openStaging, stagingSchema } from '../../main/sync/destination/postgres/staging.ts';
import { saveFinished } from '../../main/sync/destination/postgres/state.ts';
import { createWriter } from '../../main/sync/destination/postgres/writer.ts';
import { noNames } from '../../main/sync/shape/names.ts';
import { createShape } from '../../main/sync/shape/shape.ts';

const spec: DatasetSpec = {
  name: 'things',
  label: 'Things',
  description: '',
  shape: {
    key: 'id',
    keyName: 'thing_id',
    columns: [],
    parts: (record) => [{ table: 'things', label: 'things', value: record }],
    pin: () => undefined,
    indexes: [],
  },
};

/** Lands pages of documents in a schema the way a sync does, without a source. With `restart` every page is continued from what was saved. */
export async function land(
  client: PgClient,
  schema: string,
  pages: readonly (readonly JsonObject[])[],
  restart: boolean,
): Promise<Finished> {
  const dataset = crypto.randomUUID();
  const lease = { schema, holder: holderOf(dataset, dataset) };
  const identity = {
    schema,
    dataset,
    workspace: dataset,
    fingerprint: 'x',
    mode: 'continue',
    lease,
    siblings: [],
    demands: { target: { database: '', user: '', superuserAllowed: false }, readerRoles: [] },
  } as const;
  await openStaging(client, identity);
  let shape = createShape(spec.shape, spec.name);
  for (const page of pages) {
    for (const record of documentOf([...page]).items()) shape.add(record);
    const writer = createWriter(client, schema, systemClock, () => {});
    for (const _ of encodePage(shape, stagingSchema(schema), spec.name, false, writer.sink));
    const state = { dataset: spec.name, cursor: null, seq: shape.seq, fetched: 0, total: null, done: false };
    await writer.finish({ ...state, shape: shape.save() });
    if (restart) {
      const opened = await openStaging(client, identity);
      const states = opened.published ? [] : opened.staging.states;
      shape = createShape(spec.shape, spec.name, states[0] ?? null);
    }
  }
  await client.query('BEGIN');
  const finished = await finishTables(client, {
    schema,
    datasets: [{ spec, shape }],
    keepRaw: false,
    before: noNames,
    descriptions: new Map(),
    sourceLabel: 'test',
    dataAsOf: '2026-01-01T00:00:00.000Z',
  });
  await saveFinished(client, schema, finished);
  await client.query('COMMIT');
  const tables = Object.keys(finished.rowCounts);
  await publish(
    client,
    {
      schema,
      dataset,
      workspace: dataset,
      job: dataset,
      tables,
      readerRoles: [],
      catalogue: {
        dataset,
        workspace: dataset,
        schema,
        job: dataset,
        source: 'test',
        dataAsOf: '2026-01-01T00:00:00.000Z',
        tables: [],
        drift: [],
        readerRoles: [],
      },
    },
    systemClock,
    () => 0,
    new AbortController().signal,
  );
  return finished;
}
