import { parse, TomlError } from 'smol-toml';
import { say } from '../../../preload/messages/said.ts';
import { AppError } from '../../errors.ts';
import type { Found } from '../found.ts';
import { bagOf } from '../found.ts';
import { snowflakeOf } from '../kinds/snowflake.ts';
import { createTold } from '../kinds/told.ts';
import { foundOf, insistShort } from './entries.ts';

/** Reads TOML. Fails with IMPORT_UNREADABLE; what the reader says of an error has the lines around it in it. */
function readToml(text: string): unknown {
  insistShort(text);
  try {
    return parse(text);
  } catch (error) {
    if (!(error instanceof TomlError)) throw error;
    throw new AppError('IMPORT_UNREADABLE', say('imports.notToml', { line: error.line }));
  }
}

/** Tables of config.toml that are about the command line itself. */
const others = new Set(['cli', 'default_connection_name', 'connections']);

/**
 * Snowflake's connections.toml, where each table is a connection, and its config.toml, where they are within `connections`
 * (Snowflake documentation, "Connecting using the connections.toml file"; Snowflake CLI, "Configuring Snowflake CLI").
 */
export function parseSnowflakeToml(text: string): Found {
  const file = bagOf(readToml(text));
  const within = bagOf(file['connections']);
  const isConfig = Object.values(within).some((each) => Object.keys(bagOf(each)).length > 0);
  const tables = Object.entries(isConfig ? within : file).filter(
    ([name, value]) => (isConfig || !others.has(name)) && Object.keys(bagOf(value)).length > 0,
  );
  const further = isConfig
    ? Object.keys(file)
        .filter((name) => !others.has(name))
        .map((where) => ({ where, message: 'is no connection' }))
    : [];
  return foundOf(
    tables.map(([where, value]) => ({
      where,
      taken: snowflakeOf(createTold(Object.entries(bagOf(value))), where),
    })),
    further,
  );
}
