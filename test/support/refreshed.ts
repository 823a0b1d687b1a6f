import type { DatasetSpec } from '../../main/connectors/connector.ts';
import type { JsonObject } from '../../main/connectors/json.ts';
import { localTarget } from '../../main/engines/engine.ts';
import { connect, endSession } from '../../main/engines/postgres/postgres-client.ts';
import type { Finished } from '../../main/sync/destination/postgres/finish/finished.ts';
import { columnsOf } from '../../main/sync/destination/postgres/finish/plan.ts';
import type { Published } from '../../main/sync/destination/postgres/publish/publish.ts';
import { type Names, noNames } from '../../main/sync/shape/names.ts';
import { english } from '../../preload/messages/said.ts';
import type { TestDatabase } from './database.ts';
import { type Landing, landing, thingsSpec } from './land.ts';

/** Records that were given no kind are things; `kind` puts them into a table of its own, beside `things`. */
export const kindsSpec: DatasetSpec = {
  ...thingsSpec,
  shape: {
    ...thingsSpec.shape,
    indexes: ['n'],
    parts: (record) => [
      { table: 'things', label: 'things', value: record },
      ...(record.get('kind') === undefined
        ? []
        : [
            {
              table: `kind/${record.get('kind')?.text()}`,
              label: record.get('kind')?.text() ?? '',
              value: record,
            },
          ]),
    ],
  },
};

/** What came of it, with what people should know in English. */
type Told = Omit<Published, 'notice'> & { readonly notice: string | null };

/** One schema that is refreshed again and again by the plain role, with whatever records are given. */
export interface Refreshed extends AsyncDisposable {
  readonly schema: string;
  refresh(records: readonly JsonObject[], more?: Partial<Landing>): Promise<Told>;
  /** The names that were given out so far. */
  names(): Names;
  /** The refusal of a refresh that is held. */
  held(records: readonly JsonObject[]): Promise<{ code: string; message: string; advice: string }>;
}

export async function refreshed(
  db: Pick<TestDatabase, 'postgres' | 'database'>,
  schema: string,
): Promise<Refreshed> {
  const client = await connect(localTarget(db.postgres, db.database), new AbortController().signal);
  const dataset = crypto.randomUUID();
  let last: Finished | null = null;
  const written = (name: string): Map<string | null, readonly string[]> => {
    const plan = last?.plans.find((one) => one.name === name);
    return new Map<string | null, readonly string[]>(
      plan
        ? [[null, [plan.comment]], ...columnsOf(plan).map(({ to, comment }) => [to, [comment]] as const)]
        : [],
    );
  };
  const refresh = async (records: readonly JsonObject[], more: Partial<Landing> = {}): Promise<Told> => {
    await client.query(`DROP SCHEMA IF EXISTS "${schema}__staging" CASCADE`);
    const { finished, ...published } = await landing(client, {
      ...{ schema, dataset, written, spec: kindsSpec, pages: [records] },
      before: last?.names ?? noNames,
      ...more,
    });
    last = finished;
    const { notice } = published;
    return { ...published, notice: notice === null ? null : english(notice) };
  };
  return {
    schema,
    refresh,
    names: () => last?.names ?? noNames,
    held: (records) =>
      refresh(records).then(
        () => Promise.reject(new Error('it was published')),
        (error) => error as { code: string; message: string; advice: string },
      ),
    [Symbol.asyncDispose]: () => endSession(client),
  };
}
