import type { ImportKind } from '../../preload/contract/models.ts';
import { say } from '../../preload/messages/said.ts';
import { AppError } from '../errors.ts';
import type { Around, Found } from './found.ts';
import { parseLegacy } from './legacy.ts';
import { parsePgService } from './libpq/pg-service.ts';
import { parsePgpass } from './libpq/pgpass.ts';
import { parseOwn } from './own.ts';
import { parseDatabricksCfg } from './profiles/databrickscfg.ts';
import { parseDbt } from './profiles/dbt.ts';
import { parseOdbc } from './profiles/odbc.ts';
import { parseSnowflakeToml } from './profiles/snowflake-toml.ts';
import { parseSshConfig } from './ssh/ssh-config.ts';
import { parseAzureDataStudio } from './tools/azure-data-studio.ts';
import { parseBeekeeper } from './tools/beekeeper.ts';
import { parseDataGrip } from './tools/datagrip.ts';
import { parseDBeaver } from './tools/dbeaver.ts';
import { parseDbGate } from './tools/dbgate.ts';
import { parsePgAdmin } from './tools/pgadmin.ts';
import { parseUrls } from './url.ts';

export interface ParseOptions extends Around {
  /** The file beside it that says who signs in, in base64. */
  readonly credentials: string | undefined;
  /** Who signs in to SSH servers that name nobody. */
  readonly userName: string;
}

/** Reads a file of another tool; a sealed bundle comes opened, as `headgate`. Fails with IMPORT_UNREADABLE. */
export function parseImport(kind: Exclude<ImportKind, 'sealed'>, file: string, options: ParseOptions): Found {
  // Editors on Windows put a mark before the first character, which would become part of a name.
  const text = file.replace(/^\ufeff/, '');
  if (text.includes('\0'))
    throw new AppError('IMPORT_UNREADABLE', say('imports.noTextUtf8'), {
      advice: say('imports.noTextUtf8.advice'),
    });
  switch (kind) {
    case 'url':
      return parseUrls(text);
    case 'pgpass':
      return parsePgpass(text);
    case 'pg_service':
      return parsePgService(text, options);
    case 'ssh_config':
      return parseSshConfig(text, options.userName);
    case 'dbeaver':
      return parseDBeaver(text, options.credentials, options);
    case 'pgadmin':
      return parsePgAdmin(text, options);
    case 'azure_data_studio':
      return parseAzureDataStudio(text, options);
    case 'datagrip':
      return parseDataGrip(text, options.credentials);
    case 'dbgate':
      return parseDbGate(text);
    case 'beekeeper':
      return parseBeekeeper(text);
    case 'dbt':
      return parseDbt(text);
    case 'snowflake':
      return parseSnowflakeToml(text);
    case 'databricks':
      return parseDatabricksCfg(text);
    case 'odbc':
      return parseOdbc(text);
    case 'headgate':
      return parseOwn(text);
    case 'legacy':
      return parseLegacy(text);
  }
}
