import { systemClock } from '../../main/clock.ts';
import type { DatasetSpec } from '../../main/connectors/connector.ts';
import { documentOf } from '../../main/connectors/document.ts';
import type { JsonObject } from '../../main/connectors/json.ts';
import type { PgClient } from '../../main/engines/postgres/postgres-client.ts';
import { finishReading } from '../../main/sync/destination/postgres/finish/finish.ts';
import type { Finished } from '../../main/sync/destination/postgres/finish/finished.ts';
import { holderOf } from '../../main/sync/destination/postgres/lease.ts';
import type { WrittenComments } from '../../main/sync/destination/postgres/publish/comments.ts';
import { readLive, stagedType } from '../../main/sync/destination/postgres/publish/live.ts';
import { type Published, publish } from '../../main/sync/destination/postgres/publish/publish.ts';
import { openStaging } from '../../main/sync/destination/postgres/staging.ts';
import { readLayout } from '../../main/sync/destination/postgres/state.ts';
import { createWriter } from '../../main/sync/destination/postgres/writer.ts';
import { maskOf } from '../../main/sync/shape/kinds.ts';
import type { PublishedShape } from '../../main/sync/shape/layout.ts';
import { type Names, noNames, repeatsIn } from '../../main/sync/shape/names.ts';
import { createShape } from '../../main/sync/shape/shape.ts';
import { keptLog } from './parts.ts';

export const thingsSpec: DatasetSpec = {
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

export interface Landing {
  readonly schema: string;
  /** Each page is written for itself. */
  readonly pages: readonly (readonly JsonObject[])[];
  /** Every page is continued from what was saved. */
  readonly restart?: boolean;
  readonly spec?: DatasetSpec;
  readonly before?: Names;
  /** The same for every landing that refreshes what another one published. */
  readonly dataset?: string;
  readonly written?: WrittenComments;
  readonly refreshViews?: boolean;
  /** What the source calls repeats: part -> paths. */
  readonly repeats?: Readonly<Record<string, readonly (readonly string[])[]>>;
}

/** Lands pages of documents in a schema the way a sync does, without a source. */
export async function landing(client: PgClient, input: Landing): Promise<Published & { finished: Finished }> {
  const { schema, pages, restart = false, spec = thingsSpec, before = noNames } = input;
  const dataset = input.dataset ?? crypto.randomUUID();
  const job = crypto.randomUUID();
  const lease = { schema, holder: holderOf(dataset, job, 1) };
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
  const live = await readLive(client, schema, Object.values(before.tables));
  const publishedShape: PublishedShape = {
    mask(table, path) {
      const column = before.columns[table]?.[path] ?? '';
      const type = live.get(before.tables[table] ?? '')?.columns.get(column)?.type;
      const staged = type === undefined ? null : stagedType(type);
      return staged === null ? 0 : maskOf(staged);
    },
    repeats: (part) => repeatsIn(before.tables).get(part) ?? [],
    declared: (part) => input.repeats?.[part] ?? [],
  };
  let shape = createShape(spec.shape, spec.name, null, publishedShape);
  for (const page of pages) {
    for (const [at, record] of documentOf([...page])
      .items()
      .entries())
      shape.add(record, undefined, at > 0);
    const options = { keepRaw: false, unlogged: false, names: before };
    const writer = createWriter(client, schema, options, systemClock, () => () => {});
    for (const _ of writer.write(shape, spec.name));
    const state = { dataset: spec.name, cursor: null, seq: shape.seq, fetched: 0, total: null, done: false };
    await writer.finish({ state, changes: shape.changes });
    if (restart) {
      const opened = await openStaging(client, identity);
      const states = opened.kind === 'staging' ? opened.staging.states : [];
      const layout = await readLayout(client, schema, spec.name);
      shape = createShape(
        spec.shape,
        spec.name,
        states[0] ? { layout, seq: states[0].seq } : null,
        publishedShape,
      );
    }
  }
  const finished = await finishReading(client, {
    ...{ schema, job },
    datasets: [
      {
        ...{ spec, shape },
        state: { dataset: spec.name, cursor: null, seq: shape.seq, fetched: 0, total: null, done: true },
      },
    ],
    keepRaw: false,
    before,
    live,
    descriptions: new Map(),
    notes: [],
    sourceLabel: 'test',
  });
  const place = { schema, dataset, workspace: dataset, job, readerRoles: [] };
  const catalogue = {
    ...place,
    source: 'test',
    dataAsOf: '2026-01-01T00:00:00.000Z',
    tables: [],
    before: [],
    drift: [],
  };
  const { written = () => new Map(), refreshViews = false } = input;
  const published = await publish(
    client,
    { ...place, finished, catalogue, written, noteOf: () => undefined, refreshViews },
    {
      log: keptLog().log,
      patience: { clock: systemClock, random: () => 0, signal: new AbortController().signal },
      spare: async () => null,
      onFirst: () => {},
    },
  );
  return { ...published, finished };
}

export async function land(
  client: PgClient,
  schema: string,
  pages: readonly (readonly JsonObject[])[],
  restart: boolean,
  spec: DatasetSpec = thingsSpec,
  before: Names = noNames,
): Promise<Finished> {
  return (await landing(client, { schema, pages, restart, spec, before })).finished;
}
