import type { WarehouseType } from '../../../preload/contract/urls/warehouse-url.ts';
import { readWarehouseUrl } from '../../../preload/contract/urls/warehouse-url.ts';
import { bagOf, isTold, leftOut, textOf } from '../found.ts';
import { bigqueryOf } from '../kinds/bigquery.ts';
import { databricksOf } from '../kinds/databricks.ts';
import { snowflakeOf } from '../kinds/snowflake.ts';
import { createTold, type Taken } from '../kinds/told.ts';
import { type Bag, readOfConfiguration, readOfEntry, toldOf, unread } from './dbeaver-parts.ts';

/** DBeaver's names of providers (`plugin.xml` of each of its extensions). */
const kinds: Readonly<Record<string, WarehouseType>> = {
  snowflake: 'snowflake',
  snowflake_ee: 'snowflake',
  databricks: 'databricks',
  bigquery: 'bigquery',
};

export const warehouseKindOf = (provider: string | undefined): WarehouseType | undefined =>
  provider !== undefined && Object.hasOwn(kinds, provider) ? kinds[provider] : undefined;

/** Of the page of a provider: how DBeaver itself shows things. */
const ofTheEye = new Set(['ddString', '@dbeaver-dd.string@']);
const readHere = new Set(['provider-properties', 'auth-model', 'auth-properties', ...readOfConfiguration]);
/** Models of signing in by a user and a secret, or by what the driver's properties say. */
const plainModels = ['native', 'snowflake_snowflake', 'google_bigquery', 'databricks_token', 'no_auth'];

/** Values under the names that the drivers of a warehouse have, from the fields or from the URL that DBeaver goes by. */
function valuesOf(
  engine: WarehouseType,
  configuration: Bag,
): readonly (readonly [string, unknown])[] | { readonly problem: string } {
  const lower = (bag: unknown): [string, unknown][] =>
    Object.entries(bagOf(bag)).map(([name, value]) => [name.toLowerCase(), value]);
  const properties = lower(configuration['properties']);
  const url = textOf(configuration['url']);
  // A connection to Databricks has no fields; others have a URL that is made of theirs.
  if (configuration['configurationType'] === 'URL' || engine === 'databricks') {
    const read = url === undefined ? undefined : readWarehouseUrl(url);
    if (read?.engine !== engine) return { problem: 'has a URL that can not be taken apart' };
    return [...read.told, ...properties];
  }
  const provider = Object.entries(bagOf(configuration['provider-properties']))
    .filter(([name]) => !ofTheEye.has(name))
    .map(([name, value]): [string, unknown] => [
      /^@dbeaver-(\w+)@$/.exec(name)?.[1] ?? name.toLowerCase(),
      value,
    ]);
  const login = Object.entries(bagOf(configuration['auth-properties']));
  if (engine === 'bigquery') return [...properties, ...provider, ...login];
  return [
    ...[
      ['host', 'host'] as const,
      ['port', 'port'] as const,
      ['database', 'database'] as const,
      ['server', 'warehouse'] as const,
    ]
      .filter(([field]) => isTold(configuration[field]))
      .map(([field, name]): [string, unknown] => [name, String(configuration[field])]),
    ...provider,
    ...login,
    ...properties,
  ];
}

/** A connection of DBeaver to a warehouse. */
export function warehouseOf(
  engine: WarehouseType,
  entry: Bag,
  { handlers, secrets, where }: { readonly handlers: Bag; readonly secrets: Bag; readonly where: string },
): Taken {
  const configuration = bagOf(entry['configuration']);
  const values = valuesOf(engine, configuration);
  if ('problem' in values) return values;
  const login = { ...bagOf(secrets['#connection']), ...toldOf(configuration) };
  const told = createTold([
    ...values,
    ...(['user', 'password'] as const).flatMap((name) =>
      textOf(login[name]) === undefined || values.some(([each]) => each === name)
        ? []
        : [[name, login[name]] as const],
    ),
  ]);
  const of = { snowflake: snowflakeOf, databricks: databricksOf, bigquery: bigqueryOf };
  const taken = of[engine](told, where);
  if (!taken.connection) return taken;
  const on = Object.keys(handlers).filter((name) => bagOf(handlers[name])['enabled'] === true);
  const model = textOf(configuration['auth-model']);
  const type = textOf(configuration['type']);
  return {
    connection: {
      ...taken.connection,
      environment: type === 'prod' ? 'production' : type === 'test' ? 'staging' : undefined,
      folder: textOf(entry['folder']),
      description: textOf(entry['description']),
      readOnly: entry['read-only'] === true ? true : undefined,
      notes: [
        ...taken.connection.notes,
        ...leftOut([
          ...unread(entry, readOfEntry),
          ...unread(configuration, readHere),
          ...(model === undefined || plainModels.includes(model) ? [] : ['auth-model']),
          ...on,
        ]),
      ],
    },
  };
}
