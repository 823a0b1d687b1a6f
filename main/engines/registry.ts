import { type EngineType, engineTraits } from '../../preload/contract/engines.ts';
import { say } from '../../preload/messages/said.ts';
import { AppError } from '../errors.ts';
import { bigquery } from './bigquery/bigquery.ts';
import { clickhouse } from './clickhouse/clickhouse.ts';
import { databricks } from './databricks/databricks.ts';
import type { AskingReader, Engine, LandedReader, UserAdmin } from './engine.ts';
import { mysql } from './mysql/mysql.ts';
import { postgres } from './postgres/postgres.ts';
import { snowflake } from './snowflake/snowflake.ts';

const engines: Readonly<Record<EngineType, Engine>> = {
  postgres,
  mysql,
  clickhouse,
  bigquery,
  databricks,
  snowflake,
};
const landing: Readonly<Partial<Record<EngineType, Engine<LandedReader>>>> = { postgres };
const asking: Readonly<Partial<Record<EngineType, Engine<AskingReader>>>> = {
  mysql,
  clickhouse,
  bigquery,
  databricks,
  snowflake,
};

/** The engine of a connection. */
export function engineFor(type: EngineType): Engine {
  return engines[type];
}

/** An engine that data sources are landed in. Fails with ENGINE_CAN_NOT. */
export function landingEngine(type: EngineType): Engine<LandedReader> {
  return landing[type] ?? canNot(type, 'engines.canNot.land');
}

/** An engine that is asked in its own SQL. Fails with ENGINE_CAN_NOT. */
export function askingEngine(type: EngineType): Engine<AskingReader> {
  return asking[type] ?? canNot(type, 'engines.canNot.ask');
}

/** What can be done to users of a database of this kind. Fails with ENGINE_CAN_NOT. */
export function usersOf(type: EngineType): UserAdmin {
  return engines[type].users ?? canNot(type, 'engines.canNot.users');
}

function canNot(
  type: EngineType,
  id: 'engines.canNot.land' | 'engines.canNot.ask' | 'engines.canNot.users',
): never {
  throw new AppError('ENGINE_CAN_NOT', say(id, { engine: engineTraits[type].title }));
}
