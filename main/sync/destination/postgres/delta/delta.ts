import { say } from '../../../../../preload/messages/said.ts';
import type { DatasetSpec } from '../../../../connectors/connector.ts';
import type { Json } from '../../../../connectors/json.ts';
import type { PgClient } from '../../../../engines/postgres/postgres-client.ts';
import { qualified } from '../../../../engines/postgres/sql.ts';
import { batchesOf } from '../../../batches.ts';
import type { Names } from '../../../shape/names.ts';
import type { Tables } from '../../../shape/packed.ts';
import type { Shape } from '../../../shape/shape.ts';
import type { LiveTable } from '../publish/live.ts';
import { type DatasetState, readMarks, saveMark } from '../state.ts';
import { inTransaction, rowsWithSettings } from '../transaction.ts';
import { stageBase } from './base.ts';
import { type LocalSet, openLocal } from './local.ts';
import { mainPlace } from './place.ts';
import { Unproven } from './unproven.ts';

/** Tables whose rows are counted in one statement. */
const countedAtOnce = 50;

/** What a target does for a refresh that reads only what changed. */
export interface DeltaDestination {
  /** What was remembered of each dataset in this run. */
  marks(): Promise<Map<string, Json>>;
  remember(dataset: string, mark: Json): Promise<void>;
  /** Fails with Unproven where what is published of a dataset is not as it was published. */
  insistAsPublished(spec: DatasetSpec, field: string): Promise<void>;
  /** Makes room for changes beside what is published. */
  begin(spec: DatasetSpec, shape: Shape, state: DatasetState): Promise<void>;
  /** The records that there will be, as far as they are known now. */
  local(spec: DatasetSpec, shape: Shape, field: string): LocalSet;
}

interface Target {
  readonly schema: string;
  readonly keepRaw: boolean;
  readonly names: Names;
  readonly published: Tables;
}

export function deltaDestination(
  client: () => PgClient,
  live: () => ReadonlyMap<string, LiveTable>,
  { schema, keepRaw, names, published }: Target,
): DeltaDestination {
  const changed = (table: string): Unproven => new Unproven(say('runs.delta.touched', { table }));
  return {
    marks: () => inTransaction(client(), () => readMarks(client(), schema)),
    remember: (dataset, mark) => inTransaction(client(), () => saveMark(client(), schema, dataset, mark)),
    async insistAsPublished(spec, field) {
      if (mainPlace(spec, field, names, live()) === null) throw changed(spec.name);
      const own = [...published].filter(({ dataset }) => dataset === spec.name);
      for (const { name, columns } of own) {
        const found = live().get(name);
        if (!found || columns.some((column) => !found.columns.has(column.name))) throw changed(name);
      }
      // Only changes of rows that leave their number as it was are not seen here; those a whole reading finds.
      for (const some of batchesOf(own, countedAtOnce)) {
        const counts = some.map(({ name }) => `(SELECT count(*) FROM ONLY ${qualified(schema, name)})`);
        const rows = await rowsWithSettings<{ n: string }>(
          client(),
          `SELECT unnest(ARRAY[${counts.join(', ')}]) AS n`,
        );
        const at = some.findIndex((table, place) => Number(rows[place]?.n) !== table.rows);
        if (at >= 0) throw changed(some[at]?.name ?? '');
      }
    },
    begin: (spec, shape, state) => stageBase(client(), schema, spec, shape, keepRaw, state),
    local(spec, shape, field) {
      const place = mainPlace(spec, field, names, live());
      if (place === null) throw changed(spec.name);
      return openLocal(client(), schema, spec, shape, field, place);
    },
  };
}
